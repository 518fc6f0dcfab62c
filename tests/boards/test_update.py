"""The reader lets every honest edit through, and nothing else: what it passes never breaks the CRDT."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, UndoManager, merge_updates

from chalknet.boards import binding, update
from chalknet.boards.update import Gap, Refusal
from chalknet.graph.document import Document

NAMES = st.sampled_from(["a", "b", "c", "Ω"])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**53),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(NAMES, st.lists(st.text(max_size=3), max_size=2), max_size=2),
)
EDITS = st.lists(
    st.tuples(st.sampled_from(update.ROOTS), NAMES, st.sampled_from(["set", "map", "inner", "delete", "undo"]), VALUES),
    max_size=30,
)


def _apply(doc: Doc, undo: UndoManager, root: str, name: str, kind: str, value: object) -> None:
    target = doc.get(root, type=Map)
    if kind == "set":
        target[name] = value
    elif kind == "map":
        target[name] = Map({"type": value, "fields": Map({"x": value})})
    elif kind == "delete" and name in target:
        del target[name]
    elif kind == "inner" and isinstance(target.get(name), Map):
        target[name]["inner"] = Map({name: value})
    elif kind == "undo" and undo.can_undo():
        undo.undo()


@settings(max_examples=60, deadline=None)
@given(EDITS, EDITS)
def test_honest_edits_pass(left: list[Any], right: list[Any]) -> None:
    """Of two people, one by one, merged, and as a whole: nothing is refused, and the clocks are right."""
    docs = [binding.new_doc(), binding.new_doc()]
    for doc, edits in zip(docs, (left, right), strict=True):
        undo = UndoManager(scopes=[doc.get(root, type=Map) for root in update.ROOTS], capture_timeout_millis=0)
        start = update.read_clocks(doc.get_state())
        clocks = dict(start)
        updates = []
        for edit in edits:
            before = doc.get_state()
            _apply(doc, undo, *edit)
            updates.append(doc.get_update(before))
            read = update.read(updates[-1], clocks)
            clocks |= read.ends
        assert clocks == update.read_clocks(doc.get_state())
        if updates:
            assert update.read(merge_updates(*updates), start).ends.items() <= clocks.items()
        other = docs[1 - docs.index(doc)]
        other.apply_update(doc.get_update())
        whole = other.get_update()
        assert update.read(whole, {}).ends == update.read_clocks(other.get_state())
        again = update.read(whole, update.read_clocks(other.get_state()))
        assert not again.is_news


def test_what_the_reader_passes_never_breaks_the_crdt(small: Document) -> None:
    """20,000 damaged updates: the CRDT may refuse what the reader let pass, but must not panic."""
    chance = random.Random(0)
    honest = binding.state(small)
    passed = 0
    for _ in range(20_000):
        damaged = bytearray(honest)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.choice(
                [0, 1, 117, 118, 127, 128, 255, chance.randrange(256)]
            )
        if chance.random() < 0.3:
            damaged = damaged[: chance.randrange(len(damaged))]
        try:
            update.read(bytes(damaged), {})
        except Refusal:
            continue
        passed += 1
        doc = binding.new_doc()
        try:  # noqa: SIM105 — the point is which exceptions
            doc.apply_update(bytes(damaged))
        except (ValueError, RuntimeError):
            pass
    assert passed > 500


def test_every_truncation_is_refused(small: Document) -> None:
    honest = binding.state(small)
    for length in range(len(honest)):
        with pytest.raises(Refusal):
            update.read(honest[:length], {})
    with pytest.raises(Refusal):
        update.read(honest + b"\0", {})


def test_nested_brackets_are_refused() -> None:
    """Half a megabyte of them, which would overflow the CRDT's stack and end the process."""
    doc = binding.new_doc()
    doc.get("nodes", type=Map)["a"] = ["here"]
    honest = doc.get_update()
    at = honest.index(b"\x75\x01\x77")
    with pytest.raises(Refusal, match="nested"):
        update.read(honest[:at] + b"\x75\x01" * 250_000 + honest[at:], {})


def test_nested_maps_are_refused() -> None:
    doc = binding.new_doc()
    inner = doc.get("nodes", type=Map)
    with doc.transaction():
        for _ in range(update.MOST_DEPTH + 1):
            inner["x"] = Map()
            inner = inner["x"]
    with pytest.raises(Refusal, match="nested"):
        update.read(doc.get_update(), {})


def test_maps_that_hold_each_other_are_refused() -> None:
    """Two clients' operations whose parents are each other's."""
    circle = bytes((2, 1, 7, 0, 0x27, 0, 5, 0, 1, 97, 1, 1, 5, 0, 0x27, 0, 7, 0, 1, 97, 1, 0))
    with pytest.raises(Refusal, match="circles"):
        update.read(circle, {})


def _node(value: object) -> Callable[[Doc], None]:
    return lambda doc: doc.get("nodes", type=Map).__setitem__("a", value)


FOREIGN: dict[str, Callable[[Doc], None]] = {
    "array": _node(Array([1])),
    "text": _node(Text("x")),
    "subdocument": _node(Doc()),
    "bytes": _node(b"bytes"),
    "long key": lambda doc: doc.get("nodes", type=Map).__setitem__("n" * 300, 1),
    "foreign root": lambda doc: doc.get("evil", type=Map).__setitem__("a", 1),
    "root as a list": lambda doc: doc.get("nodes", type=Array).append(1),
    "root as text": lambda doc: doc.get("meta", type=Text).insert(0, "x"),
}


@pytest.mark.parametrize("fill", FOREIGN.values(), ids=FOREIGN)
def test_foreign_kinds_are_refused(fill: Callable[[Doc], None]) -> None:
    doc: Doc = Doc()
    fill(doc)
    with pytest.raises(Refusal):
        update.read(doc.get_update(), {})


def test_gaps_are_told_apart(small: Document) -> None:
    doc = binding.new_doc()
    doc.apply_update(binding.state(small))
    nodes = doc.get("nodes", type=Map)
    start = doc.get_state()
    nodes["x"] = 1
    between = doc.get_state()
    nodes["x"] = 2
    late = doc.get_update(between)
    with pytest.raises(Gap):
        update.read(late, update.read_clocks(start))
    assert update.read(late, update.read_clocks(between)).is_news
    before = doc.get_state()
    del nodes["x"]
    with pytest.raises(Gap):
        update.read(doc.get_update(before), update.read_clocks(start))


def test_nothing_is_nothing() -> None:
    assert update.read(b"\0\0", {}).is_empty


def test_what_was_left_out_may_be_known(small: Document) -> None:
    """A page that got an edit without what it builds on sends it back with a hole; the server knows what is in it."""
    doc = binding.new_doc()
    nodes = doc.get("nodes", type=Map)
    parts = []
    for count in range(3):
        before = doc.get_state()
        nodes["x"] = count
        parts.append(doc.get_update(before))
    holed = merge_updates(parts[0], parts[2])
    assert not update.read(holed, update.read_clocks(doc.get_state())).is_news
    with pytest.raises(Gap):
        update.read(holed, {})
