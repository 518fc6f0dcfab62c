"""Who is on a board and where their cursor is: the awareness protocol, with a server that does not believe its clients.

A socket speaks for one awareness client only, so nobody is moved or removed by another; the name on a cursor is the one
that the server knows; a state is passed on when its clock advances and not otherwise, so echoes die out; what a socket
left behind goes when the socket goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pydantic_core
from pycrdt import Decoder, Encoder

from chalknet.boards import frames
from chalknet.boards.update import Refusal
from chalknet.wire import Person

MOST_STATE = 8_192
"""Bytes of one state: a name, a cursor, a selection."""
MOST_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """The latest of one awareness client."""

    client: int
    clock: int
    state: bytes
    """JSON, ``null`` when gone."""


GONE = b"null"
MOST_GONE = 200
"""People who have left that are remembered for those who have not been told yet."""


class Presence:
    """Of one board. Keys are whatever stands for a socket.

    Like ``Facts``, it counts generations: whoever has seen one is told what changed since, and nothing is ever queued.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._seats: dict[object, Entry] = {}
        self._latest: dict[int, tuple[int, Entry]] = {}
        self._frames: dict[int, bytes | None] = {}

    def hear(self, seat: object, person: Person, data: bytes) -> bool:
        """Takes an awareness update from a socket; whether there is something to tell. Raises Refusal."""
        told = False
        for client, clock, text in _read(data):
            own = self._seats.get(seat)
            if own is None:
                taken = any(entry.client == client for entry in self._seats.values())
                if taken or text == GONE:
                    continue  # somebody else's, repeated
            elif own.client != client or clock <= own.clock:
                continue
            self._tell(seat, Entry(client, clock, _signed(text, person)))
            told = True
        return told

    def rename(self, seat: object, person: Person) -> bool:
        """Puts a new name on a socket's cursor; whether there is something to tell."""
        own = self._seats.get(seat)
        if own is None or own.state == GONE:
            return False
        self._tell(seat, Entry(own.client, own.clock + 1, _signed(own.state, person)))
        return True

    def leave(self, seat: object) -> bool:
        """Forgets a socket; whether there is something to tell."""
        own = self._seats.get(seat)
        if own is None:
            return False
        if own.state != GONE:
            self._tell(seat, Entry(own.client, own.clock + 1, GONE))
        del self._seats[seat]
        return own.state != GONE

    def since(self, seen: int) -> bytes | None:
        """The awareness frame for one who has seen generation ``seen``, 0 for nothing; None when nothing is new."""
        if seen not in self._frames:
            news = [entry for generation, entry in self._latest.values() if generation > seen]
            if seen == 0:
                news = [entry for entry in news if entry.state != GONE]
            self._frames[seen] = _frame(news) if news else None
        return self._frames[seen]

    def _tell(self, seat: object, entry: Entry) -> None:
        self.generation += 1
        self._seats[seat] = entry
        self._latest.pop(entry.client, None)
        self._latest[entry.client] = (self.generation, entry)
        self._frames.clear()
        gone = [client for client, (_, last) in self._latest.items() if last.state == GONE]
        for client in gone[: max(0, len(gone) - MOST_GONE)]:
            del self._latest[client]


def _frame(entries: list[Entry]) -> bytes:
    """An awareness frame of the y-protocols."""
    encoder = Encoder()
    encoder.write_var_uint(len(entries))
    for entry in entries:
        encoder.write_var_uint(entry.client)
        encoder.write_var_uint(entry.clock)
        encoder.write_var_uint(len(entry.state))
        encoder.stream.append(entry.state)
    return frames.awareness(encoder.to_bytes())


def _read(data: bytes) -> list[tuple[int, int, bytes]]:
    """(client, clock, JSON text) of every entry. Raises Refusal."""
    decoder = Decoder(data)
    entries = []
    try:
        count = decoder.read_var_uint()
        if count > MOST_ENTRIES:
            raise Refusal(f"A message tells of {count:,} people; at most {MOST_ENTRIES:,} are taken.")
        for _ in range(count):
            client, clock = decoder.read_var_uint(), decoder.read_var_uint()
            text = decoder.read_message()
            if text is None or decoder.length < 0 or max(client, clock) > 1 << 53:
                raise IndexError
            if len(text) > MOST_STATE:
                raise Refusal(f"A cursor's state is {len(text):,} bytes; at most {MOST_STATE:,} are taken.")
            entries.append((client, clock, text))
    except (IndexError, RuntimeError):
        raise Refusal("The message about who is here is broken.") from None
    return entries


def _signed(text: bytes, person: Person) -> bytes:
    """The state with the person that the server knows. Raises Refusal."""
    try:
        state = pydantic_core.from_json(text, allow_inf_nan=False)
    except ValueError:
        raise Refusal("The message about who is here is no valid JSON.") from None
    if state is None:
        return b"null"
    if not isinstance(state, dict):
        raise Refusal("A cursor's state is a JSON object.")
    return pydantic_core.to_json({**state, "user": person.model_dump()})
