"""What is set otherwise while a run lasts: from the next step on, kept in every checkpoint (T-015, T-035)."""

from __future__ import annotations

import queue

import pytest
import torch

from chalknet import wire
from chalknet.training.compile import compile, seed_of
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from tests.training.test_augmented import AUGMENT

TURNS: dict[wire.Dial, float] = {"decay": 0.1, "l1": 0.02, "l2": 0.3, "dropout": 0.5}


def stepped(made, turn: wire.Turn | None, at: int = 3):
    """A run that stands still after ``at`` steps, where a dial is turned; its events up to there, and how to go on."""
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    commands.put(wire.Pause())
    run = loop(made, commands)
    told = []

    def stands() -> wire.State:
        for event in run:
            told.append(event)
            if isinstance(event, wire.State) and event.state == "paused":
                return event
        raise AssertionError("it did not stand still")

    stands()
    for _ in range(at):
        commands.put(wire.Step())
        stands()
    if turn is not None:
        commands.put(turn)
        stands()
    return run, commands, told


@pytest.mark.parametrize("dial", TURNS)
def test_holds_from_the_next_step_on(dial, spiral) -> None:
    """T-015, T-035: against the same in plain torch, the setting changed after the third update; a note marks it."""
    value = TURNS[dial]
    document = spiral(epochs=1, dropout=0.2, optimizer={"type": "sgd", "fields": {"lr": 0.1, "weight_decay": 0.01}})
    made = plan(document, threads=1)
    run, commands, told = stepped(made, wire.Turn(dial=dial, value=value))
    (noted,) = [event for event in told if isinstance(event, wire.Noted)]
    before = {"decay": 0.01, "dropout": 0.2}.get(dial, 0)
    names = {"decay": "Weight decay", "l1": "L1", "l2": "L2", "dropout": "Dropout"}
    assert (noted.step, noted.text) == (3, f"{names[dial]} {before:g} → {value:g}")
    assert told[-1].dials[dial] == value
    commands.put(wire.Resume())
    list(run)

    compiled = compile(document)
    named = dict(compiled.module.named_parameters())
    optimizer = torch.optim.SGD(named.values(), lr=0.1, weight_decay=0.01)
    (source,) = made.train.values()
    compiled.module.train()
    torch.manual_seed(seed_of(document.recipe.seed, "training"))
    for step, rows in enumerate(made.batches.order(source, 0).split(10)):
        late = step >= 3
        if late and dial == "decay":
            optimizer.param_groups[0]["weight_decay"] = value
        if late and dial == "dropout":
            compiled.modules["drop"].p = value
        batch = source.rows(rows)
        (loss,) = compiled.module(*[batch[each] for each in compiled.inputs])
        weights = [each for name, each in named.items() if not name.endswith("bias")]
        if late and dial == "l1":
            loss = loss + value * sum(each.abs().sum() for each in weights)
        if late and dial == "l2":
            loss = loss + value / 2 * sum(each.square().sum() for each in weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for name, expected in named.items():
        assert torch.allclose(made.compiled.module.state_dict()[name], expected, atol=1e-5), name


@pytest.mark.parametrize("dial", TURNS)
def test_comes_back_with_what_was_set(dial, spiral, same, tmp_path) -> None:
    """A run that dies after a dial was turned goes on with it, bit for bit."""
    document = spiral(epochs=2, dropout=0.2)
    undisturbed = plan(document, threads=1)
    run, commands, _ = stepped(undisturbed, wire.Turn(dial=dial, value=TURNS[dial]))
    commands.put(wire.Step())
    commands.put(wire.Resume())
    list(run)
    dies = plan(document, threads=1, directory=tmp_path)
    run, commands, _ = stepped(dies, wire.Turn(dial=dial, value=TURNS[dial]))
    commands.put(wire.Step())
    next(event for event in run if isinstance(event, wire.State) and event.step == 4)
    run.close()
    back = plan(document, threads=1, directory=tmp_path)
    commands = queue.SimpleQueue()
    commands.put(wire.Resume())
    events = list(loop(back, commands, resume=True))
    assert next(event for event in events if isinstance(event, wire.State)).dials[dial] == TURNS[dial]
    assert same(undisturbed.compiled.module.state_dict(), back.compiled.module.state_dict())


def test_of_one_phase_or_one_layer(board) -> None:
    new = board(epochs=1)
    new.add("data", "points", samples=60)
    new.add("a", "dropout", "data.x", rate=0.1)
    new.add("b", "stochastic_depth", "a", rate=0.2)
    new.add("fc", "linear", "b", units=2)
    new.add("out", "linear", "fc", units=2)
    new.add("loss", "cross_entropy", "out>logits", "data.label>target")
    dials = plan(new.document(phases={"x": {"updates": ["fc"]}, "y": {"updates": ["out"]}}), threads=1).dials
    assert dials.told() == {"decay": 0, "l1": 0, "l2": 0, "dropout": 0.1}
    assert list(dials.turn(wire.Turn(dial="dropout", value=0.3, of="b"))) == ["b: dropout 0.2 → 0.3"]
    assert list(dials.turn(wire.Turn(dial="decay", value=0.5, of="y"))) == ["y: weight decay 0 → 0.5"]
    assert dials.changed == {"dropout/b": 0.3, "decay/y": 0.5}
    assert list(dials.turn(wire.Turn(dial="dropout", value=5))) == ["a: dropout 0.1 → 0.99", "b: dropout 0.3 → 0.99"]
    assert list(dials.turn(wire.Turn(dial="l1", value=0.1))) == ["L1 0 → 0.1"], "of all phases at once"
    dials.restore({})
    assert not dials.changed


def test_augmentation_is_turned_down(board) -> None:
    """Its strength is a dial where samples are augmented; at 0 the batches are the plain ones."""

    def batches(strength: float | None, augment: dict) -> torch.Tensor:
        new = board(epochs=1)
        new.add("data", "digits", size=8, augment=augment)
        new.add("flat", "flatten", "data.image")
        new.add("out", "linear", "flat", units=10)
        new.add("loss", "cross_entropy", "out>logits", "data.label>target")
        made = plan(new.document(), threads=1)
        if strength is not None:
            told = list(made.dials.turn(wire.Turn(dial="augment", value=strength)))
            assert told == [f"Augmentation 1 → {min(1.0, strength):g}"]
            assert made.dials.changed == {"augment/data": strength}
        return next(made.batches.epoch(0))[0]

    plain, much = batches(None, {}), batches(None, AUGMENT)
    assert not torch.equal(plain, much)
    assert torch.equal(plain, batches(0.0, AUGMENT))


def test_the_same_setting_again_is_no_news(spiral) -> None:
    dials = plan(spiral(dropout=0.2), threads=1).dials
    assert not list(dials.turn(wire.Turn(dial="dropout", value=0.2)))
