"""Snapshots, their mean, and mirror images at the test, against the same computed apart (T-038 to T-040)."""

from __future__ import annotations

import math

import pytest
import torch

from chalknet import wire
from chalknet.graph import rates
from chalknet.training.ensemble import mean
from chalknet.training.loop import loop
from chalknet.training.plan import plan


def shares(made, state: dict[str, torch.Tensor], node: str = "out", mirror: bool = False) -> torch.Tensor:
    """The shares that a network with these weights gives to each test sample's classes, double."""
    module = made.compiled.module
    module.load_state_dict(state)
    module.eval()
    (source,) = made.test.values()
    batch = source.rows(slice(None))
    value = ("data", "image") if ("data", "image") in batch else ("data", "x")
    if mirror:
        batch = {**batch, value: batch[value].flip(-1)}
    with torch.no_grad():
        (found,) = made.compiled.select([(node, "y")])(*[batch[each] for each in made.compiled.inputs])
    return found.double().softmax(1)


def expected(all_shares: list[torch.Tensor], made) -> tuple[float, float]:
    """Cross-entropy and accuracy of the mean of the shares."""
    both = torch.stack(all_shares).mean(0)
    (source,) = made.test.values()
    target = source.rows(slice(None))["data", "label"]
    loss = -both[torch.arange(len(target)), target].log().mean()
    return float(loss), float((both.argmax(1) == target).double().mean())


def test_the_mean_of_snapshots(spiral, train, same) -> None:
    """T-039, T-040: three snapshots of a run with restarts are the ends of runs that long; their shares' mean is told
    beside each of them, and the network itself is left as it was."""
    phase = {"schedule": {"type": "restarts", "fields": {"cycles": 3}}}
    options = {"epochs": 6, "phase": phase, "optimizer": {"type": "adam", "fields": {"lr": 0.03}}}
    done = train(spiral(**options, ensemble={"snapshots": 3}))
    assert same(done.weights, train(spiral(**options)).weights)
    states = []
    # A network at the end of epoch 2, 4 and 6 of the very same run.
    made = plan(spiral(**options), threads=1)
    made.compiled.learn()
    step = 0
    for epoch in range(6):
        for batch in made.batches.epoch(epoch):
            made.phases[0].step(batch, step)
            step += 1
        if epoch in (1, 3, 5):
            states.append({name: each.clone() for name, each in made.compiled.module.state_dict().items()})
    assert same(states[-1], done.weights)
    alone = [shares(made, state) for state in states]
    loss, accuracy = expected(alone, made)
    told = done.end.metrics
    assert told["test.ensemble.loss"] == pytest.approx(loss, rel=1e-4)
    assert told["test.ensemble.accuracy"] == pytest.approx(accuracy)
    assert told["test.accuracy"] == pytest.approx(expected(alone[-1:], made)[1])
    (note,) = done.of(wire.Noted)
    members = ", ".join(f"{expected([each], made)[1]:.2%}" for each in alone)
    assert note.text == f"Mean of 3 snapshots: test accuracy {accuracy:.2%}; alone {members}"


def test_snapshots_outlive_the_process(spiral, train, tmp_path) -> None:
    document = spiral(epochs=4, ensemble={"snapshots": 4})
    undisturbed = train(document)
    run = loop(plan(document, threads=1, directory=tmp_path))
    next(event for event in run if isinstance(event, wire.Checkpointed) and event.step > 0)
    run.close()
    back = train(document, directory=tmp_path, resume=True)
    names = [name for name in undisturbed.end.metrics if name.startswith("test.ensemble")]
    assert len(names) == 2
    assert {name: back.end.metrics[name] for name in names} == {
        name: undisturbed.end.metrics[name] for name in names
    }  # fmt: skip


def test_a_picture_and_its_mirror_image(pictures, train) -> None:
    """T-038: the mean of the shares of a digit and of the digit mirrored."""
    done = train(pictures(epochs=1, ensemble={"mirror": True}))
    made, state = done.plan, done.weights
    loss, accuracy = expected([shares(made, state), shares(made, state, mirror=True)], made)
    assert done.end.metrics["test.mirrored.loss"] == pytest.approx(loss, rel=1e-4)
    assert done.end.metrics["test.mirrored.accuracy"] == pytest.approx(accuracy)
    assert done.of(wire.Noted)[-1].text.startswith("Mean of pictures and their mirror images: test accuracy ")


def test_the_mean_of_answers_is_that_of_shares(board) -> None:
    """Of classes at axis 1, of a sequence at its last, of yes or no, of plain numbers."""
    from chalknet.layers.loss import BCE, CrossEntropy
    from chalknet.layers.regression import MSE

    answers = [torch.randn(4, 3, 5), torch.randn(4, 3, 5)]
    for axis in (1, 2):
        found = mean(CrossEntropy(), answers, axis).softmax(axis)
        assert torch.allclose(found, torch.stack([each.softmax(axis) for each in answers]).mean(0), atol=1e-6)
    found = mean(BCE(), answers, 1).sigmoid()
    assert torch.allclose(found, torch.stack([each.sigmoid() for each in answers]).mean(0), atol=1e-6)
    assert torch.allclose(mean(MSE(), answers, 1), (answers[0] + answers[1]) / 2)


def test_a_detector_has_no_mean(detector, train) -> None:
    done = train(detector(epochs=2, ensemble={"snapshots": 2}))
    assert not any("ensemble" in name for name in done.end.metrics)


def test_restarts_are_torchs() -> None:
    """T-014: torch's CosineAnnealingWarmRestarts, its cycles a quarter of the run each."""
    form = rates.Restarts(cycles=4, floor=0.1)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    reference = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 25, eta_min=0.1)
    for step in range(100):
        assert form.factor(step, 100) == pytest.approx(optimizer.param_groups[0]["lr"]), step
        optimizer.step()
        reference.step()
    assert not math.isclose(form.factor(99, 100), 1.0)
