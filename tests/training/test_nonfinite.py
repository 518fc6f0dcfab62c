"""A run that meets NaN or infinity stops, and says where it began (T-072, T-077)."""

from __future__ import annotations

import pytest
import torch

from chalknet import wire
from chalknet.training.plan import plan


def test_a_rate_that_is_too_high(board, train) -> None:
    """The run ends as failed, names a node and the step, and offers a lower rate and clipping."""
    board = board(epochs=50)
    board.add("data", "points", samples=200)
    board.add("fc", "linear", "data.x", units=8)
    board.add("act", "relu", "fc")
    board.add("out", "linear", "act", units=2)
    board.add("loss", "mse", "out>prediction", "data.x>target")
    document = board.document(phases={"main": {"optimizer": {"type": "sgd", "fields": {"lr": 100.0}}}})
    done = train(document)
    assert done.end.state == "failed"
    problem = done.of(wire.Failed)[0].problem
    assert problem.code == "non_finite"
    assert problem.node in {"fc", "act", "out", "loss"}
    assert "step" in problem.message
    edits = [fix.edits[0] for fix in problem.fixes]
    assert [edit.path for edit in edits] == [
        ["recipe", "phases", "main", "optimizer", "fields", "lr"],
        ["recipe", "phases", "main", "clip"],
    ]
    assert [edit.value for edit in edits] == [10.0, 1.0]
    for curve in done.curves:
        assert all(abs(value) < float("inf") for value in curve.values.values())


class _Trap(torch.autograd.Function):
    """The identity, with a gradient that is not a number."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * float("nan")


@pytest.mark.parametrize("where", ["value", "gradient", "weights", "late"])
def test_names_the_first_node(where, spiral, train) -> None:
    """Whatever is spoilt – a value, a gradient, the weights – the node in which it began is named, not those behind
    it."""
    made = plan(spiral(epochs=20), threads=1)
    module = made.compiled.modules["act1"]
    at = 100 if where == "late" else 3

    def spoil(_module, _inputs, output):
        # The optimizer's own count goes back with the run when it is gone over again.
        if int(made.phases[0].optimizer.steps) < at:
            return output
        return _Trap.apply(output) if where == "gradient" else output / torch.zeros(())

    if where == "weights":
        # Finite gradients whose update is not: what weight decay of a huge weight does.
        with torch.no_grad():
            made.compiled.modules["fc2"].weight[0, 0] = 3e38
        made.phases[0].base = made.phases[0].first = 1e38
    if where != "weights":
        module.register_forward_hook(spoil)
    done = train(made)
    problem = done.of(wire.Failed)[0].problem
    assert done.end.state == "failed"
    if where == "weights":
        assert "weights" in problem.message
        assert problem.node in {"fc1", "fc2", "out"}
    else:
        assert problem.node == ("fc1" if where == "gradient" else "act1")
        assert ("gradient" if where == "gradient" else "output") in problem.message


def test_data_that_are_no_numbers(spiral, train) -> None:
    made = plan(spiral(), threads=1)
    made.train["data"].samples["x"][17, 1] = float("nan")
    done = train(made)
    problem = done.of(wire.Failed)[0].problem
    assert problem.node == "data"
    assert "data" in problem.message.lower()
    assert not problem.fixes


def test_no_checkpoint_holds_what_is_not_a_number(spiral, train, tmp_path) -> None:
    from chalknet.training import checkpoint

    done = train(
        plan(spiral(epochs=20, optimizer={"type": "sgd", "fields": {"lr": 900.0}}), threads=1, directory=tmp_path)
    )
    file = tmp_path / checkpoint.FILE
    if done.end.state == "failed" and file.exists():
        found = checkpoint.read(file, done.plan)
        assert found is not None
        assert found.finite()
    snapshot = checkpoint.take(done.plan, 0, {})
    snapshot.tensors["model.out.bias"][0] = float("inf")
    assert not snapshot.finite()
