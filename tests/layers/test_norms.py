"""Normalisation, chance and sparsity: the catalogue's numbers, and what training and evaluation do differently."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.layers.base import Fault, Inputs, TensorType, image, index, registry, signal, vector


def built(type_: str, x: TensorType, **fields: Any) -> Any:
    return registry[type_](**fields).build(Inputs({"x": [x]}))


def test_a_column_of_batch_norm() -> None:
    """C-047, L-033: 1, 2, 3, 4 over the batch become ±1.3416 and ±0.4472."""
    column = torch.tensor([[1.0], [2], [3], [4]])
    y = built("batch_norm1d", vector(1))(column)
    assert y.flatten().tolist() == pytest.approx([-1.3416, -0.4472, 0.4472, 1.3416], abs=1e-4)


def test_weights_that_share_cost_less() -> None:
    """C-046: L2 prefers [.5, .5] to [1, 0], with which the answer is the same."""
    x = torch.ones(2)
    even, single = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    assert even @ x == single @ x
    assert (even.square().sum().item(), single.square().sum().item()) == (0.5, 1.0)


def test_evaluation_uses_the_running_statistics() -> None:
    """L-033: in evaluation a sample's answer does not depend on the batch, but on what training kept."""
    module = built("batch_norm2d", image(2, 3, 3), momentum=0.5)
    x = torch.randn(8, 2, 3, 3) * 3 + 5
    module(x)
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
    torch.testing.assert_close(module.running_mean, 0.5 * mean)
    torch.testing.assert_close(module.running_var, 0.5 + 0.5 * variance)
    module.eval()
    torch.testing.assert_close(module(x[:1]), module(x)[:1])
    running = module.running_mean.clone()
    module(x + 100)
    assert torch.equal(module.running_mean, running)


def test_running_statistics_are_no_parameters() -> None:
    """L-033: 2 parameters a channel; the statistics are named beside them."""
    layer = registry["batch_norm2d"]()
    inputs = Inputs({"x": [image(64, 8, 8)]})
    assert layer.parameters(inputs) == {"weight": (64,), "bias": (64,)}
    assert "64 \\text{ means}" in layer.numbers(inputs, layer.infer(inputs))


def test_local_response_norm_by_hand() -> None:
    """L-034: size 3, α 3 (divided by the size), β 0.5, k 2: each channel and its two neighbours."""
    x = torch.tensor([1.0, 2, 3, 4])[None, :, None, None]
    y = built("local_response_norm", image(4, 1, 1), size=3, alpha=3, beta=0.5, k=2)(x).flatten()
    sums = [1 + 4, 1 + 4 + 9, 4 + 9 + 16, 9 + 16]
    expected = [each / (2 + total) ** 0.5 for each, total in zip((1, 2, 3, 4), sums, strict=True)]
    assert y.tolist() == pytest.approx(expected, abs=1e-5)


def test_group_norm_lies_between() -> None:
    """L-035: as many groups as channels is instance norm; one group takes all of a sample together."""
    x = torch.randn(2, 6, 4, 5) * 2 + 1
    each = built("group_norm", image(6, 4, 5), groups=6)(x)
    torch.testing.assert_close(each, built("instance_norm2d", image(6, 4, 5))(x), atol=1e-4, rtol=1e-3)
    whole = built("group_norm", image(6, 4, 5), groups=1)(x)
    torch.testing.assert_close(whole.mean((1, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0)


def test_groups_must_share_the_channels() -> None:
    """L-035: the nearest numbers that do are offered."""
    with pytest.raises(Fault) as caught:
        registry["group_norm"](groups=8).infer(Inputs({"x": [image(12, 4, 4)]}))
    assert caught.value.message == "8 groups cannot share 12 channels evenly."
    assert [remedy.value for remedy in caught.value.remedies] == [6, 12]  # type: ignore[union-attr]


def test_instance_norm_needs_places() -> None:
    """L-035: of one number less its mean nothing is left."""
    for type_, x in (("instance_norm2d", image(3, 1, 1)), ("instance_norm1d", signal(3, 1))):
        with pytest.raises(Fault, match="more than one number"):
            registry[type_]().infer(Inputs({"x": [x]}))


# --- chance -----


@pytest.mark.parametrize(
    ("type_", "x", "fields"),
    [
        ("dropout", image(4, 8, 8), {"rate": 0.3}),
        ("dropout2d", image(4, 8, 8), {"rate": 0.3}),
        ("dropout2d", signal(4, 8), {"rate": 0.3}),
        ("stochastic_depth", image(4, 8, 8), {"rate": 0.3}),
        ("gaussian_noise", vector(5), {"std": 0.5}),
    ],
)
def test_chance_keeps_the_mean_and_leaves_evaluation_alone(type_: str, x: TensorType, fields: dict[str, float]) -> None:
    """C-071, L-036, L-037, L-075: what is kept is scaled up, so that the mean stays; in evaluation nothing happens."""
    torch.manual_seed(0)
    module = built(type_, x, **fields)
    ones = torch.ones(20_000 if type_ == "stochastic_depth" else 2_000, *x.shape)
    y = module(ones)
    assert y.mean().item() == pytest.approx(1, abs=0.03)
    assert not torch.equal(y, ones)
    assert torch.equal(module.eval()(ones), ones)


def test_what_is_dropped_together() -> None:
    """L-036, L-037: single numbers, whole maps, whole samples."""
    torch.manual_seed(0)
    ones = torch.ones(64, 4, 6, 6)
    singles = built("dropout", image(4, 6, 6))(ones)
    maps = built("dropout2d", image(4, 6, 6))(ones)
    samples = built("stochastic_depth", image(4, 6, 6), rate=0.5)(ones)
    assert set(singles.unique().tolist()) == set(maps.unique().tolist()) == set(samples.unique().tolist()) == {0.0, 2.0}
    assert len(singles[0, 0].unique()) == 2
    assert (maps == maps[:, :, :1, :1]).all() and len({len(each.unique()) for each in maps}) == 2
    assert (samples == samples[:, :1, :1, :1]).all() and samples[:, 0, 0, 0].unique().tolist() == [0, 2]


def test_the_noise_has_the_spread_that_was_set() -> None:
    """L-075."""
    torch.manual_seed(0)
    assert built("gaussian_noise", vector(100), std=0.7)(torch.zeros(500, 100)).std().item() == pytest.approx(
        0.7, abs=0.01
    )


# --- sparsity, style -----


def test_the_k_largest_pass() -> None:
    """L-085: of the features at every place; the gradient goes to them alone."""
    x = torch.randn(3, 6, 4, 5, requires_grad=True)
    y = built("k_sparse", image(6, 4, 5), k=2)(x)
    assert ((y != 0).sum(1) == 2).all()
    torch.testing.assert_close(y.sum(1), x.topk(2, 1).values.sum(1))
    y.sum().backward()
    assert x.grad is not None and torch.equal(x.grad, (y != 0).float())


def test_more_than_there_are_cannot_pass() -> None:
    """L-085."""
    layer = registry["k_sparse"](k=8)
    with pytest.raises(Fault, match="cannot keep 8 of 4 features"):
        layer.infer(Inputs({"x": [vector(4)]}))
    with pytest.raises(Fault):
        layer.infer(Inputs({"x": [index(4)]}))
    assert [warn.code for warn in layer.check(Inputs({"x": [vector(8)]}))] == ["keeps_all"]


def test_prices_on_activations() -> None:
    """L-085: L1 is a sum over the units and a mean over the batch; KL is 0 where every unit fires as often as asked."""
    x = torch.tensor([[1.0, -2], [3, 0]])
    assert built("l1_activity", vector(2), weight=0.5)(x).item() == pytest.approx(0.5 * (3 + 3) / 2)
    fired = torch.tensor([[0.0, 0.2], [0.2, 0.0]], requires_grad=True)
    kl = built("kl_sparsity", vector(2), weight=2, target=0.1)
    assert kl(fired).item() == pytest.approx(0, abs=1e-6)
    often = kl(torch.tensor([[0.5, 0.1], [0.5, 0.1]])).item()
    expected = torch.distributions.kl_divergence(torch.distributions.Bernoulli(0.1), torch.distributions.Bernoulli(0.5))
    assert often == pytest.approx(2 * expected.item(), rel=1e-5)
    # Units that never fire, or always do, give no infinity.
    assert torch.isfinite(kl(torch.tensor([[0.0, 1.0]])))


def test_kl_sparsity_wants_shares() -> None:
    """L-085: behind a sigmoid it is content; otherwise one is offered."""
    layer = registry["kl_sparsity"]()
    shares = registry["sigmoid"]().infer(Inputs({"x": [vector(3)]}))["y"]
    assert not layer.check(Inputs({"x": [shares]}))
    (warn,) = layer.check(Inputs({"x": [vector(3)]}))
    assert warn.remedies[0].type == "sigmoid"  # type: ignore[union-attr]


def test_a_gram_matrix_forgets_places() -> None:
    """L-076: symmetric, the same for shuffled places, and one size for every image once normalised."""
    x = torch.randn(2, 5, 6, 7)
    layer = registry["gram_matrix"]()
    inputs = Inputs({"x": [image(5, 6, 7)]})
    gram = layer.build(inputs)(x)
    assert layer.infer(inputs)["y"].sizes == (5, 5) and gram.shape == (2, 5, 5)
    torch.testing.assert_close(gram, gram.transpose(1, 2))
    shuffled = x.flatten(2)[..., torch.randperm(42)].unflatten(2, (6, 7))
    torch.testing.assert_close(layer.build(inputs)(shuffled), gram)
    assert layer.macs(inputs, layer.infer(inputs)) == 5 * 5 * 42
    torch.testing.assert_close(gram[0, 1, 2], (x[0, 1] * x[0, 2]).sum() / (5 * 6 * 7))
