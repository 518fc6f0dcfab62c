"""L-078: what has no slope cuts off what could learn; it is told, and taken away by a fix."""

from __future__ import annotations

from typing import Any

from chalknet.graph.fixes import apply
from chalknet.graph.infer import infer


def decided(board: Any, *more: str, **nodes: Any) -> Any:
    """A loss behind a decision: the class with the largest score, written as one-hot numbers."""
    return board(
        {
            "data": "points", "fc": ("linear", {"units": 2}), "hard": "argmax", "hot": "one_hot",
            "loss": "cross_entropy", **nodes,
        },
        "data.x > fc", "fc > hard", "hard > hot", *(more or ("hot > loss.logits",)), "data.label > loss.target",
    )  # fmt: skip


def test_an_argmax_before_a_loss_is_refused(board: Any, only: Any) -> None:
    document = decided(board)
    found = only(infer(document), "no_slope")
    assert found.severity == "error" and found.node == "hard"
    assert found.message == "hard: Argmax has no slope, so nothing before it could learn from loss."


def test_another_way_to_the_loss_is_enough(board: Any) -> None:
    """A decision beside the scores (a skip round it) cuts nothing off."""
    document = decided(board, "hot > both", "fc > both", "both > loss.logits", both="add")
    assert not [problem for problem in infer(document).problems if problem.severity == "error"]


def read(board: Any, *wires: str, **nodes: Any) -> list[str]:
    """What is said of a classifier with something drawn beside its loss."""
    drawn = board(
        {"data": "points", "fc": ("linear", {"units": 2}), "loss": "cross_entropy", **nodes},
        "data.x > fc", "fc > loss.logits", "data.label > loss.target", *wires,
    )  # fmt: skip
    return [problem.code for problem in infer(drawn).problems]


def test_an_answer_drawn_to_be_looked_at_is_not_doubted(board: Any) -> None:
    """A softmax, a decision, or both in a row, beside the loss: no gradient has to pass there."""
    for layer in ("softmax", "argmax", "sigmoid"):
        assert read(board, "fc > shown", shown=layer) == []
    assert read(board, "fc > shares", "shares > hard", shares="softmax", hard="argmax") == []
    assert read(board, "fc > hard", "hard > hot", hard="argmax", hot="one_hot") == []


def test_what_is_no_answer_of_what_learns_is_doubted_still(board: Any) -> None:
    assert read(board, "fc > r", r="relu") == ["dangling"], "forgotten, rather"
    assert read(board, "fc > own", "own > s", own=("linear", {"units": 3}), s="softmax") == ["dangling"]
    assert read(board, "data.x > s", s="softmax") == ["dangling"], "nothing that learns leads there"


def test_the_fix_takes_it_away(board: Any, only: Any) -> None:
    """The decision goes with the one-hot behind it: the scores reach the loss, and the board is right."""
    document = decided(board)
    fix = only(infer(document), "no_slope").fixes[0]
    assert fix.title == "Take hard and hot away"
    after = apply(document, fix.edits)
    assert set(after.nodes) == {"data", "fc", "loss"}
    assert not [problem for problem in infer(after).problems if problem.severity == "error"]
