"""A layer's gradient beside differences of the loss, against a computation of its own (T-013, C-039)."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from chalknet import wire
from chalknet.graph import gallery
from chalknet.training.answers.base import Unanswerable
from tests.training.desk import desk


def test_gradients_equal_those_by_hand_and_their_differences(board) -> None:
    made = board()
    made.add("data", "points", samples=200)
    made.add("hidden", "linear", "data.x", units=3)
    made.add("bend", "tanh", "hidden")
    made.add("out", "linear", "bend", units=2)
    made.add("loss", "cross_entropy", "out>logits", "data.label>target")
    room = desk(made.document())
    before = {name: each.clone() for name, each in room.plan.compiled.module.state_dict().items()}
    arrays, about = room.put(wire.Differences(node="hidden", count=9))
    rows = about["rows"]
    assert arrays == {} and len(rows) == 9 and {row["parameter"] for row in rows} == {"weight", "bias"}
    # The same network by hand.
    batch = room.plan.validation["data"].rows(slice(0, about["samples"]))
    modules = room.plan.compiled.modules
    weight, bias = (each.detach().double().requires_grad_() for each in modules["hidden"].parameters())
    last = [each.detach().double() for each in modules["out"].parameters()]
    scores = F.linear(F.linear(batch["data", "x"].double(), weight, bias).tanh(), *last)
    loss = F.cross_entropy(scores, batch["data", "label"])
    loss.backward()
    assert about["loss"] == pytest.approx(float(loss.detach()), rel=1e-9)
    for row in rows:
        tensor = weight if row["parameter"] == "weight" else bias
        assert row["value"] == float(tensor.detach()[tuple(row["place"])])
        assert row["gradient"] == pytest.approx(float(tensor.grad[tuple(row["place"])]), rel=1e-9, abs=1e-12)
        assert row["error"] < 1e-6 and row["difference"] == pytest.approx(row["gradient"], rel=1e-5, abs=1e-9)
    after = room.plan.compiled.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before), "asking must leave no trace"


def test_layers_with_states_and_norms_are_checked_too(pictures) -> None:
    _, about = desk(pictures()).put(wire.Differences(node="conv1"))
    assert len(about["rows"]) == 8 and max(row["error"] for row in about["rows"]) < 1e-4


def test_a_graph_worked_by_hand() -> None:
    """C-040: the slope of the loss in x is 1; there are no samples but the one that it is trained on."""
    _, about = desk(gallery.boards()["computation-graph"]).put(wire.Differences(node="x"))
    (row,) = about["rows"]
    assert row["gradient"] == pytest.approx(1) and row["difference"] == pytest.approx(1) and about["samples"] == 1


def test_what_has_no_weights_is_told(board) -> None:
    made = board()
    made.add("data", "points", samples=100)
    made.add("bend", "tanh", "data.x")
    made.add("out", "linear", "bend", units=2)
    made.add("loss", "cross_entropy", "out>logits", "data.label>target")
    room = desk(made.document())
    with pytest.raises(Unanswerable, match="no weights"):
        room.put(wire.Differences(node="bend"))
    with pytest.raises(Unanswerable, match="no layer"):
        room.put(wire.Differences(node="nothing"))
