"""Torch is the oracle: every rule of every registered layer against what it builds."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chalknet.layers.base import TensorType

BATCH = 3
STRICTER = {
    "kind": "names of axes, indices and masks mean something here; to torch all are numbers",
    "places": "torch would read classes where places stand",
    "classes": "torch takes more scores than classes, and any number that divides",
    "unequal_shapes": "torch stretches axes of size 1",
    "axes": "axes have names here; torch counts them",
    "empty_range": "torch lets every number become one and the same",
    "empty_slice": "torch lets a tensor be empty",
    "missing_input": "a module is not asked for what nothing arrives for",
    "crop_too_large": "torch cuts what is there",
    "offset_too_large": "torch cuts what is there",
    "nothing_left": "torch lets a tensor be empty",
    "formula": "torch is not asked about inputs that a formula does not speak of",
    "varying_length": "torch sees one batch at a time",
    "output_padding": "torch checks it with real numbers only (tests/layers/test_convolutions.py does)",
}
"""Refusals that torch may not share, and why they stand."""

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")


def meta(kind: TensorType) -> Any:
    dtype = {"bool": torch.bool, "index": torch.int64, "place": torch.int64}.get(kind.element, torch.float32)
    return torch.zeros(BATCH, *kind.shape, dtype=dtype, device="meta")


def real(kind: TensorType) -> Any:
    shape = (BATCH, *kind.shape)
    if kind.element == "float":
        return torch.randn(shape, requires_grad=True)
    if kind.element == "index":
        return torch.randint(kind.classes or 1, shape)
    if kind.element == "place":
        assert kind.pooled is not None
        return torch.randint(math.prod(kind.pooled.space), shape)
    if kind.element == "bool":
        mask = torch.rand(shape) < 0.7
        mask[0] = False  # a sample without a single token is no reason for NaN
        return mask
    which = torch.randint(-1, kind.classes or 1, (*shape[:-1], 1)).float()
    return torch.cat([which, torch.rand(*shape[:-1], 4)], -1)


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_shapes_parameters_and_macs_equal_torchs(layer_type: str, accepted: list[Any]) -> None:
    """Output shapes, parameter names and shapes, MACs, on ≥ 20 drawn settings of every layer of the registry."""
    assert len(accepted) >= 20, f"{layer_type}: only {len(accepted)} valid settings were drawn; widen the scene"
    for draw in accepted:
        with torch.device("meta"):
            module = draw.layer.build(draw.inputs)
        with FlopCounterMode(display=False) as counter:
            results = as_tuple(module(*draw.arguments(meta)))
        for kind, result in zip(draw.outputs.values(), results, strict=True):
            expected = () if type(draw.layer).family == "loss" else (BATCH, *kind.shape)
            assert tuple(result.shape) == expected, draw
        shapes = {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}
        assert draw.layer.parameters(draw.inputs) == shapes, draw
        assert counter.get_total_flops() == 2 * BATCH * draw.layer.macs(draw.inputs, draw.outputs), draw


def test_gradient_flows(layer_type: str, accepted: list[Any]) -> None:
    """Every parameter and every float input gets a finite gradient on a real forward and backward pass."""
    tried = 0
    for draw in accepted:
        weights = sum(torch.Size(shape).numel() for shape in draw.layer.parameters(draw.inputs).values())
        if weights + sum(kind.numel for kind in draw.outputs.values()) > 300_000:
            continue
        tried += 1
        torch.manual_seed(0)
        module = draw.layer.build(draw.inputs).train()
        arguments = draw.arguments(real)
        results = as_tuple(module(*arguments))
        total = sum(result.sum() for result in [r for r in results if r.is_floating_point()] or results)
        assert torch.isfinite(total), draw
        learned = list(module.named_parameters())
        ports = [port for port in type(draw.layer).inputs for _ in range(len(arguments) if port.many else 1)]
        floats = [
            (f"input {i}", a)
            for i, a in enumerate(arguments)
            if a is not None and a.is_floating_point() and a.requires_grad and not ports[i].shape_only
        ]
        if not draw.layer.differentiable:
            assert not total.requires_grad, f"{draw} says that no gradient passes, and one does"
            continue
        if learned or floats:
            total.backward()
        for name, tensor in [*learned, *floats]:
            assert tensor.grad is not None, f"{draw}: no gradient reaches {name}"
            assert torch.isfinite(tensor.grad).all(), f"{draw}: the gradient of {name} is not finite"
    assert tried >= 10


def test_torch_refuses_what_the_rule_refuses(layer_type: str, refused: list[Any]) -> None:
    """The other way round: a structural refusal is one that torch makes too."""
    for draw in refused:
        if draw.fault.code in STRICTER:
            continue
        with pytest.raises((RuntimeError, ValueError, AssertionError)), torch.device("meta"):
            draw.layer.build(draw.inputs)(*draw.arguments(meta))
            pytest.fail(f"torch accepts {draw}, refused with: {draw.fault.message}", pytrace=False)


def test_structural_refusals_were_drawn(every_refusal: list[Any]) -> None:
    """The test above has something to look at."""
    codes = {draw.fault.code for draw in every_refusal}
    assert codes >= {"groups", "same_with_stride", "kernel_too_large", "padding_too_large", "heads", "unequal_width"}


def test_costs_count_what_arrives(layer_type: str, accepted: list[Any]) -> None:
    """Facts are for one sample and do not depend on anything but the types."""
    for draw in accepted:
        again = draw.layer.infer(draw.inputs)
        names = [port.name for port in type(draw.layer).outputs]
        assert list(again) == [name for name in names if name in again], draw
        assert {port.name for port in draw.layer.gives(draw.inputs)} <= set(again), draw
        assert {port: again[port] for port in draw.outputs} == draw.outputs
        assert draw.layer.macs(draw.inputs, again) >= 0
        draw.layer.window(draw.inputs)
        draw.layer.check(draw.inputs)
