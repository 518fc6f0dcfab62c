"""Nodes that one person moves into a block, or out of it, while another edits them: no edit is lost, all agree."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map

from chalknet.boards import binding, traces
from chalknet.graph.document import Document
from tests.boards.conftest import maps

pytestmark = pytest.mark.anyio

Change = Callable[[Doc], Any]


def root(doc: Doc, name: str) -> Map:
    return doc.get(name, type=Map)


def part(doc: Doc, scope: str, kind: str) -> Map:
    return root(doc, "blocks")[scope][kind] if scope else root(doc, kind)


def leave(doc: Doc, scope: str, node: str, *to: dict[str, Any]) -> None:
    """As a page does (its state/written.ts): the old map stays, and a trace says where the node went."""
    base = part(doc, scope, "nodes")[node].to_py()
    trace = {"to": list(to), "base": base, "at": time.time()}
    root(doc, "moved")[traces.place(scope, node)] = json.dumps(trace)


def group(doc: Doc) -> None:
    """``line`` of the small board goes into a block ``own``, between its ports."""
    with doc.transaction():
        line = root(doc, "nodes")["line"].to_py()
        root(doc, "blocks")["own"] = maps(
            {
                "title": "Own",
                "nodes": {"line": line, "in": {"type": "block_input"}, "out": {"type": "block_output"}},
                "edges": {"i": {"from": "in", "to": "line"}, "o": {"from": "line", "to": "out"}},
            }
        )
        root(doc, "nodes")["own"] = maps({"type": "block", "block": "own", "fields": {}})
        leave(doc, "", "line", {"scope": "own", "node": "line"})
        edges = root(doc, "edges")
        edges["a"] = maps({"from": "data", "out": "x", "to": "own", "in": "in"})
        edges["b"] = maps({"from": "own", "out": "out", "to": "loss", "in": "logits"})
        positions = root(doc, "drawing")["positions"]
        positions["own/line"] = maps({"x": 40, "y": 40})
        if "line" in positions:
            del positions["line"]


def ungroup(doc: Doc) -> None:
    """The block's parts again; nobody else uses it, so it goes out of sight with what is in it."""
    with doc.transaction():
        line = root(doc, "blocks")["own"]["nodes"]["line"].to_py()
        root(doc, "nodes")["apart"] = maps(line)
        leave(doc, "own", "line", {"node": "apart", "x": 100, "y": 0})
        fields = {"width": ["units"]}
        leave(doc, "", "own", {"node": "apart", "x": 0, "y": 0, "fields": fields})
        root(doc, "moved")["/own"] = json.dumps({"to": [{"node": "own", "x": 100}], "at": time.time()})
        edges = root(doc, "edges")
        edges["a"] = maps({"from": "data", "out": "x", "to": "apart"})
        edges["b"] = maps({"from": "apart", "to": "loss", "in": "logits"})


def field(scope: str, node: str, name: str, value: Any) -> Change:
    def change(doc: Doc) -> None:
        part(doc, scope, "nodes")[node]["fields"][name] = value

    return change


def seen(doc: Doc) -> Document:
    return binding.read(binding.text(doc))[0]


async def together(it: Any, first: Change, second: Change, before: Change | None = None) -> Document:
    """Two people change the board at the same moment, the room hears the first one first; what all see in the end."""
    ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
    if before is not None:
        ann.edit(before)
        await bob.until(lambda: seen(bob.doc) == seen(ann.doc))
    ann.edit(first)
    bob.edit(second)
    await ann.until(lambda: seen(ann.doc) == seen(it.room._doc))
    await bob.until(lambda: seen(bob.doc) == seen(it.room._doc))
    found = seen(it.room._doc)
    await ann.until(lambda: ann.saved == ann.seat.received)
    await bob.until(lambda: bob.saved == bob.seat.received)
    assert it.disk.read() == found, "what is kept is what is seen"
    assert binding.dangling(it.room.text) == []
    return found


ORDERS = pytest.mark.parametrize("late", [False, True], ids=["the edit first", "the move first"])


def ordered(late: bool, move: Change, edit: Change) -> tuple[Change, Change]:
    return (move, edit) if late else (edit, move)


@ORDERS
async def test_a_field_set_while_its_node_is_grouped(table: Any, late: bool) -> None:
    async with table() as it:
        found = await together(it, *ordered(late, group, field("", "line", "units", 7)))
        assert found.blocks["own"].nodes["line"].fields == {"units": 7}
        assert "line" not in found.nodes


@ORDERS
async def test_a_field_set_back_to_its_default_and_a_name(table: Any, late: bool) -> None:
    def change(doc: Doc) -> None:
        with doc.transaction():
            node = root(doc, "nodes")["line"]
            del node["fields"]["units"]
            node["name"] = "head"
            node["trainable"] = False

    async with table() as it:
        found = await together(it, *ordered(late, group, change))
        line = found.blocks["own"].nodes["line"]
        assert (line.fields, line.name, line.trainable) == ({}, "head", False)


@ORDERS
async def test_a_field_set_while_its_block_is_taken_apart(table: Any, late: bool) -> None:
    async with table() as it:
        found = await together(it, *ordered(late, ungroup, field("own", "line", "units", 7)), before=group)
        assert found.nodes["apart"].fields == {"units": 7}
        assert set(found.blocks) == {"twice"} and "own" not in found.nodes


@ORDERS
async def test_a_setting_of_the_block_while_it_is_taken_apart(table: Any, late: bool) -> None:
    """What is set on the instance reaches the part whose field it is."""
    async with table() as it:
        found = await together(it, *ordered(late, ungroup, field("", "own", "width", 9)), before=group)
        assert found.nodes["apart"].fields == {"units": 9}


@ORDERS
async def test_a_node_deleted_while_it_is_grouped(table: Any, late: bool) -> None:
    """A delete wins over a move, as it wins over an edit; its wires go with it."""

    def delete(doc: Doc) -> None:
        with doc.transaction():
            del root(doc, "nodes")["line"]
            del root(doc, "edges")["a"]
            del root(doc, "edges")["b"]

    async with table() as it:
        found = await together(it, *ordered(late, group, delete))
        own = found.blocks["own"]
        assert set(own.nodes) == {"in", "out"} and own.edges == {}
        assert "own/line" not in found.drawing.positions
        assert list(root(it.room._doc, "moved")) == []


@ORDERS
async def test_a_block_deleted_while_it_is_taken_apart(table: Any, late: bool) -> None:
    def delete(doc: Doc) -> None:
        with doc.transaction():
            del root(doc, "nodes")["own"]
            del root(doc, "blocks")["own"]
            del root(doc, "edges")["a"]
            del root(doc, "edges")["b"]

    async with table() as it:
        found = await together(it, *ordered(late, ungroup, delete), before=group)
        assert set(found.nodes) == {"data", "loss"}
        assert set(found.blocks) == {"twice"}


@ORDERS
async def test_a_card_dragged_while_it_is_moved(table: Any, shared: Any, late: bool) -> None:
    def drag(doc: Doc) -> None:
        root(doc, "drawing")["positions"]["own/line"] = shared({"x": 300, "y": 80})

    async with table() as it:
        found = await together(it, *ordered(late, ungroup, drag), before=group)
        assert (found.drawing.positions["apart"].x, found.drawing.positions["apart"].y) == (400, 80)
        assert "own/line" not in found.drawing.positions


@ORDERS
async def test_wires_drawn_to_a_node_while_it_is_grouped(table: Any, shared: Any, late: bool) -> None:
    """Through the port that carries the same value already, or through a new one."""

    def draw(doc: Doc) -> None:
        with doc.transaction():
            edges = root(doc, "edges")
            edges["again"] = shared({"from": "data", "out": "x", "to": "line", "in": "other"})
            edges["new"] = shared({"from": "data", "out": "label", "to": "line", "in": "third"})
            edges["out"] = shared({"from": "line", "to": "loss", "in": "extra"})
            edges["state"] = shared({"from": "line", "out": "state", "to": "loss", "in": "extra"})

    async with table() as it:
        found = await together(it, *ordered(late, group, draw))
        own = found.blocks["own"]
        inside = {(e.source, e.out, e.to, e.into) for e in own.edges.values()}
        outside = {(e.source, e.out, e.to, e.into) for e in found.edges.values()}
        [port] = [name for name in own.nodes if own.nodes[name].type == "block_input" and name != "in"]
        [exit] = [name for name in own.nodes if own.nodes[name].type == "block_output" and name != "out"]
        assert {("in", "y", "line", "other"), (port, "y", "line", "third"), ("line", "state", exit, "x")} <= inside
        assert {
            ("data", "label", "own", port),
            ("own", "out", "loss", "extra"),
            ("own", exit, "loss", "extra"),
        } < outside
        assert not any("line" in wire for wire in outside)


@ORDERS
async def test_a_wire_and_a_node_put_into_a_block_while_it_is_taken_apart(table: Any, shared: Any, late: bool) -> None:
    def draw(doc: Doc) -> None:
        with doc.transaction():
            root(doc, "blocks")["own"]["nodes"]["more"] = shared({"type": "relu", "fields": {}})
            root(doc, "blocks")["own"]["edges"]["w"] = shared({"from": "line", "to": "more"})
            root(doc, "drawing")["positions"]["own/more"] = shared({"x": 10, "y": 20})

    async with table() as it:
        found = await together(it, *ordered(late, ungroup, draw), before=group)
        assert found.nodes["more"].type == "relu"
        assert (found.edges["w"].source, found.edges["w"].to) == ("apart", "more")
        assert found.drawing.positions["more"].x == 110


async def test_an_edit_follows_through_several_moves(table: Any) -> None:
    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        ann.edit(group)
        ann.edit(ungroup)
        bob.edit(field("", "line", "units", 7))
        await ann.until(lambda: seen(ann.doc).nodes["apart"].fields == {"units": 7})


async def test_what_was_set_at_the_new_place_since_stays(table: Any) -> None:
    """Bob was without a connection: what ann set after she had grouped was set by one who saw more."""
    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        ann.edit(group)
        ann.edit(field("own", "line", "units", 5))
        bob.edit(field("", "line", "units", 7))
        bob.edit(field("", "line", "bias", False))
        await ann.until(lambda: "bias" in seen(ann.doc).blocks["own"].nodes["line"].fields)
        assert seen(ann.doc).blocks["own"].nodes["line"].fields == {"units": 5, "bias": False}


async def test_a_late_edit_is_carried_once(table: Any) -> None:
    """Set back to what it was at the new place, the value does not return."""
    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        ann.edit(group)
        bob.edit(field("", "line", "units", 7))
        await ann.until(lambda: seen(ann.doc).blocks["own"].nodes["line"].fields == {"units": 7})
        ann.edit(field("own", "line", "units", 2))
        bob.edit(field("", "data", "noise", 0.2))
        await ann.until(lambda: seen(ann.doc).nodes["data"].fields == {"noise": 0.2})
        assert seen(ann.doc).blocks["own"].nodes["line"].fields == {"units": 2}


async def test_an_empty_room_forgets_what_has_long_been_out_of_sight(table: Any, monkeypatch: Any) -> None:
    async with table() as it:
        ann = await it.guest(name="ann")
        ann.edit(group)
        await ann.until(lambda: ann.saved == ann.seat.received)
        before = seen(it.room._doc)
        it.room.leave(ann.seat)
        await it.room.settle()
        assert "line" in root(it.room._doc, "nodes"), "bob may come back with an edit of it"

        bob = await it.guest(name="bob")
        bob.edit(field("", "data", "noise", 0.2))
        await bob.until(lambda: bob.saved == bob.seat.received)
        it.room.leave(bob.seat)
        monkeypatch.setattr(traces, "KEPT", 0)
        await it.room.settle()
        assert "line" not in root(it.room._doc, "nodes") and list(root(it.room._doc, "moved")) == []
        assert seen(it.room._doc).blocks == before.blocks


@pytest.mark.parametrize(
    "text",
    ["", "{}", "no json", '{"to": 3}', '{"to": [{"node": "line"}]}', '{"to": [{"scope": "gone", "node": "x"}]}', 7.0],
)
async def test_a_trace_that_makes_no_sense_does_no_harm(table: Any, text: Any) -> None:
    """Also one that leads to itself."""

    def change(doc: Doc) -> None:
        root(doc, "moved")["line"] = text

    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        ann.edit(change)
        bob.edit(field("", "line", "units", 7))
        bob.edit(field("", "data", "noise", 0.2))
        await ann.until(lambda: seen(ann.doc).nodes["data"].fields == {"noise": 0.2})
        assert ann.seat.closing is None and it.room.failure is None


async def test_a_ring_of_traces_comes_to_rest(table: Any) -> None:
    def ring(doc: Doc) -> None:
        leave(doc, "", "line", {"node": "data"})
        leave(doc, "", "data", {"node": "line"})

    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        ann.edit(ring)
        bob.edit(field("", "line", "units", 7))
        await bob.until(lambda: bob.saved == bob.seat.received)
        assert it.room.failure is None and not it.room._moves.is_due
