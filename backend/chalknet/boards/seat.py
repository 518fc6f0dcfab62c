"""One socket in a room: who sits there, and what they are still to be told.

What waits is state, not messages: updates are merged, of presence, facts and runs only the latest is kept. So one who
reads slowly costs the room a bounded amount of memory and the others no time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from pycrdt import merge_updates

from chalknet.boards import frames
from chalknet.boards.facts import NOTHING
from chalknet.wire import BoardChanged, BoardInfo, Person, Refused, Role, Runs, RunSummary, Saved, Welcome

if TYPE_CHECKING:
    from chalknet.boards.facts import Facts
    from chalknet.boards.presence import Presence

MOST_WAITING = 4_000_000
"""Bytes of updates that wait for one who does not read; then they are sent away and sync anew."""
MOST_REFUSALS = 20

TOO_SLOW = 1013
FORBIDDEN = 4403
UNKNOWN = 4404


class Seat:
    """``take`` gives what is due; the socket's own task sends it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.board: BoardInfo | None = None
        self.received = 0
        """Update frames that came over this socket."""
        self.has_asked = False
        """It has asked for the document, so edits make sense to it. Sent before, they would wait in the page's copy for
        what they build on, and come back with gaps if the line broke just then."""
        self.in_sync = False
        """It has answered the server's first question, so its edits can have no gap any more."""
        self.closing: tuple[int, str] | None = None
        self.hurry = asyncio.Event()
        """The end must not wait until what is due has been sent."""
        self._wake: Final = asyncio.Event()
        self._replies: list[bytes] = []
        self._updates: list[bytes] = []
        self._waiting = 0
        self._runs: dict[str, RunSummary] = {}
        self._gone: dict[str, None] = {}
        self._welcome: Welcome | None = None
        self._board: BoardInfo | None = None
        self._saved: int | None = None
        self._refused: list[str] = []
        self._seen = NOTHING
        self._seen_people = 0

    @property
    def role(self) -> Role:
        """Until the server knows better, one who looks on."""
        return self.board.role if self.board else "viewer"

    @property
    def may_write(self) -> bool:
        return self.role != "viewer"

    # --- what the room tells ------------------------------------------------------------------------------------------

    def welcome(self, board: BoardInfo, runs: list[RunSummary]) -> None:
        self.board = board
        self._welcome = Welcome(you=self.person, board=board, runs=runs)
        self._wake.set()

    def reply(self, frame: bytes) -> None:
        """An answer of the sync protocol."""
        self._replies.append(frame)
        self._hold(len(frame))

    def update(self, data: bytes) -> None:
        """Somebody else's edit."""
        self._updates.append(data)
        self._hold(len(data))

    def _hold(self, size: int) -> None:
        self._waiting += size
        if self._waiting > MOST_WAITING:
            self.close(TOO_SLOW, "This connection is too slow.")
        self._wake.set()

    def saved(self, count: int) -> None:
        self._saved = count
        self._wake.set()

    def changed(self, board: BoardInfo) -> None:
        """Title, role or sharing; counts from now on."""
        self.board = self._board = board
        self._wake.set()

    def run(self, summary: RunSummary) -> None:
        self._runs[summary.id] = summary
        self._gone.pop(summary.id, None)
        self._wake.set()

    def gone(self, run: str) -> None:
        """A run was deleted."""
        self._gone[run] = None
        self._runs.pop(run, None)
        self._wake.set()

    def refuse(self, words: str) -> None:
        if len(self._refused) < MOST_REFUSALS:
            self._refused.append(words)
            self._wake.set()

    def notice(self) -> None:
        """There are new facts, or people."""
        self._wake.set()

    def close(self, code: int, words: str) -> None:
        """Ends the socket after what is due has been sent; at once where the reader is too slow for that."""
        if self.closing is None:
            self.closing = (code, words)
            self._wake.set()
            if code == TOO_SLOW:
                self.hurry.set()

    # --- what the socket sends ----------------------------------------------------------------------------------------

    async def due(self) -> None:
        """Returns when there is something to take, or the seat is closing."""
        await self._wake.wait()

    def take(self, facts: Facts, presence: Presence) -> list[str | bytes]:
        """Everything that is due, in the order in which it is to be sent."""
        self._wake.clear()
        out: list[str | bytes] = []
        if self._welcome is not None:
            out.append(self._welcome.model_dump_json())
            self._welcome = None
        elif self._board is not None:
            out.append(BoardChanged(board=self._board).model_dump_json())
        self._board = None
        out += self._replies
        if self._updates:
            merged = self._updates[0] if len(self._updates) == 1 else merge_updates(*self._updates)
            out.append(frames.sync(frames.UPDATE, merged))
        self._replies, self._updates, self._waiting = [], [], 0
        if (frame := presence.since(self._seen_people)) is not None:
            out.append(frame)
        self._seen_people = presence.generation
        if self._saved is not None:
            out.append(Saved(count=self._saved).model_dump_json())
            self._saved = None
        out += [Refused(message=words).model_dump_json() for words in self._refused]
        self._refused = []
        if self._runs or self._gone:
            out.append(Runs(runs=list(self._runs.values()), gone=list(self._gone)).model_dump_json())
            self._runs, self._gone = {}, {}
        if self.board is not None and (text := facts.since(self._seen)) is not None:
            out.append(text)
            self._seen = facts.generation
        return out
