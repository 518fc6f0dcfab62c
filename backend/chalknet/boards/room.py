"""An open board: the shared document in memory, everybody who has it open, and what keeps it safe.

An edit goes through four hands: it is checked before the CRDT sees it, applied, passed on to the others together with
what arrived within the same few milliseconds, and appended to the store in one transaction; only then is it
acknowledged. What the board means is inferred a moment after the last edit of meaning, once for everybody: facts and
problems first, ways out of the problems in a second message.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

from pycrdt import Doc, Map, merge_updates

from chalknet.boards import binding, frames, update
from chalknet.boards.facts import Facts
from chalknet.boards.frames import AWARENESS, STEP1, STEP2, SYNC, UPDATE
from chalknet.boards.moves import Moves
from chalknet.boards.presence import Presence
from chalknet.boards.seat import FORBIDDEN, Seat
from chalknet.boards.update import Gap, Refusal
from chalknet.graph.document import MOST_BYTES, Document
from chalknet.graph.facts import Inference
from chalknet.graph.infer import find

log = logging.getLogger(__name__)

GATHER = 0.015
"""Seconds in which edits are gathered into one transaction and one message."""
SETTLE = 0.010
"""Seconds after an edit before the board is inferred."""
MOST_FRAME = MOST_BYTES
"""Bytes of one message."""
MOST_STATE = 8 * MOST_BYTES
"""Bytes of a board with the traces of all its past edits."""
FOLD_AFTER = 200
"""Updates on disk after which they are folded into a snapshot; sooner where they are large."""
GLANCE = 0.020
"""Seconds in which moves of cursors are gathered into one message."""
INLINE = 20_000
"""Bytes of JSON up to which a board is inferred in the event loop: a few milliseconds."""

_SHOWN = frozenset({"about", "drawing"})
"""What is drawn and told, but means nothing."""

Append = Callable[[bytes, bool], Awaitable[None]]
"""Keeps an update durably; with True it is the whole state and replaces all that was kept before."""
Learn = Callable[[Document, Inference], None]
"""Told of the board after each inference."""


class Broken(RuntimeError):
    """The store does not take edits; the room is of no use any more."""


class Room:
    """``base`` is the last snapshot, ``tail`` what was accepted since: the state that a refused edit is undone to.
    ``tested``: what the board was each time that its test samples were opened."""

    def __init__(
        self, base: bytes, tail: list[bytes], append: Append, learn: Learn, tested: Sequence[str] = ()
    ) -> None:
        self.seats: set[Seat] = set()
        self.presence = Presence()
        self._glance: asyncio.TimerHandle | None = None
        self.facts = Facts()
        self.failure: BaseException | None = None
        self._append = append
        self._learn = learn
        self._tested = list(tested)
        self._base = base
        self._tail = tail
        self._size = len(base) + sum(map(len, tail))
        self._since_fold = len(tail)
        self._fold_wanted = False
        self._room_left = 0
        self._fresh: list[tuple[Seat | None, bytes | None]] = []
        """Who sent it (None: the server itself), and what it brought."""
        self._edited = asyncio.Event()
        self._meant = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._doc = self._build()
        self._meant.set()
        self._tasks = [
            asyncio.create_task(self._keep(), name="board keeper"),
            asyncio.create_task(self._think(), name="board inference"),
        ]

    # --- the shared document ------------------------------------------------------------------------------------------

    def _build(self) -> Doc:
        """The document from what was accepted."""
        doc = binding.new_doc()
        for data in (self._base, *self._tail):
            doc.apply_update(data)
        self._clocks = update.read_clocks(doc.get_state())
        self._too_deep = False
        self._moves = Moves(doc)
        self._subscriptions = [
            (root, root.observe_deep(partial(self._on_change, name)))
            for name in update.ROOTS
            for root in [doc.get(name, type=Map)]
        ]
        return doc

    def _drop(self) -> None:
        """Unties the document from its observers and frees it, here and now: the collector may run in another thread,
        where a document cannot be freed."""
        for root, subscription in self._subscriptions:
            root.unobserve(subscription)
        self._subscriptions = []
        del self._moves
        del self._doc

    def _on_change(self, root: str, events: list[Any]) -> None:
        if any(len(event.path) > update.MOST_DEPTH for event in events):
            self._too_deep = True
        self._moves.note(root, events)
        if root not in _SHOWN:
            self._meant.set()

    @property
    def text(self) -> bytes:
        """The board's JSON as it is now."""
        return binding.text(self._doc)

    def apply(self, data: bytes) -> bool:
        """Checks an update and applies it; whether it brought anything. Raises Refusal, and is as before then."""
        known = update.read(data, self._clocks)
        if known.is_empty:
            return False
        if self._size + len(data) > MOST_STATE:
            self._ask_to_fold()
            raise Refusal("The board is full: with all its past edits it is larger than a board may be.")
        try:
            self._doc.apply_update(data)
            too_deep = self._too_deep
        except Exception as error:
            log.info("refused an update: %s", error)
            self._restore()
            raise Refusal("The message is broken.") from None
        if too_deep:
            self._restore()
            raise Refusal(f"The board would be nested more than {update.MOST_DEPTH} levels deep.")
        # JSON writes a control character as six bytes; nothing else grows more.
        self._room_left -= 6 * len(data)
        if self._room_left < 0:
            self._room_left = MOST_BYTES - len(self.text)
            if self._room_left < 0:
                self._restore()
                raise Refusal(f"The board would be larger than {MOST_BYTES:,} bytes.")
        self._accept(data, known)
        return True

    def _accept(self, data: bytes, known: update.Update) -> None:
        self._clocks.update({c: clock for c, clock in known.ends.items() if clock > self._clocks.get(c, 0)})
        self._tail.append(data)
        self._size += len(data)

    def _follow(self) -> bytes | None:
        """Brings along what the last update changed at a place that a node has left (``moves``); the server's own
        update, None where there was nothing to bring."""
        if not self._moves.is_due:
            return None
        before = self._doc.get_state()
        if not self._moves.follow():
            return None
        data = self._doc.get_update(before)
        self._accept(data, update.read(data, self._clocks))
        return data

    def _restore(self) -> None:
        self._drop()
        self._doc = self._build()
        self._room_left = 0
        self._meant.set()

    # --- who is here --------------------------------------------------------------------------------------------------

    def sit(self, seat: Seat) -> None:
        """Begins the conversation with one who has come in."""
        self.seats.add(seat)
        seat.reply(frames.sync(STEP1, self._doc.get_state()))
        seat.notice()

    def leave(self, seat: Seat) -> None:
        """Takes a socket out, with its cursor."""
        self.seats.discard(seat)
        if self.presence.leave(seat):
            self._show_people()

    def renamed(self, seat: Seat) -> None:
        """A person has a new name."""
        if self.presence.rename(seat, seat.person):
            self._show_people()

    def _show_people(self) -> None:
        """Tells everybody in a moment where the others are: moves of many in one message."""
        if self._glance is None:
            self._glance = asyncio.get_running_loop().call_later(GLANCE, self._glanced)

    def _glanced(self) -> None:
        self._glance = None
        for seat in self.seats:
            seat.notice()

    def hear(self, seat: Seat, frame: bytes) -> None:
        """A binary frame from a socket. One that breaks the rules closes that socket, and nothing else happens."""
        if self.failure is not None or seat.closing is not None:
            return
        try:
            self._hear(seat, frame)
        except Refusal as refusal:
            seat.close(FORBIDDEN, str(refusal)[:120])

    def _hear(self, seat: Seat, frame: bytes) -> None:
        if len(frame) > MOST_FRAME:
            raise Refusal(f"A message is {len(frame):,} bytes; at most {MOST_FRAME:,} are read.")
        if len(frame) < 2:
            raise Refusal("A message is too short.")
        if frame[0] == AWARENESS:
            if self.presence.hear(seat, seat.person, frames.payload(frame[1:])):
                self._show_people()
        elif frame[0] == SYNC and frame[1] == STEP1:
            seat.has_asked = True
            seat.reply(frames.sync(STEP2, self._since(frames.payload(frame[2:]))))
        elif frame[0] == SYNC and frame[1] in (STEP2, UPDATE):
            self._edit(seat, frame[1], frames.payload(frame[2:]))
        else:
            raise Refusal("A message is of no kind that is known here.")

    def _since(self, state: bytes) -> bytes:
        update.read_clocks(state)  # refuses what the CRDT would stumble over
        return self._doc.get_update(state)

    def _edit(self, seat: Seat, kind: int, data: bytes) -> None:
        seat.received += 1
        if not seat.may_write:
            if kind == UPDATE or self._is_news(data):
                seat.refuse("You may look at this board, but not change it.")
            seat.in_sync = True
            return
        try:
            news = self.apply(data)
        except Gap:
            if seat.in_sync:
                raise
            # An edit that crossed with the server's first question; the answer, still to come, contains it.
            return
        if kind == STEP2:
            seat.in_sync = True
        self._fresh.append((seat, data if news else None))
        if news and (own := self._follow()):
            self._fresh.append((None, own))
        self._idle.clear()
        self._edited.set()

    def edit(self, change: Callable[[Doc], Any]) -> Any:
        """An edit of the server's own, passed on and kept as everybody's; what ``change`` gave. Raises Refusal."""
        doc = binding.new_doc()
        doc.apply_update(self._doc.get_update())
        before = doc.get_state()
        given = change(doc)
        data = doc.get_update(before)
        if self.apply(data):
            self._fresh.append((None, data))
            if own := self._follow():
                self._fresh.append((None, own))
            self._idle.clear()
            self._edited.set()
        return given

    def _is_news(self, data: bytes) -> bool:
        try:
            return update.read(data, self._clocks).is_news
        except Gap:
            return True

    # --- what keeps it safe -------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Passes edits on and keeps them, as many as have gathered at a time. Nothing else writes to the store, so a
        snapshot is never older than the updates that it replaces."""
        try:
            while True:
                await self._edited.wait()
                if self._fresh:
                    await asyncio.sleep(GATHER)
                self._edited.clear()
                batch, self._fresh = self._fresh, []
                counts = {seat: seat.received for seat, _ in batch if seat is not None}
                edits = [(seat, data) for seat, data in batch if data is not None]
                self._pass_on(edits)
                if edits:
                    await self._append(_merged([data for _, data in edits]), False)
                    self._since_fold += 1
                for seat, count in counts.items():
                    seat.saved(count)
                grown = self._size > 2 * len(self._base) + MOST_BYTES
                if self._since_fold >= FOLD_AFTER or grown or (self._fold_wanted and self._since_fold):
                    await self._fold()
                self._fold_wanted = False
                if not self._edited.is_set():
                    self._idle.set()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            log.exception("a board's edits cannot be kept")
            self._fail(error)

    def _pass_on(self, edits: list[tuple[Seat | None, bytes]]) -> None:
        authors = {seat for seat, _ in edits}
        everything = _merged([data for _, data in edits]) if edits else b""
        for seat in self.seats:
            if not seat.has_asked:
                continue
            if seat not in authors:
                if everything:
                    seat.update(everything)
            elif len(authors) > 1:
                seat.update(_merged([data for author, data in edits if author is not seat]))

    async def _fold(self) -> None:
        """Replaces what is on disk by one snapshot."""
        if not self.seats:
            self._moves.sweep(time.time())
            # Nobody can undo the deletion of a node any more that left these edges behind.
            with self._doc.transaction():
                for block, edge in binding.dangling(self.text):
                    del binding.edges(self._doc, block)[edge]
        whole = self._doc.get_update()
        taken = len(self._tail)
        await self._append(whole, True)
        self._base, self._tail = whole, self._tail[taken:]
        self._size = len(whole) + sum(map(len, self._tail))
        self._since_fold = 0

    def _ask_to_fold(self) -> None:
        self._fold_wanted = True
        self._idle.clear()
        self._edited.set()

    async def settle(self) -> None:
        """Returns when every edit is on disk and folded. Raises Broken."""
        self._ask_to_fold()
        idle = asyncio.ensure_future(self._idle.wait())
        await asyncio.wait([idle, self._tasks[0]], return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        if self.failure is not None:
            raise Broken from self.failure

    def end(self) -> None:
        """Stops at once; what is not on disk yet is lost."""
        for task in self._tasks:
            task.cancel()
        if self._glance is not None:
            self._glance.cancel()
        self._drop()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        for seat in self.seats:
            seat.close(1011, "The server cannot keep edits at the moment.")

    def opened(self, trained: str) -> None:
        """The test samples were opened for this board (``Document.hash(seed=False)``)."""
        self._tested.append(trained)
        self._meant.set()

    # --- what it means ------------------------------------------------------------------------------------------------

    async def _think(self) -> None:
        """Infers a moment after an edit of meaning."""
        while True:
            await self._meant.wait()
            await asyncio.sleep(SETTLE)
            self._meant.clear()
            try:
                text = self.text
                small = len(text) <= INLINE
                tested = list(self._tested)
                meaning = Meaning(text, tested) if small else await asyncio.to_thread(Meaning, text, tested)
                self._tell(meaning)
                self._learn(meaning.document, meaning.inference)
                if meaning.is_whole:
                    continue
                await asyncio.sleep(0)  # facts go out before anything is searched for
                if small:
                    for _ in meaning.search():
                        await asyncio.sleep(0)
                        if self._meant.is_set():
                            break
                else:
                    await asyncio.to_thread(meaning.search_until, self._meant.is_set)
                if meaning.is_whole:
                    self._tell(meaning)
            except Exception:
                log.exception("a board could not be inferred")

    def _tell(self, meaning: Meaning) -> None:
        """Tells everybody what is new."""
        self.facts.update(meaning.inference, seeking=not meaning.is_whole)
        for seat in self.seats:
            seat.notice()


class Meaning:
    """A board's JSON text, read tolerantly, and what follows from it: without ways out of its problems at first."""

    def __init__(self, text: bytes, tested: Sequence[str] = ()) -> None:
        self.document, self._unread = binding.read(text)
        self._findings = find(self.document, tested=tested)
        self.is_whole = self._findings.is_whole

    @property
    def inference(self) -> Inference:
        inference = self._findings.inference
        if not self._unread:
            return inference
        return inference.model_copy(update={"problems": [*self._unread, *inference.problems]})

    def search(self) -> Iterator[None]:
        """Looks for ways out, a few milliseconds a step; then it is whole."""
        try:
            yield from self._findings.search()
        except Exception:
            log.exception("ways out of a board's problems could not be looked for")
        self.is_whole = True

    def search_until(self, stop: Callable[[], bool]) -> None:
        """The same in one go, unless there is a reason to stop."""
        for _ in self.search():
            if stop():
                return


def _merged(updates: list[bytes]) -> bytes:
    return updates[0] if len(updates) == 1 else merge_updates(*updates)
