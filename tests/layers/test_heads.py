"""L-003, L-044, L-069, L-074, L-077 to L-079: what these layers compute, beyond their worked examples."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from chalknet.layers.base import Axis, Inputs, image, index, registry, vector


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
def test_a_neuron_is_one_unit_and_its_activation(activation: str) -> None:
    """L-003: n + 1 parameters; the sum is torch's Linear of one unit."""
    wires = Inputs({"x": [vector(5)]})
    layer = registry["neuron"](activation=activation)
    module = layer.build(wires)
    assert sum(p.numel() for p in module.parameters()) == 6
    x = torch.randn(4, 5)
    total = F.linear(x, module.weight, module.bias)[:, 0]
    bend = {"identity": lambda t: t, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[activation]
    assert torch.allclose(module(x), bend(total))


def test_one_hot_is_torchs() -> None:
    """L-044: of a class, a token, and a map of classes (classes first there)."""
    for axes in ((), (Axis("T", 4),), (Axis("H", 2), Axis("W", 3))):
        wires = Inputs({"x": [index(7, *axes)]})
        x = torch.randint(7, (5, *(axis.size for axis in axes)))
        want = F.one_hot(x, 7).float()
        got = registry["one_hot"]().build(wires)(x)
        assert torch.equal(got, want.movedim(-1, 1) if len(axes) == 2 else want)


def test_a_sample_is_drawn_while_it_learns_and_the_mean_after() -> None:
    """L-074: the gradient reaches μ with 1 and log σ² with ½σε; 100,000 draws have the mean and spread asked for."""
    wires = Inputs({"mean": [vector(1)], "log_variance": [vector(1)]})
    module = registry["gaussian_sample"]().build(wires)
    mean = torch.full((100_000, 1), 2.0, requires_grad=True)
    spread = torch.full((100_000, 1), math.log(9.0), requires_grad=True)
    torch.manual_seed(0)
    z = module.train()(mean, spread)
    z.sum().backward()
    assert z.mean().item() == pytest.approx(2, abs=0.05) and z.std().item() == pytest.approx(3, abs=0.05)
    assert mean.grad is not None and spread.grad is not None
    assert torch.equal(mean.grad, torch.ones_like(mean))
    assert torch.allclose(spread.grad, 0.5 * (z - mean), atol=1e-5)
    assert torch.equal(module.eval()(mean, spread), mean)


@pytest.mark.parametrize("kind", ["l2", "cosine", "dot"])
def test_two_equal_vectors_still_give_a_gradient(kind: str) -> None:
    """L-077: the distance of a Siamese pair may be 0; its slope stays finite."""
    wires = Inputs({"a": [vector(3)], "b": [vector(3)]})
    a, b = (torch.ones(2, 3, requires_grad=True) for _ in range(2))
    registry["distance"](kind=kind).build(wires)(a, b).sum().backward()
    assert a.grad is not None and torch.isfinite(a.grad).all()


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_hinge_of_scores_near_zero(classes: int) -> None:
    """C-064, L-079: K − 1; and torch's multi-margin loss, which divides by K, agrees on any scores."""
    wires = Inputs({"logits": [vector(classes)], "target": [index(classes)]})
    module = registry["hinge"]().build(wires)
    target = torch.randint(classes, (8,))
    assert module(torch.zeros(8, classes), target).item() == pytest.approx(classes - 1)
    scores = torch.randn(8, classes)
    assert module(scores, target).item() == pytest.approx(
        F.multi_margin_loss(scores, target).item() * classes, rel=1e-5
    )


def test_two_heads_are_two_linears() -> None:
    """L-069: (d + 1)(k + 4) parameters, scores and a box from the same vector."""
    module = registry["box_head"](classes=3).build(Inputs({"x": [vector(8)]}))
    scores, box = module(torch.randn(2, 8))
    assert scores.shape == (2, 3) and box.shape == (2, 4)
    assert sum(p.numel() for p in module.parameters()) == 9 * 7


def test_two_heads_on_a_map_answer_at_every_place() -> None:
    """L-069: what they say at a place is what the heads of a vector say of the numbers there, with the same weights."""
    on_map, on_vector = Inputs({"x": [image(8, 3, 5)]}), Inputs({"x": [vector(8)]})
    layer = registry["box_head"](classes=3)
    everywhere, once = layer.build(on_map), layer.build(on_vector)
    everywhere.load_state_dict(
        {name: value.reshape(layer.parameters(on_map)[name]) for name, value in once.state_dict().items()}
    )
    x = torch.randn(2, 8, 3, 5)
    scores, box = everywhere(x)
    assert scores.shape == (2, 3, 3, 5) and box.shape == (2, 4, 3, 5)
    for row in range(3):
        for column in range(5):
            expected = once(x[:, :, row, column])
            torch.testing.assert_close((scores[:, :, row, column], box[:, :, row, column]), expected)
    types = layer.infer(on_map)
    assert layer.macs(on_map, types) == 15 * layer.macs(on_vector, layer.infer(on_vector)) == 15 * 8 * 7
