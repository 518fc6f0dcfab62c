"""A step part by part: forward, backward, update, each against plain torch; the run is the same bit for bit (T-058)."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from chalknet import wire
from chalknet.training.compile import compile, seed_of
from chalknet.training.loop import loop
from chalknet.training.plan import Plan, plan
from chalknet.training.probe import Frame as Raw
from tests.training.frames import Frame

PARTS = ("forward", "backward", "update")
WHOLE = wire.Subscription(view="stage", node="", rate=30)


class Stepped:
    """A run that stands still, told what to do one command at a time."""

    def __init__(self, made: Plan, *views: wire.Subscription, resume: bool = False) -> None:
        self.made = made
        self.waiting: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
        if views:
            self.waiting.put(wire.Watch(views=list(views)))
        if not resume:
            self.waiting.put(wire.Pause())
        self.run = loop(made, self.waiting, resume=resume)
        self.frames: dict[str, Frame] = {}
        self.state = self.stands()

    def stands(self) -> wire.State:
        for event in self.run:
            if isinstance(event, Raw):
                frame = Frame(event)
                self.frames[f"{frame.header.view}|{frame.header.node}"] = frame
            elif isinstance(event, wire.State) and event.state == "paused":
                break
        return event

    def to(self, part: wire.StepPart) -> Frame | None:
        self.waiting.put(wire.Step(part=part))
        self.state = self.stands()
        return self.frames.get("stage|")

    def end(self) -> None:
        self.waiting.put(wire.Resume())
        list(self.run)


@pytest.fixture
def boards(spiral, pictures, words, detector, board) -> dict[str, Any]:
    two = board(epochs=1)
    two.add("data", "points", samples=60)
    two.add("drop", "dropout", "data.x", rate=0.1)
    two.add("a", "linear", "drop", units=2)
    two.add("b", "linear", "data.x", units=2)
    two.add("one", "cross_entropy", "a>logits", "data.label>target")
    two.add("two", "cross_entropy", "b>logits", "data.label>target")
    turns = {"x": {"losses": ["one"], "updates": ["a"]}, "y": {"losses": ["two"], "updates": ["b"], "every": 2}}
    return {
        "spiral": spiral(epochs=1, dropout=0.2, phase={"clip": 0.1}),
        "pictures": pictures(epochs=1),
        "words": words(epochs=1),
        "detector": detector(epochs=1),
        "phases": two.document(phases=turns),
    }


@pytest.mark.parametrize("name", ["spiral", "pictures", "words", "detector", "phases"])
def test_a_run_in_parts_learns_the_same(name, boards, train, same) -> None:
    """T-058: every step in parts, with what flows along every wire looked at: bit for bit the undisturbed run."""
    undisturbed = train(boards[name])
    stepped = Stepped(plan(boards[name], threads=1), WHOLE)
    made = stepped.made
    for number in range(min(7, made.steps - 1)):
        for part in PARTS[number % 3 :]:  # also those that skip a part, which is made all the same
            stepped.to(part)
        while stepped.frames["stage|"].about["phase"] == "x" and stepped.state.step == number:
            stepped.to("update")  # of the second phase
        assert stepped.state.step == number + 1
    stepped.end()
    assert same(undisturbed.weights, {key: each.clone() for key, each in made.compiled.module.state_dict().items()})


def by_hand(document: Any) -> Iterator[dict[str, torch.Tensor]]:
    """The steps of a run of the digits board, in plain torch: values with their gradients kept."""
    compiled = compile(document)
    made = plan(document, threads=1)
    torch.manual_seed(seed_of(document.recipe.seed, "training"))
    modules, (source,) = compiled.modules, made.train.values()
    optimizer = torch.optim.Adam(compiled.module.parameters(), lr=0.001)
    compiled.module.train()
    for rows in made.batches.order(source, 0).split(64):
        batch = source.rows(rows)
        values = {"data": batch["data", "image"].requires_grad_()}
        before = "data"
        for name in ("conv1", "norm1", "act1", "pool1", "flat", "drop", "out"):
            values[name] = modules[name](values[before])
            before = name
        values["loss"] = modules["loss"](values["out"], batch["data", "label"])
        for each in values.values():
            each.retain_grad()
        optimizer.zero_grad()
        values["loss"].backward()
        yield values
        optimizer.step()


def test_values_and_slopes_are_autograds(pictures) -> None:
    """T-058, T-061: of a batch of 64 digits, forward and backward through convolution, batch norm and dropout."""
    document = pictures(epochs=1)
    hand = list(itertools.islice(by_hand(document), 2))  # before: both draw from the one generator
    stepped = Stepped(plan(document, threads=1), WHOLE, wire.Subscription(view="parts", node="pool1", rate=30))
    for number, values in enumerate(hand):
        forward = stepped.to("forward")
        assert forward is not None and forward.about["part"] == "forward" and forward.about["step"] == number + 1
        assert np.isnan(forward.arrays["slopes"]).all() and len(forward.about["parameters"]) == 0
        seen = {tuple(port): row for port, row in zip(forward.about["ports"], forward.arrays["values"], strict=True)}
        for name, value in values.items():
            port = {"data": "image", "loss": "loss"}.get(name, "y")
            got = [value.mean(), value.std(correction=0), value.min(), value.max()]
            assert seen[name, port] == pytest.approx([float(each.detach()) for each in got], rel=1e-5, abs=1e-6), name
        first = stepped.frames["parts|pool1"].arrays["values"]
        assert first == pytest.approx(values["pool1"][0].detach().flatten().numpy(), abs=1e-6)
        backward = stepped.to("backward")
        assert backward is not None
        back = {tuple(port): row for port, row in zip(backward.about["ports"], backward.arrays["slopes"], strict=True)}
        for name, value in values.items():
            port = {"data": "image", "loss": "loss"}.get(name, "y")
            gradient = value.grad
            assert gradient is not None
            got = [gradient.mean(), gradient.std(correction=0), gradient.min(), gradient.max()]
            assert back[name, port] == pytest.approx([float(each) for each in got], rel=1e-3, abs=1e-7), name
        assert stepped.frames["parts|pool1"].arrays["slopes"] == pytest.approx(
            values["pool1"].grad[0].flatten().numpy(), abs=1e-7
        )
        stepped.to("update")
    stepped.run.close()


def test_weights_before_and_after_with_the_optimizers_terms(spiral) -> None:
    """T-058, T-004: w, g and the momentum of torch's own SGD, before the update and after it, of the second step."""
    sgd = {"type": "sgd", "fields": {"lr": 0.1, "momentum": 0.9}}
    document = spiral(epochs=1, optimizer=sgd)
    stepped = Stepped(plan(document, threads=1), WHOLE, wire.Subscription(view="parts", node="fc2", rate=30))
    compiled = compile(document)
    (source,) = stepped.made.train.values()
    optimizer = torch.optim.SGD(compiled.module.parameters(), lr=0.1, momentum=0.9)
    weight = compiled.modules["fc2"].weight
    for rows in stepped.made.batches.order(source, 0).split(10)[:2]:
        batch = source.rows(rows)
        optimizer.zero_grad()
        compiled.module(*[batch[each] for each in compiled.inputs])[0].backward()
        before = weight.detach().clone()
        rolling = optimizer.state[weight].get("momentum_buffer", torch.zeros_like(before)).clone()
        optimizer.step()
        stepped.to("whole")
    frame = stepped.frames["parts|fc2"]
    (at,) = [i for i, each in enumerate(frame.about["parameters"]) if each["name"] == "weight"]
    assert frame.about["parameters"][at] == {"name": "weight", "sizes": [8, 8], "terms": ["momentum"]}
    expected = {"gradient": weight.grad, "before": before, "after": weight}
    for name, tensor in expected.items():
        assert frame.arrays[f"{name}.{at}"] == pytest.approx(tensor.detach().flatten().numpy(), abs=1e-6), name
    now = optimizer.state[weight]["momentum_buffer"]
    assert frame.arrays[f"term.{at}.0.before"] == pytest.approx(rolling.flatten().numpy(), abs=1e-6)
    assert frame.arrays[f"term.{at}.0.after"] == pytest.approx(now.flatten().numpy(), abs=1e-6)
    whole = stepped.frames["stage|"]
    names = [(each["node"], each["name"]) for each in whole.about["parameters"]]
    row = whole.arrays["weights"][names.index(("fc2", "weight"))]
    sizes = [before.norm(), weight.grad.norm(), (weight.detach() - before).norm(), weight.detach().norm()]
    assert row == pytest.approx([float(each) for each in sizes], rel=1e-4)
    stepped.run.close()


def test_a_learned_number_is_told_as_one() -> None:
    """C-040, T-058: x 2, y 1, z 0: forward 2, backward 1, 2 and 2, and after a step of 0.1 x is 1.9."""
    from tests.training.test_typed import PRODUCT

    stepped = Stepped(plan(PRODUCT, threads=1), WHOLE)
    frame = stepped.to("backward")
    assert frame is not None
    ports = [tuple(port) for port in frame.about["ports"]]
    value, slope = frame.arrays["values"][:, 0], frame.arrays["slopes"][:, 0]
    assert dict(zip([node for node, _ in ports], value.tolist(), strict=True)) == {
        "x": 2, "y": 1, "z": 0, "v": 1, "f": 2, "low": 2,
    }  # fmt: skip
    slopes = dict(zip([node for node, _ in ports], slope.tolist(), strict=True))
    assert slopes == {"x": 1, "y": 2, "z": 2, "v": 2, "f": 1, "low": 1}
    frame = stepped.to("update")
    assert frame is not None
    moved = {each["node"]: (each["before"], each["after"]) for each in frame.about["parameters"]}
    assert moved == {"x": (2, pytest.approx(1.9)), "y": (1, pytest.approx(0.8)), "z": (0, pytest.approx(-0.2))}
    stepped.run.close()


def test_of_a_block_what_leaves_it_and_what_is_inside(words) -> None:
    """The wire that begins at a block of two layers carries what its last layer gives; those inside are told too."""
    stepped = Stepped(plan(words(epochs=1), threads=1), WHOLE)
    frame = stepped.to("forward")
    assert frame is not None
    rows = dict(zip(map(tuple, frame.about["ports"]), frame.arrays["values"].tolist(), strict=True))
    assert rows["encoder", "y"] == rows["encoder/1/norm", "y"] != rows["encoder/0/norm", "y"]
    assert rows["encoder/1/x", "y"] == rows["encoder/0/y", "y"] == rows["encoder/0/norm", "y"]
    stepped.run.close()


def test_a_part_twice_is_that_of_the_next_step_and_whole_ends_the_step(spiral) -> None:
    stepped = Stepped(plan(spiral(epochs=1), threads=1), WHOLE)
    for part, done in (("forward", 0), ("forward", 1), ("whole", 2), ("backward", 2), ("whole", 3), ("update", 4)):
        frame = stepped.to(part)
        assert stepped.state.step == done, part
        assert frame is not None and frame.about["part"] == ("update" if part == "whole" else part)
    stepped.waiting.put(wire.Resume())
    told = [Frame(event) for event in stepped.run if isinstance(event, Raw)]
    assert told[0].about == {"part": ""}, "nothing is left to look at"


def test_stopped_or_lost_in_the_middle_of_a_step(spiral, train, same, tmp_path) -> None:
    """T-058: stopped, the step is finished; lost, the run comes back to its beginning, and learns the same."""
    document = spiral(epochs=2, dropout=0.2)
    stopped = Stepped(plan(document, threads=1))
    stopped.to("whole")
    stopped.to("backward")
    stopped.waiting.put(wire.Stop())
    *_, end = stopped.run
    assert isinstance(end, wire.End) and end.state == "stopped"
    two = Stepped(plan(document, threads=1))
    two.to("whole")
    two.to("whole")
    assert same(stopped.made.compiled.module.state_dict(), two.made.compiled.module.state_dict())

    lost = Stepped(plan(document, threads=1, directory=tmp_path))
    lost.to("whole")
    lost.to("forward")
    lost.run.close()
    back = Stepped(plan(document, threads=1, directory=tmp_path), resume=True)
    assert back.state.step == 1
    back.to("forward")
    back.end()
    assert same(train(document).weights, back.made.compiled.module.state_dict())


@pytest.mark.parametrize("layer", ["dropout", "dropout2d", "stochastic_depth"])
def test_what_a_dropout_switched_off_is_what_it_let_through_nothing_of(board, layer: str) -> None:
    """L-036: numbers of exactly the mask are 0, all others were divided by what is kept; it is a new one each step."""
    drawn = board(epochs=1)
    drawn.add("data", "digits", size=8)
    drawn.add("conv", "conv2d", "data.image", channels=6)
    drawn.add("drop", layer, "conv", rate=0.5)
    drawn.add("flat", "flatten", "drop")
    drawn.add("fc", "linear", "flat", units=10)
    drawn.add("loss", "cross_entropy", "fc>logits", "data.label>target")
    wanted = [wire.Subscription(view="parts", node=node, rate=30) for node in ("conv", "drop")]
    made = plan(drawn.document(), threads=1)
    stepped = Stepped(made, *wanted)
    masks = []
    for _ in range(2):
        stepped.to("forward")
        before, after = (stepped.frames[f"parts|{node}"] for node in ("conv", "drop"))
        mask = after.arrays["mask"]
        masks.append(mask)
        assert set(np.unique(mask)) <= {0.0, 1.0} and len(mask) == len(after.arrays["values"]) == 64
        assert after.arrays["values"] == pytest.approx(before.arrays["values"] * mask * 2, abs=1e-6)
        off, of = after.about["dropped"]
        assert of == made.batches.size * 6 * 6 * 6 and 0 < off < of
        assert "mask" not in before.arrays and "dropped" not in before.about
        stepped.to("update")
    assert layer != "dropout" or not np.array_equal(*masks)
    stepped.run.close()
