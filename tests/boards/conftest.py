from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pycrdt import Doc, Map

from chalknet.boards import binding, frames
from chalknet.boards.room import Room
from chalknet.boards.seat import Seat
from chalknet.graph.document import Document, load
from chalknet.graph.facts import Inference
from chalknet.wire import BoardInfo, Person, Role, board_message

PATIENCE = 20


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The server's event loop."""
    return "asyncio", {"use_uvloop": True}


def maps(value: Any) -> Any:
    """JSON as it stands in a shared document."""
    return Map({name: maps(item) for name, item in value.items()}) if isinstance(value, dict) else value


@pytest.fixture
def shared() -> Callable[[Any], Any]:
    return maps


@pytest.fixture
def small() -> Document:
    """Data, a layer, a loss; and a block."""
    return load(
        {
            "title": "Small",
            "nodes": {
                "data": {"type": "points"},
                "line": {"type": "linear", "fields": {"units": 2}},
                "loss": {"type": "cross_entropy", "name": "Lösung 🎓"},
            },
            "edges": {
                "a": {"from": "data", "out": "x", "to": "line"},
                "b": {"from": "line", "to": "loss", "in": "logits"},
                "c": {"from": "data", "out": "label", "to": "loss", "in": "target"},
            },
            "blocks": {"twice": {"title": "Twice", "nodes": {"x": {"type": "block_input"}}, "edges": {}}},
            "recipe": {"epochs": 5, "seed": 2**31 - 1, "split": {"validation": 0.2}},
            "drawing": {"positions": {"data": {"x": 1.5, "y": -20}}, "comments": {"k": {"text": "hi", "x": 3}}},
        }
    )


class Disk:
    """Stands for the store. ``hold`` keeps an append from finishing; ``broken`` makes it fail."""

    def __init__(self, state: bytes) -> None:
        self.snapshot = state
        self.log: list[bytes] = []
        self.folds = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.broken = False

    async def append(self, data: bytes, whole: bool) -> None:
        await self.go_on.wait()
        if self.broken:
            raise OSError("no space left on device")
        if whole:
            self.snapshot, self.log, self.folds = data, [], self.folds + 1
        else:
            self.log.append(data)

    def read(self) -> Document:
        """What a restart would find."""
        doc = binding.new_doc()
        for data in (self.snapshot, *self.log):
            doc.apply_update(data)
        return binding.read(binding.text(doc))[0]


class Guest:
    """A browser in the room, without a socket between."""

    def __init__(self, table: Table, role: Role, name: str) -> None:
        self.table = table
        self.doc = binding.new_doc()
        self.seat = Seat(Person(id=name, name=name.title(), color="#123456"))
        self.texts: list[Any] = []
        self.people: dict[int, tuple[int, bytes]] = {}
        info = BoardInfo(id="board", title="Small", role=role, link_role="editor", created=0, changed=0)
        self.seat.welcome(info, [])
        table.room.sit(self.seat)

    def say(self, frame: bytes) -> None:
        self.table.room.hear(self.seat, frame)

    def listen(self) -> None:
        """Takes what is due, and answers as a browser would."""
        from chalknet.boards.presence import _read

        for message in self.seat.take(self.table.room.facts, self.table.room.presence):
            if isinstance(message, str):
                self.texts.append(board_message.validate_json(message))
            elif message[0] == frames.AWARENESS:
                self.people |= {client: (clock, state) for client, clock, state in _read(frames.payload(message[1:]))}
            elif message[1] == frames.STEP1:
                self.say(frames.sync(frames.STEP2, self.doc.get_update(frames.payload(message[2:]))))
                self.say(frames.sync(frames.STEP1, self.doc.get_state()))
            else:
                self.doc.apply_update(frames.payload(message[2:]))

    def edit(self, change: Callable[[Doc], Any]) -> bytes:
        """Changes one's own copy and sends the update."""
        before = self.doc.get_state()
        with self.doc.transaction():
            change(self.doc)
        update = self.doc.get_update(before)
        self.say(frames.sync(frames.UPDATE, update))
        return update

    def told(self, event: str) -> list[Any]:
        return [text for text in self.texts if text.event == event]

    @property
    def saved(self) -> int:
        return max((text.count for text in self.told("saved")), default=0)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await self.seat.due()
                self.listen()


class Table:
    """A room, its disk, and who is there."""

    def __init__(self, document: Document) -> None:
        self.disk = Disk(binding.state(document))
        self.learned: list[tuple[Document, Inference]] = []
        self.room = Room(self.disk.snapshot, [], self.disk.append, lambda *news: self.learned.append(news))

    async def guest(self, role: Role = "editor", name: str = "ann") -> Guest:
        guest = Guest(self, role, name)
        await guest.until(lambda: guest.seat.in_sync and guest.doc.get_state() != b"\x00")
        return guest


@pytest.fixture
def table(small: Document) -> Callable[..., Any]:
    @asynccontextmanager
    async def open_table(document: Document = small) -> AsyncIterator[Table]:
        opened = Table(document)
        try:
            yield opened
        finally:
            opened.room.end()

    return open_table
