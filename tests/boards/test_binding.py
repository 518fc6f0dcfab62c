"""Document ⇄ shared document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map

from chalknet.boards import binding
from chalknet.graph import gallery
from chalknet.graph.document import MOST_NODES, Document


def _shared(document: Document) -> Doc:
    doc = binding.new_doc()
    doc.apply_update(binding.state(document))
    return doc


def test_round_trip(small: Document) -> None:
    document, problems = binding.read(binding.text(_shared(small)))
    assert document == small
    assert document.hash() == small.hash()
    assert not problems


@pytest.mark.parametrize("name", list(gallery.boards()))
def test_every_gallery_board_comes_back_unchanged(name: str) -> None:
    """R-012: document → shared document → document, by its meaning and by everything else, and again from there."""
    board = gallery.boards()[name]
    document, problems = binding.read(binding.text(_shared(board)))
    assert document == board and document.hash() == board.hash()
    assert document.dump() == board.dump()
    assert not problems
    again, _ = binding.read(binding.text(_shared(document)))
    assert again.hash() == board.hash()


def test_an_empty_board_reads_as_a_new_one() -> None:
    assert binding.read(binding.text(binding.new_doc())) == (Document(), [])


def test_whole_floats_are_integers(small: Document, shared: Callable[[Any], Any]) -> None:
    """JavaScript knows one kind of number."""
    doc = _shared(small)
    doc.get("nodes", type=Map)["line"]["fields"]["units"] = 2.0
    doc.get("recipe", type=Map)["epochs"] = 5.0
    document, _ = binding.read(binding.text(doc))
    assert document.hash() == small.hash()
    assert type(document.nodes["line"].fields["units"]) is int
    doc.get("nodes", type=Map)["line"]["fields"]["units"] = 2.5
    assert binding.read(binding.text(doc))[0].nodes["line"].fields["units"] == 2.5


def test_edges_without_an_end_are_left_out(small: Document) -> None:
    """One deletes a node while another wires it: the wire is ignored, and the rest goes on."""
    left, right = _shared(small), binding.new_doc()
    right.apply_update(left.get_update())
    del left.get("nodes", type=Map)["line"]
    right.get("edges", type=Map)["new"] = Map({"from": "line", "to": "loss", "in": "mask"})
    left.apply_update(right.get_update())
    document, problems = binding.read(binding.text(left))
    assert set(document.nodes) == {"data", "loss"} and set(document.edges) == {"c"}
    assert not problems
    assert sorted(edge for _, edge in binding.dangling(binding.text(left))) == ["a", "b", "new"]


def test_dangling_edges_inside_a_block(small: Document, shared: Callable[[Any], Any]) -> None:
    doc = _shared(small)
    doc.get("blocks", type=Map)["twice"]["edges"]["lost"] = shared({"from": "x", "to": "gone"})
    raw = binding.text(doc)
    assert binding.read(raw)[0] == small
    assert binding.dangling(raw) == [("twice", "lost")]
    del binding.edges(doc, "twice")["lost"]
    assert binding.dangling(binding.text(doc)) == []


@pytest.mark.parametrize(
    ("root", "key", "value", "node", "edge"),
    [
        ("nodes", "odd", {"fields": {}}, "odd", None),
        ("nodes", "odd", {"type": 7}, "odd", None),
        ("nodes", "odd", "no map at all", "odd", None),
        ("nodes", "odd", {"type": "relu", "what": 1}, "odd", None),
        ("nodes", "o d d", {"type": "relu"}, "o d d", None),
        ("nodes", "odd", {"type": "block", "times": 0}, "odd", None),
        ("edges", "odd", {"to": "loss"}, None, "odd"),
        ("blocks", "odd", {"title": ["x"]}, None, None),
        ("recipe", "batch", -3, None, None),
    ],
)
def test_a_piece_that_cannot_be_read_is_left_out_and_said(
    small: Document, shared: Callable[[Any], Any], root: str, key: str, value: Any, node: str | None, edge: str | None
) -> None:
    doc = _shared(small)
    doc.get(root, type=Map)[key] = shared(value)
    document, problems = binding.read(binding.text(doc))
    assert document.nodes == small.nodes and document.edges == small.edges and document.blocks == small.blocks
    (problem,) = problems
    assert (problem.code, problem.node, problem.edge) == ("unreadable", node, edge)
    assert key in problem.message
    (fix,) = problem.fixes
    assert fix.edits[0].remove and fix.edits[0].path[0] == root


def test_an_unreadable_place_is_forgotten_without_a_word(small: Document, shared: Callable[[Any], Any]) -> None:
    doc = _shared(small)
    doc.get("drawing", type=Map)["positions"]["line"] = shared({"x": "left"})
    document, problems = binding.read(binding.text(doc))
    assert document == small and not problems


def test_pieces_inside_a_block(small: Document, shared: Callable[[Any], Any]) -> None:
    doc = _shared(small)
    doc.get("blocks", type=Map)["twice"]["nodes"]["bad"] = shared({"type": 1})
    document, problems = binding.read(binding.text(doc))
    assert document == small
    assert problems[0].fixes[0].edits[0].path == ["blocks", "twice", "nodes", "bad"]


def test_too_many_nodes_are_one_problem(shared: Callable[[Any], Any]) -> None:
    doc = binding.new_doc()
    nodes = doc.get("nodes", type=Map)
    with doc.transaction():
        for number in range(MOST_NODES + 1):
            nodes[f"n{number}"] = shared({"type": "relu"})
    document, problems = binding.read(binding.text(doc))
    assert document == Document()
    assert f"{MOST_NODES:,}" in problems[0].message


def test_a_foreign_version_is_said(small: Document) -> None:
    doc = _shared(small)
    doc.get("meta", type=Map)["version"] = 99
    document, problems = binding.read(binding.text(doc))
    assert document == Document() and "99" in problems[0].message


def test_nan_becomes_nothing(small: Document) -> None:
    """JSON has no NaN; the layer then says that its field is wrong."""
    doc = _shared(small)
    doc.get("nodes", type=Map)["line"]["fields"]["units"] = float("nan")
    assert binding.read(binding.text(doc))[0].nodes["line"].fields["units"] is None
