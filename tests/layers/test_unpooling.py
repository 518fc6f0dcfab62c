"""L-031: max unpooling against torch's own, and places that fit nowhere else."""

from __future__ import annotations

import itertools
import random

import pytest
import torch
from torch import nn

from chalknet.layers.base import Fault, Inputs, Layer, Rewire, TensorType, image, registry, signal

MODULES = {2: (nn.MaxPool2d, nn.MaxUnpool2d), 1: (nn.MaxPool1d, nn.MaxUnpool1d)}


def made(rank: int, x: TensorType, **fields: object) -> tuple[Layer, Inputs, Layer, Inputs]:
    """A pool whose places are wanted and an unpooling behind it, each with its inputs."""
    pool = registry[f"max_pool{rank}d"].model_validate(fields)
    before = Inputs({"x": [x]}, {"indices"})
    found = pool.infer(before)
    behind = Inputs({"x": [found["y"]], "indices": [found["indices"]]})
    return pool, before, registry[f"max_unpool{rank}d"](), behind


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("seed", range(12))
def test_unpooling_is_bit_for_bit_torchs(rank: int, seed: int) -> None:
    """L-031: values and gradients, with strides, paddings, dilations, rounding up and remainders as they come."""
    rng = random.Random(seed)
    kernel = rng.randint(2, 4)
    fields = {
        "kernel": kernel,
        "stride": rng.randint(kernel, 5),
        "padding": rng.randint(0, kernel // 2),
        "dilation": rng.choice([1, 1, 2]),
        "ceil": rng.random() < 0.4,
    }
    space = [rng.randint(9, 20) for _ in range(rank)]
    x = image(3, *space) if rank == 2 else signal(3, *space)
    pool, before, unpool, behind = made(rank, x, **fields)
    torch.manual_seed(seed)
    values, places = pool.build(before)(torch.randn(2, 3, *space))
    ours, theirs = (values.clone().requires_grad_() for _ in range(2))
    reach = fields["dilation"] * (kernel - 1) + 1
    oracle = MODULES[rank][1](reach, fields["stride"], fields["padding"])
    with torch.no_grad():
        expected = oracle(values, places, output_size=space)
    got = unpool.build(behind)(ours, places)
    assert got.shape[2:] == torch.Size(space) and unpool.infer(behind)["y"].sizes[1:] == tuple(space)
    assert torch.equal(got, expected)
    weights = torch.randn_like(got)
    (got * weights).sum().backward()
    (oracle(theirs, places, output_size=space) * weights).sum().backward()
    assert ours.grad is not None and theirs.grad is not None and torch.equal(ours.grad, theirs.grad)


def test_it_runs_where_results_must_repeat() -> None:
    """L-031: torch's own unpooling refuses that; a run on a CPU repeats bit for bit."""
    pool, before, unpool, behind = made(2, image(2, 5, 7))
    values, places = pool.build(before)(torch.randn(3, 2, 5, 7))
    torch.use_deterministic_algorithms(True)
    try:
        with pytest.raises(RuntimeError, match="deterministic"):
            nn.MaxUnpool2d(2)(values, places, output_size=(5, 7))
        got = unpool.build(behind)(values, places)
    finally:
        torch.use_deterministic_algorithms(False)
    assert got.shape == (3, 2, 5, 7)


def test_a_pool_is_asked_for_places_only_where_they_are_wanted() -> None:
    """L-031: without a wire there, the pool's module gives one tensor, and its text says nothing of indices."""
    pool, before, _, _ = made(2, image(1, 4, 4))
    alone = Inputs({"x": [image(1, 4, 4)]})
    assert isinstance(pool.build(alone)(torch.rand(1, 1, 4, 4)), torch.Tensor)
    assert len(pool.build(before)(torch.rand(1, 1, 4, 4))) == 2
    assert [port.name for port in pool.gives(alone)] == ["y"]
    assert [port.name for port in pool.gives(before)] == ["y", "indices"]
    assert pool.source(alone).init == "nn.MaxPool2d(kernel_size=2)"
    assert pool.source(before).init == "nn.MaxPool2d(kernel_size=2, return_indices=True)"


def test_the_places_say_what_they_are_from() -> None:
    """L-031: the type on the wire holds the size before the pooling, remainder and all."""
    pool, before, unpool, behind = made(2, image(6, 29, 28))
    assert str(pool.infer(before)["indices"]) == "place<29×28>[C 6, H 14, W 14]"
    assert str(unpool.infer(behind)["y"]) == "float[C 6, H 29, W 28]"
    assert pool.infer(before)["indices"].bytes == 8 * 6 * 14 * 14
    assert unpool.source(behind).call == "{self}({0}, {1}, output_size=(29, 28))"
    _, _, even, wires = made(2, image(6, 28, 28))
    assert even.source(wires).call == "{self}({0}, {1})"


def test_places_of_another_pooling_are_refused() -> None:
    """L-031: an unpaired one: other sizes, another number of channels, no places at all."""
    _, _, unpool, behind = made(2, image(6, 28, 28))
    deep = registry["max_pool2d"]().infer(Inputs({"x": [image(6, 14, 14)]}))["indices"]
    thin = registry["max_pool2d"]().infer(Inputs({"x": [image(3, 28, 28)]}))["indices"]
    line = registry["max_pool1d"]().infer(Inputs({"x": [signal(6, 28)]}))["indices"]
    x = behind["x"]
    for wrong, words in (
        (deep, "6×14×14 numbers and 6×7×7 places do not belong together: that pooling made 6×7×7 of 6×14×14"),
        (thin, "6×14×14 numbers and 3×14×14 places do not belong together"),
        (line, "needs the places that a max pooling of images remembers; a record of 6×14 places arrives"),
        (x, "needs the places that a max pooling of images remembers; an image 6×14×14 arrives"),
    ):
        with pytest.raises(Fault, match=words) as caught:
            unpool.infer(Inputs({"x": [x], "indices": [wrong]}))
        assert caught.value.code == "unpaired" and caught.value.port == "indices"
        assert Rewire("indices", "Take") in caught.value.remedies


def test_overlapping_windows_are_doubted() -> None:
    """L-031: 3×3 windows that move by 2 may send two numbers to one place."""
    _, _, unpool, behind = made(2, image(1, 9, 9), kernel=3, stride=2)
    assert [warn.code for warn in unpool.check(behind)] == ["overlapping_windows"]
    _, _, apart, wires = made(2, image(1, 9, 9), kernel=3, stride=3)
    assert not apart.check(wires)


TAKES_PLACES = {"block_input", "block_output", "max_unpool1d", "max_unpool2d"}


@pytest.mark.parametrize(
    "type_", sorted(name for name, cls in registry.items() if cls.inputs and name not in TAKES_PLACES)
)
def test_places_fit_nowhere_else(type_: str) -> None:
    """L-031: no layer computes with places, whatever comes to its other ports."""
    places = registry["max_pool2d"]().infer(Inputs({"x": [image(4, 8, 8)]}))["indices"]
    layer = registry[type_]()
    others = [image(4, 4, 4), places]
    for port in layer.inputs:
        if port.shape_only:
            continue
        rest = [each for each in layer.inputs if each is not port and not each.optional]
        for choice in itertools.product(others, repeat=len(rest)):
            wires = {each.name: [type] for each, type in zip(rest, choice, strict=True)}
            with pytest.raises(Fault):
                layer.infer(Inputs({**wires, port.name: [places] * (2 if port.many else 1)}))
