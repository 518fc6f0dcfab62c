"""The states of a run that are kept over its life: which, for how many bytes, and that they are what the run was."""

from __future__ import annotations

import math
import queue
from itertools import pairwise

import pytest
import torch
from safetensors.torch import load_file

from chalknet import wire
from chalknet.training import checkpoint, kept
from chalknet.training.kept import MOST, Kept, thinned
from chalknet.training.loop import loop
from chalknet.training.plan import plan


def state(step: int, loss: float | None = None) -> wire.Checkpoint:
    return wire.Checkpoint(step=step, epoch=step / 10, seconds=step / 100, loss=loss)


def steps(checkpoints: list[wire.Checkpoint]) -> list[int]:
    return [each.step for each in checkpoints]


@pytest.fixture
def long(tmp_path):
    """A run of so many checkpoints, each of so many bytes; the kept states, and how often they changed."""

    def run(count: int, size: int = 100, every: int = 7, losses: dict[int, float] | None = None) -> tuple[Kept, int]:
        newest = tmp_path / "newest"
        newest.write_bytes(bytes(size))
        made = Kept(tmp_path)
        told = sum(
            made.consider(newest, state(number * every, (losses or {}).get(number * every)), last=number == count)
            for number in range(count + 1)
        )
        return made, told

    return run


@pytest.mark.parametrize("count", [3, 19, 40, 1000, 20_000])
def test_a_runs_whole_life_is_kept_evenly_in_few_files(long, count: int) -> None:
    made, told = long(count)
    found = steps(made.checkpoints)
    assert len(found) == min(MOST, count + 1)
    assert (found[0], found[-1]) == (0, count * 7) and found == sorted(found)
    gaps = [after - before for before, after in pairwise(found)]
    assert max(gaps) <= 4 * min(max(gap, 7) for gap in gaps[:-1])
    assert max(gaps) <= max(7, 4 * found[-1] / MOST)
    # Each change is told once; over a long life there are few of them.
    assert told <= MOST + 1 + MOST * math.log(max(1, count))
    files = sorted(made.folder.iterdir())
    assert files == [made.path(step) for step in found]


def test_the_best_state_stays(long) -> None:
    made, _ = long(5000, losses={7: 0.9, 1407: 0.2, 7000: 0.5})
    assert 1407 in steps(made.checkpoints)
    assert next(each for each in made.checkpoints if each.step == 1407).loss == 0.2


def test_large_states_are_kept_more_sparsely(long, monkeypatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    made, _ = long(500, size=300)
    assert len(made.checkpoints) == 3 and sum(path.stat().st_size for path in made.folder.iterdir()) <= 1000
    assert (made.checkpoints[0].step, made.checkpoints[-1].step) == (0, 3500)


def test_of_one_that_may_be_kept_it_is_the_last() -> None:
    assert steps(thinned([state(0), state(5, 0.1), state(9)], 1)) == [9]
    assert steps(thinned([state(0), state(5, 0.1), state(9)], 2)) == [5, 9]


def test_keeping_one_writes_nothing(tmp_path) -> None:
    newest = tmp_path / "newest"
    newest.write_bytes(b"1")
    made = Kept(tmp_path)
    made.consider(newest, state(1))
    assert made.path(1).samefile(newest)
    made.consider(newest, state(1), last=True)
    assert [path.name for path in made.folder.iterdir()] == [made.path(1).name]


def test_where_there_are_no_second_names_it_is_copied(tmp_path, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    newest = tmp_path / "newest"
    newest.write_bytes(b"1")
    made = Kept(tmp_path)
    made.consider(newest, state(1))
    newest.write_bytes(b"2")
    assert made.path(1).read_bytes() == b"1"


def stepped(document, directory, count: int):
    """A run that stands still after so many steps by hand; its plan, its events so far, and what is to come."""
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    made = plan(document, threads=1, directory=directory)
    run, events = loop(made, commands), []
    commands.put(wire.Pause())
    for step in range(count + 1):
        while not (
            events and isinstance(events[-1], wire.State) and (events[-1].state, events[-1].step) == ("paused", step)
        ):
            events.append(next(run))
        if step < count:
            commands.put(wire.Step())
            events.append(next(run))
    return made, events, run


def test_a_kept_state_is_that_of_a_run_that_went_so_far(spiral, same, tmp_path) -> None:
    """Step by step by hand, every state is kept; each against a run that went only so far."""
    document = spiral(epochs=2, batch=40, dropout=0.3)
    _, events, run = stepped(document, tmp_path, 5)
    told = [event for event in events if isinstance(event, wire.Kept)][-1].checkpoints
    assert steps(told) == [0, 1, 2, 3, 4, 5] and told[-1].epoch == 5 / 4
    for each in told:
        other, _, unfinished = stepped(document, None, each.step)
        path = checkpoint.nearest(tmp_path, each.step)
        assert path is not None
        there = {n.removeprefix("model."): t for n, t in load_file(path).items() if n.startswith("model.")}
        assert same(there, dict(other.compiled.module.state_dict()))
        unfinished.close()
    run.close()


def test_the_best_state_is_kept_at_the_step_at_which_it_was_measured(spiral, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(checkpoint.Keeper, "INTERVAL", 0.0)
    monkeypatch.setattr(checkpoint.Keeper, "SHARE", 1e9)
    monkeypatch.setattr(checkpoint.Keeper, "busy", False)  # one that is written is waited for
    document = spiral(epochs=12, optimizer={"type": "sgd", "fields": {"lr": 3.0}}, stopping={"patience": 100})
    made = plan(document, threads=1, directory=tmp_path)
    events = list(loop(made))
    losses = {
        point.step: point.values["validation.loss"]
        for event in events
        if isinstance(event, wire.Metrics)
        for point in event.points
        if "validation.loss" in point.values
    }
    told = [event for event in events if isinstance(event, wire.Kept)][-1].checkpoints
    measured = {each.step: each.loss for each in told if each.loss is not None}
    assert measured and all(losses[step] == loss for step, loss in measured.items())
    best = min(losses, key=lambda step: losses[step])
    assert best in measured and best < max(losses)
    # It holds the best weights: those that the run brought back at its end.
    path = checkpoint.nearest(tmp_path, best)
    assert path is not None and torch.equal(load_file(path)["model.out.weight"], made.compiled.module.out.weight)


def test_what_came_after_the_step_that_a_run_came_back_to_is_void(spiral, tmp_path) -> None:
    document = spiral(epochs=2, batch=40)
    done = list(loop(plan(document, threads=1, directory=tmp_path)))
    assert isinstance(done[-1], wire.End)
    made = Kept(tmp_path)
    made.go_on(0)
    assert steps(made.checkpoints) == [0] == [int(path.stem) for path in made.folder.iterdir()]
    made.begin()
    assert not made.folder.exists()
