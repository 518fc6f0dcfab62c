"""The gradient of every layer against differences of its outputs, in float64 (C-039, T-013)."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch.autograd.gradcheck import GradcheckError, gradcheck
from torch.func import functional_call

from chalknet.layers.base import TensorType
from tests.layers.test_oracle import BATCH, as_tuple, real

TRIED = 4
"""Settings of a layer that are checked, the smallest of those that were drawn."""
NOT_CHECKED = {
    "yolo_loss": "how well a box overlaps is the target of its confidence (YOLO, 2016, section 2), held fixed"
}
"""Layers whose backward pass is something else than the slope of their forward pass, and why."""

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")


def exact(kind: TensorType) -> Any:
    if kind.element == "place":
        # Of two numbers that are put into one place one is lost, and which one has no slope: each gets its own.
        assert kind.pooled is not None
        space, taken = math.prod(kind.pooled.space), math.prod(kind.shape[1:])
        order = torch.rand(BATCH, kind.shape[0], max(space, taken)).argsort(-1)[..., :taken] % space
        return order.reshape(BATCH, *kind.shape)
    value = real(kind)
    return value.detach().double().requires_grad_() if value.is_floating_point() and value.requires_grad else value


def size(draw: Any) -> int:
    """How many numbers go into a layer and come out of it."""
    weights = sum(torch.Size(shape).numel() for shape in draw.layer.parameters(draw.inputs).values())
    arriving = sum(kind.numel for kinds in draw.wires.values() for kind in kinds)
    return int(weights + arriving + sum(kind.numel for kind in draw.outputs.values()))


def has_slopes(draw: Any) -> bool:
    floats = any(kind.element == "float" for kinds in draw.wires.values() for kind in kinds)
    return draw.layer.differentiable and (floats or bool(draw.layer.parameters(draw.inputs)))


def check(draw: Any) -> bool:
    """Whether there was a slope to compare; fails where it is not what differences say."""
    module = draw.layer.build(draw.inputs).double().eval()
    names = [name for name, _ in module.named_parameters()]
    arguments = draw.arguments(exact)
    free = [i for i, each in enumerate(arguments) if torch.is_tensor(each) and each.requires_grad]
    # Weights that begin as zeros or ones hide mistakes that only other ones show.
    weights = [(each.detach() + 0.1 * torch.randn_like(each)).requires_grad_() for each in module.parameters()]

    def outputs(*given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        filled = list(arguments)
        for place, value in zip(free, given[: len(free)], strict=True):
            filled[place] = value
        learned = dict(zip(names, given[len(free) :], strict=True))
        results = as_tuple(functional_call(module, learned, tuple(filled)))
        return tuple(each for each in results if each.is_floating_point() and each.requires_grad)

    given = [*(arguments[i] for i in free), *weights]
    if not given or not outputs(*given):
        return False
    assert gradcheck(outputs, given, eps=1e-6, atol=1e-5, rtol=1e-4, fast_mode=True), draw
    return True


def test_autograd_equals_centred_differences(layer_type: str, accepted: list[Any]) -> None:
    """Along random directions of all inputs and parameters, (f(x + εv) − f(x − εv)) / 2ε is the gradient's product with
    v, of the module as the compiler builds it."""
    smooth = sorted((draw for draw in accepted if has_slopes(draw)), key=size)
    checked = 0
    with pytest.raises(GradcheckError) if layer_type in NOT_CHECKED else nullcontext():
        for number, draw in enumerate(smooth[:TRIED]):
            torch.manual_seed(number)
            checked += check(draw)
    assert checked or not smooth, f"{layer_type}: nothing was checked"
