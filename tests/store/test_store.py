"""People, boards, edits, runs: what is written is read again, on either database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from chalknet.store import boards, classes, people, runs, updates
from chalknet.wire import Person, RunSummary

pytestmark = pytest.mark.anyio


async def _person(store: Any, name: str = "Ann") -> Person:
    async with store.write() as connection:
        return await people.create(connection, people.token_hash(people.new_token(), ""), name, "#123456")


async def _board(store: Any, person: Person, **more: Any) -> str:
    async with store.write() as connection:
        return (await boards.create(connection, person.id, "Böard 🎓", b"\x00first", **more)).id


async def test_a_person_is_found_by_their_cookie(open_store: Any) -> None:
    token = people.new_token()
    async with open_store() as store:
        async with store.write() as connection:
            ann = await people.create(connection, people.token_hash(token, "key"), "Ann", "#123456")
        async with store.read() as connection:
            assert await people.by_token(connection, people.token_hash(token, "key")) == ann
            assert await people.by_token(connection, people.token_hash(token, "another key")) is None
            assert await people.by_token(connection, token) is None
        async with store.write() as connection:
            await people.rename(connection, ann.id, "Anna")
        async with store.read() as connection:
            renamed = await people.by_token(connection, people.token_hash(token, "key"))
        assert renamed == ann.model_copy(update={"name": "Anna"})


async def test_a_cookie_is_one_persons(open_store: Any) -> None:
    async with open_store() as store:
        async with store.write() as connection:
            await people.create(connection, "same", "Ann", "#123456")
        with pytest.raises(IntegrityError):
            async with store.write() as connection:
                await people.create(connection, "same", "Bob", "#123456")


async def test_roles(open_store: Any) -> None:
    async with open_store() as store:
        ann, bob = await _person(store), await _person(store, "Bob")
        board = await _board(store, ann, link_role="viewer")

        async def role(who: Person) -> str | None:
            async with store.read() as connection:
                info = await boards.find(connection, board, who.id)
            return info.role if info else None

        async def set_link(link: Any) -> None:
            async with store.write() as connection:
                await boards.set_link_role(connection, board, link)

        assert (await role(ann), await role(bob)) == ("owner", "viewer")
        await set_link("editor")
        assert (await role(ann), await role(bob)) == ("owner", "editor")
        await set_link("none")
        assert (await role(ann), await role(bob)) == ("owner", None)
        async with store.write() as connection:
            await boards.set_member(connection, board, bob.id, "viewer")
        assert await role(bob) == "viewer"
        await set_link("editor")
        assert await role(bob) == "editor", "the link allows more than the membership"
        async with store.write() as connection:
            await boards.set_member(connection, board, bob.id, "owner")
        assert await role(bob) == "owner"


async def test_ones_boards_are_listed_the_last_changed_first(open_store: Any) -> None:
    async with open_store() as store:
        ann, bob = await _person(store), await _person(store, "Bob")
        first, second = await _board(store, ann), await _board(store, ann)
        await _board(store, bob)
        async with store.write() as connection:
            await updates.append(connection, first, b"edit")
            await boards.describe(connection, first, "New title", 2**70, "Points")
        async with store.read() as connection:
            listed = await boards.mine(connection, ann.id)
        assert [board.id for board in listed] == [first, second]
        assert (listed[0].title, listed[0].parameters, listed[0].data) == (
            "New title",
            boards.MOST_PARAMETERS,
            "Points",
        )
        assert listed[1].title == "Böard 🎓"


async def test_a_title_is_one_line(open_store: Any) -> None:
    """Whatever a document says: PostgreSQL takes no NUL, and a list shows one line."""
    async with open_store() as store:
        ann = await _person(store)
        async with store.write() as connection:
            board = await boards.create(connection, ann.id, "a\0b\nc" + "x" * 200, b"")
            await boards.describe(connection, board.id, "d\0e", 0, "")
        assert board.title == "a b c" + "x" * 115
        async with store.read() as connection:
            assert [one.title for one in await boards.mine(connection, ann.id)] == ["d e"]


async def test_edits_come_back_in_order(open_store: Any) -> None:
    async with open_store() as store:
        board = await _board(store, await _person(store))
        other = await _board(store, await _person(store))
        edits = [bytes((0, number, 255)) for number in range(20)]
        for edit in edits:
            async with store.write() as connection:
                await updates.append(connection, board, edit)
                await updates.append(connection, other, b"other")
        async with store.read() as connection:
            assert await updates.load(connection, board) == (b"\x00first", edits)
            assert await updates.load(connection, "unknown") is None
        async with store.write() as connection:
            await updates.compact(connection, board, b"all")
        async with store.write() as connection:
            await updates.append(connection, board, b"later")
        async with store.read() as connection:
            assert await updates.load(connection, board) == (b"all", [b"later"])
            assert await updates.pending(connection, board) == 1
            assert await updates.pending(connection, other) == 20


async def test_folding_what_is_folded_changes_nothing(open_store: Any) -> None:
    async with open_store() as store:
        board = await _board(store, await _person(store))
        async with store.write() as connection:
            await updates.compact(connection, board, b"never")
        async with store.read() as connection:
            assert await updates.load(connection, board) == (b"\x00first", [])


async def test_a_transaction_is_all_or_nothing(open_store: Any) -> None:
    async with open_store() as store:
        board = await _board(store, await _person(store))
        with pytest.raises(ZeroDivisionError):
            async with store.write() as connection:
                await updates.append(connection, board, b"lost")
                _ = 1 / 0
        with pytest.raises(IntegrityError):
            async with store.write() as connection:
                await updates.append(connection, "no such board", b"lost")
        async with store.read() as connection:
            assert await updates.load(connection, board) == (b"\x00first", [])


async def test_many_writers_wait_for_each_other(open_store: Any) -> None:
    async with open_store() as store:
        board = await _board(store, await _person(store))

        async def write(number: int) -> None:
            async with store.write() as connection:
                await boards.exists(connection, board)
                await updates.append(connection, board, b"%d" % number)

        async def read() -> None:
            async with store.read() as connection:
                await updates.load(connection, board)

        await asyncio.gather(*(write(number) for number in range(60)), *(read() for _ in range(60)))
        async with store.read() as connection:
            kept = await updates.load(connection, board)
        assert kept is not None and sorted(map(int, kept[1])) == list(range(60))


async def test_runs(open_store: Any) -> None:
    async with open_store() as store:
        ann = await _person(store)
        board, other = await _board(store, ann), await _board(store, ann)
        summaries = [
            RunSummary(id=f"run{number}", board=board, title="Ü", created=number, seed=number) for number in range(4)
        ]
        async with store.write() as connection:
            for summary in summaries:
                await runs.create(connection, summary, ann.id, b'{"nodes":{}}')
            await runs.create(connection, RunSummary(id="foreign", board=other), ann.id, b"{}")
        async with store.read() as connection:
            assert await runs.of_board(connection, board) == summaries[::-1]
            assert await runs.of_board(connection, board, most=2) == summaries[:1:-1]
            assert await runs.find(connection, "run2") == summaries[2]
            assert await runs.find(connection, "unknown") is None
            assert await runs.frozen(connection, "run2") == (ann.id, b'{"nodes":{}}')
            assert await runs.frozen(connection, "unknown") is None
            assert sorted(await runs.ids_of_board(connection, board)) == ["run0", "run1", "run2", "run3"]
        done = summaries[1].model_copy(update={"state": "finished", "metrics": {"test.accuracy": 0.99}})
        async with store.write() as connection:
            await runs.save(connection, done)
        async with store.read() as connection:
            assert await runs.find(connection, "run1") == done
            left = [summary.id for summary in await runs.unfinished(connection)]
        assert left == ["foreign", "run0", "run2", "run3"], "in the order in which they were asked for"


async def test_a_board_goes_with_everything(open_store: Any) -> None:
    async with open_store() as store:
        ann = await _person(store)
        board = await _board(store, ann)
        async with store.write() as connection:
            await updates.append(connection, board, b"edit")
            await runs.create(connection, RunSummary(id="run", board=board), ann.id, b"{}")
            await boards.remove(connection, board)
        async with store.read() as connection:
            assert await updates.load(connection, board) is None
            assert await updates.pending(connection, board) == 0
            assert await runs.find(connection, "run") is None
            assert await boards.mine(connection, ann.id) == []
            assert not await boards.exists(connection, board)


# --- classes ---------------------------------------------------------------------------------------------------------


async def test_a_class(open_store: Any) -> None:
    """Members, handouts, seats; what a class lets each do on its boards; its end takes its boards along."""
    async with open_store() as store:
        teacher, ann, bob = await _person(store, "T"), await _person(store), await _person(store, "Bob")
        own = await _board(store, teacher, link_role="none")
        async with store.write() as connection:
            klass = await classes.create(connection, "9b", teacher.id, 30)
            for person in (ann, bob):
                await classes.join(connection, klass, person.id, "pupil", "in")
            handout = await classes.hand_out(connection, klass, "Mlp", "own", b"{}")
            board = (await boards.create(connection, None, "Mlp", b"first", link_role="none")).id
            await classes.give(connection, klass, handout, board, "")
            await classes.seat(connection, board, ann.id)

        async def roles(which: str) -> list[str | None]:
            async with store.read() as connection:
                infos = [await boards.find(connection, which, who.id) for who in (teacher, ann, bob)]
            return [info.role if info else None for info in infos]

        assert await roles(board) == ["editor", "editor", None]
        assert await roles(own) == ["owner", None, None]
        async with store.write() as connection:
            await classes.put(connection, klass, frozen=1, lit=board)
        assert await roles(board) == ["editor", "viewer", "viewer"]
        async with store.write() as connection:
            await classes.put(connection, klass, lit=own)
            await classes.put_member(connection, klass, bob.id, standing="removed")
        assert await roles(own) == ["owner", "viewer", None]
        async with store.read() as connection:
            assert [member.name for member in await classes.members(connection, klass)] == ["T", "Ann"]
            assert await classes.given(connection, klass) == [classes.Given(board, handout, "", (ann.id,))]
            assert await classes.mine(connection, bob.id) == []
            used = (await classes.mine(connection, ann.id))[0].created
            assert await classes.unused_since(connection, used + 29 * 86_400) == []
            assert await classes.unused_since(connection, used + 31 * 86_400) == [klass]
        async with store.write() as connection:
            await classes.remove(connection, klass)
        assert await roles(board) == [None, None, None] and await roles(own) == ["owner", None, None]
