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
    there = seen[0, 0].abs() > 1e-12  # a weight that is 0 but for rounding, in the middle of a blended cell
    if not there.any():
        return NOTHING
    rows, columns = there.any(1).nonzero().flatten(), there.any(0).nonzero().flatten()
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


NOTHING = (0, -1, 0, -1)


def patch(field: Any, y: int, x: int) -> tuple[int, int, int, int]:
    """What the facts say of it."""
    found: list[int] = []
    for axis, unit in enumerate((y, x)):
        turn, place = divmod(unit, field.every[axis])
        start, size = field.start[axis], field.size[axis]
        begin, end = field.windows[axis][place] if field.windows[axis] else (start, start + size - 1)
        begin, end = (each + turn * field.stride[axis] for each in (begin, end))
        found += [max(begin, field.first[axis]), min(end, field.last[axis])]
    top, bottom, left, right = found
    return (top, bottom, left, right) if top <= bottom and left <= right else NOTHING


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


def chain(classifier: Any, layers: list[tuple[str, dict[str, Any]]]) -> tuple[Any, Any, tuple[int, ...]]:
    """Layers in a row: the receptive field behind them (None where they do not fit), what they compute, and how many
    units there are down and across."""
    nodes = {f"n{number}": layer for number, layer in enumerate(layers)}
    wires = [f"n{number} > n{number + 1}" for number in range(len(layers) - 1)]
    data = ("digits", {"size": SIDE})
    found = infer(classifier({**nodes, "data": data}, "data.image > n0", *wires, end=f"n{len(layers) - 1}"))
    last = found.nodes[f"n{len(layers) - 1}"]
    if not last.outputs:
        return None, None, (0, 0)
    modules, kind = [], image(1, SIDE, SIDE)
    for type, fields in layers:
        layer = forms.layer(type, fields)
        assert isinstance(layer, Layer)
        inputs = Inputs({"x": [kind]})
        modules.append(smooth(ones(layer.build(inputs))))
        kind = layer.infer(inputs)["y"]
    return last.receptive_field, nn.Sequential(*modules).double(), kind.sizes[1:]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("seed", range(40))
def test_the_patch_is_where_the_gradient_is(classifier, seed):
    """C-023: support of ∂unit/∂picture is the patch, clipped to the picture, at corners and in the middle."""
    rng = random.Random(seed)
    layers = stack(rng)
    field, run, (height, width) = chain(classifier, layers)
    if field is None:
        pytest.skip("the stack is larger than its picture")
    for y, x in {(0, 0), (height - 1, width - 1), (height // 2, width // 2), (0, width - 1)}:
        assert patch(field, y, x) == support(run, y, x), layers


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


def rising(rng: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Layers that make their input larger, with convolutions between, as they come."""
    layers: list[tuple[str, dict[str, Any]]] = []
    for _ in range(rng.randint(1, 3)):
        scale = [rng.randint(1, 3), rng.randint(1, 3)]
        kernel = [rng.randint(1, 4), rng.randint(1, 4)]
        layers.append(
            rng.choice(
                [
                    ("upsample", {"scale": scale}),
                    ("upsample", {"scale": scale, "mode": "bilinear"}),
                    ("bed_of_nails", {"scale": scale}),
                    ("bilinear_transposed", {"scale": scale[0]}),
                    ("adaptive_avg_pool2d", {"output": [rng.randint(5, 30), rng.randint(5, 30)]}),
                    (
                        "conv_transpose2d",
                        {
                            "channels": 1,
                            "kernel": kernel,
                            "stride": scale,
                            "padding": [rng.randint(0, k // 2) for k in kernel],
                            "output_padding": [rng.randint(0, s - 1) for s in scale],
                        },
                    ),
                ]
            )
        )
        if rng.random() < 0.7:
            side, step = rng.randint(1, 3), rng.randint(1, 2)
            padding = rng.randint(0, side - 1)
            layers.append(("conv2d", {"channels": 1, "kernel": side, "stride": min(side, step), "padding": padding}))
    return layers


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("seed", range(60))
def test_the_patch_behind_layers_that_enlarge(classifier, seed):
    """C-023: upsampling, nails, transposed convolutions and pools to a given size, behind and before convolutions:
    every unit's patch is where its gradient is, and none is said to see what it does not."""
    rng = random.Random(1000 + seed)
    layers = [*stack(rng)[:2], *rising(rng)]
    field, run, (height, width) = chain(classifier, layers)
    units = {(0, 0), (height - 1, width - 1), (0, width - 1)} | {
        (rng.randrange(height), rng.randrange(width)) for _ in range(12)
    }
    for y, x in units:
        said, found_there = patch(field, y, x), support(run, y, x)
        if found_there == NOTHING and said != NOTHING:
            # Units that look beyond the last row or column alone: what would be there is taken for seen.
            assert said[0] == 0 or said[1] == SIDE - 1 or said[2] == 0 or said[3] == SIDE - 1, (layers, y, x)
        else:
            assert said == found_there, (layers, y, x)


class Unpooled(nn.Module):
    """Where unpooling may put a number: all over the window that it was found in."""

    def __init__(self, kernel: int, space: tuple[int, ...]) -> None:
        super().__init__()
        self.kernel, self.space = kernel, space

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.nn.functional.conv_transpose2d(
            x, torch.ones(1, 1, self.kernel, self.kernel, dtype=x.dtype), stride=self.kernel
        )
        return torch.nn.functional.pad(y, (0, self.space[1] - y.shape[3], 0, self.space[0] - y.shape[2]))


UNET: dict[str, Any] = {
    "in": ("conv2d", {"channels": 1, "kernel": 3, "padding": 1}),
    "down1": ("max_pool2d", {"kernel": 2}),
    "mid": ("conv2d", {"channels": 1, "kernel": 3, "padding": 1}),
    "down2": ("max_pool2d", {"kernel": 3}),
    "deep": ("conv2d", {"channels": 1, "kernel": 3, "padding": 1}),
    "up2": "max_unpool2d",
    "join2": "concat",
    "right": ("conv2d", {"channels": 1, "kernel": 3, "padding": 1}),
    "up1": ("conv_transpose2d", {"channels": 1, "kernel": 2, "stride": 2}),
    "join1": "concat",
    "out": ("conv2d", {"channels": 1, "kernel": 3, "padding": 1}),
}


def test_down_and_up_again_as_a_u_net(classifier):
    """C-023, L-031: pools, an unpooling past a remainder, a transposed convolution and skips: the patch of every unit
    in some rows and columns is where its gradient is."""
    found = infer(
        classifier(
            {"data": ("digits", {"size": SIDE}), **UNET},
            *("data.image > in", "in > down1", "down1 > mid", "mid > down2", "down2 > deep", "deep > up2"),
            *("down2.indices > up2.indices", "up2 > join2", "mid > join2", "join2 > right", "right > up1"),
            *("up1 > join1", "in > join1", "join1 > out"),
            end="out",
        )
    )
    field = found.nodes["out"].receptive_field
    assert field.start is not None and field.every == (6, 6) and field.stride == (6, 6)
    torch.manual_seed(0)
    conv = {
        name: ones(nn.Conv2d(2 if name in ("right", "out") else 1, 1, 3, padding=1)).double()
        for name in ("in", "mid", "deep", "right", "out")
    }
    up = ones(nn.ConvTranspose2d(1, 1, 2, 2)).double()

    def run(picture: torch.Tensor) -> torch.Tensor:
        top = conv["in"](picture)
        middle = conv["mid"](nn.functional.avg_pool2d(top, 2))
        deep = conv["deep"](nn.functional.avg_pool2d(middle, 3))
        risen = Unpooled(3, tuple(middle.shape[2:]))(deep)
        right = conv["right"](torch.cat([risen, middle], 1))
        return conv["out"](torch.cat([up(right), top], 1))

    for y, x in zip([*range(12), 19, 20, 33, 34], [*range(9, 25)], strict=True):
        assert patch(field, y, x) == support(run, y, x), (y, x)
    # To the last two rows of the middle, which the pool by 3 left over, no number returns: there it is an upper bound.
    for y, x in ((39, 3), (20, 38), (39, 39)):
        (top, bottom, left, right), seen = patch(field, y, x), support(run, y, x)
        assert top <= seen[0] and seen[1] <= bottom and left <= seen[2] and seen[3] <= right


def test_a_unit_between_nails_sees_nothing(classifier):
    """C-023, L-030: three of four units behind a bed of nails are zero whatever the picture."""
    found = infer(classifier({"data": "digits", "nails": "bed_of_nails"}, "data.image > nails", end="nails"))
    field = found.nodes["nails"].receptive_field
    assert (field.size, field.stride, field.every) == ((1, 1), (1, 1), (2, 2))
    assert [patch(field, y, x) for y, x in ((0, 0), (0, 1), (1, 0), (2, 4))] == [
        (0, 0, 0, 0), NOTHING, NOTHING, (1, 1, 2, 2)
    ]  # fmt: skip


def test_branches_that_move_differently_have_no_patch(classifier):
    """C-023: where one branch moves by one pixel and the other by two, the size of what is seen is all there is."""
    half = ("slice", {"axis": "H", "end": 14})
    found = infer(
        classifier(
            {
                "data": ("digits", {"size": 28}),
                "half": half,
                "other": ("slice", {"axis": "H", "step": 2}),
                "add": "add",
            },
            *("data.image > half", "data.image > other", "half > add", "other > add"),
            end="add",
        )
    )
    field = found.nodes["add"].receptive_field
    assert field.start is None and field.size == (1, 1)
    assert found.nodes["other"].receptive_field.stride == (2, 1)


COMPUTING = [layer for layer in describe().layers if layer.family not in ("data", "block", "loss")]
ALONE = [layer.type for layer in COMPUTING if [port.name for port in layer.inputs if not port.optional] == ["x"]]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("type", ALONE)
def test_no_layer_sees_more_than_its_window_says(type):
    """C-023: of every layer that gives a map and names a window, with and without padding."""
    x = image(4, 12, 14)
    inputs = Inputs({"x": [x]})
    tries: list[dict[str, Any]] = [{}, {"padding": 1}, {"kernel": 3, "stride": 2}, {"kernel": 3, "padding": 1}]
    tries += [{"size": [9, 5]}, {"size": [9, 5], "mode": "nearest"}, {"kind": "mirror"}, {"kind": "repeat", "top": 4}]
    for fields in tries:
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
