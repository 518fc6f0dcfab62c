"""What layers show while a board trains: batch and running statistics, dead and saturated units, the class that wins,
signals. Each against a computation of its own."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np
import pytest
import torch

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from chalknet.training.probe import Frame as Raw
from chalknet.training.probe import Probe
from tests.training.frames import Frame, close, look, value


def first(made: Any, node: str, count: int, port: str = "y") -> torch.Tensor:
    return value(made, node, port, rows=list(range(count)))


# --- batch norm -------------------------------------------------------------------------------------------------------


def statistics(document: Document, node: str = "norm1") -> tuple[Any, list[torch.Tensor], list[Frame]]:
    """A run of which every step is looked at, each batch of the layer's training input, and the frames."""
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    commands.put(wire.Pause())
    commands.put(wire.Watch(views=[wire.Subscription(view="statistics", node=node, rate=30)]))
    made = plan(document, threads=1)
    seen: list[torch.Tensor] = []

    def keep(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if module.training:
            seen.append(given[0].detach().clone())

    made.compiled.modules[node].register_forward_pre_hook(keep)
    frames = []
    for event in loop(made, commands):
        if isinstance(event, Raw):
            frames.append(Frame(event))
        elif isinstance(event, wire.State) and event.state == "paused":
            commands.put(wire.Step() if event.step < 3 else wire.Stop())
    return made, seen, frames


def test_batch_and_running_statistics_of_a_batch_norm(pictures) -> None:
    """L-033: those of the batch that was just learned from, and those that are kept, which move towards them."""
    made, batches, frames = statistics(pictures())
    module = made.compiled.modules["norm1"]
    assert len(batches) == 3
    assert [frame.header.step for frame in frames] == [0, 1, 2, 3]
    assert frames[0].arrays["batch_mean"].shape == (0,), "nothing has been learned from yet"
    assert (frames[0].arrays["running_mean"] == 0).all() and (frames[0].arrays["running_var"] == 1).all()
    kept_mean, kept_var = np.zeros(4), np.ones(4)
    for batch, frame in zip(batches, frames[1:], strict=True):
        rows = batch.movedim(1, 0).reshape(4, -1).double().numpy()
        mean, var = rows.mean(1), rows.var(1, ddof=1)
        np.testing.assert_allclose(frame.arrays["batch_mean"], mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(frame.arrays["batch_var"], var, rtol=1e-4)
        kept_mean = 0.9 * kept_mean + 0.1 * mean
        kept_var = 0.9 * kept_var + 0.1 * var
        np.testing.assert_allclose(frame.arrays["running_mean"], kept_mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(frame.arrays["running_var"], kept_var, rtol=1e-4)
        counts = {"channels": 4, "samples": 64, "numbers": 64 * 8 * 8}
        assert frame.about == {**counts, "frozen": False, "momentum": 0.1}
    np.testing.assert_allclose(frames[-1].arrays["weight"], module.weight.detach().numpy())
    np.testing.assert_allclose(frames[-1].arrays["bias"], module.bias.detach().numpy())


def test_statistics_of_a_frozen_batch_norm(pictures) -> None:
    """L-033: it uses what it keeps, also while training, so no batch is told."""
    document = pictures().model_copy(deep=True)
    document.nodes["norm1"] = document.nodes["norm1"].model_copy(update={"trainable": False})
    _, batches, frames = statistics(document)
    assert not batches
    assert frames[-1].about["frozen"] and frames[-1].arrays["batch_var"].shape == (0,)


def test_who_looks_away_leaves_nothing_behind(pictures) -> None:
    """A batch is held on to only while somebody looks; a run that ended holds none."""
    made = plan(pictures(), threads=1)
    module = made.compiled.modules["norm1"]
    probe = Probe(made)
    wanted = [wire.Subscription(view="statistics", node="norm1")]
    probe.watch(wanted)
    probe.watch([*wanted, wire.Subscription(view="maps", node="norm1")])
    assert len(module._forward_pre_hooks) == 1
    probe.watch([])
    assert not module._forward_pre_hooks
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    commands.put(wire.Watch(views=wanted))
    commands.put(wire.Stop())
    assert any(isinstance(event, Raw) for event in loop(made, commands))
    assert not module._forward_pre_hooks


# --- dead and saturated units -----------------------------------------------------------------------------------------


def bent(board: Any, kind: str, push: float = 0.0) -> tuple[Any, Frame]:
    """The frame of an activation behind a linear layer, half of whose units are pushed far to one side."""
    drawn = board()
    drawn.add("data", "points", kind="spiral", samples=200)
    drawn.add("fc", "linear", "data.x", units=8)
    drawn.add("bend", kind, "fc")
    drawn.add("out", "linear", "bend", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made = plan(drawn.document(), threads=1)
    with torch.no_grad():
        made.compiled.modules["fc"].bias[:3] += push
    probe = Probe(made)
    probe.watch([wire.Subscription(view="flat", node="bend")])
    (raw,) = probe.frames(1, 0.1)
    return made, Frame(raw)


def test_share_of_dead_units(board) -> None:
    """L-006: a unit of a ReLU is dead where it is 0 for every one of the samples."""
    made, frame = bent(board, "relu", push=-100.0)
    count = frame.about["samples"]
    assert count == made.validation["data"].count
    answers = first(made, "bend", count)
    dead = (answers == 0).all(0)
    assert frame.about == {
        "kind": "dead",
        "units": 8,
        "all": int(dead.sum()),
        "share": pytest.approx(float((answers == 0).float().mean())),
        "samples": count,
    }
    assert 3 <= int(dead.sum()) < 8
    assert close(frame.arrays["flat"], (answers == 0).float().mean(0), 1.0)


@pytest.mark.parametrize(("kind", "edge"), [("sigmoid", 4.357), ("tanh", 2.178)])
def test_share_of_saturated_answers(board, kind, edge) -> None:
    """L-004, L-005: where σ(x)·σ(−x) < 0.05/4, which is |x| > 4.357; for tanh half of that."""
    made, frame = bent(board, kind, push=3.5)
    x = first(made, "fc", frame.about["samples"])
    flat = x.abs() > edge
    assert frame.about["kind"] == "saturated"
    assert frame.about["share"] == pytest.approx(float(flat.float().mean()))
    assert 0 < frame.about["share"] < 1
    assert frame.about["all"] == int(flat.all(0).sum())
    assert close(frame.arrays["flat"], flat.float().mean(0), 1.0)


def test_a_relu6_is_flat_on_both_sides(board) -> None:
    """L-008: above 6 no gradient passes either."""
    made, frame = bent(board, "relu6", push=100.0)
    answers = first(made, "bend", frame.about["samples"])
    assert frame.about["all"] == int(((answers == 0) | (answers == 6)).all(0).sum()) >= 3


def test_a_unit_of_an_image_is_a_channel(pictures) -> None:
    """L-006: all places of a channel share its weights: it is dead where it is 0 everywhere, for every sample."""
    made, (frame,) = look(pictures(), {"view": "flat", "node": "act1"})
    count = frame.about["samples"]
    assert count == min(256, made.validation["data"].count)
    answers = first(made, "act1", count)
    assert frame.about["units"] == 4
    assert close(frame.arrays["flat"], (answers == 0).float().mean((0, 2, 3)), 1.0)


def test_a_large_network_looks_at_a_batch(pictures, monkeypatch) -> None:
    """Where many samples would cost much, as many as training takes at a time."""
    monkeypatch.setattr("chalknet.training.probe.SEVERAL_MACS", 1)
    _, (frame,) = look(pictures(), {"view": "flat", "node": "act1"})
    assert frame.about["samples"] == 64


def test_a_leaky_relu_never_dies(board) -> None:
    drawn = board()
    drawn.add("data", "points", samples=100)
    drawn.add("fc", "linear", "data.x", units=4)
    drawn.add("bend", "leaky_relu", "fc")
    drawn.add("out", "linear", "bend", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    assert not look(drawn.document(), {"view": "flat", "node": "bend"})[1]
    assert "flat" not in plan(drawn.document(), threads=1).compiled.facts.nodes["bend"].views


# --- the class that wins ----------------------------------------------------------------------------------------------


def test_the_class_that_wins(pictures) -> None:
    """L-009, L-044, L-078: of shares, of a decision, and of a class written as zeros and a 1; by its name."""
    document = pictures().model_copy(deep=True)
    nodes, edges = document.nodes, document.edges
    kind, wired = type(nodes["out"]), type(next(iter(edges.values())))
    for id, source in (("share", "out"), ("decide", "out"), ("row", "decide")):
        nodes[id] = kind(type={"share": "softmax", "decide": "argmax", "row": "one_hot"}[id])
        edges[f"to_{id}"] = wired.model_validate({"from": source, "to": id})
    wanted = [{"view": "choice", "node": node, "samples": [3, 0]} for node in ("share", "decide", "row")]
    made, (share, decide, row) = look(document, *wanted)
    logits = value(made, "out", rows=[3, 0])
    won = logits.argmax(1)
    for frame in (share, decide, row):
        assert frame.about == {"layout": "vector", "classes": [str(i) for i in range(10)], "total": 10}
        assert frame.raw["winner"].dtype == np.int32
        assert frame.raw["winner"].tolist() == won.tolist()
        assert frame.header.samples == [3, 0]
    assert close(share.arrays["shares"], logits.softmax(1), 1.0)
    for frame in (decide, row):
        assert (frame.arrays["shares"] == np.eye(10)[won.numpy()]).all()


def test_the_class_that_wins_at_every_place(words, pictures) -> None:
    """L-009, L-078: of a sequence at every step, of an image at every pixel."""
    document = words().model_copy(deep=True)
    kind, wired = type(document.nodes["out"]), type(next(iter(document.edges.values())))
    document.nodes["share"] = kind(type="softmax")
    document.edges["to_share"] = wired.model_validate({"from": "out", "to": "share"})
    made, (frame,) = look(document, {"view": "choice", "node": "share", "samples": [1]})
    logits = value(made, "out", rows=[1])
    assert frame.about["layout"] == "sequence"
    assert frame.about["classes"] == made.validation["data"].layer.token_names()
    assert frame.raw["winner"].tolist() == logits.argmax(2).tolist()
    assert close(frame.arrays["shares"], logits.softmax(2), 1.0)
    document = pictures().model_copy(deep=True)
    document.nodes["pixel"] = kind(type="argmax")
    document.edges["to_pixel"] = wired.model_validate({"from": "conv1", "to": "pixel"})
    made, (frame,) = look(document, {"view": "choice", "node": "pixel", "samples": [2]})
    assert set(frame.raw) == {"winner"} and frame.about["layout"] == "image"
    assert frame.raw["winner"].tolist() == value(made, "conv1", rows=[2]).argmax(1).tolist()


# --- signals ----------------------------------------------------------------------------------------------------------


def test_maps_of_a_signal(board) -> None:
    """L-012, V-010: a line a channel, each with its own scale."""
    drawn = board()
    drawn.add("data", "digits", size=8)
    drawn.add("line", "reshape", "data.image", to="C 1, L -1")
    drawn.add("conv", "conv1d", "line", channels=5, kernel=3, stride=2)
    drawn.add("flat", "flatten", "conv")
    drawn.add("out", "linear", "flat", units=10)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made, (frame,) = look(drawn.document(), {"view": "maps", "node": "conv", "samples": [2], "size": 4})
    expected = value(made, "conv", rows=[2])
    assert frame.about == {"layout": "signal", "channels": 5}
    assert frame.arrays["maps"].shape == (1, 4, 1, 31)
    assert close(frame.arrays["maps"][:, :, 0], expected[:, :4])
    facts = made.compiled.facts.nodes
    assert facts["conv"].views == facts["line"].views == ["maps"]


BAD = [
    {"view": "statistics", "node": "conv1"},
    {"view": "statistics", "node": "nobody"},
    {"view": "flat", "node": "conv1"},
    {"view": "flat", "node": "data"},
    {"view": "choice", "node": "out"},
    {"view": "choice", "node": "nobody"},
]


def test_what_is_not_there_is_left_out(pictures) -> None:
    _, frames = look(pictures(), *BAD, {"view": "maps", "node": "conv1"})
    assert [frame.header.view for frame in frames] == ["maps"]


def test_a_run_watched_in_every_way_learns_the_same(pictures, train, same) -> None:
    wanted = [
        wire.Subscription(view=view, node=node, rate=30) for view, node in [("statistics", "norm1"), ("flat", "act1")]
    ]
    calm, watched = train(pictures()), train(pictures(), wire.Watch(views=wanted))
    assert {wire.unpack(frame)[0].view for frame in watched.of(Raw)} == {"statistics", "flat"}
    assert same(calm.weights, watched.weights)


# --- the numbers that win in a pooling --------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{}, {"kernel": 3, "stride": 2, "padding": 1}])
def test_the_winners_of_a_max_pooling(pictures, fields) -> None:
    """L-024, L-025: exactly the numbers to which a gradient of ones goes back, as often as windows overlap on them."""
    document = pictures().model_copy(deep=True)
    document.nodes["pool1"] = document.nodes["pool1"].model_copy(update={"fields": fields})
    made, (frame,) = look(document, {"view": "winners", "node": "pool1", "samples": [1, 6], "size": 3})
    x = value(made, "act1", rows=[1, 6])
    given = x.clone().requires_grad_()
    made.compiled.modules["pool1"](given).sum().backward()
    assert given.grad is not None
    assert (frame.raw["won"] == given.grad[:, :3].numpy()).all()
    assert close(frame.arrays["maps"], x[:, :3])
    assert frame.about == {"channels": 4} and frame.header.samples == [1, 6]
    assert made.compiled.facts.nodes["pool1"].views == ["winners", "maps"]


def test_an_average_has_no_winner(pictures) -> None:
    document = pictures().model_copy(deep=True)
    document.nodes["pool1"] = document.nodes["pool1"].model_copy(update={"type": "avg_pool2d"})
    assert not look(document, {"view": "winners", "node": "pool1"})[1]
