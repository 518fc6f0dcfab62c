"""Convolutions of every kind against the catalogue's numbers, independent formulas, and numpy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from chalknet.layers import kernels
from chalknet.layers.base import Fault, Inputs, Layer, image, registry, signal, vector

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")


def facts(layer: Layer, x: object) -> tuple[tuple[int, ...], int, int]:
    """Output size, parameters, multiply-adds."""
    inputs = Inputs({"x": [x]})  # type: ignore[list-item]
    outputs = layer.infer(inputs)
    return (
        outputs["y"].sizes,
        sum(math.prod(shape) for shape in layer.parameters(inputs).values()),
        layer.macs(inputs, outputs),
    )


def made(type_: str, **fields: object) -> Layer:
    return registry[type_].model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "sizes"),
    [
        ({"kernel": 3, "stride": 2}, (1, 1, 5)),
        ({"kernel": 3, "stride": 2, "padding": 1}, (1, 1, 3)),
        ({"kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, (1, 1, 4)),
    ],
)
def test_c_005_transposed_output(fields: dict[str, int], sizes: tuple[int, ...]) -> None:
    """C-005, L-022: two inputs, a kernel of 3, stride 2 → 5; padding 1 → 3; and output padding 1 → 4."""
    one = {name: [1 if name in ("kernel", "stride") else 0, value] for name, value in fields.items()}
    assert facts(made("conv_transpose2d", channels=1, **one), image(1, 1, 2))[0] == sizes
    assert facts(made("conv_transpose1d", channels=1, **fields), signal(1, 2))[0] == sizes[1:]


def test_c_027_separable() -> None:
    """C-027, L-019: 3 → 10 channels, 5×5, on 32×32: 118 parameters, not 760; 107,520 multiply-adds, not 768,000."""
    fields = {"channels": 10, "kernel": 5, "padding": 2}
    sizes, parameters, macs = facts(made("separable_conv2d", **fields), image(3, 32, 32))
    plain = facts(made("conv2d", **fields), image(3, 32, 32))
    assert sizes == plain[0] == (10, 32, 32)
    assert (parameters, macs) == (118, 107_520)
    assert plain[1:] == (760, 768_000)
    assert macs / plain[2] == pytest.approx(1 / 10 + 1 / 25) == pytest.approx(0.14)
    layer = made("separable_conv2d", **fields)
    inputs = Inputs({"x": [image(3, 32, 32)]})
    numbers = layer.numbers(inputs, layer.infer(inputs))
    assert "0.14" in numbers and "768{,}000" in numbers and "118" in numbers


@pytest.mark.parametrize("groups", [2, 4, 8])
def test_c_028_groups_divide_the_cost(groups: int) -> None:
    """C-028, L-016: weights and multiply-adds are divided by the number of groups, biases are not."""
    whole = facts(made("conv2d", channels=16, bias=False), image(8, 10, 10))
    split = facts(made("conv2d", channels=16, bias=False, groups=groups), image(8, 10, 10))
    assert split[0] == whole[0]
    assert (split[1] * groups, split[2] * groups) == whole[1:]


def test_c_026_bottleneck() -> None:
    """C-026, L-015: 192 → 32 channels by 5×5 on 28×28 costs 120,422,400 multiply-adds; through 16, 12,443,648."""
    direct = facts(made("conv2d", channels=32, kernel=5, padding=2), image(192, 28, 28))[2]
    first = facts(made("conv2d", channels=16, kernel=1), image(192, 28, 28))[2]
    second = facts(made("conv2d", channels=32, kernel=5, padding=2), image(16, 28, 28))[2]
    assert direct == 120_422_400
    assert first + second == 12_443_648


def test_l_017_depthwise_pointwise() -> None:
    """L-017, L-018: as many groups as channels, then a 1×1 kernel: together the separable one."""
    x = image(6, 9, 9)
    depth = facts(made("conv2d", channels=6, groups=6, padding=1), x)
    point = facts(made("conv2d", channels=4, kernel=1), x)
    both = facts(made("separable_conv2d", channels=4, padding=1), x)
    assert (depth[1] + point[1], depth[2] + point[2]) == both[1:]


def test_l_086_no_sharing() -> None:
    """L-086: one 5×5 filter on 32×32 has 26 parameters shared; each of 28×28 places its own, 784 times as many."""
    shared = facts(made("conv2d", channels=1, kernel=5), image(1, 32, 32))
    local = facts(made("locally_connected2d", channels=1, kernel=5), image(1, 32, 32))
    assert shared[1] == 26 and local[1] == 26 * 28 * 28
    assert shared[2] == local[2] == 19_600


def test_a_locally_connected_layer_of_equal_weights_is_a_convolution() -> None:
    """L-086: against torch's convolution, with stride, dilation and every padding."""
    torch.manual_seed(0)
    for fields in (
        {},
        {"padding": 2, "stride": 2},
        {"padding": "same", "dilation": 2},
        {"padding": "same", "kernel": 4},
    ):
        layer = made("locally_connected2d", channels=3, **fields)
        x = torch.randn(2, 2, 9, 8)
        inputs = Inputs({"x": [image(2, 9, 8)]})
        local, plain = layer.build(inputs), made("conv2d", channels=3, **fields).build(inputs)
        local.weight.data[:] = plain.weight.data.flatten(1)
        local.bias.data[:] = plain.bias.data[:, None, None]
        torch.testing.assert_close(local(x), plain(x), rtol=1e-4, atol=1e-5)


def test_l_023_a_flipped_kernel_is_the_convolution_of_the_textbooks() -> None:
    """L-023: numpy convolves; torch correlates, unless the kernel is flipped."""
    torch.manual_seed(1)
    x, kernel = torch.randn(9), torch.randn(4)
    for flip, expected in ((True, np.convolve), (False, np.correlate)):
        layer = made("conv1d", channels=1, kernel=4, bias=False, flip=flip).build(Inputs({"x": [vector(9)]}))
        layer.weight.data[:] = kernel
        answer = torch.from_numpy(expected(x.numpy(), kernel.numpy(), "valid"))
        torch.testing.assert_close(layer(x[None])[0, 0], answer, rtol=1e-5, atol=1e-6)


def test_l_020_sobel_has_rank_one() -> None:
    """L-020: Sobel's kernel is [1, 2, 1] down the rows times [−1, 0, 1] along the columns, exactly."""
    assert kernels.factors(kernels.parse("-1 0 1; -2 0 2; -1 0 1")) == ((1, 2, 1), (-1, 0, 1))
    assert kernels.factors(kernels.parse("0 1 0; 1 -4 1; 0 1 0")) is None
    assert kernels.factors(kernels.parse("1/9 1/9; 1/9 1/9")) == ((1, 1), (Fraction(1, 9), Fraction(1, 9)))
    assert kernels.factors(((0.0, 0.0), (0.0, 0.0))) is None


@given(
    st.lists(st.integers(-9, 9), min_size=1, max_size=5).filter(any),
    st.lists(st.integers(-9, 9), min_size=1, max_size=5).filter(any),
)
def test_factors_multiply_to_the_kernel(column: list[int], row: list[int]) -> None:
    """L-020: every product of a column and a row is found to be one; its rank is numpy's."""
    kernel = tuple(tuple(float(a * b) for b in row) for a in column)
    found = kernels.factors(kernel)
    assert found is not None
    assert [[a * b for b in found[1]] for a in found[0]] == [list(map(Fraction, line)) for line in kernel]
    noisy = [list(line) for line in kernel]
    noisy[0][0] += 1
    rank = np.linalg.matrix_rank(np.array(noisy))
    assert (kernels.factors(tuple(map(tuple, noisy))) is not None) == (rank == 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no numbers"),
        ("1 2; 3", "as many numbers in every row"),
        ("1 x", "'x'"),
        ("1/0 1", "'1/0'"),
        ("1e999", "'1e999'"),
        (";".join(["1"] * 16), "at most 15"),
    ],
)
def test_a_kernel_that_cannot_be_read_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("/", "/")):
        kernels.parse(text)


def test_l_081_filters_against_their_definitions() -> None:
    """L-081: an average sums to 1, a Laplacian of Gaussian to 0, both sides of Sobel see their own edges."""
    assert sum(map(sum, kernels.average(5))) == pytest.approx(1)
    assert sum(map(sum, kernels.gaussian(5, 0.8))) == pytest.approx(1)
    assert sum(map(sum, kernels.laplacian_of_gaussian(7, 1.2))) == pytest.approx(0)
    ramp = torch.arange(6.0).expand(1, 1, 6, 6)
    inputs = Inputs({"x": [image(1, 6, 6)]})
    inner = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    for filter, answer in (
        ("sobel x", 8.0),
        ("sobel y", 0.0),
        ("sobel magnitude", 8.0),
        ("laplacian of gaussian", 0.0),
    ):
        y = made("image_filter", filter=filter).build(inputs)(ramp)[inner]
        torch.testing.assert_close(y, torch.full_like(y, answer), rtol=1e-4, atol=1e-4)


def test_l_082_gradients_are_sorted_by_direction() -> None:
    """L-082: a slope at 45° stands in the bin for 45°; a cell without an edge stays empty."""
    layer = made("hog", cell=8, bins=4).build(Inputs({"x": [image(1, 16, 16)]}))
    across = torch.arange(16.0)
    x = (across[:, None] + across[None, :])[None, None]
    cells = layer(x)[0]
    assert cells.shape == (4, 2, 2)
    assert cells[1].min() > 0.9  # bins stand at 0°, 45°, 90°, 135°
    flat = layer(torch.ones(1, 1, 16, 16))
    assert flat.abs().max() < 1e-2


def hog_by_hand(x: np.ndarray, cell: int, bins: int, block: int, norm: str) -> np.ndarray:
    """Dalal and Triggs' descriptor in loops: the steepest channel's slope at every pixel, shared between two
    directions; blocks of cells that move by one cell, the cells row by row."""
    _, high, wide = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="edge")
    cells = np.zeros((high // cell, wide // cell, bins))
    for i in range(high // cell * cell):
        for j in range(wide // cell * cell):
            across, down = padded[:, i + 1, j + 2] - padded[:, i + 1, j], padded[:, i + 2, j + 1] - padded[:, i, j + 1]
            steep = int((across**2 + down**2).argmax())
            place = np.arctan2(down[steep], across[steep]) / np.pi % 1 * bins
            low, slope = int(place), np.hypot(across[steep], down[steep])
            cells[i // cell, j // cell, low % bins] += (1 - place + low) * slope / cell**2
            cells[i // cell, j // cell, (low + 1) % bins] += (place - low) * slope / cell**2
    rows, columns = cells.shape[0] - block + 1, cells.shape[1] - block + 1
    found = np.zeros((block * block * bins, rows, columns))
    for i in range(rows):
        for j in range(columns):
            v = cells[i : i + block, j : j + block].ravel()
            if norm.startswith("L1"):
                v = v / (np.abs(v).sum() + 3e-3)
                v = np.sqrt(v) if norm == "L1-sqrt" else v
            else:
                v = v / np.sqrt((v**2).sum() + 1e-5)
                if norm == "L2-Hys":
                    v = np.minimum(v, 0.2)
                    v = v / np.sqrt((v**2).sum() + 1e-5)
            found[:, i, j] = v
    return found


@pytest.mark.parametrize("norm", ["L2", "L2-Hys", "L1", "L1-sqrt"])
@pytest.mark.parametrize(("cell", "bins", "block"), [(4, 9, 2), (3, 4, 3), (8, 9, 1), (5, 2, 2)])
def test_l_082_blocks_are_brought_to_one_length(norm: str, cell: int, bins: int, block: int) -> None:
    """L-082: against the descriptor computed in loops."""
    layer, inputs = made("hog", cell=cell, bins=bins, block=block, norm=norm), Inputs({"x": [image(3, 20, 17)]})
    x = np.random.default_rng(cell).normal(size=(3, 20, 17))
    got = layer.build(inputs).double()(torch.from_numpy(x)[None])[0].numpy()
    assert got.shape == tuple(layer.infer(inputs)["y"].sizes)
    np.testing.assert_allclose(got, hog_by_hand(x, cell, bins, block, norm), rtol=1e-5, atol=2e-5)


def test_l_082_what_a_pedestrian_detector_saw() -> None:
    """L-082: Dalal and Triggs' window of 128×64: 15×7 blocks of 36 numbers are 3,780."""
    layer = made("hog", cell=8, bins=9, block=2, norm="L2-Hys")
    y = layer.infer(Inputs({"x": [image(3, 128, 64)]}))["y"]
    assert y == image(36, 15, 7) and y.numel == 3_780
    assert made("hog", cell=8, bins=9).infer(Inputs({"x": [image(3, 128, 64)]}))["y"] == image(9, 16, 8)
    with pytest.raises(Fault, match="its blocks of 5×5 cells are larger than the 4×2 cells of the image") as caught:
        made("hog", cell=8, block=5).infer(Inputs({"x": [image(3, 32, 16)]}))
    assert [remedy.title for remedy in caught.value.remedies] == ["Set the block to 2", "Set the cell to 3"]


def test_output_padding_is_what_torch_refuses() -> None:
    """L-022: torch looks at it with real numbers only; the rule always does."""
    layer = made("conv_transpose2d", stride=2, output_padding=2)
    inputs = Inputs({"x": [image(1, 4, 4)]})
    with pytest.raises(Fault, match="output padding 2×2 must be smaller"):
        layer.infer(inputs)
    with pytest.raises(RuntimeError, match="output padding"):
        layer.build(inputs)(torch.zeros(1, 1, 4, 4))


def test_a_transposed_convolution_undoes_the_shape_of_a_convolution() -> None:
    """L-022: of every input size that a strided convolution maps to one output, output padding chooses."""
    for size in range(5, 12):
        conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        small = conv(torch.zeros(1, 1, size)).shape[2]
        back = {
            facts(
                made("conv_transpose1d", channels=1, kernel=3, stride=2, padding=1, output_padding=extra),
                signal(1, small),
            )[0][1]
            for extra in (0, 1)
        }
        assert size in back


def test_l_020_thin_kernels_do_what_the_square_one_does() -> None:
    """L-020: Sobel as a column and a row, with 2·3·1 weights instead of 9, gives what the whole kernel gives."""
    column, row = kernels.factors(kernels.SOBEL_X) or ((), ())
    inputs = Inputs({"x": [image(1, 7, 7)]})
    thin = made("spatial_separable_conv2d", channels=1, kernel=3, bias=False).build(inputs)
    thin.down.weight.data[:] = torch.tensor([float(value) for value in column])[None, None, :, None]
    thin.across.weight.data[:] = torch.tensor([float(value) for value in row])[None, None, None]
    x = torch.rand(1, 1, 7, 7)
    whole = made("image_filter", filter="sobel x").build(inputs)(x)
    torch.testing.assert_close(thin(x), whole[:, :, 1:-1, 1:-1], rtol=1e-4, atol=1e-5)


def test_l_083_transforms_make_rings_and_xor_linear() -> None:
    """L-083: in polar form a ring is told by its radius alone; with the product of two signs, xor by one number."""
    angle = torch.linspace(0, 6, 20)
    ring = torch.stack([2 * angle.cos(), 2 * angle.sin()], 1)
    polar = made("feature_transform", kind="polar").build(Inputs({"x": [vector(2)]}))
    torch.testing.assert_close(polar(ring)[:, 0], torch.full((20,), 2.0))
    signs = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    products = made("feature_transform", kind="products").build(Inputs({"x": [vector(2)]}))
    assert products(signs)[:, 2].tolist() == [1, -1, -1, 1]
    with pytest.raises(Fault, match="2 numbers"):
        made("feature_transform", kind="polar").infer(Inputs({"x": [vector(3)]}))
