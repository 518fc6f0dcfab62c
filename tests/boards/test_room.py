"""A room: what is acknowledged is kept, what is refused leaves no trace, nobody waits for another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pycrdt import Doc, Map

from chalknet.boards import binding, frames, room, update
from chalknet.boards.presence import Entry, _frame
from chalknet.boards.room import Broken
from chalknet.boards.seat import FORBIDDEN, MOST_WAITING, TOO_SLOW
from chalknet.graph import fixes
from chalknet.graph.document import MOST_BYTES, Document
from chalknet.graph.problems import Fix

pytestmark = pytest.mark.anyio


def put(root: str, key: str, value: Any) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        doc.get(root, type=Map)[key] = value

    return change


def units(count: float) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        doc.get("nodes", type=Map)["line"]["fields"]["units"] = count

    return change


async def test_two_guests_see_each_others_edits(table: Any, shared: Any) -> None:
    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        ann.edit(put("nodes", "x", shared({"type": "relu", "fields": {}})))
        bob.edit(put("nodes", "y", shared({"type": "tanh", "fields": {}})))
        await ann.until(lambda: "y" in ann.doc.get("nodes", type=Map))
        await bob.until(lambda: "x" in bob.doc.get("nodes", type=Map))
        assert update.read_clocks(ann.doc.get_state()) == update.read_clocks(bob.doc.get_state())
        assert ann.doc.get("nodes", type=Map).to_py() == bob.doc.get("nodes", type=Map).to_py()
        assert set(it.disk.read().nodes) == {"data", "line", "loss", "x", "y"}


async def test_nobody_is_told_of_edits_before_they_asked(table: Any) -> None:
    """An edit without what it builds on would wait in the page's copy, and come back with a hole."""
    async with table() as it:
        ann = await it.guest(name="ann")
        quiet = type(ann)(it, "editor", "quiet")
        quiet.seat.take(it.room.facts, it.room.presence)  # the greeting, not answered yet
        ann.edit(units(7))
        await ann.until(lambda: ann.saved == ann.seat.received)
        due = quiet.seat.take(it.room.facts, it.room.presence)
        assert not any(isinstance(message, bytes) and message[0] == frames.SYNC for message in due)
        quiet.say(frames.sync(frames.STEP1, quiet.doc.get_state()))
        await quiet.until(lambda: "line" in quiet.doc.get("nodes", type=Map))
        assert quiet.doc.get("nodes", type=Map)["line"]["fields"]["units"] == 7


async def test_saved_only_when_it_is_on_disk(table: Any) -> None:
    async with table() as it:
        ann, bob = await it.guest(name="ann"), await it.guest(name="bob")
        await ann.until(lambda: ann.saved == 1)  # the answer to the server's question
        it.disk.go_on.clear()
        ann.edit(units(7))
        # The other sees it, so the room has passed it on and waits for the disk.
        await bob.until(lambda: bob.doc.get("nodes", type=Map)["line"]["fields"]["units"] == 7)
        ann.listen()
        assert ann.saved == 1
        assert it.disk.read().nodes["line"].fields["units"] == 2
        it.disk.go_on.set()
        await ann.until(lambda: ann.saved == 2)
        assert it.disk.read().nodes["line"].fields["units"] == 7


async def test_edits_of_a_moment_are_kept_together(table: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        for count in range(50):
            ann.edit(units(count + 1))
        await ann.until(lambda: ann.saved == 51)
        assert len(it.disk.log) == 1
        assert it.disk.read().nodes["line"].fields["units"] == 50


async def test_an_edit_that_crosses_with_the_greeting(table: Any) -> None:
    """A page that comes back with edits of its own may send the next one before it has answered: it is no offence, and
    it is acknowledged with the answer that contains it."""
    async with table() as it:
        ann = await it.guest()
        it.room.leave(ann.seat)
        with ann.doc.transaction():
            units(8)(ann.doc)  # made without a connection
        again = type(ann)(it, "editor", "ann")
        again.doc = ann.doc
        again.edit(units(9))
        assert again.seat.closing is None
        await again.until(lambda: again.saved == 2)
        assert it.disk.read().nodes["line"].fields["units"] == 9


async def test_a_gap_later_on_is_refused(table: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        with ann.doc.transaction():
            units(8)(ann.doc)
        ann.edit(units(9))
        assert ann.seat.closing and ann.seat.closing[0] == FORBIDDEN


async def test_a_viewer_changes_nothing(table: Any) -> None:
    async with table() as it:
        ann, vic = await it.guest(name="ann"), await it.guest("viewer", "vic")
        vic.edit(units(99))
        await vic.until(lambda: vic.told("refused"))
        assert "look" in vic.told("refused")[0].message
        assert vic.seat.closing is None
        ann.edit(units(3))
        await vic.until(lambda: it.disk.read().nodes["line"].fields["units"] == 3)


async def test_a_viewers_answer_is_no_offence(table: Any) -> None:
    """A page answers the server's question whoever looks at it; only news in it are refused."""
    async with table() as it:
        vic = await it.guest("viewer", "vic")
        await vic.until(lambda: vic.told("inferred"))
        assert not vic.told("refused")
        it.room.leave(vic.seat)
        with vic.doc.transaction():
            units(5)(vic.doc)
        again = type(vic)(it, "viewer", "vic")
        again.doc = vic.doc
        await again.until(lambda: again.told("refused"))
        assert not it.disk.log


async def test_a_role_acts_at_once(table: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        ann.seat.changed(ann.seat.board.model_copy(update={"role": "viewer"}))
        ann.edit(units(4))
        await ann.until(lambda: ann.told("refused"))
        assert ann.told("board")[-1].board.role == "viewer"
        ann.seat.changed(ann.seat.board.model_copy(update={"role": "editor"}))
        ann.say(frames.sync(frames.STEP2, ann.doc.get_update()))
        await ann.until(lambda: it.disk.log)
        assert it.disk.read().nodes["line"].fields["units"] == 4


GARBAGE = {
    "nothing": b"",
    "one byte": b"\0",
    "an unknown kind": b"\7\0\0",
    "an unknown step": b"\0\7\0",
    "a length beyond the end": b"\0\2\x7f\0",
    "no update": b"\0\2\3abc",
    "no state": b"\0\0\3\xff\xff\xff",
    "no awareness": b"\1\3abc",
    "a huge frame": b"\0\2" + b"x" * (MOST_BYTES + 1),
}


@pytest.mark.parametrize("frame", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_closes_that_socket_only(table: Any, frame: bytes) -> None:
    async with table() as it:
        ann, eve = await it.guest(name="ann"), await it.guest(name="eve")
        eve.say(frame)
        assert eve.seat.closing and eve.seat.closing[0] == FORBIDDEN and eve.seat.closing[1]
        eve.edit(units(66))  # what comes after is not heard
        ann.edit(units(3))
        await ann.until(lambda: it.disk.read().nodes["line"].fields["units"] == 3)


async def test_a_refused_edit_leaves_no_trace(table: Any) -> None:
    """What the CRDT only refuses after it has begun to apply it is undone: text that is no text."""
    async with table() as it:
        ann, eve = await it.guest(name="ann"), await it.guest(name="eve")
        ann.edit(units(3))
        await ann.until(lambda: it.disk.log)
        before = it.room.text
        doc = Doc()
        doc.get("nodes", type=Map)["evil"] = "abc"
        eve.say(frames.sync(frames.UPDATE, doc.get_update().replace(b"abc", b"\xff\xfe\xfd")))
        assert eve.seat.closing and eve.seat.closing[0] == FORBIDDEN
        assert json.loads(it.room.text) == json.loads(before)
        ann.edit(units(4))
        await ann.until(lambda: it.disk.read().nodes["line"].fields["units"] == 4)


async def test_depth_is_bounded_over_many_edits(table: Any, shared: Any) -> None:
    """Each edit one level deeper: none is deep by itself."""
    async with table() as it:
        ann = await it.guest()

        def deeper(doc: Doc) -> None:
            inner = doc.get("nodes", type=Map)
            while "x" in inner:
                inner = inner["x"]
            inner["x"] = Map()

        for _ in range(update.MOST_DEPTH + 3):
            ann.edit(deeper)
            if ann.seat.closing:
                break
        assert ann.seat.closing and "nested" in ann.seat.closing[1]
        ann.table.room.text  # noqa: B018 — can still be written


async def test_the_board_is_bounded(table: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        for key in "abc":
            ann.edit(put("about", key, "x" * (MOST_BYTES * 4 // 10)))
        assert ann.seat.closing and f"{MOST_BYTES:,}" in ann.seat.closing[1]
        assert len(it.room.text) < MOST_BYTES


async def test_overwriting_is_not_growing(table: Any) -> None:
    """The same field set again and again: traces are folded away, the board never counts as full."""
    async with table() as it:
        ann = await it.guest()
        for _ in range(60):
            ann.edit(put("about", "summary", "x" * 400_000))
            await ann.until(lambda: ann.saved == ann.seat.received)
        assert ann.seat.closing is None
        assert len(it.disk.snapshot) + sum(map(len, it.disk.log)) < room.MOST_STATE


async def test_updates_are_folded(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FOLD_AFTER", 5)
    async with table() as it:
        ann = await it.guest()
        for count in range(12):
            ann.edit(units(count + 1))
            await ann.until(lambda: ann.saved == ann.seat.received)
        assert it.disk.folds == 2 and len(it.disk.log) == 2
        assert it.disk.read().nodes["line"].fields["units"] == 12


async def test_an_empty_room_settles_without_dangling_edges(table: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        ann.edit(lambda doc: doc.get("nodes", type=Map).__delitem__("line"))
        await it.room.settle()
        assert set(binding.dangling(it.room.text)) == {(None, "a"), (None, "b")}, "somebody may still undo it"
        ann.edit(units_of_loss)
        it.room.leave(ann.seat)
        await it.room.settle()
        assert not it.disk.log and not binding.dangling(it.room.text)
        assert set(it.disk.read().edges) == {"c"}


def units_of_loss(doc: Doc) -> None:
    doc.get("nodes", type=Map)["loss"]["name"] = "again"


async def test_a_disk_that_fails_sends_everybody_away(table: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        await ann.until(lambda: ann.saved == 1)
        it.disk.broken = True
        ann.edit(units(5))
        with pytest.raises(Broken):
            await it.room.settle()
        assert ann.seat.closing and ann.seat.closing[0] == 1011
        ann.listen()
        assert ann.saved == 1


async def test_meaning_is_inferred_drawing_is_not(table: Any, shared: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        await ann.until(lambda: ann.told("inferred"))
        first = ann.told("inferred")[0]
        assert first.full and set(first.nodes) == {"data", "line", "loss"}
        assert it.learned[-1][0].title == "Small"
        told = len(it.learned)
        ann.edit(put("drawing", "positions", shared({"line": {"x": 5, "y": 5}})))
        await ann.until(lambda: ann.saved == ann.seat.received)
        assert len(it.learned) == told
        ann.edit(units(9))
        await ann.until(lambda: len(ann.told("inferred")) == 2)
        change = ann.told("inferred")[1]
        assert not change.full and change.nodes["line"].parameters == 27 and "data" not in change.nodes


async def test_facts_come_before_ways_out(table: Any, shared: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        await ann.until(lambda: ann.told("inferred"))
        before = len(ann.told("inferred"))
        ann.edit(put("nodes", "alone", shared({"type": "relu", "fields": {}})))
        await ann.until(lambda: ann.told("inferred")[-1].problems and not ann.told("inferred")[-1].seeking)
        facts, *_, whole = ann.told("inferred")[before:]
        assert facts.seeking and "alone" in facts.nodes
        assert [problem.code for problem in facts.problems] == [problem.code for problem in whole.problems]
        assert not any(problem.fixes for problem in facts.problems)
        assert all(problem.fixes for problem in whole.problems) and whole.nodes == {}


async def test_a_new_edit_ends_the_search_for_ways_out(
    table: Any, shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found for a board that is no more is not told."""
    searched: list[str] = []

    def search(document: Any, judged: Any, memory: int) -> Iterator[tuple[int, list[Fix]]]:
        searched.append(document.nodes["line"].fields["units"])
        if len(searched) == 1:
            ann.edit(units(7))
        for number in range(len(judged.complaints)):
            yield number, [Fix(title=f"Of {document.nodes['line'].fields['units']}", edits=[])]

    async with table() as it:
        ann = await it.guest()
        await ann.until(lambda: ann.told("inferred") and not ann.told("inferred")[-1].seeking)
        monkeypatch.setattr(fixes, "search", search)
        ann.edit(lambda doc: (put("nodes", "alone", shared({"type": "relu", "fields": {}}))(doc), units(5)(doc)))
        await ann.until(lambda: len(searched) == 2 and not ann.told("inferred")[-1].seeking)
        titles = {fix.title for told in ann.told("inferred") for problem in told.problems for fix in problem.fixes}
        assert searched == [5, 7] and titles == {"Of 7"}


async def test_a_half_edited_board_is_inferred(table: Any, shared: Any) -> None:
    async with table() as it:
        ann = await it.guest()
        ann.edit(put("nodes", "odd", shared({"fields": {}})))
        await ann.until(lambda: ann.told("inferred") and ann.told("inferred")[-1].problems)
        inferred = ann.told("inferred")
        assert any(problem.code == "unreadable" and problem.node == "odd" for problem in inferred[-1].problems)
        assert "line" in inferred[0].nodes


async def test_who_comes_late_sees_everybody(table: Any) -> None:
    async with table() as it:
        ann = await it.guest(name="ann")
        ann.say(_frame([Entry(5, 1, b'{"cursor":{"x":1}}')]))
        bob = await it.guest(name="bob")
        await bob.until(lambda: 5 in bob.people)
        assert json.loads(bob.people[5][1])["user"]["name"] == "Ann"
        it.room.leave(ann.seat)
        await bob.until(lambda: bob.people[5] == (2, b"null"))


async def test_moves_of_a_moment_are_one_message(table: Any) -> None:
    async with table() as it:
        crowd = [await it.guest(name=f"guest{number}") for number in range(5)]
        watcher = await it.guest(name="watcher")
        for clock in range(1, 21):
            for number, guest in enumerate(crowd):
                guest.say(_frame([Entry(number + 1, clock, b"{}")]))
        heard = 0
        async with asyncio.timeout(20):
            while len(watcher.people) < 5 or any(clock < 20 for clock, _ in watcher.people.values()):
                await watcher.seat.due()
                before = dict(watcher.people)
                watcher.listen()
                heard += watcher.people != before
        assert heard <= 2


async def test_one_who_does_not_read_is_sent_away(table: Any) -> None:
    async with table() as it:
        ann, slow = await it.guest(name="ann"), await it.guest(name="slow")
        for _ in range(MOST_WAITING // 300_000 + 1):
            ann.edit(put("about", "summary", "x" * 300_000))
            await ann.until(lambda: ann.saved == ann.seat.received)
        assert slow.seat.closing and slow.seat.closing[0] == TOO_SLOW and slow.seat.hurry.is_set()
        assert ann.seat.closing is None


async def test_a_room_opens_with_its_tail(small: Document) -> None:
    base = binding.state(small)
    doc = binding.new_doc()
    doc.apply_update(base)
    tail = []
    for count in (5, 6):
        before = doc.get_state()
        units(count)(doc)
        tail.append(doc.get_update(before))

    async def append(data: bytes, whole: bool) -> None:
        raise AssertionError("nothing is new")

    it = room.Room(base, tail, append, lambda document, inference: None)
    assert binding.read(it.text)[0].nodes["line"].fields["units"] == 6
    it.end()
