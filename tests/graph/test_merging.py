"""Two Linear layers with nothing bent between them are one: said with numbers, and merged by a press (V-031)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn

from chalknet.graph.document import Document
from chalknet.graph.edits import apply
from chalknet.graph.infer import infer
from chalknet.training.compile import compile
from tests.graph.conftest import classifier, level, only


def row(*between: Any, first: Any = None, **more: Any) -> Document:
    """Points → a of 8 units → … → b of 2 units → loss."""
    nodes = {"a": first or ("linear", {"units": 8}), **{f"m{i}": each for i, each in enumerate(between)}}
    nodes |= {"b": ("linear", {"units": 2})}
    chain = ["data.x", *nodes]
    wires = [f"{one} > {other}" for one, other in pairwise(chain)]
    return classifier(nodes, *wires, end="b", data="points", **more)


def codes(document: Document) -> list[str]:
    return [problem.code for problem in infer(document).problems]


def test_two_in_a_row_are_an_idea_with_numbers() -> None:
    """2·8 + 8 and 8·2 + 2 are 42 numbers; one layer of 2·2 + 2 = 6 computes the same."""
    problem = only(infer(row()), "one_linear")
    assert problem.severity == "info" and problem.node == "b"
    assert "y = W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂)" in problem.message
    assert "42 parameters do the work of 6" in problem.message
    assert [fix.title for fix in problem.fixes] == ["Put ReLU between a and b", "Merge a into b"]
    assert [fix.adds_parameters for fix in problem.fixes] == [0, 6 - 42]


def test_it_is_gone_behind_either_way_out() -> None:
    document = row()
    for fix in only(infer(document), "one_linear").fixes:
        assert codes(apply(document, fix.edits)) == []


@pytest.mark.parametrize(("inner", "outer"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_merged_layer_computes_what_both_did(inner: bool, outer: bool) -> None:
    """Its weight is W₂W₁, its bias W₂b₁ + b₂: torch's own layers, on numbers of every kind."""
    document = row(first=("linear", {"units": 8, "bias": inner}))
    document.nodes["b"].fields["bias"] = outer
    merge = only(infer(document), "one_linear").fixes[1]
    both, one = compile(document), compile(apply(document, merge.edits))
    first, second = both.modules["a"], both.modules["b"]
    merged = one.modules["b"]
    assert all(isinstance(each, nn.Linear) for each in (first, second, merged))
    with torch.no_grad():
        merged.weight.copy_(second.weight @ first.weight)
        if inner or outer:
            shift = second.weight @ first.bias if inner else torch.zeros(2)
            merged.bias.copy_(shift + second.bias if outer else shift)
    assert (merged.bias is not None) == (inner or outer)
    x = torch.randn(50, 2)
    torch.testing.assert_close(merged(x), second(first(x)))


@pytest.mark.parametrize("bend", ["relu", "tanh", "softmax"])
def test_what_bends_between_them_ends_it(bend: str) -> None:
    assert "one_linear" not in codes(row(bend))


def test_a_narrow_layer_between_wide_ones_is_meant_so() -> None:
    """64 → 2 → 64 has fewer parameters than 64 → 64: it is a bottleneck."""
    nodes = {
        "flat": "flatten",
        "a": ("linear", {"units": 2}),
        "b": ("linear", {"units": 64}),
        "r": "relu",
        "c": ("linear", {"units": 10}),
    }
    wires = ("data.image > flat", "flat > a", "a > b", "b > r", "r > c")
    assert "one_linear" not in codes(classifier(nodes, *wires, end="c"))


def test_an_output_that_is_used_twice_stays() -> None:
    nodes = {"a": ("linear", {"units": 2}), "b": ("linear", {"units": 2}), "s": "add"}
    assert "one_linear" not in codes(classifier(nodes, "data.x > a", "a > b", "a > s", "b > s", end="s", data="points"))


def test_frozen_shared_and_separately_learned_layers_stay() -> None:
    frozen = {"type": "linear", "fields": {"units": 8}, "trainable": False}
    assert "one_linear" not in codes(row(first=frozen))
    assert "one_linear" not in codes(row(recipe={"phases": {"main": {"updates": ["b"]}}}))
    both = row(recipe={"phases": {"main": {"updates": ["a", "b"]}}})
    merge = only(infer(both), "one_linear").fixes[1]
    after = apply(both, merge.edits)
    assert after.recipe.phases["main"].updates == ["b"] and codes(after) == []


def test_in_a_repeated_block_it_is_said_once() -> None:
    inside = level(
        {"x": "block_input", "a": ("linear", {"units": 4}), "b": ("linear", {"units": 2}), "y": "block_output"},
        ["x > a", "a > b", "b > y"],
    )
    nodes = {"r": {"type": "block", "block": "two", "mode": "repeat", "times": 3}, "c": ("linear", {"units": 2})}
    document = classifier(nodes, "data.x > r.x", "r.y > c", end="c", data="points", blocks={"two": inside})
    found = only(infer(document), "one_linear")
    merge = next(fix for fix in found.fixes if fix.title.startswith("Merge"))
    after = infer(apply(document, merge.edits))
    assert after.parameters == 3 * 6 + 6
    assert merge.adds_parameters == after.parameters - infer(document).parameters
