"""The loop: what it tells, what it obeys, and that it learns what a loop written by hand learns."""

from __future__ import annotations

import queue

import pytest
import torch

from chalknet import wire
from chalknet.graph import recipe
from chalknet.training.compile import compile, seed_of
from chalknet.training.loop import loop
from chalknet.training.plan import plan


def by_hand(document, steps: int) -> tuple[list[float], torch.nn.Module]:
    """The same training as a bare torch loop: compiled module, torch.optim, batches by index."""
    made = plan(document, threads=1)
    compiled = compile(document)
    form = recipe.optimizer(document.recipe.phases["main"].optimizer)
    optimizer = torch.optim.Adam(compiled.module.parameters(), lr=form.lr, fused=True)
    clip = document.recipe.phases["main"].clip
    (source,) = made.train.values()
    losses: list[float] = []
    before = torch.get_rng_state()
    torch.manual_seed(seed_of(document.recipe.seed, "training"))
    compiled.module.train()
    epoch = 0
    while len(losses) < steps:
        for rows in made.batches.order(source, epoch).split(document.recipe.batch):
            if len(rows) < 2 or len(losses) == steps:
                continue
            batch = source.rows(rows)
            (loss,) = compiled.module(*[batch[value] for value in compiled.inputs])
            optimizer.zero_grad()
            loss.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(compiled.module.parameters(), clip)
            optimizer.step()
            losses.append(loss.item())
        epoch += 1
    torch.set_rng_state(before)
    return losses, compiled.module


@pytest.mark.parametrize("case", ["spiral", "dropout", "clip", "pictures", "words", "detector"])
def test_learns_what_a_loop_by_hand_learns(case, request, train, same) -> None:
    """Loss by loss and weight by weight, bit for bit."""
    name = {"dropout": "spiral", "clip": "spiral"}.get(case, case)
    extra = {"dropout": {"dropout": 0.3}, "clip": {"phase": {"clip": 0.05}}}.get(case, {})
    document = request.getfixturevalue(name)(**extra)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        made = plan(document, threads=1)
        losses, module = by_hand(document, made.steps)
        done = train(made)
    finally:
        torch.set_num_threads(threads)
    assert same(done.weights, module.state_dict())
    # Every step's loss is in exactly one point; points are means over the steps since the last one.
    told, before = 0.0, 0
    for curve in done.curves:
        if "train.loss" in curve.values:
            told += curve.values["train.loss"] * (curve.step - before)
            before = curve.step
    assert before == len(losses)
    assert told == pytest.approx(sum(losses), rel=1e-5)


def test_the_first_loss_is_told_after_the_first_step(spiral, train) -> None:
    done = train(spiral())
    first = next(curve for curve in done.curves if "train.loss" in curve.values)
    assert first.step == 1


def test_tells_the_whole_story(spiral, train) -> None:
    done = train(spiral(epochs=3))
    states = [event.state for event in done.of(wire.State)]
    assert states[0] == "running"
    assert states[-1] == "finished"
    assert isinstance(done.events[-1], wire.End)
    assert done.end.state == "finished"
    assert {"train.loss", "validation.loss", "validation.accuracy", "test.loss", "test.accuracy", "rate"} <= set(
        done.end.metrics
    )
    last = done.of(wire.State)[-1]
    assert (last.step, last.steps, last.epochs, last.epoch) == (3 * 14, 3 * 14, 3, 3.0)
    for event in done.events:
        assert wire.run_message.validate_python(event.model_dump()) == event


def test_validation_is_that_of_the_network_as_it_is(pictures, train) -> None:
    """Mean loss and share of right answers over the whole part, in evaluation mode (L-033, L-036)."""
    done = train(pictures(epochs=1))
    compiled, (source,) = done.plan.compiled, done.plan.validation.values()
    compiled.module.eval()
    batch = source.rows(slice(None))
    with torch.no_grad():
        (logits,) = compiled.select([("out", "y")])(*[batch.get(value) for value in compiled.inputs])
    label = batch["data", "label"]
    assert done.end.metrics["validation.loss"] == pytest.approx(
        torch.nn.functional.cross_entropy(logits, label).item(), rel=1e-5
    )
    assert done.end.metrics["validation.accuracy"] == pytest.approx((logits.argmax(1) == label).float().mean().item())


def test_accuracy_counts_only_where_the_mask_is(words, train) -> None:
    done = train(words(epochs=1))
    compiled, (source,) = done.plan.compiled, done.plan.test.values()
    batch = source.rows(slice(None))
    with torch.no_grad():
        (logits,) = compiled.select([("out", "y")])(*[batch.get(value) for value in compiled.inputs])
    mask, target = batch["data", "mask"], batch["data", "target"]
    right = (logits.argmax(2) == target)[mask]
    assert 0 < mask.float().mean() < 1
    assert done.end.metrics["test.accuracy"] == pytest.approx(right.float().mean().item())


def test_two_runs_of_a_seed_are_equal(pictures, train, same) -> None:
    first, second = train(pictures()), train(pictures())
    assert same(first.weights, second.weights)
    assert first.end.metrics["test.loss"] == second.end.metrics["test.loss"]
    assert not same(first.weights, train(pictures(), seed=1).weights)


def test_epochs_and_seed_replace_the_recipe(spiral) -> None:
    made = plan(spiral(epochs=3, seed=5), epochs=7, seed=8)
    assert (made.epochs, made.seed, made.document.recipe.epochs) == (7, 8, 7)


class Script:
    """Commands that come when the run has got so far: a list of (step, command), told by the events that are seen."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()

    def say(self, *commands: wire.RunCommand) -> None:
        for command in commands:
            self.waiting.put(command)


def test_pause_step_resume_stop(spiral) -> None:
    """T-058: a paused run stands still, a step is one update, and every command is answered."""
    script = Script()
    run = loop(plan(spiral(epochs=500), threads=1), script.waiting)
    script.say(wire.Pause())

    def until_paused() -> wire.State:
        return next(event for event in run if isinstance(event, wire.State) and event.state == "paused")

    paused = until_paused()
    at = paused.step
    for number in range(1, 4):
        script.say(wire.Step())
        told: list[object] = []
        for event in run:
            told.append(event)
            if isinstance(event, wire.State) and event.state == "paused":
                break
        assert event.step == at + number
        points = [point for each in told if isinstance(each, wire.Metrics) for point in each.points]
        assert [point.step for point in points if "train.loss" in point.values] == [at + number]
    script.say(wire.Resume())
    running = next(event for event in run if isinstance(event, wire.State))
    assert running.state == "running"
    script.say(wire.Stop())
    *_, end = run
    assert isinstance(end, wire.End)
    assert end.state == "stopped"


@pytest.mark.parametrize("first", [[wire.Pause()], []])
def test_stops_at_once(first, spiral, train) -> None:
    """Also while it stands still; what was learned so far is told."""
    done = train(spiral(epochs=10_000), *first, wire.Stop())
    assert done.end.state == "stopped"
    assert done.of(wire.State)[-1].step <= 1
    assert "test.loss" not in done.end.metrics


def test_pauses_are_not_training_time(spiral) -> None:
    script = Script()
    run = loop(plan(spiral(epochs=2), threads=1), script.waiting)
    script.say(wire.Pause())
    paused = next(event for event in run if isinstance(event, wire.State) and event.state == "paused")
    script.say(wire.Rate(value=0.02))
    noted = next(run)
    assert isinstance(noted, wire.Noted)
    again = next(run)
    assert isinstance(again, wire.State)
    assert again.seconds == paused.seconds
    run.close()


def test_a_run_that_is_paused_and_stepped_learns_the_same(spiral, train, same) -> None:
    undisturbed = train(spiral(dropout=0.2))
    made = plan(spiral(dropout=0.2), threads=1)
    script = Script()
    script.say(wire.Pause())
    run = loop(made, script.waiting)
    left = 5
    for event in run:
        if isinstance(event, wire.State) and event.state == "paused":
            script.say(wire.Step() if left else wire.Resume())
            left -= 1
    assert same(undisturbed.weights, {name: each.clone() for name, each in made.compiled.module.state_dict().items()})


def test_a_rate_changed_by_hand(spiral, same) -> None:
    """T-014: the new base rate holds from the next step, the schedule's factor goes on; a note marks the place."""
    document = spiral(epochs=2, phase={"schedule": {"type": "cosine"}})
    script = Script()
    made = plan(document, threads=1)
    run = loop(made, script.waiting)
    script.say(wire.Pause())
    at = next(event for event in run if isinstance(event, wire.State) and event.state == "paused").step
    script.say(wire.Rate(value=0.5, phase="nobody"), wire.Rate(value=0.004), wire.Resume())
    events = list(run)
    (noted,) = [event for event in events if isinstance(event, wire.Noted)]
    assert (noted.step, noted.text) == (at, "Learning rate 0.01 → 0.004")
    factor = recipe.schedule(document.recipe.phases["main"].schedule).factor
    rates = [made.phases[0].rate(step) for step in (at, made.steps - 1)]
    assert rates == [0.004 * factor(at, made.steps), 0.004 * factor(made.steps - 1, made.steps)]
    assert events[-1].metrics["rate"] == pytest.approx(rates[1])
    # The same by hand: the module trained with the rates that were told.
    compiled = compile(document)
    optimizer = torch.optim.Adam(compiled.module.parameters(), lr=0.01, fused=True)
    (source,) = made.train.values()
    step = 0
    for epoch in range(2):
        for rows in made.batches.order(source, epoch).split(10):
            optimizer.param_groups[0]["lr"] = (0.01 if step < at else 0.004) * factor(step, made.steps)
            optimizer.zero_grad()
            batch = source.rows(rows)
            compiled.module(*[batch[value] for value in compiled.inputs])[0].backward()
            optimizer.step()
            step += 1
    assert same(made.compiled.module.state_dict(), compiled.module.state_dict())


def test_a_frozen_layer_stays_as_it_was(board, train) -> None:
    """T-049."""
    board = board()
    board.add("data", "points", samples=200)
    board.add("a", "linear", "data.x", units=4, more={"trainable": False})
    board.add("norm", "batch_norm1d", "a", more={"trainable": False})
    board.add("out", "linear", "norm", units=2)
    board.add("loss", "cross_entropy", "out>logits", "data.label>target")
    before = {name: each.clone() for name, each in compile(board.document()).module.state_dict().items()}
    after = train(board.document()).weights
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"out.weight", "out.bias"}


def test_shared_weights_learn_together(board, train) -> None:
    """L-051."""
    board = board()
    board.add("data", "points", samples=200)
    board.add("a", "linear", "data.x", units=2, more={"weights": "w"})
    board.add("act", "tanh", "a")
    board.add("b", "linear", "act", units=2, more={"weights": "w"})
    board.add("loss", "cross_entropy", "b>logits", "data.label>target")
    after = train(board.document()).weights
    assert torch.equal(after["a.weight"], after["b.weight"])


def test_a_last_batch_of_one_is_left_out(board, train) -> None:
    """BatchNorm has no statistics of a single sample."""
    board = board(batch=15, split={"validation": 0.25, "test": 0.25})
    board.add("data", "points", samples=94)
    board.add("a", "linear", "data.x", units=4)
    board.add("norm", "batch_norm1d", "a")
    board.add("out", "linear", "norm", units=2)
    board.add("loss", "cross_entropy", "out>logits", "data.label>target")
    done = train(board.document())
    (source,) = done.plan.train.values()
    assert source.count % 15 == 1, "the case that this test is about"
    assert done.plan.batches.per_epoch == source.count // 15
    assert done.end.state == "finished"


def test_without_validation_and_test(spiral, train) -> None:
    done = train(spiral(split={"validation": 0, "test": 0}))
    assert done.end.state == "finished"
    assert not any(name.startswith(("validation", "test")) for name in done.end.metrics)
