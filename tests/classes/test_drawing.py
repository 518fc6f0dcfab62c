"""A board in small, and what became of it since it was handed out."""

from __future__ import annotations

import copy
from typing import Any

from chalknet.classes.drawing import ACROSS, DOWN, difference, sketch
from chalknet.graph.document import Document, load

BOARD: dict[str, Any] = {
    "version": 1,
    "nodes": {
        "data": {"type": "points"},
        "a": {"type": "linear", "fields": {"units": 4}},
        "b": {"type": "linear", "fields": {"units": 4}},
        "sum": {"type": "add"},
        "strange": {"type": "no_such_layer"},
    },
    "edges": {
        "1": {"from": "data", "out": "x", "to": "a"},
        "2": {"from": "data", "out": "x", "to": "b"},
        "3": {"from": "a", "to": "sum", "in": "a"},
        "4": {"from": "b", "to": "sum", "in": "b"},
    },
    "drawing": {"positions": {"b": {"x": -31.4, "y": 1e12}}},
}


def changed(change: Any) -> Document:
    other = copy.deepcopy(BOARD)
    change(other)
    return load(other)


def test_nothing_became_of_it() -> None:
    assert difference(load(BOARD), load(BOARD)) == (0, 0, 0)
    moved = changed(lambda board: board["drawing"]["positions"].update(a={"x": 5, "y": 5}))
    assert difference(load(BOARD), moved) == (0, 0, 0), "where it stands means nothing"


def test_added_changed_removed() -> None:
    def rebuild(board: dict[str, Any]) -> None:
        board["nodes"]["new"] = {"type": "relu"}
        board["nodes"]["a"]["fields"]["units"] = 5
        del board["nodes"]["strange"]

    assert difference(load(BOARD), changed(rebuild)) == (1, 1, 1)


def test_what_flows_in_counts_what_flows_out_does_not() -> None:
    cut = changed(lambda board: board["edges"].pop("4"))
    assert difference(load(BOARD), cut) == (0, 1, 0)
    renamed = changed(lambda board: board["edges"].update(other=board["edges"].pop("4")))
    assert difference(load(BOARD), renamed) == (0, 0, 0), "a wire drawn anew is the same wire"


def test_nodes_of_blocks_count() -> None:
    block = {"nodes": {"in": {"type": "block_input"}}, "edges": {}}
    more = changed(lambda board: board.update(blocks={"block": block}))
    assert difference(load(BOARD), more) == (1, 0, 0)


def test_a_sketch_without_places() -> None:
    """What nobody has put anywhere stands in columns, by the wires before it; two of one column one below another."""
    strokes, wires = sketch(load(BOARD))
    place = dict(zip(BOARD["nodes"], strokes, strict=True))
    assert place["data"] == (0, 0, "data") and place["strange"] == (0, DOWN, "")
    assert place["a"][:2] == (ACROSS, 0) and place["sum"][:2] == (2 * ACROSS, 0)
    assert place["b"][:2] == (-31, 1_000_000), "a place from afar is bounded"
    assert wires == [(0, 1), (0, 2), (1, 3), (2, 3)]


def test_a_cycle_and_a_wire_to_nowhere() -> None:
    def twist(board: dict[str, Any]) -> None:
        board["edges"]["5"] = {"from": "sum", "to": "a"}
        board["edges"]["6"] = {"from": "gone", "to": "a"}

    strokes, wires = sketch(changed(twist))
    assert len(strokes) == 5 and (3, 1) in wires and len(wires) == 5
