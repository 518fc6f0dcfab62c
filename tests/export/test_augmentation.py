"""The exported file changes and scales its samples as a run does (T-037, T-044)."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.export.pytorch import export
from chalknet.graph.document import Document, load
from chalknet.training.plan import plan

PICTURES = {
    name: {"type": kind, "order": name}
    for name, kind in zip(
        "abcdefgh", ("flip", "shift", "turn", "crop", "colours", "grey", "noise", "cutout"), strict=True
    )
}


def board(*sources: tuple[str, str, dict[str, Any]]) -> Document:
    """Sources, each with a small classifier."""
    nodes: dict[str, Any] = {}
    edges: dict[str, Any] = {}
    for id, type, fields in sources:
        port = "x" if type == "points" else "image"
        nodes |= {
            id: {"type": type, "fields": fields},
            f"flat_{id}": {"type": "flatten"},
            f"out_{id}": {"type": "linear", "fields": {"units": 2}},
            f"loss_{id}": {"type": "cross_entropy"},
        }
        wires = [(id, port, f"flat_{id}", "x"), (f"flat_{id}", "y", f"out_{id}", "x")]
        wires += [(f"out_{id}", "y", f"loss_{id}", "logits"), (id, "label", f"loss_{id}", "target")]
        edges |= {f"e{len(edges) + n}": {"from": a, "out": b, "to": c, "in": d} for n, (a, b, c, d) in enumerate(wires)}
    return load({"nodes": nodes, "edges": edges, "recipe": {"epochs": 1}})


SMALL = {"samples": 60, "size": 12, "classes": 2}
BOARDS = {
    "pictures": board(("photos", "pictures", {**SMALL, "augment": PICTURES, "scaling": "standard"})),
    "only scaled": board(("cloud", "points", {"samples": 60, "scaling": "range"})),
    "rows": board(("cloud", "points", {"samples": 60, "augment": {"a": {"type": "jitter"}}})),
    "two": board(
        ("photos", "pictures", {**SMALL, "augment": PICTURES}),
        ("cloud", "points", {"samples": 60, "scaling": "standard", "augment": {"a": {"type": "jitter"}}}),
    ),
}


@pytest.mark.parametrize("name", BOARDS)
def test_makes_the_same_batch(name: str, monkeypatch) -> None:
    document = BOARDS[name]
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(export(document), "exported", "exec"), space)
    space["DEVICE"], space["EPOCHS"] = "cpu", 0
    network = next(
        value
        for key, value in space.items()
        if isinstance(value, type) and issubclass(value, torch.nn.Module) and key[0].isupper()
    )
    # What training measures before its first epoch.
    space["train"](network())
    made = plan(document)
    parts = space["load"]()
    for path, source in made.train.items():
        keys = {port: f"{path}_{port}" if f"{path}_{port}" in parts["train"] else port for port in source.samples}
        assert all(torch.equal(parts["train"][key][:7], source.samples[port][:7]) for port, key in keys.items())
    first = {key: values[:7] for key, values in parts["train"].items()}
    found = space["ready"](dict(first))
    for path, source in made.train.items():
        for (_, port), values in source.rows(slice(0, 7)).items():
            key = f"{path}_{port}" if f"{path}_{port}" in found else port
            torch.testing.assert_close(found[key], values)
    if "augment" in "".join(map(str, document.nodes.values())):
        torch.manual_seed(5)
        changed = space["ready"](dict(first), training=True)
        torch.manual_seed(5)
        for path, source in made.train.items():
            batch = source.layer.prepare({port: values[:7] for port, values in source.samples.items()})
            expected = source.layer.scaled(source.layer.augmented(batch, source.measured), source.measured)
            for port, values in expected.items():
                key = f"{path}_{port}" if f"{path}_{port}" in changed else port
                torch.testing.assert_close(changed[key], values)
