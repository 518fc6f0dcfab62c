"""What layers compute besides their multiply-adds, against counts by hand and against what torch's modules do."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.layers.base import Inputs, Layer, TensorType, image, index, registry, scalar, sequence, signal, vector

CASES: list[tuple[str, dict[str, Any], list[TensorType], int]] = [
    # One function a number; a softmax takes exp, a sum and a division.
    ("relu", {}, [image(6, 28, 28)], 4_704),
    ("sigmoid", {}, [scalar()], 1),
    ("softmax", {}, [vector(10)], 30),
    # Evaluation: a scale and a shift; mean, spread, difference, scale and shift of the sample's own.
    ("batch_norm2d", {}, [image(16, 8, 8)], 2 * 1_024),
    ("layer_norm", {}, [sequence(4, 32)], 5 * 128),
    ("group_norm", {"groups": 2}, [image(4, 3, 3)], 5 * 36),
    ("instance_norm2d", {"affine": False}, [image(4, 3, 3)], 4 * 36),
    ("local_response_norm", {"size": 5}, [image(8, 2, 2)], 32 * 9),
    # 2×2 of 4×4: four windows of three comparisons, or of three sums and a division.
    ("max_pool2d", {}, [image(1, 4, 4)], 12),
    ("avg_pool2d", {}, [image(1, 4, 4)], 16),
    ("max_pool2d", {"kernel": 3, "stride": 1}, [image(2, 4, 4)], 2 * 4 * 8),
    ("max_pool1d", {"kernel": 3}, [signal(2, 9)], 2 * 3 * 2),
    ("global_avg_pool", {}, [image(2, 7, 7)], 98),
    ("global_max_pool", {}, [image(2, 7, 7)], 96),
    # 5 places in 2 windows of 3: each takes two comparisons.
    ("adaptive_max_pool1d", {"output": 2}, [signal(1, 5)], 4),
    ("adaptive_avg_pool2d", {"output": 2}, [image(1, 4, 4)], 16),
    ("spatial_pyramid_pool", {"levels": 2}, [image(1, 4, 4)], 15 + 12),
    # Three wires are two sums; laid end to end nothing is computed.
    ("add", {}, [vector(5)] * 3, 10),
    ("maximum", {}, [vector(5)] * 2, 5),
    ("concat", {}, [vector(5)] * 3, 0),
    ("scale", {"factor": 2.0, "offset": 1.0}, [vector(5)], 10),
    ("scale", {"factor": 2.0}, [vector(5)], 5),
    ("clamp", {}, [vector(5)], 10),
    ("reduce", {"axis": "T", "how": "mean"}, [sequence(4, 3)], 12),
    ("reduce", {"axis": "T", "how": "max"}, [sequence(4, 3)], 9),
    ("argmax", {}, [vector(10)], 9),
    ("k_sparse", {"k": 2}, [vector(10)], 10),
    ("formula", {"text": "a * sigmoid(a)"}, [vector(5)], 10),
    ("feature_transform", {"kind": "products"}, [vector(3)], 3),
    ("feature_transform", {"kind": "polynomial", "degree": 4}, [vector(2)], 6),
    ("feature_transform", {"kind": "polar"}, [vector(2)], 6),
    ("gram_matrix", {}, [image(3, 2, 2)], 9),
    ("image_filter", {"filter": "sobel magnitude"}, [image(1, 3, 3)], 36),
    ("image_filter", {"filter": "gaussian"}, [image(1, 3, 3)], 0),
    ("upsample", {}, [image(1, 2, 2)], 0),
    ("upsample", {"mode": "bilinear"}, [image(1, 2, 2)], 16 * 7),
    ("positional_encoding", {}, [sequence(3, 4)], 12),
    # Two heads, 3×3 scores each: a scale and a softmax.
    ("attention", {"heads": 2}, [sequence(3, 8)], 2 * 9 * 4),
    ("rnn", {"units": 20}, [sequence(5, 10)], 5 * 20),
    ("lstm", {"units": 20, "layers": 2, "bidirectional": True}, [sequence(5, 10)], 5 * 80 * 9),
    ("gru", {"units": 20}, [sequence(5, 10)], 5 * 20 * 9),
    ("gru_cell", {"units": 20}, [vector(10)], 180),
    ("neuron", {"activation": "identity"}, [vector(3)], 0),
    ("neuron", {}, [vector(3)], 1),
    # Nothing besides multiply-adds, with which biases are taken; nothing in evaluation; nothing but copies.
    ("conv2d", {}, [image(3, 8, 8)], 0),
    ("linear", {}, [vector(8)], 0),
    ("dropout", {}, [vector(8)], 0),
    ("flatten", {}, [image(3, 8, 8)], 0),
    ("embedding", {}, [index(9)], 0),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "fields", "arriving", "expected"), CASES)
def test_counts_by_hand(type_: str, fields: dict[str, Any], arriving: list[TensorType], expected: int) -> None:
    layer = registry[type_].model_validate(fields)
    inputs = Inputs({layer.inputs[0].name: arriving})
    assert layer.operations(inputs, layer.infer(inputs)) == expected


@pytest.mark.parametrize(
    ("type_", "fields", "wires", "expected"),
    [
        ("dot_attention", {}, {"x": sequence(2, 4), "keys": sequence(3, 4), "values": sequence(3, 5)}, 6 * 4),
        ("dot_attention", {"scaled": False}, {"x": vector(4), "keys": sequence(3, 4), "values": sequence(3, 5)}, 3 * 3),
        ("additive_attention", {"units": 7}, {"x": sequence(2, 4), "memory": sequence(3, 5)}, 6 * (14 + 3)),
        ("distance", {}, {"a": vector(3), "b": vector(3)}, 3 + 3 + 2 + 1),
        ("distance", {"kind": "dot"}, {"a": vector(3), "b": vector(3)}, 5),
        ("distance", {"kind": "cosine"}, {"a": vector(3), "b": vector(3)}, 15 + 4),
        ("subtract", {}, {"a": image(1, 2, 2), "b": scalar()}, 4),
        ("cross_entropy", {}, {"logits": vector(10), "target": index(10)}, 0),
    ],
)
def test_counts_by_hand_of_several_ports(
    type_: str, fields: dict[str, Any], wires: dict[str, TensorType], expected: int
) -> None:
    layer = registry[type_].model_validate(fields)
    inputs = Inputs({port: [kind] for port, kind in wires.items()})
    assert layer.operations(inputs, layer.infer(inputs)) == expected


def test_every_layer_says_how_it_counts() -> None:
    """Nobody leaves it to the base of all layers: a new one says ``per_number = 0``, or more, or how it counts."""
    silent = [
        name
        for name, cls in registry.items()
        if all(each is Layer or not {"per_number", "operations"} & vars(each).keys() for each in cls.__mro__)
    ]
    assert not silent, f"say per_number (operations besides multiply-adds for each number put out) in {silent}"


def test_counts_are_whole_numbers_that_grow_with_nothing_but_the_sample(layer_type: str, accepted: list[Any]) -> None:
    for draw in accepted:
        count = draw.layer.operations(draw.inputs, draw.outputs)
        assert isinstance(count, int) and count >= 0, draw


class Counter(torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[misc, name-defined]
    """Numbers that elementwise kernels write, by kernel."""

    ELEMENTWISE = frozenset(
        ["relu", "sigmoid", "tanh", "exp", "add", "mul", "sub", "div", "sqrt", "abs", "gelu", "silu", "maximum"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket.__name__.strip("_") in self.ELEMENTWISE:
            self.written += result.numel()
        return result


@pytest.mark.parametrize(
    ("type_", "arriving"),
    [
        *((name, [image(2, 3, 3)]) for name in ("relu", "sigmoid", "tanh", "exp", "abs", "gelu", "silu")),
        ("add", [vector(5)] * 4),
        ("multiply", [vector(5)] * 3),
        ("maximum", [vector(5)] * 2),
        ("scale", [vector(5)]),
    ],
)
def test_torch_writes_as_many_numbers(type_: str, arriving: list[TensorType]) -> None:
    """Where a layer is nothing but elementwise kernels, every number that they write is one operation."""
    layer = registry[type_](**({"factor": 2.0, "offset": 1.0} if type_ == "scale" else {}))
    inputs = Inputs({"x": arriving})
    module = layer.build(inputs)
    samples = [torch.rand(1, *kind.shape) for kind in arriving]
    with Counter() as counter:
        module(*samples)
    assert counter.written == layer.operations(inputs, layer.infer(inputs))
