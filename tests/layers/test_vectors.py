"""The catalogue's worked numbers, on the layers themselves."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.layers.base import Inputs, TensorType, Window, image, index, registry, sequence, signal, vector


def make(type_: str, *arriving: TensorType, **fields: Any) -> tuple[Any, Inputs, Any]:
    """A layer, its inputs (on its first port), and the type that it puts out."""
    layer = registry[type_](**fields)
    inputs = Inputs({layer.inputs[0].name: list(arriving)})
    return layer, inputs, layer.infer(inputs)[layer.outputs[0].name]


def count(layer: Any, inputs: Inputs) -> int:
    return sum(torch.Size(shape).numel() for shape in layer.parameters(inputs).values())


@pytest.mark.parametrize(
    ("size", "fields", "expected"),
    [
        (4, {"kernel": 3}, 2),
        (32, {"kernel": 5}, 28),
        (32, {"kernel": 5, "padding": 2}, 32),
        (5, {"kernel": 3, "stride": 2}, 2),
        (32, {"kernel": 3, "dilation": 2, "padding": 2}, 32),
    ],
)
def test_convolution_size(size: int, fields: dict[str, int], expected: int) -> None:
    """C-001, C-006: ⌊(I + 2P − D(K−1) − 1)/S⌋ + 1."""
    _, _, y = make("conv2d", image(1, size, size), channels=1, **fields)
    assert y.sizes == (1, expected, expected)


@pytest.mark.parametrize(("kernel", "padding"), [(3, 1), (5, 2), (7, 3)])
def test_same_padding(kernel: int, padding: int) -> None:
    """C-002, L-013: (K−1)/2 on each side keeps the size."""
    _, _, same = make("conv2d", image(2, 28, 28), kernel=kernel, padding="same")
    _, _, number = make("conv2d", image(2, 28, 28), kernel=kernel, padding=padding)
    assert same.sizes == number.sizes == (16, 28, 28)


def test_pooling_by_hand() -> None:
    """C-003, C-004, L-024, L-026: the depth is kept, the values are those of the notes."""
    x = torch.tensor([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, None]
    for type_, expected in (("max_pool2d", [[6.0, 8], [3, 4]]), ("avg_pool2d", [[3.25, 5.25], [2, 2]])):
        layer, inputs, y = make(type_, image(1, 4, 4), kernel=2)
        assert y.sizes == (1, 2, 2) and count(layer, inputs) == 0
        assert layer.build(inputs)(x)[0, 0].tolist() == expected


def test_overlapping_pooling() -> None:
    """C-003, L-025: a 3×3 window that moves by 2 gives 27 from 55, as in AlexNet."""
    _, _, y = make("max_pool2d", image(64, 55, 55), kernel=3, stride=2)
    assert y.sizes == (64, 27, 27)


@pytest.mark.parametrize(
    ("arriving", "fields", "shape", "parameters", "macs"),
    [
        ((3, 32, 32), {"channels": 10, "kernel": 5, "padding": 2}, (10, 32, 32), 760, 768_000),
        ((1, 32, 32), {"channels": 1, "kernel": 5}, (1, 28, 28), 26, 19_600),
        ((3, 32, 32), {"channels": 2, "kernel": 5}, (2, 28, 28), 152, 117_600),
        ((2, 28, 28), {"channels": 1, "kernel": 5}, (1, 24, 24), 51, 28_800),
    ],
)
def test_convolution_cost(
    arriving: tuple[int, int, int], fields: dict[str, int], shape: tuple[int, ...], parameters: int, macs: int
) -> None:
    """C-007 to C-012, L-011: shape, parameters and MACs; 768,000, not the notes' 76,800."""
    layer, inputs, y = make("conv2d", image(*arriving), **fields)
    assert (y.sizes, count(layer, inputs), layer.macs(inputs, {"y": y})) == (shape, parameters, macs)


def test_convolution_by_hand() -> None:
    """C-013, L-023: a 3×3 kernel on 4×4, cross-correlated: the kernel is not flipped."""
    layer, inputs, _ = make("conv2d", image(1, 4, 4), channels=1, kernel=3, bias=False)
    module = layer.build(inputs)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[0.0, 0, 1], [0, 0, 0], [0, 0, 0]])[None, None])
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert module(x)[0, 0].tolist() == [[2, 3], [6, 7]]


def test_linear_cost() -> None:
    """C-014, L-001: 9216 → 4096 has 37,752,832 parameters; 4 → 3 has 15."""
    layer, inputs, _ = make("linear", vector(9216), units=4096)
    assert count(layer, inputs) == 37_752_832
    assert "37{,}752{,}832" in layer.numbers(inputs, layer.infer(inputs))
    layer, inputs, _ = make("linear", vector(4), units=3)
    assert count(layer, inputs) == 15


def test_a_billion_units_are_counted_exactly() -> None:
    """Counts are Python integers: nothing overflows."""
    layer, inputs, y = make("linear", vector(10**9), units=10**9)
    assert count(layer, inputs) == 10**18 + 10**9 and layer.macs(inputs, {"y": y}) == 10**18


@pytest.mark.parametrize("groups", [1, 2, 4, 8])
def test_groups_divide_the_cost(groups: int) -> None:
    """C-028, L-016, L-017: weights and MACs are divided by the groups."""
    plain, inputs, y = make("conv2d", image(8, 16, 16), channels=8, padding=1, bias=False)
    grouped, _, _ = make("conv2d", image(8, 16, 16), channels=8, padding=1, bias=False, groups=groups)
    assert count(grouped, inputs) * groups == count(plain, inputs)
    assert grouped.macs(inputs, {"y": y}) * groups == plain.macs(inputs, {"y": y})


def test_separable_convolution() -> None:
    """C-027, L-018, L-019: depthwise 5×5 then pointwise, 118 parameters against 760, 0.14 of the MACs."""
    depth, inputs, between = make("conv2d", image(3, 32, 32), channels=3, kernel=5, padding=2, groups=3)
    point, second, y = make("conv2d", between, channels=10, kernel=1)
    assert count(depth, inputs) + count(point, second) == 118
    assert depth.macs(inputs, {"y": between}) + point.macs(second, {"y": y}) == 107_520


def test_windows_of_the_receptive_field() -> None:
    """C-023: what rf += (k−1)·d·Πs is fed: three 3×3 see 7."""
    field, stride = 1, 1
    for _ in range(3):
        layer, inputs, _ = make("conv2d", image(1, 32, 32), kernel=3)
        window = layer.window(inputs)
        field += (window.kernel[0] - 1) * window.dilation[0] * stride
        stride *= window.stride[0]
    assert field == 7
    layer, inputs, _ = make("max_pool2d", image(1, 32, 32), kernel=(3, 2))
    assert layer.window(inputs) == Window((3, 2), (3, 2))
    for type_, x in (("linear", vector(8)), ("attention", sequence(4, 8)), ("global_avg_pool", image(1, 4, 4))):
        layer, inputs, _ = make(type_, x)
        assert layer.window(inputs) == "whole"


def test_flatten_goes_row_by_row() -> None:
    """L-002: [[10, 5], [7, 3]] → [10, 5, 7, 3]."""
    layer, inputs, y = make("flatten", image(1, 2, 2))
    assert y == vector(4)
    assert layer.build(inputs)(torch.tensor([[[[10, 5], [7, 3]]]])).tolist() == [[10, 5, 7, 3]]


def test_conv1d_on_a_signal() -> None:
    """L-012: a kernel of 3 with stride 2 on 1×L; a vector is read as one channel."""
    _, _, y = make("conv1d", signal(1, 9), channels=4, kernel=3, stride=2)
    assert y == signal(4, 4)
    layer, inputs, y = make("conv1d", vector(9), channels=4, kernel=3, stride=2)
    assert y == signal(4, 4)
    assert layer.build(inputs)(torch.zeros(2, 9)).shape == (2, 4, 4)


def test_batch_norm_column() -> None:
    """C-047, L-033: [1, 2, 3, 4] becomes ±1.3416, ±.4472."""
    layer, inputs, _ = make("batch_norm1d", vector(1))
    y = layer.build(inputs).train()(torch.tensor([[1.0], [2], [3], [4]]))
    assert y.flatten().tolist() == pytest.approx([-1.3416, -0.4472, 0.4472, 1.3416], abs=1e-4)


def test_dropout_keeps_the_mean() -> None:
    """C-071, L-036: what is kept is divided by 1 − rate; evaluation changes nothing."""
    layer, inputs, _ = make("dropout", vector(100_000), rate=0.25)
    module = layer.build(inputs)
    torch.manual_seed(0)
    y = module.train()(torch.ones(1, 100_000))
    assert y.mean().item() == pytest.approx(1, abs=0.01)
    assert y.unique().tolist() == pytest.approx([0, 4 / 3])
    assert torch.equal(module.eval()(torch.ones(1, 100_000)), torch.ones(1, 100_000))


def test_embedding_is_a_table() -> None:
    """L-043: n·d numbers, one row a token."""
    layer, inputs, y = make("embedding", index(11), units=5)
    assert y == vector(5) and count(layer, inputs) == 55
    module = layer.build(inputs)
    assert torch.equal(module(torch.tensor([7]))[0], module.weight[7])


def test_sinusoid_positions() -> None:
    """L-058: d = 4, position 0 → [0, 1, 0, 1], 1 → [.8415, .5403, .0100, .99995]."""
    layer, inputs, _ = make("positional_encoding", sequence(3, 4))
    y = layer.build(inputs)(torch.zeros(1, 3, 4))[0]
    assert y[0].tolist() == [0, 1, 0, 1]
    assert y[1].tolist() == pytest.approx([0.8415, 0.5403, 0.0100, 0.99995], abs=5e-5)


@pytest.mark.parametrize("width", [1, 5, 6])
def test_sinusoid_positions_of_any_width(width: int) -> None:
    """L-058: an odd width ends with a sine."""
    layer, inputs, _ = make("positional_encoding", sequence(3, width))
    assert layer.build(inputs)(torch.zeros(2, 3, width)).shape == (2, 3, width)


def test_multi_head_attention_parameters() -> None:
    """C-030, L-056: 1,050,624 at width 512."""
    layer, inputs, _ = make("attention", sequence(10, 512), heads=8)
    assert count(layer, inputs) == 1_050_624


def test_transformer_block_parameters() -> None:
    """C-030, L-059: attention 1,050,624, feed-forward 2,099,712, norms 2,048; 3,152,384 in all."""
    x = sequence(10, 512)
    attention, inputs, _ = make("attention", x, heads=8)
    inner, _, wide = make("linear", x, units=2048)
    outer, widened, _ = make("linear", wide, units=512)
    norm, _, _ = make("layer_norm", x)
    feed_forward = count(inner, inputs) + count(outer, widened)
    assert feed_forward == 2_099_712 and 2 * count(norm, inputs) == 2_048
    assert count(attention, inputs) + feed_forward + 2 * count(norm, inputs) == 3_152_384


def test_yolo_tensor() -> None:
    """C-052, L-070: two boxes and twenty classes on 7×7 make 7×7×30."""
    layer, inputs, grid = make("yolo_head", image(1024, 7, 7), boxes=2, classes=20)
    assert grid.sizes == (7, 7, 30)
    assert layer.build(inputs)(torch.zeros(2, 1024, 7, 7)).shape == (2, 7, 7, 30)


def test_activations_at_known_points() -> None:
    """L-004 to L-008, L-089: g(−1), g(0), g(8)."""
    x = torch.tensor([[-1.0, 0.0, 8.0]])
    for type_, fields, expected in (
        ("sigmoid", {}, [0.26894, 0.5, 0.99966]),
        ("tanh", {}, [-0.76159, 0, 1]),
        ("relu", {}, [0, 0, 8]),
        ("leaky_relu", {"slope": 0.1}, [-0.1, 0, 8]),
        ("relu6", {}, [0, 0, 6]),
        ("prelu", {"init": 0.5}, [-0.5, 0, 8]),
        ("gelu", {}, [-0.15866, 0, 8]),
        ("silu", {}, [-0.26894, 0, 7.99732]),
    ):
        layer, inputs, y = make(type_, vector(3), **fields)
        assert y == vector(3)
        assert layer.build(inputs)(x)[0].tolist() == pytest.approx(expected, abs=1e-4), type_


def test_softmax_runs_along_the_features() -> None:
    """L-009, C-035: (21, 8, 11) → .99995…, 2.3e−6, 4.5e−5; in an image each pixel's channels add up to 1."""
    layer, inputs, _ = make("softmax", vector(3))
    shares = layer.build(inputs)(torch.tensor([[21.0, 8, 11]]))[0].tolist()
    assert shares == pytest.approx([0.99995234, 2.26e-6, 4.54e-5], rel=1e-2)
    for x, axis in ((image(3, 2, 2), 1), (sequence(4, 3), 2)):
        layer, inputs, _ = make("softmax", x)
        y = layer.build(inputs)(torch.randn(2, *x.shape))
        assert torch.allclose(y.sum(axis), torch.ones_like(y.sum(axis)))


def test_joins() -> None:
    """L-038: sum, product, and features side by side."""
    a, b = torch.tensor([[1.0, 2]]), torch.tensor([[3.0, 4]])
    for type_, expected in (("add", [4.0, 6]), ("multiply", [3.0, 8]), ("concat", [1.0, 2, 3, 4])):
        layer, inputs, y = make(type_, vector(2), vector(2))
        assert layer.build(inputs)(a, b)[0].tolist() == expected
        assert y == vector(len(expected))
    _, _, y = make("concat", image(3, 4, 4), image(5, 4, 4), image(1, 4, 4))
    assert y == image(9, 4, 4)
