"""Every data source, with its default fields and with others."""

from __future__ import annotations

import pytest

import chalknet.datasets  # noqa: F401
from chalknet.datasets.base import DataSource
from chalknet.layers.base import registry

SOURCES = {name: layer for name, layer in registry.items() if issubclass(layer, DataSource)}

SETTINGS: dict[str, list[dict[str, object]]] = {
    "points": [
        {},
        {"samples": 20, "noise": 0.0},
        *({"kind": kind, "samples": 301} for kind in ("circle", "xor", "gauss", "moons")),
    ],
    "digits": [{}, {"size": 8}, {"size": 16, "variants": 2}],
    "shapes": [{"samples": 40}, {"samples": 30, "size": 32, "objects": 12, "noise": 1.0, "rotation": 0}],
    "line": [{}, {"kind": "plane", "samples": 50}, {"kind": "curve", "samples": 31, "noise": 0.0, "powers": 12}],
    "rows": [
        {},
        {"table": "2 2 10; 3 4 12; 4 5 15; 6 8 18; 1 1 1"},
        {"table": "1 2 3\n4 5 6\n7 8 9\n1 1 1", "wanted": 2},
    ],
    "own_table": [
        {},
        {"data": "diabetes"},
        {"data": "wine", "target": "alcohol; hue", "features": "ash; cultivar; ash"},
        {"data": "life-expectancy", "missing": "drop"},
        {"data": "houses", "target": "price (€)", "as_categories": "rooms"},
        {"data": "houses", "target": "rooms"},
        {"data": "houses", "target": "rooms", "task": "numbers"},
        {"data": "iris", "features": "petal length (cm); petal width (cm)"},
    ],
    "own_images": [
        {},
        {"size": 12, "colour": "hsv", "signed": True},
        {"colour": "lab"},
        {"colour": "ycbcr"},
        {"colour": "grey"},
        {"colour": "rgb"},
    ],
    "own_text": [{}, {"length": 5}, {"unit": "words", "length": 8, "vocabulary": 40}],
    "own_arrays": [{}, {"axes": "signal"}],
    "pictures": [
        {"samples": 60},
        {"size": 8, "channels": 1, "classes": 2, "samples": 40, "noise": 0.0},
        {"size": 64, "classes": 25, "samples": 100},
    ],
    "constant": [
        {},
        {"values": "-1 2 0.5"},
        {"values": "1 2; 3 4; 5 6"},
        {"values": "2", "shape": "vector"},
        {"values": "1 2; 3 4", "shape": "image"},
        {"values": "2", "shape": "class", "classes": 5},
    ],
    "learned": [{}, {"values": "1/4 -1"}, {"values": "1 2; 3 4"}, {"values": "7", "shape": "table"}],
    "reversal": [{}, {"length": 2, "symbols": 2, "samples": 50}, {"length": 40, "symbols": 26, "samples": 500}],
}

CASES = [
    pytest.param(SOURCES[name](**fields), id=f"{name}-{number}")
    for name, settings in SETTINGS.items()
    for number, fields in enumerate(settings)
]


PARTED = [case for case in CASES if case.values[0].parted]
"""Those whose samples are divided: all but numbers that were typed in, which every part has."""


@pytest.fixture(params=PARTED)
def parted(request: pytest.FixtureRequest) -> DataSource:
    found: DataSource = request.param
    return found


@pytest.fixture(params=CASES)
def source(request: pytest.FixtureRequest) -> DataSource:
    found: DataSource = request.param
    return found
