"""A change to a handout on boards that are worked on: three states of one board made one."""

from __future__ import annotations

from typing import Any

import pytest

from chalknet.boards import binding
from chalknet.classes.revision import merge, raw, revise
from chalknet.graph.document import Document, load


@pytest.mark.parametrize(
    ("before", "now", "theirs", "merged", "kept"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}, 0),
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 3}, 0),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, 1),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, 0),
        ({"a": 1}, {}, {"a": 1}, {}, 0),
        ({"a": 1}, {}, {"a": 2}, {"a": 2}, 1),
        ({"a": 1}, {"a": 2}, {}, {}, 1),
        ({}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}, 0),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 1}}, {"a": {"x": 1, "y": 3}}, {"a": {"x": 2, "y": 3}}, 0),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [0, 1]}, {"a": [0, 1]}, 1),
        ({}, {"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}, 0),
    ],
)
def test_merge(before: Any, now: Any, theirs: Any, merged: Any, kept: int) -> None:
    assert merge(before, now, theirs) == (merged, kept)


def board(nodes: str, *wires: str) -> Document:
    edges = {wire: dict(zip(("from", "to"), wire.split("_"), strict=True)) for wire in wires}
    return load({"version": 1, "nodes": {node: {"type": "identity"} for node in nodes}, "edges": edges})


def revised(before: Document, now: Document, theirs: Document) -> Document:
    doc = binding.new_doc()
    binding.write(doc, theirs)
    revise(doc, raw(before), raw(now))
    return binding.read(binding.text(doc))[0]


def test_no_wire_is_left_loose() -> None:
    """The teacher wires a new node to one that a pupil has thrown away, and throws away one that a pupil has wired."""
    got = revised(
        board("abc", "a_b", "b_c"),
        board("abn", "a_b", "b_n"),
        board("acp", "a_c", "c_p"),
    )
    assert set(got.nodes) == {"a", "n", "p"}
    assert got.edges == {}, "b is gone on one side, c on the other"


def test_the_same_again_changes_nothing() -> None:
    theirs = board("abp", "a_p")
    once = revised(board("ab", "a_b"), board("abn", "a_b"), theirs)
    assert revised(board("abn", "a_b"), board("abn", "a_b"), once) == once
    assert set(once.nodes) == set("abpn")


def test_an_untouched_copy_becomes_the_new_one() -> None:
    before, now = board("ab", "a_b"), board("acd", "c_d")
    assert revised(before, now, before).dump() == now.dump()
