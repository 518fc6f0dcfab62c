"""What the validation loss decides, and means of the weights, against the same computed apart."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy
import pytest
import torch

from chalknet import wire
from chalknet.training.compile import seed_of
from chalknet.training.evaluate import Evaluator
from chalknet.training.plan import plan

WILD = {"type": "sgd", "fields": {"lr": 2.0}}
"""At this rate the spiral's validation loss goes up and down."""


def validated(trained) -> dict[int, float]:
    """The validation loss of every epoch."""
    per = trained.plan.batches.per_epoch
    return {c.step // per: c.values["validation.loss"] for c in trained.curves if "validation.loss" in c.values}


def expected_end(losses: dict[int, float], patience: int, least: float = 0.0) -> tuple[int, int]:
    """The epoch that training ends with, and the best one."""
    best, at, since = math.inf, 0, 0
    for epoch, loss in sorted(losses.items()):
        if loss < best - least:
            best, at, since = loss, epoch, 0
        else:
            since += 1
        if since == patience:
            return epoch, at
    return max(losses), at


@pytest.mark.parametrize("least", [0.0, 0.02])
def test_stops_early_with_the_best_weights(spiral, train, same, least) -> None:
    """T-036: the epoch follows from the losses of a run that never stops; the weights are those of the best epoch."""
    losses = validated(train(spiral(optimizer=WILD, epochs=40, stopping={"patience": 1000})))
    assert sorted(losses) == list(range(1, 41)), "every epoch is validated"
    end, best = expected_end(losses, 4, least)
    assert best < end < 40
    stopped = train(spiral(optimizer=WILD, epochs=40, stopping={"patience": 4, "least": least}))
    state = stopped.of(wire.State)[-1]
    assert (state.state, state.step) == ("finished", end * stopped.plan.batches.per_epoch)
    (note,) = stopped.of(wire.Noted)
    assert note.text.startswith(
        f"Stopped: 4 epochs without a lower validation loss. Back to the weights of epoch {best}"
    )
    shorter = train(spiral(optimizer=WILD, epochs=best))
    assert same(stopped.weights, shorter.weights)
    assert stopped.end.metrics["test.loss"] == shorter.end.metrics["test.loss"]


def test_the_best_weights_come_back_at_the_last_epoch_too(spiral, train, same) -> None:
    """T-036: patience that is never used up."""
    losses = validated(train(spiral(optimizer=WILD, epochs=40, stopping={"patience": 1000})))
    epochs = next(epoch for epoch in losses if losses[epoch] > losses.get(epoch - 1, math.inf))
    best = min(range(1, epochs + 1), key=losses.__getitem__)
    ended = train(spiral(optimizer=WILD, epochs=epochs, stopping={"patience": 1000}))
    assert [note.text.split(",")[0] for note in ended.of(wire.Noted)] == [f"Back to the weights of epoch {best}"]
    assert same(ended.weights, train(spiral(optimizer=WILD, epochs=best)).weights)


def test_a_run_that_only_gets_better_is_left_alone(spiral, train, same) -> None:
    calm = {"type": "sgd", "fields": {"lr": 0.01}}
    ended = train(spiral(optimizer=calm, epochs=3, stopping={"patience": 1}))
    assert sorted(validated(ended).values(), reverse=True) == list(validated(ended).values())
    assert not ended.of(wire.Noted)
    assert same(ended.weights, train(spiral(optimizer=calm, epochs=3)).weights)


def test_the_rate_falls_on_a_plateau_as_torchs_does(spiral, train) -> None:
    """T-014: torch's ReduceLROnPlateau, told the same losses, has the same rates."""
    phase = {"schedule": {"type": "plateau", "fields": {"patience": 2, "gamma": 0.5}}}
    ended = train(spiral(optimizer=WILD, epochs=40, phase=phase))
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=2.0)
    # torch falls when there are more bad epochs than its patience.
    reference = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0, eps=0)
    expected = {}
    for epoch, loss in sorted(validated(ended).items()):
        before = optimizer.param_groups[0]["lr"]
        reference.step(loss)
        if (after := optimizer.param_groups[0]["lr"]) != before:
            expected[epoch * ended.plan.batches.per_epoch] = after
    assert len(expected) > 3
    assert {change.step: change.rate for change in ended.plan.phases[0].changes} == expected
    assert [note.step for note in ended.of(wire.Noted)] == list(expected)
    assert ended.of(wire.Noted)[0].text == "Learning rate 2 → 1: no lower validation loss for 2 epochs"


def trajectory(document) -> tuple[dict[str, numpy.ndarray], list[dict[str, numpy.ndarray]]]:
    """Every floating tensor before the first update, and after each, in double precision, by the phase's own steps."""
    made = plan(document, threads=1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(seed_of(document.recipe.seed, "training"))
    made.compiled.learn()

    def copy() -> dict[str, numpy.ndarray]:
        state = made.compiled.module.state_dict()
        return {name: each.double().numpy().copy() for name, each in state.items() if each.is_floating_point()}

    first, seen, step = copy(), [], 0
    for epoch in range(made.epochs):
        for batch in made.batches.epoch(epoch):
            made.phases[0].step(batch, step)
            seen.append(copy())
            step += 1
    torch.set_num_threads(threads)
    return first, seen


def test_a_running_mean_of_the_weights(pictures, train) -> None:
    """T-041: m ← d·m + (1 − d)·w with d = min(0.9, (1 + n)/(10 + n)), also of a norm's running statistics."""
    first, seen = trajectory(pictures(epochs=1))
    mean = first
    for n, weights in enumerate(seen):
        d = min(0.9, (1 + n) / (10 + n))
        mean = {name: d * mean[name] + (1 - d) * weights[name] for name in mean}
    ended = train(pictures(epochs=1, averaging={"kind": "ema", "decay": 0.9}))
    for name, expected in mean.items():
        assert ended.weights[name].numpy() == pytest.approx(expected, abs=1e-5), name
    assert any(abs(seen[-1][name] - mean[name]).max() > 1e-3 for name in mean), "they are not the last ones"


def test_the_plain_mean_of_the_second_half(spiral, train) -> None:
    """T-041, Polyak: the mean of the updates from half of the run on."""
    options = {"optimizer": WILD, "epochs": 4}
    _, seen = trajectory(spiral(**options))
    half = seen[len(seen) // 2 :]
    ended = train(spiral(**options, averaging={"kind": "mean", "start": 0.5}))
    for name in half[0]:
        expected = numpy.mean([weights[name] for weights in half], axis=0)
        assert ended.weights[name].numpy() == pytest.approx(expected, abs=1e-5), name


def test_what_is_validated_are_the_means_and_training_goes_on_with_the_weights(spiral, train) -> None:
    """T-041: the training losses are those of a run without means; the last validation is that of the kept weights."""
    options = {"optimizer": WILD, "epochs": 6}
    plain, mean = train(spiral(**options)), train(spiral(**options, averaging={"kind": "ema", "decay": 0.9}))

    def total(trained) -> float:
        """The sum of all training losses: points are means over as many updates as a clock let pass."""
        points = [(0, 0.0), *((c.step, c.values["train.loss"]) for c in trained.curves if "train.loss" in c.values)]
        return sum((b[0] - a[0]) * b[1] for a, b in pairwise(points))

    assert total(plain) == pytest.approx(total(mean), rel=1e-6)
    last = {name: c.values["validation.loss"] for name, t in (("plain", plain), ("mean", mean))
            for c in t.curves if "validation.loss" in c.values}  # fmt: skip
    assert last["plain"] != last["mean"]
    again = Evaluator(mean.plan.compiled)(mean.plan.validation, "validation")
    assert again["validation.loss"] == pytest.approx(last["mean"], rel=1e-6)
