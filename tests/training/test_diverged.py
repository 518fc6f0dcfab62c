"""A loss that grows beyond all measure stops the run, with advice (T-077)."""

from __future__ import annotations

import pytest

from chalknet import wire
from chalknet.graph.edits import apply
from chalknet.training import diverged
from chalknet.training.diverged import Diverged, Growth
from chalknet.training.plan import plan


def runaway(board, **phase):
    """Two linear layers on a line, and a squared error: at this rate every update overshoots more."""
    new = board(epochs=400)
    new.add("data", "line", samples=200)
    new.add("first", "linear", "data.x", units=1)
    new.add("last", "linear", "first", units=1)
    new.add("loss", "mse", "last>prediction", "data.y>target")
    return new.document(phases={"main": {"optimizer": {"type": "sgd", "fields": {"lr": 3.0}}, **phase}})


def test_a_loss_that_grows_stops_the_run_with_advice(board, train, monkeypatch) -> None:
    """T-077: the layer whose weights grew most, and a lower rate or clipping, which then train."""
    monkeypatch.setattr("chalknet.training.steering.METRICS", 0.0)
    monkeypatch.setattr(diverged, "TIMES", 3.0)
    document = runaway(board, clip_value=0.6)  # clipped, it never becomes NaN
    done = train(document)
    assert done.end.state == "failed"
    (failed,) = done.of(wire.Failed)
    problem = failed.problem
    assert problem.code == "diverged" and problem.node in ("first", "last")
    assert problem.message.startswith("Training diverged: the loss is ") and "grew most" in problem.message
    now = {name: float(each.norm()) for name, each in done.weights.items()}
    was = {name: float(each.norm()) for name, each in plan(document).compiled.module.state_dict().items()}
    worst = max(now, key=lambda name: now[name] / was[name])
    assert worst.startswith(problem.node)
    assert problem.fixes[0].title == "Lower the learning rate to 0.3"
    gentle = apply(document, [*problem.fixes[0].edits, *apply_epochs(3)])
    assert train(gentle).end.state == "finished"


def apply_epochs(count: int):
    from chalknet.graph.problems import Edit

    return [Edit(path=["recipe", "epochs"], value=count)]


def test_one_bad_point_is_no_divergence(spiral) -> None:
    growth = Growth(plan(spiral(), threads=1))
    for loss in (0.7, 1e9, 0.7, 2.0, 9_000.0, 1e9):
        growth.see(1, loss)
    with pytest.raises(Diverged):
        growth.see(2, 1e9)


def test_what_was_first_outlives_the_process(spiral, train, tmp_path) -> None:
    done = train(spiral(epochs=1), directory=tmp_path)
    first = next(c.values["train.loss"] for c in done.curves if "train.loss" in c.values)
    from chalknet.training.checkpoint import FILE, read

    snapshot = read(tmp_path / FILE, plan(spiral(epochs=1), threads=1))
    assert snapshot is not None and snapshot.notes["first"] == first
