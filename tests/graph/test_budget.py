"""Budgets of a board: problems in words and numbers where they are exceeded, and nothing where they are kept."""

from __future__ import annotations

import pytest

from chalknet.graph.infer import infer

WIRES = ("data.image > conv", "conv > flat", "flat > fc")


def priced(classifier, **budget):
    nodes = {"conv": ("conv2d", {"channels": 2, "kernel": 5}), "flat": "flatten", "fc": ("linear", {"units": 10})}
    return infer(classifier(nodes, *WIRES, end="fc", recipe={"budget": budget}))


@pytest.mark.parametrize(
    ("name", "total"), [("parameters", "parameters"), ("macs", "macs"), ("memory", "training_bytes")]
)
def test_a_budget_is_told_when_it_is_exceeded_and_not_before(classifier, only, name, total):
    free = priced(classifier)
    spent = getattr(free, total)
    assert free.problems == [] == priced(classifier, **{name: spent}).problems
    problem = only(priced(classifier, **{name: spent - 1}), "over_budget")
    assert problem.severity == "warning" and problem.field == f"budget.{name}"
    assert f"{spent:,}" in problem.message and f"its budget is {spent - 1:,}" in problem.message
    most = {"parameters": "fc", "macs": "conv", "memory": "fc"}[name]
    assert problem.node == most and problem.message.count("Most sit in") == 1


def test_what_reaches_a_loss_is_to_see_enough(classifier, only):
    nodes = {"conv": ("conv2d", {"channels": 1, "kernel": 3}), "same": ("conv2d", {"channels": 1, "kernel": 1})}
    wires = ("data.image > conv", "data.image > same")
    board = {"loss2": "mse", **nodes}
    ends = ("conv > loss2.x", "conv > loss2.target")
    found = infer(classifier(board, *wires, *ends, end="same", recipe={"budget": {"receptive_field": 4}}))
    seen = [problem for problem in found.problems if problem.code == "over_budget"]
    assert {problem.node: problem.message for problem in seen}["conv"].endswith(
        "a unit sees 3×3 pixels; expected at least 4×4."
    )
    assert priced(classifier, receptive_field=500).problems == [], "behind a Linear everything is seen"


def test_a_board_without_a_budget_means_what_it_meant(classifier):
    """Version 1 documents keep their hash."""
    board = classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points")
    assert "budget" not in str(board.dump())
    assert (
        board.hash()
        != board.model_copy(
            update={"recipe": board.recipe.model_copy(update={"budget": type(board.recipe.budget)(macs=1)})}
        ).hash()
    )
