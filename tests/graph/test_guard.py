"""Doubtful choices are named, and sound ones are left alone (T-072, L-009, L-010, T-015, T-045)."""

from __future__ import annotations

from typing import Any

import pytest

from chalknet.graph import gallery
from chalknet.graph.descent import OPTIMIZERS
from chalknet.graph.document import Document
from chalknet.graph.infer import find, infer
from tests.graph.conftest import classifier, only
from tests.graph.test_every_problem import plane, rows

GUARD = {
    "batch_of_one", "doubtful_rate", "dropped_answer", "heavy_penalty", "long_warm_up", "squared_classes",
    "unscaled", "zero_weights",
}  # fmt: skip


def codes(document: Document) -> set[str]:
    return {problem.code for problem in infer(document).problems}


def test_no_board_of_the_gallery_is_doubted() -> None:
    for name, document in gallery.boards().items():
        assert not codes(document) & GUARD, name


@pytest.mark.parametrize("type_", OPTIMIZERS)
def test_a_rate_far_from_what_is_usual(type_: str) -> None:
    """T-015: every optimizer with its usual rate is left alone; ten thousand times more, and less, are named."""
    form = OPTIMIZERS[type_]

    def at(lr: float) -> Document:
        return plane(recipe={"phases": {"main": {"optimizer": {"type": type_, "fields": {"lr": lr}}}}})

    assert "doubtful_rate" not in codes(at(form().lr))
    for lr, word in ((min(1000.0, form().lr * 1e4), "large"), (form().lr * 1e-5, "small")):
        found = only(infer(at(lr)), "doubtful_rate")
        assert found.severity == "warning" and f"very {word} for {form.title}" in found.message
        assert found.fixes[0].title == f"Set the learning rate to {form().lr:g}, {form.title}'s usual one"


def test_only_hidden_layers_may_not_begin_at_zero() -> None:
    """T-045: a softmax regression and a last layer that begin at 0 learn."""
    zeros: dict[str, Any] = {"type": "linear", "fields": {"units": 2}, "init": {"how": "zeros"}}
    assert "zero_weights" not in codes(plane(last=zeros))
    assert "zero_weights" not in codes(plane(("linear", {"units": 5}), "relu", last=zeros))
    found = only(infer(plane({**zeros, "fields": {"units": 5}}, "relu")), "zero_weights")
    assert [fix.title for fix in found.fixes] == [
        "Draw the first weights at random (He)", "Draw the first weights at random (Xavier)",
    ]  # fmt: skip


def test_dropout_behind_the_last_layer_only() -> None:
    drop = ("dropout", {"rate": 0.3})
    assert "dropped_answer" not in codes(plane(("linear", {"units": 5}), drop))
    assert "dropped_answer" not in codes(plane(("linear", {"units": 2}), last=("dropout", {"rate": 0.0})))
    behind = classifier({"fc": ("linear", {"units": 2}), "drop": drop, "flat": "identity"},
                        "data.x > fc", "fc > drop", "drop > flat", end="flat", data="points")  # fmt: skip
    assert only(infer(behind), "dropped_answer").node == "drop"


def test_columns_that_are_not_scaled() -> None:
    """T-044: of diabetes total cholesterol deviates by 34.6, the logarithm of triglycerides by 0.52. Scaled, or of one
    width and near 0 as iris is, columns are left alone; a lone one far from 0 is not."""

    def table(**fields: Any) -> Document:
        return rows(**{"data": "wine", **fields})

    found = only(infer(table(data="diabetes", task="numbers", scaling="none")), "unscaled")
    assert "'total cholesterol' is about 66 times as wide as 'log triglycerides'" in found.message
    assert found.severity == "warning" and found.field == "scaling"
    assert [fix.title for fix in found.fixes] == ["Standardise the columns", "Scale the columns to 0 … 1"]
    for scaling in ("standard", "range"):
        assert "unscaled" not in codes(table(scaling=scaling))
    assert "unscaled" not in codes(table(data="iris", scaling="none"))
    alone = only(infer(table(features="proline", scaling="none")), "unscaled")
    assert "'proline' lies about 747 from 0" in alone.message


def test_a_batch_of_one_is_enough_without_batch_norm() -> None:
    assert "batch_of_one" not in codes(plane(("linear", {"units": 4}), "layer_norm", recipe={"batch": 1}))
    assert "batch_of_one" not in codes(plane(("linear", {"units": 4}), "batch_norm1d", recipe={"batch": 2}))
    frozen = {"type": "batch_norm1d", "trainable": False}
    assert "batch_of_one" not in codes(plane(("linear", {"units": 4}), frozen, recipe={"batch": 1}))


def test_nothing_is_forbidden() -> None:
    """What is doubted can be trained all the same."""
    doubted = plane(recipe={"phases": {"main": {"optimizer": {"fields": {"lr": 5}}}}})
    assert all(problem.severity != "error" for problem in infer(doubted).problems)


def test_a_board_that_was_changed_after_several_looks_at_its_test_samples() -> None:
    """M-007: with one look, with another seed, or as it was at one of the looks, nothing is said."""

    def of(**recipe: Any) -> Document:
        return plane(recipe=recipe)

    looks = [of(batch=batch).hash(seed=False) for batch in (10, 20)]

    def said(document: Document, *tested: str) -> bool:
        return "tuned_on_test" in {problem.code for problem in find(document, tested=tested).inference.problems}

    assert not said(of(batch=30)) and not said(of(batch=30), looks[0])
    assert said(of(batch=30), *looks) and said(of(batch=30), looks[0], looks[0])
    assert not said(of(batch=20, seed=5), *looks) and not said(of(batch=10), *looks)
