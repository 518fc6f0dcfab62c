"""Pooling and its way back, on the catalogue's numbers and against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from chalknet.layers.adaptive import shares
from chalknet.layers.base import Inputs, Window, image, registry, signal

NOTES = torch.tensor([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, None]


def built(type_: str, x: Any, **fields: Any) -> Any:
    return registry[type_](**fields).build(Inputs({"x": [x]}))


def test_pooling_of_the_notes() -> None:
    """C-003, C-004, L-024, L-026: the layers' own worked examples are those of the notes, and the depth is kept."""
    for type_, expected in (("max_pool2d", [[6, 8], [3, 4]]), ("avg_pool2d", [[3.25, 5.25], [2, 2]])):
        example = registry[type_].examples[0]
        assert example.inputs == {"x": NOTES[0].tolist()}
        assert example.outputs == {"y": [expected]}
        assert registry[type_]().infer(Inputs({"x": [image(7, 4, 4)]}))["y"] == image(7, 2, 2)


def test_overlapping_pooling_is_named() -> None:
    """L-025: k > s is allowed, and said; AlexNet's 3×3 with stride 2 takes 55 to 27."""
    layer = registry["max_pool2d"](kernel=3, stride=2)
    inputs = Inputs({"x": [image(64, 55, 55)]})
    assert layer.infer(inputs)["y"] == image(64, 27, 27)
    assert layer.summary() == "3×3, s2, overlapping" and layer.check(inputs) == ()
    assert registry["max_pool2d"]().summary() == "2×2"
    # Spread by dilation, a window overlaps the next one no less.
    assert "overlapping" in registry["max_pool1d"](kernel=2, stride=1, dilation=3).summary()


@pytest.mark.parametrize(
    ("length", "fields", "expected"),
    [
        (56, {"kernel": 3, "stride": 2}, 27),
        (56, {"kernel": 3, "stride": 2, "ceil": True}, 28),
        (7, {"kernel": 2, "stride": 2, "padding": 1, "ceil": True}, 4),
        (3, {"kernel": 1, "stride": 3, "ceil": True}, 1),
        (2, {"kernel": 4, "stride": 1, "padding": 2, "ceil": True}, 3),
        (9, {"kernel": 3, "stride": 1, "dilation": 4}, 1),
    ],
)
def test_rounding_up(length: int, fields: dict[str, Any], expected: int) -> None:
    """L-024: GoogLeNet's pools keep the last window (112 → 56 → 28); a window that begins beyond the input is none."""
    layer = registry["max_pool2d"](**fields)
    inputs = Inputs({"x": [image(1, length, length)]})
    y = layer.infer(inputs)["y"]
    assert y == image(1, expected, expected)
    assert layer.build(inputs)(torch.zeros(1, 1, length, length)).shape == (1, 1, expected, expected)
    assert f"= {expected} " in layer.numbers(inputs, {"y": y}) + " "


def test_the_formula_shows_the_rounding() -> None:
    layer = registry["max_pool2d"](kernel=3, stride=2, ceil=True)
    inputs = Inputs({"x": [image(1, 56, 55)]})
    height, width = layer.numbers(inputs, layer.infer(inputs)).split(r"\\")[:2]
    assert r"\lceil" in height and "= 28" in height
    assert r"\lfloor" in width and "= 27" in width


def test_the_border_of_a_mean() -> None:
    """L-026: the border's zeros count, or do not."""
    x = torch.full((1, 1, 2, 2), 4.0)
    assert built("avg_pool2d", image(1, 2, 2), padding=1)(x).tolist() == [[[[1, 1], [1, 1]]]]
    assert built("avg_pool2d", image(1, 2, 2), padding=1, border=False)(x).tolist() == [[[[4, 4], [4, 4]]]]


def test_a_pool_along_a_signal_looks_along_it() -> None:
    """L-024: the receptive field of a signal lies along the second axis."""
    layer = registry["max_pool1d"](kernel=3, stride=2, dilation=2)
    assert layer.window(Inputs({"x": [signal(2, 40)]})) == Window((1, 3), (1, 2), (1, 2))


def test_the_gradient_of_a_pool() -> None:
    """L-024, L-026: of the largest it goes to that one alone, of the mean to all alike."""
    x = NOTES.clone().requires_grad_()
    built("max_pool2d", image(1, 4, 4))(x).sum().backward()
    assert x.grad is not None and x.grad[0, 0].tolist() == [[0, 0, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 1]]
    x.grad = None
    built("avg_pool2d", image(1, 4, 4))(x).sum().backward()
    assert torch.equal(x.grad, torch.full_like(x, 0.25))


def test_pools_along_a_signal() -> None:
    """C-003, L-024, L-026: the largest and the mean of each two numbers."""
    x = torch.tensor([[[1.0, 5, 2, 0]]])
    assert built("max_pool1d", signal(1, 4))(x).tolist() == [[[5, 2]]]
    assert built("avg_pool1d", signal(1, 4))(x).tolist() == [[[3, 1]]]


def test_global_pooling() -> None:
    """L-027: one number a map, of an image of any size."""
    x = torch.randn(2, 5, 7, 3)
    assert torch.allclose(built("global_avg_pool", image(5, 7, 3))(x), x.mean((2, 3)))
    assert torch.equal(built("global_max_pool", image(5, 7, 3))(x), x.amax((2, 3)))


@pytest.mark.parametrize("length", [1, 3, 7, 13, 32])
@pytest.mark.parametrize("parts", [1, 2, 5, 7, 11])
def test_adaptive_windows_are_torchs(length: int, parts: int) -> None:
    """L-028: ⌊i·I/O⌋ to ⌈(i+1)·I/O⌉, also where the output is larger than the input."""
    x = torch.randn(1, 1, length)
    expected = torch.stack([x[..., a:b].mean(-1) for a, b in shares(length, parts)], -1)
    torch.testing.assert_close(built("adaptive_avg_pool1d", signal(1, length), output=parts)(x), expected)
    largest = torch.stack([x[..., a:b].amax(-1) for a, b in shares(length, parts)], -1)
    torch.testing.assert_close(built("adaptive_max_pool1d", signal(1, length), output=parts)(x), largest)


def test_what_an_adaptive_pool_sees() -> None:
    """L-028: plain windows where the output divides the input, else windows over an input that is spread out."""
    layer = registry["adaptive_avg_pool2d"](output=(7, 3))
    assert layer.window(Inputs({"x": [image(4, 14, 10)]})) == Window((2, 12), (2, 10), padding=(0, 2), up=(1, 3))
    assert registry["adaptive_max_pool2d"](output=1).window(Inputs({"x": [image(4, 9, 6)]})) == Window((9, 6), (9, 6))


@pytest.mark.parametrize("size", [(4, 4), (13, 7), (3, 50)])
@pytest.mark.parametrize("kind", ["max", "mean"])
def test_a_pyramid_of_any_size_is_as_long(size: tuple[int, int], kind: str) -> None:
    """L-067: 1 + 4 + 16 cells a map, whatever the image's size, each as torch pools it."""
    x = torch.randn(2, 6, *size)
    layer = registry["spatial_pyramid_pool"](levels=3, kind=kind)
    inputs = Inputs({"x": [image(6, *size)]})
    assert layer.infer(inputs)["y"].sizes == (6 * 21,)
    y = layer.build(inputs)(x)
    pool = F.adaptive_max_pool2d if kind == "max" else F.adaptive_avg_pool2d
    torch.testing.assert_close(y[:, 6:30].reshape(2, 6, 2, 2), pool(x, 2))
    torch.testing.assert_close(y[:, :6], pool(x, 1).flatten(1))


# --- the way back -----


def test_bed_of_nails_is_not_repetition() -> None:
    """L-029, L-030: one repeats, the other puts zeros; the sum tells them apart."""
    x = torch.randn(2, 3, 4, 5)
    nearest = built("upsample", image(3, 4, 5), scale=(2, 3))(x)
    nails = built("bed_of_nails", image(3, 4, 5), scale=(2, 3))(x)
    assert nearest.shape == nails.shape == (2, 3, 8, 15)
    torch.testing.assert_close(nails.sum((2, 3)), x.sum((2, 3)))
    torch.testing.assert_close(nearest.sum((2, 3)), 6 * x.sum((2, 3)))
    assert any("not max unpooling" in each for each in registry["bed_of_nails"].beware)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_a_transposed_convolution_that_blends(scale: int) -> None:
    """L-032: away from the edges it begins as bilinear interpolation."""
    x = torch.randn(1, 2, 6, 7)
    blended = built("bilinear_transposed", image(2, 6, 7), scale=scale)(x)
    expected = built("upsample", image(2, 6, 7), scale=scale, mode="bilinear")(x)
    inside = (..., slice(scale, -scale), slice(scale, -scale))
    torch.testing.assert_close(blended[inside], expected[inside])
    assert blended.shape == expected.shape
