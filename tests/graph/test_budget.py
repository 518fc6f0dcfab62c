"""Budgets of a board: problems in words and numbers where they are exceeded, and nothing where they are kept."""

from __future__ import annotations

import pytest

from chalknet.graph.document import Document
from chalknet.graph.edits import apply
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


def over(found):
    return [problem for problem in found.problems if problem.severity == "error" or problem.code == "over_budget"]


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


def test_of_all_that_reaches_the_losses_the_narrowest_is_named(classifier):
    """What a Linear gives sees everything: it is named only where nothing else arrives at a loss."""
    nodes = {"conv": ("conv2d", {"channels": 1, "kernel": 3}), "loss2": "mse"}
    wires = ("data.image > conv", "conv > flat", "flat > fc", "conv > loss2.x", "conv > loss2.target")
    both = infer(classifier({**nodes, "flat": "flatten", "fc": ("linear", {"units": 10})}, *wires, end="fc"))
    assert both.narrowest == "conv" and both.nodes["conv"].receptive_field.size == (3, 3)
    alone = priced(classifier)
    assert alone.narrowest == "fc" and alone.nodes["fc"].receptive_field.whole
    assert infer(classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points")).narrowest == ""


def test_one_way_out_of_seeing_too_little_is_a_larger_kernel(only):
    """C-023: behind a pooling of stride 2, two more weights see four more pixels."""
    board = Document.model_validate(
        {
            "nodes": {
                "data": {"type": "shapes"},
                "first": {"type": "conv2d", "fields": {"channels": 4, "padding": "same"}},
                "pool": {"type": "max_pool2d"},
                "second": {"type": "conv2d", "fields": {"channels": 4, "padding": 1}},
                "loss": {"type": "mse"},
            },
            "edges": {
                "a": {"from": "data", "out": "image", "to": "first"},
                "b": {"from": "first", "to": "pool"},
                "c": {"from": "pool", "to": "second"},
                "d": {"from": "second", "to": "loss", "in": "prediction"},
                "e": {"from": "second", "to": "loss", "in": "target"},
            },
            "recipe": {"budget": {"receptive_field": 12}},
        }
    )
    problem = only(infer(board), "over_budget")
    assert "a unit sees 8×8 pixels; expected at least 12×12" in problem.message
    titles = {fix.title: fix for fix in problem.fixes}
    better = infer(apply(board, titles["Set the kernel of second to 5"].edits))
    assert over(better) == [] and better.nodes["second"].receptive_field.size == (12, 12)
    assert better.nodes["second"].outputs == infer(board).nodes["second"].outputs
    further = infer(apply(board, titles["Set the kernel of first to 7"].edits))
    assert over(further) == [] and further.nodes["second"].receptive_field.size == (12, 12)


def test_one_way_out_of_too_many_parameters_is_a_narrower_layer(classifier, only):
    nodes = {"flat": "flatten", "wide": ("linear", {"units": 100}), "fc": ("linear", {"units": 10})}
    wires = ("data.image > flat", "flat > wide", "wide > fc")
    board = classifier(nodes, *wires, end="fc", recipe={"budget": {"parameters": 4_000}})
    found = infer(board)
    for fix in only(found, "over_budget").fixes:
        after = infer(apply(board, fix.edits))
        assert over(after) == [], fix.title
    assert any(fix.title.startswith("Set units of") for fix in only(found, "over_budget").fixes)
