"""What is drawn of an activation is what torch computes, and its slope is autograd's."""

from __future__ import annotations

import pytest
import torch

from chalknet.layers.activation import Activation
from chalknet.layers.base import Inputs, registry, vector

DRAWN = sorted(
    name for name, cls in registry.items() if issubclass(cls, Activation) and cls().curve() is not None
)  # fmt: skip
CORNERS = (-1e-9, 1e-9)


def test_all_but_softmax_can_be_drawn() -> None:
    """L-004 to L-010, L-089: softmax alone depends on more than one number."""
    activations = {name for name, cls in registry.items() if issubclass(cls, Activation)}
    assert activations - set(DRAWN) == {"softmax"}
    assert activations >= {"sigmoid", "tanh", "relu", "relu6", "gelu", "silu", "elu", "softplus", "prelu"}


@pytest.mark.parametrize("name", DRAWN)
def test_the_curve_is_torchs(name: str) -> None:
    """L-004 to L-008, L-089: f and f′ at 161 places, with other fields than the defaults too."""
    settings = [{}, *({field: value} for field, value in (("slope", 0.3), ("init", -0.2), ("alpha", 2.5), ("beta", 3)))]
    for fields in settings:
        if not set(fields) <= set(registry[name].model_fields):
            continue
        layer = registry[name](**fields)
        assert isinstance(layer, Activation)
        curve = layer.curve()
        assert curve is not None
        x = torch.tensor(curve.x, dtype=torch.float64, requires_grad=True)
        y = layer.build(Inputs({"x": [vector(len(curve.x))]})).double()(x[None])[0]
        torch.testing.assert_close(y, torch.tensor(curve.y, dtype=torch.float64), rtol=1e-6, atol=1e-9)
        (slope,) = torch.autograd.grad(y.sum(), x)
        # A corner has two slopes: there the left one and the right one are both right.
        smooth = torch.tensor([abs(each) > 1e-9 and abs(each - 6) > 1e-9 for each in curve.x])
        drawn = torch.tensor(curve.slope, dtype=torch.float64)
        torch.testing.assert_close(slope[smooth], drawn[smooth], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", DRAWN)
def test_far_out_nothing_overflows(name: str) -> None:
    layer = registry[name]()
    assert isinstance(layer, Activation)
    for x in (-1e3, 1e3):
        value, slope = layer.value(x), layer.derivative(x)
        assert value is not None and slope is not None and abs(value) <= 1e3 and abs(slope) <= 1.2


def test_the_steepest_slope_of_a_sigmoid() -> None:
    """L-004: max σ′ = 1/4, at 0."""
    curve = registry["sigmoid"]().curve()  # type: ignore[attr-defined]
    assert max(curve.slope) == 0.25 and curve.x[curve.slope.index(0.25)] == 0


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("sigmoid", True, True),
        ("tanh", True, True),
        ("relu", True, False),
        ("relu6", True, True),
        ("gelu", True, False),
        ("elu", True, False),
        ("leaky_relu", True, False),
        ("prelu", False, False),
    ],
)
def test_where_it_is_flat(name: str, left: bool, right: bool) -> None:
    """L-004 to L-008: the tails where f′ is below a twentieth of the steepest; ReLU's lies below 0."""
    curve = registry[name]().curve()  # type: ignore[attr-defined]
    found = {"left": False, "right": False}
    for start, end in curve.saturated:
        assert (start is None) != (end is None)
        found["left" if start is None else "right"] = True
        limit = max(map(abs, curve.slope)) * 0.05
        for x, slope in zip(curve.x, curve.slope, strict=True):
            if (end is None and x > start) or (start is None and x < end):
                assert abs(slope) < limit
    assert found == {"left": left, "right": right}
