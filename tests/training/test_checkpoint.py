"""Checkpoints: whole or not there, and a run that comes back from one ends with the same bits."""

from __future__ import annotations

import json
import queue
import random

import pytest
import torch
from safetensors import safe_open

from chalknet import wire
from chalknet.training import checkpoint
from chalknet.training.loop import loop
from chalknet.training.plan import plan


class Broken(Exception):
    """The process died here."""


@pytest.fixture
def interrupted(monkeypatch):
    """Trains to the end although the run dies at chosen steps; nothing is left of it then but its directory."""
    from chalknet.training.phases import Phase

    def run(document, directory, deaths, every=None):
        if every is not None:
            monkeypatch.setattr(checkpoint.Keeper, "INTERVAL", every)
        original = Phase.step
        made = plan(document, threads=1, directory=directory)
        events: list[object] = []
        for death in [*deaths, None]:

            def step(self, batch, number, death=death):
                if number == death:
                    raise Broken
                return original(self, batch, number)

            monkeypatch.setattr(Phase, "step", step)
            # What a new process would have: other weights, other random numbers.
            made = plan(document, threads=1, directory=directory)
            torch.manual_seed(random.randrange(1000))
            try:
                events += loop(made, resume=bool(events) or directory.exists())
            except Broken:
                continue
        monkeypatch.setattr(Phase, "step", original)
        return made, events

    return run


STEADY = {
    "plateau": {"phase": {"schedule": {"type": "plateau", "fields": {"patience": 1, "gamma": 0.5}}}},
    "stopping": {"stopping": {"patience": 3}, "averaging": {"kind": "mean", "start": 0.2}},
}


@pytest.mark.parametrize("case", ["spiral", "pictures", "augmented", "words", *STEADY])
def test_ends_bit_identical_after_deaths_at_random_steps(case, request, train, same, interrupted, tmp_path) -> None:
    """A checkpoint every few steps, deaths anywhere: weights, running statistics and the test are those of a calm
    run."""
    extra = {"dropout": 0.2, "epochs": 8, "phase": {"schedule": {"type": "one_cycle"}}} if case == "spiral" else {}
    if case in STEADY:
        # A rate at which the validation loss goes up and down.
        extra = {"epochs": 25, "optimizer": {"type": "sgd", "fields": {"lr": 2.0}}, **STEADY[case]}
    name = {"augmented": "pictures"}.get(case, "spiral" if case in STEADY else case)
    document = request.getfixturevalue(name)(**extra)
    if case == "augmented":
        source = next(node for node in document.nodes.values() if node.type == "digits")
        kinds = ("shift", "turn", "colours", "noise", "cutout")
        source.fields |= {"augment": {kind: {"type": kind} for kind in kinds}, "scaling": "standard"}
    calm = train(document)
    steps = calm.of(wire.State)[-1].step
    deaths = sorted(random.Random(7).sample(range(1, steps), 4))
    made, events = interrupted(document, tmp_path / "run", deaths, every=0.005)
    assert same(calm.weights, made.compiled.module.state_dict())
    rewound = [event for event in events if isinstance(event, wire.Rewound)]
    assert rewound
    assert all(event.step <= death for event, death in zip(rewound, deaths, strict=False))
    for name in ("test.loss", "test.accuracy", "validation.loss"):
        assert events[-1].metrics[name] == calm.end.metrics[name]


def test_comes_back_with_every_rate_that_was_set(spiral, same, tmp_path) -> None:
    document = spiral(epochs=3, optimizer={"type": "sgd", "fields": {"lr": 0.1, "momentum": 0.9}})

    def begin(directory):
        """Steps by hand, the rate changed before the third; the run stands still after the fourth."""
        commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
        made = plan(document, threads=1, directory=directory)
        run = loop(made, commands)
        commands.put(wire.Pause())
        at = next(event for event in run if isinstance(event, wire.State) and event.state == "paused").step
        for number in range(1, 5):
            if number == 3:
                commands.put(wire.Rate(value=0.03))
            commands.put(wire.Step())
            next(event for event in run if isinstance(event, wire.State) and event.step == at + number)
        return made, run, commands

    made, run, commands = begin(None)
    commands.put(wire.Resume())
    list(run)
    _, run, _ = begin(tmp_path)
    run.close()  # dies while paused
    back = plan(document, threads=1, directory=tmp_path)
    commands = queue.SimpleQueue()
    run = loop(back, commands, resume=True)
    assert isinstance(next(run), wire.Rewound)
    # A run that was paused comes back paused.
    assert next(event for event in run if isinstance(event, wire.State) and event.state == "paused")
    assert [change.rate for change in back.phases[0].changes] == [0.03]
    commands.put(wire.Step())
    commands.put(wire.Resume())
    list(run)
    assert same(made.compiled.module.state_dict(), back.compiled.module.state_dict())


def test_holds_numbers_and_json_only(spiral, train, tmp_path) -> None:
    done = train(spiral(), directory=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [checkpoint.FILE, "kept"]
    with safe_open(tmp_path / checkpoint.FILE, "pt") as file:
        header = json.loads(file.metadata()["chalknet"])
        assert torch.equal(file.get_tensor("model.out.weight"), done.weights["out.weight"])
        assert {"rng.cpu", "optimizer.main.mean.fc1.weight", "optimizer.main.steps"} <= set(file.keys())
    assert header["step"] == done.plan.steps
    assert done.of(wire.Checkpointed)[-1].step == done.plan.steps


def test_a_finished_run_that_lost_its_last_word_says_it_again(spiral, train, tmp_path) -> None:
    first = train(spiral(), directory=tmp_path)
    again = train(spiral(), directory=tmp_path, resume=True)
    assert again.of(wire.Rewound)[0].step == first.plan.steps
    assert again.end.metrics["test.loss"] == first.end.metrics["test.loss"]


@pytest.mark.parametrize("damage", ["cut", "empty", "other board", "none"])
def test_without_a_checkpoint_of_its_own_it_begins_anew(damage, spiral, train, same, tmp_path) -> None:
    calm = train(spiral(), directory=tmp_path)
    file = tmp_path / checkpoint.FILE
    raw = file.read_bytes()
    if damage == "cut":
        file.write_bytes(raw[: len(raw) // 2])
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "other board":
        train(spiral(seed=3), directory=tmp_path)
    else:
        file.unlink()
    again = train(spiral(), directory=tmp_path, resume=True)
    # Whatever was told before is void.
    assert [event.step for event in again.of(wire.Rewound)] == [0]
    assert same(calm.weights, again.weights)


def test_a_write_that_is_cut_off_leaves_the_old_one(spiral, train, tmp_path, monkeypatch) -> None:
    done = train(spiral(), directory=tmp_path)
    before = (tmp_path / checkpoint.FILE).read_bytes()

    def broken(*_args: object, **_more: object) -> None:
        (tmp_path / (checkpoint.FILE + ".new")).write_bytes(before[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", broken)
    with pytest.raises(OSError, match="No space"):
        checkpoint.write(tmp_path / checkpoint.FILE, done.plan, checkpoint.take(done.plan, 1, {}))
    assert (tmp_path / checkpoint.FILE).read_bytes() == before
    checkpoint.Keeper(done.plan)
    assert sorted(path.name for path in tmp_path.iterdir()) == [checkpoint.FILE, "kept"]


def test_checkpoints_cost_their_share_at_most(spiral) -> None:
    keeper = checkpoint.Keeper(plan(spiral(), threads=1))
    assert keeper.interval(1000) == keeper.INTERVAL
    assert keeper.interval(0) == keeper.EARLY
    keeper.cost = 0.1
    assert keeper.interval(0) == keeper.interval(1000) == pytest.approx(20)


def test_shared_weights_are_kept_once(board, train, tmp_path) -> None:
    board = board()
    board.add("data", "points", samples=100)
    board.add("a", "linear", "data.x", units=2, more={"weights": "w"})
    board.add("b", "linear", "a", units=2, more={"weights": "w"})
    board.add("loss", "cross_entropy", "b>logits", "data.label>target")
    train(board.document(), directory=tmp_path)
    with safe_open(tmp_path / checkpoint.FILE, "pt") as file:
        assert [name for name in file.keys() if name.startswith("model.")] == ["model.a.bias", "model.a.weight"]  # noqa: SIM118


def test_a_full_disk_does_not_end_the_run(spiral, train, same, tmp_path, monkeypatch) -> None:
    """It is said once, and the run goes on without."""
    calm = train(spiral())

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.Keeper, "INTERVAL", 0.005)
    monkeypatch.setattr(checkpoint, "save_file", full)
    done = train(spiral(), directory=tmp_path)
    assert done.end.state == "finished"
    assert [note.text for note in done.of(wire.Noted)] == [
        "Its state could not be kept on disk: No space left on device."
    ]
    assert not done.of(wire.Checkpointed)
    assert same(calm.weights, done.weights)
