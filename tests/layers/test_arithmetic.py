"""L-080: functions of single numbers, with their slopes, against torch's own."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from chalknet.layers.base import Inputs, registry, scalar, sequence, vector


@pytest.mark.parametrize(
    ("type_", "fields", "x", "value", "slope"),
    [
        ("exp", {}, 1.0, math.e, math.e), ("ln", {}, 2.0, math.log(2), 0.5), ("sqrt", {}, 4.0, 2.0, 0.25),
        ("abs", {}, -3.0, 3.0, -1.0), ("power", {"exponent": 3}, -2.0, -8.0, 12.0),
        ("scale", {"factor": -2, "offset": 1}, 3.0, -5.0, -2.0), ("clamp", {}, 5.0, 1.0, 0.0),
    ],
)  # fmt: skip
def test_value_and_slope(type_: str, fields: dict[str, Any], x: float, value: float, slope: float) -> None:
    given = torch.tensor([x], requires_grad=True)
    made = registry[type_](**fields).build(Inputs({"x": [scalar()]}))(given)
    made.sum().backward()
    assert given.grad is not None
    assert made.item() == pytest.approx(value) and given.grad.item() == pytest.approx(slope)


@pytest.mark.parametrize("type_", ["ln", "sqrt", "power"])
def test_where_there_is_no_value_it_stays_finite(type_: str) -> None:
    x = torch.tensor([[-1.0, 0.0, 1e-9]], requires_grad=True)
    fields = {"exponent": 0.5} if type_ == "power" else {}
    made = registry[type_](**fields).build(Inputs({"x": [vector(3)]}))(x)
    made.sum().backward()
    assert x.grad is not None
    assert torch.isfinite(made).all() and torch.isfinite(x.grad).all()


def test_a_number_meets_every_number() -> None:
    """b may be a single number of the sample: softmax by hand, e^x / Σe^x."""
    x = torch.randn(4, 5)
    e = registry["exp"]().build(Inputs({"x": [vector(5)]}))(x)
    total = registry["reduce"](how="sum").build(Inputs({"x": [vector(5)]}))(e)
    shares = registry["divide"]().build(Inputs({"a": [vector(5)], "b": [scalar()]}))(e, total)
    assert torch.allclose(shares, x.softmax(1))


def test_turning_over_and_taking_away() -> None:
    """x + xᵀ is symmetric, x − xᵀ is not."""
    wires = Inputs({"x": [sequence(3, 3)]})
    x = torch.randn(2, 3, 3)
    turned = registry["transpose"]().build(wires)(x)
    assert torch.equal(turned, x.mT)
    both = Inputs({"a": [sequence(3, 3)], "b": [sequence(3, 3)]})
    assert torch.equal(registry["subtract"]().build(both)(x, turned), x - x.mT)
