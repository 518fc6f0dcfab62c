"""Every worked example of every layer is what its module computes."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from chalknet.layers.base import Axis, Example, Inputs, Layer, Pooled, TensorType, Window, registry

NAMES = {1: "D", 2: "TD", 3: "CHW"}
WORKED = [(name, number) for name, cls in sorted(registry.items()) for number, _ in enumerate(cls.examples)]


def kind(example: Example, port: str, value: torch.Tensor) -> TensorType:
    """The type of an example's input."""
    named = re.fullmatch(
        r"(?:(index|bool|place|boxes)(?:<([\d×]+)>)?)?(.*)", example.axes.get(port, NAMES.get(value.dim(), ""))
    )
    assert named is not None
    element, classes, axes = named.groups()
    numbers = value.dim() - (element == "boxes")  # a box is a row of five
    assert len(axes) == numbers, f"{port} has {numbers} axes, and {axes!r} names {len(axes)}"
    made = tuple(Axis(name, size) for name, size in zip(axes, value.shape[:numbers], strict=True))
    if element == "place":
        return TensorType("place", made, pooled=Pooled(tuple(map(int, classes.split("×"))), Window()))
    return TensorType(element or "float", made, int(classes) if classes else None)


def many(cls: type[Layer], port: str) -> bool:
    return next(each.many for each in cls.inputs if each.name == port)


@pytest.mark.parametrize(("name", "number"), WORKED, ids=[f"{name}-{number}" for name, number in WORKED])
def test_a_worked_example_is_what_torch_computes(name: str, number: int) -> None:
    cls = registry[name]
    example = cls.examples[number]
    layer = cls.model_validate(example.fields)
    wires: dict[str, list[TensorType]] = {}
    arguments: list[Any] = []
    for port in cls.inputs:
        given = example.inputs.get(port.name)
        values = [] if given is None else given if port.many else [given]
        tensors = []
        for each in values:
            raw = torch.tensor(each)
            type_ = kind(example, port.name, raw)
            tensors.append(raw.float() if type_.element in ("float", "boxes") else raw)
            wires.setdefault(port.name, []).append(type_)
        arguments += [tensor[None] for tensor in tensors] if tensors else [] if port.many else [None]
    wanted = {port.name for port in cls.outputs if port.spare and port.name in example.outputs}
    inputs = Inputs(wires, wanted)
    outputs = layer.infer(inputs)
    module = layer.build(inputs).eval()
    state = {key: torch.tensor(value).float() for key, value in example.weights.items()}
    assert set(state) <= set(module.state_dict())
    module.load_state_dict(state, strict=False)
    made = module(*arguments)
    given = [port.name for port in layer.gives(inputs)]
    results = dict(zip(given, made if isinstance(made, tuple) else (made,), strict=True))
    assert example.says.endswith((".", "?"))
    assert set(example.outputs) <= set(outputs) and example.outputs
    for port_name, expected in example.outputs.items():
        got = results[port_name] if cls.family == "loss" else results[port_name][0]
        torch.testing.assert_close(got, torch.tensor(expected).to(got.dtype), rtol=1e-3, atol=1e-4)
