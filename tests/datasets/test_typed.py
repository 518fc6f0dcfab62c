"""Numbers typed in: one sample that every part has, and parameters that start at it (L-080)."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch

from chalknet.datasets.base import DataSource, Split
from chalknet.datasets.typed import Typed
from chalknet.layers.base import Fault, Inputs, SetField, registry
from tests.datasets.conftest import CASES

NOTHING = Inputs({})
TYPED = [case for case in CASES if not case.values[0].parted]


def refused(type: str, **fields: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        registry[type](**fields).infer(NOTHING)
    return caught.value


@pytest.mark.parametrize("source", TYPED)
def test_every_part_has_the_one_sample(source: Typed) -> None:
    parts = source.load(Split(test=0, validation=0.5))
    assert source.count() == 1
    for part in parts.values():
        assert part.keys() == {"y"} and part["y"].shape == (1, *source.schema()["y"].shape)
        assert torch.equal(part["y"], parts["train"]["y"])


@pytest.mark.parametrize("source", TYPED)
def test_its_text_makes_the_same_sample(source: Typed) -> None:
    """STYLE 13: as the exported file has it."""
    written = source.source(NOTHING)
    names: dict[str, Any] = {}
    for function in written.functions:
        exec("from __future__ import annotations\n" + inspect.getsource(function), names)
    made, held = eval(written.init or "", names)["y"], source.load(Split())["train"]["y"]
    assert made.dtype == held.dtype and torch.equal(made, held)


@pytest.mark.parametrize(
    ("fields", "type", "text"),
    [
        ({"values": "2"}, "float[]", "2"),
        ({"values": "-1 2 0.5"}, "float[D 3]", "−1 2 0.5"),
        ({"values": "1 2; 3 4; 5 6"}, "float[T 3, D 2]", "1 2; 3 4; 5 6"),
        ({"values": "2", "shape": "vector"}, "float[D 1]", "2"),
        ({"values": "1 2; 3 4", "shape": "image"}, "float[C 1, H 2, W 2]", "1 2; 3 4"),
        ({"values": "1", "shape": "class", "classes": 3}, "index<3>[]", "class 1 of 3"),
        ({"values": "1 2 3 4 5 6 7 8 9 10 11 12 13"}, "float[D 13]", "13"),
    ],
)
def test_what_is_typed_in_has_the_shape_that_one_sees(fields: dict[str, Any], type: str, text: str) -> None:
    constant = registry["constant"](**fields)
    assert str(constant.infer(NOTHING)["y"]) == type
    assert constant.summary() == text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"values": "1 2", "shape": "number"}, "is to be one number, but 2 are typed in."),
        (
            {"values": "1; 2", "shape": "vector"},
            "is to be a vector, which is one row of numbers, but 2 rows are typed in.",
        ),
        ({"values": "1.5", "shape": "class"}, "is to be one class, a whole number from 0 on."),
    ],
)
def test_a_shape_that_does_not_fit_is_told_with_a_way_out(fields: dict[str, Any], says: str) -> None:
    fault = refused("constant", **fields)
    assert fault.message == says and fault.field == "shape"
    (way,) = fault.remedies
    assert isinstance(way, SetField)
    assert registry["constant"](**{**fields, way.field: way.value}).infer(NOTHING)


def test_a_class_beyond_the_last_is_told() -> None:
    fault = refused("constant", values="3", shape="class", classes=3)
    assert fault.message == "is class 3, but of 3 classes the last is 2: they count from 0."
    assert fault.remedies == (SetField("classes", 4, "Set the classes to 4"),)


def test_learned_numbers_start_where_they_were_put() -> None:
    """The module gives its parameter to every sample, and the gradient of each comes back to it."""
    layer = registry["learned"](values="2 -1")
    assert isinstance(layer, DataSource) and layer.parameters(NOTHING) == {"value": (2,)}
    module = layer.build(NOTHING)
    made = module(torch.zeros(3, 2))
    assert made.tolist() == [[2, -1]] * 3
    made.sum().backward()
    assert module.value.grad is not None and module.value.grad.tolist() == [3, 3]
