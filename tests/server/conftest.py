"""People as programs: an HTTP client with a cookie, and a board's and a run's socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pycrdt import Doc, Map
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from chalknet.boards import frames

PATIENCE = 20.0
"""Seconds for which a condition is waited for before a test fails."""

SPIRAL = {
    "version": 1,
    "title": "Two neurons",
    "nodes": {
        "data": {"type": "points", "fields": {"samples": 200}},
        "hidden": {"type": "linear", "fields": {"units": 4}},
        "act": {"type": "tanh"},
        "out": {"type": "linear", "fields": {"units": 2}},
        "loss": {"type": "cross_entropy"},
    },
    "edges": {
        "a": {"from": "data", "out": "x", "to": "hidden", "in": "x"},
        "b": {"from": "hidden", "to": "act"},
        "c": {"from": "act", "to": "out"},
        "d": {"from": "out", "to": "loss", "in": "logits"},
        "e": {"from": "data", "out": "label", "to": "loss", "in": "target"},
    },
    "recipe": {"epochs": 3, "batch": 20},
}
"""A board that trains in a moment: 2·4+4 + 4·2+2 = 22 parameters."""


def maps(value: Any) -> Any:
    return Map({name: maps(item) for name, item in value.items()}) if isinstance(value, dict) else value


@pytest.fixture
def shared() -> Callable[[Any], Any]:
    """JSON as it stands in a shared document: objects are maps of their own."""
    return maps


class Somebody:
    """A person with a browser's cookie."""

    SPIRAL = SPIRAL

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=PATIENCE)
        self.me: dict[str, Any] = self.http.get("/api/me").json()
        self._sockets: list[Socket] = []

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())}

    def board(self, document: dict[str, Any] | None = None, link_role: str = "editor") -> str:
        """A new board's id."""
        answer = self.http.post("/api/boards", json={"document": document or SPIRAL})
        assert answer.status_code == 201, answer.text
        board: str = answer.json()["id"]
        if link_role != "editor":
            assert self.http.patch(f"/api/boards/{board}", json={"link_role": link_role}).status_code == 200
        return board

    def open(self, board: str, **headers: str) -> BoardSocket:
        """The board's socket, in sync."""
        socket = BoardSocket(self, f"/ws/boards/{board}", headers)
        self._sockets.append(socket)
        return socket

    def watch(self, run: str, since: int | str | None = None) -> Socket:
        return self.socket(f"/ws/runs/{run}" + (f"?since={quote(str(since))}" if since is not None else ""))

    def sit(self, klass: str) -> Socket:
        """A class's socket, welcomed."""
        socket = self.socket(f"/ws/classes/{klass}")
        socket.until(lambda: socket.event("class_welcome"))
        return socket

    def socket(self, path: str) -> Socket:
        """Any socket, whatever is there."""
        socket = Socket(self, path)
        self._sockets.append(socket)
        return socket

    def close(self) -> None:
        for socket in self._sockets:
            socket.close()
        self.http.close()


class Socket:
    """Collects what comes; ``until`` reads on until something is so."""

    def __init__(self, person: Somebody, path: str, headers: dict[str, str] | None = None) -> None:
        self.texts: list[dict[str, Any]] = []
        self.binary: list[bytes] = []
        self.code: int | None = None
        """With which the server closed."""
        self.reason = ""
        self.line: ClientConnection = connect(
            person.url.replace("http", "ws") + path,
            additional_headers={**person.cookie, **(headers or {})},
            max_size=None,
            max_queue=None,  # what is not read yet must not keep a socket from closing
            compression=None,
            ping_interval=None,
            legacy=True,  # a socket here outlives the block that opens it
        )

    def until(self, condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Reads messages until the condition is true; what it gave. Fails when the server closes before."""
        end = time.monotonic() + patience
        while not (result := condition()):
            if self.code is not None:
                raise AssertionError(f"closed with {self.code} {self.reason!r} before it was so")
            self.read(end - time.monotonic())
        return result

    def ended(self) -> bool:
        """Whether a run's end was told, or it had ended before one came."""
        return any(
            text.get("event") == "end"
            or (text.get("event") == "snapshot" and text["summary"]["state"] in ("finished", "stopped", "failed"))
            for text in self.texts
        )

    def closed(self, patience: float = PATIENCE) -> int:
        """Reads until the server closes; its code."""
        end = time.monotonic() + patience
        while self.code is None:
            self.read(end - time.monotonic())
        return self.code

    def read(self, patience: float) -> None:
        if patience <= 0:
            raise AssertionError(f"it did not become so; the last texts were {self.texts[-5:]}")
        try:
            message = self.line.recv(timeout=patience)
        except TimeoutError:
            return
        except ConnectionClosed as error:
            self.code = error.rcvd.code if error.rcvd else 1006
            self.reason = error.rcvd.reason if error.rcvd else ""
            return
        if isinstance(message, str):
            self.texts.append(json.loads(message))
            self.hear_text(self.texts[-1])
        else:
            self.binary.append(message)
            self.hear(message)

    def hear_text(self, event: dict[str, Any]) -> None:
        pass

    def hear(self, frame: bytes) -> None:
        pass

    def event(self, name: str, **values: Any) -> dict[str, Any] | None:
        """The last text event of a kind with these values."""
        for event in reversed(self.texts):
            if event["event"] == name and all(event.get(key) == value for key, value in values.items()):
                return event
        return None

    def send(self, message: str | bytes | dict[str, Any]) -> None:
        self.line.send(json.dumps(message) if isinstance(message, dict) else message)

    def close(self) -> None:
        self.line.close()


class BoardSocket(Socket):
    """A browser on a board: its own copy of the shared document, in sync when made."""

    def __init__(self, person: Somebody, path: str, headers: dict[str, str]) -> None:
        self.doc: Doc = Doc()
        for root in ("meta", "about", "nodes", "edges", "blocks", "recipe", "drawing"):
            self.doc.get(root, type=Map)
        self.sent = 0
        self.kept = 0
        self.facts: dict[str, Any] = {}
        self.inferred: dict[str, Any] = {}
        self.in_sync = False
        super().__init__(person, path, headers)
        try:
            self.send(frames.sync(frames.STEP1, self.doc.get_state()))
        except ConnectionClosed:
            self.closed()
        self.until(lambda: self.in_sync or self.code)

    def root(self, name: str) -> Map:
        return self.doc.get(name, type=Map)

    def edit(self, change: Callable[[BoardSocket], None]) -> bytes:
        """Makes a change here and sends it; the update."""
        before = self.doc.get_state()
        with self.doc.transaction():
            change(self)
        update = self.doc.get_update(before)
        self.push(update)
        return update

    def push(self, update: bytes) -> None:
        self.send(frames.sync(frames.UPDATE, update))
        self.sent += 1

    def hear_text(self, event: dict[str, Any]) -> None:
        if event["event"] == "saved":
            self.kept = event["count"]
        elif event["event"] == "inferred":
            self.inferred = event
            if event["full"]:
                self.facts = {}
            self.facts |= event["nodes"]
            for node in event["removed"]:
                del self.facts[node]

    def hear(self, frame: bytes) -> None:
        if frame[0] != frames.SYNC:
            return
        data = frames.payload(frame[2:])
        if frame[1] == frames.STEP1:
            self.send(frames.sync(frames.STEP2, self.doc.get_update(data)))
            self.sent += 1
        else:
            self.doc.apply_update(data)
            self.in_sync = self.in_sync or frame[1] == frames.STEP2

    def saved(self) -> None:
        """Waits until all that was sent is on the server's disk."""
        self.until(lambda: self.kept == self.sent)


@pytest.fixture
def somebody(server: Any) -> Iterator[Callable[..., Somebody]]:
    """Makes people: ``somebody()`` on the shared server, ``somebody(url)`` on another."""
    people: list[Somebody] = []

    def make(url: str = "") -> Somebody:
        people.append(Somebody(url or server.url))
        return people[-1]

    yield make
    for person in people:
        person.close()
