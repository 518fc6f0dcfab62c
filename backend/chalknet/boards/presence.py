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


@dataclass(slots=True)
class Entry:
    """The latest of one awareness client."""

    client: int
    clock: int
    state: bytes
    """JSON, ``null`` when gone."""


class Presence:
    """Of one board. Keys are whatever stands for a socket."""

    def __init__(self) -> None:
        self._entries: dict[object, Entry] = {}

    def hear(self, seat: object, person: Person, data: bytes) -> Entry | None:
        """Takes an awareness update from a socket; what is to be passed on, if anything. Raises Refusal."""
        for client, clock, text in _read(data):
            own = self._entries.get(seat)
            if own is None:
                if any(entry.client == client for entry in self._entries.values()) or text == b"null":
                    continue  # somebody else's, repeated
                own = self._entries[seat] = Entry(client, -1, b"null")
            if own.client != client or clock <= own.clock:
                continue
            own.clock, own.state = clock, _signed(text, person)
            return own
        return None

    def rename(self, seat: object, person: Person) -> Entry | None:
        """Puts a new name on a socket's cursor."""
        own = self._entries.get(seat)
        if own is None or own.state == b"null":
            return None
        own.clock += 1
        own.state = _signed(own.state, person)
        return own

    def leave(self, seat: object) -> Entry | None:
        """Forgets a socket; the entry that tells the others."""
        own = self._entries.pop(seat, None)
        if own is None or own.state == b"null":
            return None
        return Entry(own.client, own.clock + 1, b"null")

    def everybody(self) -> list[Entry]:
        return [entry for entry in self._entries.values() if entry.state != b"null"]


def message(entries: list[Entry]) -> bytes:
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
