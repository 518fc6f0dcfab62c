"""The patch of the picture behind a unit, against the gradient that autograd finds there (C-023)."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import nn

from chalknet.catalogue import describe
from chalknet.graph import forms
from chalknet.graph.infer import infer
from chalknet.graph.sight import Sight
from chalknet.layers.base import Fault, Inputs, Layer, Window, image

SIDE = 40


def ones(module: nn.Module) -> nn.Module:
    """Weights that cancel nowhere."""
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.5, 1.0)
    return module


def support(run: Any, y: int, x: int) -> tuple[int, int, int, int]:
    """First and last row, first and last column of the pixels that a unit's value depends on."""
    picture = torch.rand(1, 1, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    (seen,) = torch.autograd.grad(run(picture)[0, :, y, x].sum(), picture)
    rows, columns = seen[0, 0].abs().sum(1).nonzero().flatten(), seen[0, 0].abs().sum(0).nonzero().flatten()
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def patch(field: Any, y: int, x: int) -> tuple[int, int, int, int]:
    """What the facts say of it."""
    begin = [unit * step + start for unit, step, start in zip((y, x), field.stride, field.start, strict=True)]
    end = [first + size - 1 for first, size in zip(begin, field.size, strict=True)]
    return (
        max(begin[0], field.first[0]), min(end[0], field.last[0]),
        max(begin[1], field.first[1]), min(end[1], field.last[1]),
    )  # fmt: skip


def smooth(pool: nn.Module) -> nn.Module:
    """A mean in the place of a maximum: it looks at the same places, and at all of them."""
    if not isinstance(pool, nn.MaxPool2d):
        return pool
    return nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding)


def stack(rng: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Convolutions and pools with kernels, strides, dilations and paddings as they come, each side on its own."""
    layers: list[tuple[str, dict[str, Any]]] = []
    for _ in range(rng.randint(1, 5)):
        kernel = [rng.randint(1, 4), rng.randint(1, 4)]
        stride = [rng.randint(1, min(2, k)) for k in kernel]
        if rng.random() < 0.3:
            padding = [rng.randint(0, k // 2) for k in kernel]
            kind = rng.choice(["max_pool2d", "avg_pool2d"])
            layers.append((kind, {"kernel": kernel, "stride": stride, "padding": padding}))
        elif rng.random() < 0.3:
            layers.append(("conv2d", {"channels": 1, "kernel": kernel, "padding": "same"}))
        elif rng.random() < 0.3:
            # Without padding: a window with gaps may leave out the first pixel of what lies inside.
            layers.append(("conv2d", {"channels": 1, "kernel": kernel, "stride": stride, "dilation": 2}))
        else:
            padding = [rng.randint(0, k - 1) for k in kernel]
            layers.append(("conv2d", {"channels": 1, "kernel": kernel, "stride": stride, "padding": padding}))
    return layers


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("seed", range(40))
def test_the_patch_is_where_the_gradient_is(classifier, seed):
    """C-023: support of ∂unit/∂picture is the patch, clipped to the picture, at corners and in the middle."""
    rng = random.Random(seed)
    layers = stack(rng)
    nodes = {f"n{number}": layer for number, layer in enumerate(layers)}
    wires = [f"n{number} > n{number + 1}" for number in range(len(layers) - 1)]
    data = ("digits", {"size": SIDE})
    found = infer(classifier({**nodes, "data": data}, "data.image > n0", *wires, end=f"n{len(layers) - 1}"))
    last = found.nodes[f"n{len(layers) - 1}"]
    if not last.outputs:
        pytest.skip("the stack is larger than its picture")
    modules, kind = [], image(1, SIDE, SIDE)
    for type, fields in layers:
        layer = forms.layer(type, fields)
        assert isinstance(layer, Layer)
        inputs = Inputs({"x": [kind]})
        modules.append(smooth(ones(layer.build(inputs))))
        kind = layer.infer(inputs)["y"]
    run = nn.Sequential(*modules).double()
    height, width = kind.sizes[1:]
    for y, x in {(0, 0), (height - 1, width - 1), (height // 2, width // 2), (0, width - 1)}:
        assert patch(last.receptive_field, y, x) == support(run, y, x), layers


@pytest.mark.parametrize(
    "fields",
    [
        {"kernel": 1, "padding": 1},
        {"kernel": 1, "padding": 2, "stride": 2},
        {"kernel": [4, 2], "padding": 2, "stride": [2, 1]},
        {"kernel": [1, 3], "padding": 2, "dilation": 2},
    ],
)
def test_a_window_that_lies_on_the_padding_keeps_the_others_in_place(classifier, fields):
    """C-023: where the padding is as wide as the kernel, the outermost units see zeros alone; the others' patches are
    placed as ever."""
    conv = ("conv2d", {"channels": 1, **fields})
    found = infer(classifier({"data": ("digits", {"size": SIDE}), "n": conv}, "data.image > n", end="n"))
    layer = forms.layer(*conv)
    assert isinstance(layer, Layer)
    inputs = Inputs({"x": [image(1, SIDE, SIDE)]})
    run = ones(layer.build(inputs)).double()
    height, width = layer.infer(inputs)["y"].sizes[1:]
    for y, x in ((height // 2, width // 2), (3, 3), (height - 4, width - 4)):
        assert patch(found.nodes["n"].receptive_field, y, x) == support(run, y, x)


def test_a_crop_moves_the_patch(classifier):
    """C-023: what a crop leaves out is not seen by what follows, whatever its padding."""
    nodes = {
        "data": ("digits", {"size": SIDE}),
        "crop": ("slice", {"axis": "H", "first": 4, "end": -3}),
        "conv": ("conv2d", {"channels": 1, "kernel": 3, "padding": 1}),
    }
    field = infer(classifier(nodes, "data.image > crop", "crop > conv", end="conv")).nodes["conv"].receptive_field
    assert (field.start, field.first, field.last) == ((3, -1), (4, 0), (SIDE - 4, SIDE - 1))
    assert patch(field, 0, 0) == (4, 5, 0, 1)


def test_branches_see_what_either_sees(classifier):
    """C-023: a 5×5 beside a 3×3 that reads the same picture."""
    wide, narrow = (("conv2d", {"channels": 1, "kernel": k, "padding": k // 2}) for k in (5, 3))
    found = infer(
        classifier(
            {"data": ("digits", {"size": SIDE}), "wide": wide, "narrow": narrow, "add": "add"},
            *("data.image > wide", "data.image > narrow", "wide > add", "narrow > add"),
            end="add",
        )
    )
    field = found.nodes["add"].receptive_field
    assert (field.size, field.start) == ((5, 5), (-2, -2))


COMPUTING = [layer for layer in describe().layers if layer.family not in ("data", "block", "loss")]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("type", [layer.type for layer in COMPUTING if [port.name for port in layer.inputs] == ["x"]])
def test_no_layer_sees_more_than_its_window_says(type):
    """C-023: of every layer that gives a map and names a window, with and without padding."""
    x = image(4, 12, 14)
    inputs = Inputs({"x": [x]})
    for fields in ({}, {"padding": 1}, {"kernel": 3, "stride": 2}, {"kernel": 3, "padding": 1}):
        layer = forms.layer(type, fields)
        if not isinstance(layer, Layer):
            continue
        try:
            y = layer.infer(inputs)["y"]
        except (Fault, KeyError):
            continue
        window = layer.window(inputs)
        if not y.is_image or not isinstance(window, Window):
            continue
        field = Sight.over((12, 14)).through(window, (12, 14), (y.sizes[1], y.sizes[2])).shown()
        if field.start is None:
            continue
        module = layer.build(inputs).eval()
        for unit in {(0, 0), (y.sizes[1] - 1, y.sizes[2] - 1), (y.sizes[1] // 2, y.sizes[2] // 2)}:
            picture = torch.rand(1, *x.sizes, requires_grad=True)
            out = module(picture)[0, :, unit[0], unit[1]].sum()
            if not out.requires_grad:
                continue
            (seen,) = torch.autograd.grad(out, picture)
            top, bottom, left, right = patch(field, *unit)
            seen[:, :, top : bottom + 1, left : right + 1] = 0
            assert not seen.any(), (fields, unit)
