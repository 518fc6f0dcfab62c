"""Phases: each moves its own parameters along its own losses."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.training.compile import Refused, compile
from chalknet.training.plan import plan


@pytest.fixture
def adversaries(board):
    """Two networks against each other on one batch: a generator that bends points, a critic that tells bent from given.

    As in a GAN (T-055) the generator's loss flows back through the critic, which must not move then.
    """

    def make(**phases: dict[str, Any]):
        new = board(epochs=1)
        new.add("data", "points", samples=200)
        new.add("generator", "linear", "data.x", units=2)
        new.add("critic", "linear", "generator", units=8, more={"weights": "critic"})
        new.add("critic_given", "linear", "data.x", units=8, more={"weights": "critic"})
        new.add("judge", "linear", "critic", units=2, more={"weights": "judge"})
        new.add("judge_given", "linear", "critic_given", units=2, more={"weights": "judge"})
        new.add("fooled", "cross_entropy", "judge>logits", "data.label>target")
        new.add("told", "cross_entropy", "judge_given>logits", "data.label>target")
        return new.document(phases=phases)

    return make


SGD = {"type": "sgd", "fields": {"lr": 0.1}}


def test_each_phase_moves_its_own(adversaries, train) -> None:
    """T-055: the critic's phase and the generator's phase by turns; by hand with torch it comes out the same."""
    document = adversaries(
        a={"losses": ["told"], "updates": ["critic", "judge"], "optimizer": SGD},
        b={"losses": ["fooled"], "updates": ["generator"], "optimizer": SGD, "order": "b"},
    )
    done = train(document)
    compiled = compile(document)
    critic = [*compiled.modules["critic"].parameters(), *compiled.modules["judge"].parameters()]
    generator = [*compiled.modules["generator"].parameters()]
    (source,) = done.plan.train.values()
    for rows in done.plan.batches.order(source, 0).split(10):
        batch = source.rows(rows)
        for loss, parameters in (("told", critic), ("fooled", generator)):
            (value,) = compiled.select([(loss, "loss")])(*[batch[each] for each in compiled.inputs])
            for parameter, gradient in zip(parameters, torch.autograd.grad(value, parameters), strict=True):
                parameter.data.add_(gradient, alpha=-0.1)
    for name, expected in compiled.module.state_dict().items():
        assert torch.allclose(done.weights[name], expected, atol=1e-6), name
    assert {"train.loss", "train.loss.told", "train.loss.fooled", "validation.loss.told"} <= set(done.end.metrics)
    # Both losses have an accuracy: each under its node's name.
    assert {"test.accuracy.told", "test.accuracy.fooled"} <= set(done.end.metrics)
    assert "test.accuracy" not in done.end.metrics


def test_a_phase_leaves_the_others_parameters_alone(adversaries, train) -> None:
    document = adversaries(only={"losses": ["fooled"], "updates": ["generator"], "optimizer": SGD})
    before = {name: each.clone() for name, each in compile(document).module.state_dict().items()}
    after = train(document).weights
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"generator.weight", "generator.bias"}


def test_one_phase_minimises_every_loss(adversaries, train) -> None:
    """T-016…: without a word about losses, their sum is minimised."""
    done = train(adversaries(main={"optimizer": SGD}))
    assert done.plan.phases[0].losses == done.plan.compiled.losses
    metrics = done.end.metrics
    assert metrics["test.loss"] == pytest.approx(metrics["test.loss.told"] + metrics["test.loss.fooled"])
    assert all(not torch.equal(a, b) for a, b in zip(
        compile(done.plan.document).module.parameters(), done.plan.compiled.module.parameters(), strict=True
    ))  # fmt: skip


def test_a_phase_that_runs_every_third_step(adversaries, train, same) -> None:
    document = adversaries(rare={"losses": ["told"], "updates": ["critic"], "optimizer": SGD, "every": 3})
    done = train(document)
    compiled = compile(document)
    parameters = [*compiled.modules["critic"].parameters()]
    (source,) = done.plan.train.values()
    for step, rows in enumerate(done.plan.batches.order(source, 0).split(10)):
        if step % 3:
            continue
        batch = source.rows(rows)
        (value,) = compiled.select([("told", "loss")])(*[batch[each] for each in compiled.inputs])
        for parameter, gradient in zip(parameters, torch.autograd.grad(value, parameters), strict=True):
            parameter.data.add_(gradient, alpha=-0.1)
    for name, expected in compiled.module.state_dict().items():
        assert torch.allclose(done.weights[name], expected, atol=1e-6), name


def test_parameters_without_a_way_to_the_loss_are_left_alone(adversaries, train) -> None:
    """A phase that updates all, with a loss that reaches some: the others do not move, weight decay or not."""
    decay = {"type": "adamw", "fields": {"weight_decay": 1.0}}
    document = adversaries(main={"losses": ["told"], "optimizer": decay})
    before = {name: each.clone() for name, each in compile(document).module.state_dict().items()}
    after = train(document).weights
    assert torch.equal(before["generator.weight"], after["generator.weight"])
    assert not torch.equal(before["critic.weight"], after["critic.weight"])


def test_a_phase_with_nothing_to_update_is_refused(adversaries, board) -> None:
    with pytest.raises(Refused) as refused:
        plan(adversaries(main={"losses": ["told"], "updates": ["data"]}))
    assert refused.value.problems[0].code == "nothing_to_learn"


def test_clipping_is_torchs(spiral) -> None:
    """T-077."""
    from chalknet.training.phases import clip

    for most in (0.1, 100.0):
        parameters = [torch.randn(3, 4, requires_grad=True), torch.randn(5, requires_grad=True)]
        gradients = [torch.randn_like(each) for each in parameters]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_(parameters, most)
        clip(gradients, most)
        assert all(torch.equal(gradient, each.grad) for gradient, each in zip(gradients, parameters, strict=True))
