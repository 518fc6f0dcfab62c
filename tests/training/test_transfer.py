"""Beginning with another run's weights (T-046): forks that go on exactly, boards that were edited, reused backbones."""

from __future__ import annotations

import json
import random
import shutil

import pytest
import torch
from safetensors.torch import load_file

from chalknet import wire
from chalknet.graph.document import Document, load
from chalknet.training import start, transfer
from chalknet.training.compile import Refused, compile
from chalknet.training.kept import Kept
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from chalknet.training.start import Start


@pytest.fixture
def forked(train):
    """A run that begins with a kept state of another; ``step`` −1: with its newest."""

    def run(origin, origin_document: Document, document: Document, folder, step=-1, keep="state", **more):
        lay(origin, origin_document, folder, step, keep)
        return train(document, directory=folder, start=start.found(folder), **more)

    return run


def lay(origin, document: Document, folder, step=-1, keep="state") -> None:
    folder.mkdir(exist_ok=True)
    shutil.copy(origin / (wire.CHECKPOINT if step == -1 else wire.kept_file(step)), folder / wire.START)
    (folder / wire.START_ABOUT).write_text(json.dumps({"keep": keep, "document": document.dump()}))


def middle(folder) -> int:
    """A kept step that is neither the first nor the last."""
    made = Kept(folder)
    made.go_on(10**9)
    steps = [each.step for each in made.checkpoints][1:-1]
    assert steps, "the run was too short to keep a state on its way"
    return steps[len(steps) // 2]


@pytest.fixture
def dense(monkeypatch):
    """Checkpoints as often as they can be written."""
    monkeypatch.setattr("chalknet.training.checkpoint.Keeper.INTERVAL", 0.0)
    monkeypatch.setattr("chalknet.training.checkpoint.Keeper.SHARE", 1e9)


CASES = {
    "adam, dropout, a schedule": {"dropout": 0.3, "phase": {"schedule": {"type": "one_cycle"}}},
    "momentum": {"optimizer": {"type": "sgd", "fields": {"lr": 0.1, "momentum": 0.9}}},
    "plateau": {
        "optimizer": {"type": "sgd", "fields": {"lr": 2.0}},
        "phase": {"schedule": {"type": "plateau", "fields": {"patience": 1, "gamma": 0.5}}},
    },
    "snapshots": {"ensemble": {"snapshots": 5}},
    "early end, means": {
        "optimizer": {"type": "sgd", "fields": {"lr": 2.0}},
        "stopping": {"patience": 3},
        "averaging": {"kind": "mean", "start": 0.2},
    },
}


@pytest.mark.usefixtures("dense")
@pytest.mark.parametrize("case", [*CASES, "pictures", "words"])
def test_a_fork_with_an_unchanged_recipe_ends_like_the_original(case, request, train, forked, same, tmp_path) -> None:
    """Bit by bit, from a state in its middle."""
    if case in CASES:
        document = request.getfixturevalue("spiral")(epochs=25, **CASES[case])
    else:
        document = request.getfixturevalue(case)(epochs=2)
    calm = train(document, directory=tmp_path / "calm")
    step = middle(tmp_path / "calm")
    fork = forked(tmp_path / "calm", document, document, tmp_path / "fork", step)
    assert same(calm.weights, fork.weights)
    report = fork.of(wire.Transferred)[0].report
    assert (report.step, report.new, report.other, report.unused, report.anew) == (step, [], [], [], [])
    assert min(point.step for point in fork.curves) >= step
    assert fork.of(wire.State)[-1].step == calm.of(wire.State)[-1].step
    assert fork.end.metrics["test.loss"] == calm.end.metrics["test.loss"]
    assert fork.of(wire.Noted)[0].text.startswith(f"Goes on from step {step:,} of another run")
    one, other = (load_file(tmp_path / name / wire.CHECKPOINT) for name in ("calm", "fork"))
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.usefixtures("dense")
def test_a_fork_that_is_killed_comes_back_as_itself(spiral, train, forked, same, tmp_path, monkeypatch) -> None:
    """From its own checkpoints, not from where it began."""
    from chalknet.training.phases import Phase

    document = spiral(epochs=8, dropout=0.2)
    train(document, directory=tmp_path / "first")
    step = middle(tmp_path / "first")
    changed = spiral(epochs=12, dropout=0.2, batch=10)
    calm = forked(tmp_path / "first", document, changed, tmp_path / "calm", step)
    lay(tmp_path / "first", document, tmp_path / "killed", step)
    original = Phase.step
    deaths = sorted(random.Random(3).sample(range(step + 1, calm.plan.steps), 3))
    resume = False
    for death in [*deaths, None]:

        def stepped(self, batch, number, death=death):
            if number == death:
                raise KeyboardInterrupt
            return original(self, batch, number)

        monkeypatch.setattr(Phase, "step", stepped)
        made = plan(changed, threads=1, directory=tmp_path / "killed", start=start.found(tmp_path / "killed"))
        events = []
        try:
            events += loop(made, resume=resume)
        except KeyboardInterrupt:
            resume = True
    assert same(calm.weights, dict(made.compiled.module.state_dict()))
    assert isinstance(events[0], wire.Rewound) and events[0].step > step


def test_a_run_that_had_ended_trains_as_many_epochs_again(spiral, train, forked, tmp_path) -> None:
    document = spiral(epochs=2, batch=20)
    first = train(document, directory=tmp_path / "first")
    per_epoch = first.plan.batches.per_epoch
    more = forked(tmp_path / "first", document, document, tmp_path / "more")
    assert more.of(wire.State)[-1].step == 4 * per_epoch and more.of(wire.State)[-1].epochs == 4
    # And one that comes back from a checkpoint of its own knows it still.
    again = train(document, directory=tmp_path / "more", resume=True)
    assert again.of(wire.State)[-1].epochs == 4


def test_other_batches_go_on_at_the_same_epoch(spiral, train, forked, tmp_path) -> None:
    document = spiral(epochs=2, batch=20)
    first = train(document, directory=tmp_path / "first")
    other = spiral(epochs=4, batch=40)
    fork = forked(tmp_path / "first", document, other, tmp_path / "fork")
    assert first.of(wire.State)[-1].epoch == 2
    assert fork.of(wire.Transferred)[0].report.step == 2 * fork.plan.batches.per_epoch
    assert fork.of(wire.State)[-1].epoch == 4


@pytest.mark.usefixtures("dense")
def test_another_optimizer_begins_without_state_and_another_rate_keeps_it(spiral, train, forked, tmp_path) -> None:
    document = spiral(epochs=6)
    train(document, directory=tmp_path / "first")
    step = middle(tmp_path / "first")
    there = load_file(tmp_path / "first" / wire.kept_file(step))
    for optimizer, kept in (({"type": "adam", "fields": {"lr": 0.001}}, True), ({"type": "rmsprop"}, False)):
        changed = spiral(epochs=6, optimizer=optimizer)
        lay(tmp_path / "first", document, tmp_path / "fork", step)
        made = plan(changed, threads=1, start=start.found(tmp_path / "fork"))
        run = loop(made)
        report = next(event for event in run if isinstance(event, wire.Transferred)).report
        assert (report.state, report.anew) == ((["main"], []) if kept else ([], ["main"]))
        for name, parameter in made.compiled.module.state_dict().items():
            assert torch.equal(parameter, there[f"model.{name}"])
        state = made.phases[0].optimizer.state
        if kept:
            for name, mean in zip(made.phases[0].names, state["mean"], strict=True):
                assert torch.equal(mean, there[f"optimizer.main.mean.{name}"])
            assert made.phases[0].rate(step) == 0.001
        else:
            assert all(not tensor.any() for tensors in state.values() for tensor in tensors)
        run.close()


def edited(document: Document, **more) -> Document:
    """The spiral's board with a layer between the second and the last, and a wider last but one."""
    value = document.dump()
    value["nodes"]["extra"] = {"type": "linear", "fields": {"units": 8}}
    value["nodes"]["act3"] = {"type": "tanh"}
    (edge,) = [each for each in value["edges"].values() if each["to"] == "out"]
    edge["to"] = "extra"
    value["edges"]["x1"] = {"from": "extra", "to": "act3"}
    value["edges"]["x2"] = {"from": "act3", "to": "out"}
    for node, fields in more.items():
        value["nodes"][node]["fields"] = {**value["nodes"][node].get("fields", {}), **fields}
    return load(value)


def test_after_an_edit_what_is_unchanged_keeps_its_weights_and_what_is_new_is_told(spiral, train, tmp_path) -> None:
    document = spiral(epochs=2)
    train(document, directory=tmp_path / "first")
    lay(tmp_path / "first", document, tmp_path / "next")
    changed = edited(document, fc2={"units": 6})
    made = plan(changed, threads=1, start=start.found(tmp_path / "next"))
    run = loop(made)
    report = next(event for event in run if isinstance(event, wire.Transferred)).report
    assert report.fitted == ["fc1", "out"]
    assert [(each.node, each.tensor, each.here, each.there) for each in report.other] == [
        ("fc2", "weight", [6, 8], [8, 8])
    ]
    assert (report.new, report.unused, report.state, report.anew) == (["extra"], [], [], ["main"])
    there = load_file(tmp_path / "first" / wire.CHECKPOINT)
    fresh = compile(changed).module.state_dict()
    for name, tensor in made.compiled.module.state_dict().items():
        kept = name.split(".")[0] in report.fitted
        assert torch.equal(tensor, there[f"model.{name}"] if kept else fresh[name]), name
    run.close()


def test_what_a_person_sees_before_is_what_happens(spiral, train, tmp_path) -> None:
    """The report of a dry run makes no network and reads no weights."""
    document = spiral(epochs=1)
    train(document, directory=tmp_path / "first")
    for keep in ("state", "weights"):
        lay(tmp_path / "first", document, tmp_path / "next", keep=keep)
        changed = edited(document, fc2={"units": 6})
        begun = start.found(tmp_path / "next")
        told = transfer.compared(changed, Start(tmp_path, begun.document, keep))
        report = transfer.begin(plan(changed, threads=1), begun)[1]
        assert told.model_copy(update={"step": report.step}) == report


def test_a_backbone_is_reused_with_another_head(pictures, train, forked, tmp_path) -> None:
    """Only weights: the run begins at its first step, with an optimizer of its own, and nodes that are called otherwise
    are found by their order."""
    document = pictures(epochs=1)
    train(document, directory=tmp_path / "first")
    value = document.dump()
    names = {"conv1": "trunk", "norm1": "n", "out": "head"}
    value["nodes"] = {names.get(id, id): node for id, node in value["nodes"].items()}
    for edge in value["edges"].values():
        edge["from"], edge["to"] = (names.get(edge[end], edge[end]) for end in ("from", "to"))
    value["nodes"]["trunk"]["trainable"] = False
    value["nodes"]["head"]["fields"]["bias"] = False
    value["recipe"]["epochs"] = 1
    reused = load(value)
    done = forked(tmp_path / "first", document, reused, tmp_path / "second", keep="weights")
    report = done.of(wire.Transferred)[0].report
    assert (report.step, report.fitted, report.new, report.other) == (0, ["trunk", "n"], ["head"], [])
    assert report.unused == ["out"] and report.anew == ["main"]
    there = load_file(tmp_path / "first" / wire.CHECKPOINT)
    assert torch.equal(done.weights["trunk.weight"], there["model.conv1.weight"])
    assert done.of(wire.State)[-1].step == done.plan.steps
    assert done.of(wire.Kept)[0].checkpoints[0].step == 0


def test_shared_and_repeated_weights_are_found(words, train, forked, same, tmp_path) -> None:
    document = words(epochs=1)
    calm = train(document, directory=tmp_path / "first")
    lay(tmp_path / "first", document, tmp_path / "next", keep="weights")
    made = plan(document, threads=1, start=start.found(tmp_path / "next"))
    run = loop(made)
    report = next(event for event in run if isinstance(event, wire.Transferred)).report
    assert "encoder/0/attention" in report.fitted and "encoder/1/attention" in report.fitted
    assert same(calm.weights, dict(made.compiled.module.state_dict()))
    run.close()


def test_where_nothing_fits_the_run_says_so(spiral, pictures, train, tmp_path) -> None:
    document = spiral(epochs=1)
    train(document, directory=tmp_path / "first")
    lay(tmp_path / "first", document, tmp_path / "next")
    done = train(pictures(epochs=1), directory=tmp_path / "next", start=start.found(tmp_path / "next"))
    assert done.end.state == "failed" and done.of(wire.Failed)[0].problem.code == "nothing_fits"
    with pytest.raises(Refused):
        transfer.compared(pictures(), Start(tmp_path, document, "weights"))


def test_a_state_that_is_damaged_is_told_of(spiral, train, tmp_path) -> None:
    document = spiral(epochs=1)
    train(document, directory=tmp_path / "first")
    lay(tmp_path / "first", document, tmp_path / "next")
    file = tmp_path / "next" / wire.START
    file.write_bytes(file.read_bytes()[:-100])
    done = train(document, directory=tmp_path / "next", start=start.found(tmp_path / "next"))
    assert done.of(wire.Failed)[0].problem.code == "start_unreadable"
