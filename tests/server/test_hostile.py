"""Hostile messages on real sockets: that socket ends, the server and the others go on."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from pycrdt import Map
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from chalknet.boards import binding, frames

BOARD: dict[str, bytes | str] = {
    "text": "hello",
    "an empty frame": b"",
    "zeros": bytes(1000),
    "noise": os.urandom(10_000),
    "an unknown kind": b"\x63\x00\x00",
    "broken sync": b"\x00\x02\x05abc",
    "broken presence": b"\x01\x05abc",
    "a state vector of noise": frames.sync(frames.STEP1, os.urandom(50)),
    "a huge state vector": frames.sync(frames.STEP1, b"\xff\xff\xff\xff\x0f" + b"\x01" * 50),
    "an update of noise": frames.sync(frames.UPDATE, os.urandom(500)),
}
RUN = {
    "nothing": "",
    "no JSON": "{",
    "brackets": "[" * 50_000,
    "an unknown command": '{"command":"delete"}',
    "too many views": '{"command":"watch","views":[' + ",".join(['{"view":"maps","node":"a"}'] * 201) + "]}",
    "a long name": '{"command":"watch","views":[{"view":"maps","node":"' + "x" * 500 + '"}]}',
    "NaN": '{"command":"rate","value":NaN}',
    "a huge rate": '{"command":"rate","value":1e300}',
    "too long": "x" * 200_000,
    "bytes": b"\x00\x01",
}


def nested() -> bytes:
    """A quarter of a million brackets inside a value: the CRDT's own decoder would end the process."""
    doc = binding.new_doc()
    doc.get("nodes", type=Map)["a"] = ["here"]
    honest = doc.get_update()
    at = honest.index(b"\x75\x01\x77")
    return frames.sync(frames.UPDATE, honest[:at] + b"\x75\x01" * 250_000 + honest[at:])


@pytest.mark.parametrize("message", [*BOARD.values(), nested()], ids=[*BOARD, "nested brackets"])
def test_a_hostile_message_on_a_board(somebody: Callable[..., Any], message: str | bytes) -> None:
    ann, eve = somebody(), somebody()
    board = ann.board()
    mine, theirs = ann.open(board), eve.open(board)
    theirs.send(message)
    assert theirs.closed() == 4403 and theirs.reason
    mine.edit(lambda it: it.root("meta").__setitem__("title", "Still here"))
    mine.saved()
    assert eve.open(board).root("meta")["title"] == "Still here"


def test_a_message_beyond_every_size(somebody: Callable[..., Any], server: Any) -> None:
    ann, eve = somebody(), somebody()
    board = ann.board()
    mine, theirs = ann.open(board), eve.open(board)
    before = psutil.Process(server.pid).memory_info().rss
    with contextlib.suppress(ConnectionClosed):  # the answer does not wait for the rest
        theirs.send(bytes(50_000_000))
    assert theirs.closed() == 1009
    assert psutil.Process(server.pid).memory_info().rss - before < 50_000_000
    mine.edit(lambda it: it.root("meta").__setitem__("title", "Still here"))
    mine.saved()


def test_the_refusal_reaches_a_client_that_reads_only_after_it_has_sent_all(
    somebody: Callable[..., Any], server: Any
) -> None:
    """Otherwise a page takes it for a lost connection, comes back and sends the same again."""
    ann = somebody()
    host, port = server.address.split(":")
    cookie = "".join(f"{name}: {value}\r\n" for name, value in ann.cookie.items())
    request = (
        f"GET /ws/boards/{ann.board()} HTTP/1.1\r\nHost: {server.address}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n{cookie}\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(request.encode())
        line.recv(1)  # the answer to the handshake begins
        size = 30_000_000
        line.sendall(b"\x82\xff" + struct.pack("!Q", size) + bytes(4))  # a binary frame, its mask zero
        line.sendall(bytes(size))
        received = b"".join(iter(lambda: line.recv(65_536), b""))
    assert received[received.rindex(b"\x88") :][2:4] == struct.pack("!H", 1009)


@pytest.mark.parametrize("message", RUN.values(), ids=RUN)
def test_a_hostile_message_on_a_run(somebody: Callable[..., Any], message: str | bytes) -> None:
    ann = somebody()
    run = ann.http.post(f"/api/boards/{ann.board()}/runs", json={}).json()["id"]
    bad, good = ann.watch(run), ann.watch(run)
    bad.send(message)
    assert bad.closed() == 4403 and bad.reason
    good.until(lambda: good.event("end"), 60)
    assert good.event("end")["state"] == "finished"


@pytest.mark.parametrize("since", ["", "0", "-1", "x", "99999999999999999999", "1e9", "²"])
def test_an_odd_position_gets_a_snapshot(somebody: Callable[..., Any], since: Any) -> None:
    ann = somebody()
    run = ann.http.post(f"/api/boards/{ann.board()}/runs", json={}).json()["id"]
    first = ann.watch(run)
    first.until(lambda: first.event("end"), 60)
    odd = ann.watch(run, since)
    odd.until(lambda: odd.event("end") or odd.event("snapshot"))


@pytest.mark.parametrize("path", ["/ws/boards/unknown", "/ws/runs/unknown", "/ws/boards/%00", "/ws/runs/" + "x" * 3000])
def test_what_is_not_there(somebody: Callable[..., Any], path: str) -> None:
    assert somebody().socket(path).closed() == 4404


def test_a_socket_nobody_offers(somebody: Callable[..., Any], server: Any) -> None:
    with pytest.raises(InvalidStatus), connect(f"ws://{server.address}/ws/nothing"):
        pass


def test_many_who_leave_without_a_word(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """Connections that break off: no room and no socket stays behind."""
    ann = somebody(new_server().url)
    board = ann.board()
    for _ in range(10):
        it = ann.open(board)
        it.line.socket.close()

    def gauge(name: str) -> float:
        lines = ann.http.get("/healthz").text.splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(name + " ")))

    end = time.monotonic() + 60
    while gauge("chalknet_boards_open") or gauge("chalknet_board_sockets"):
        assert time.monotonic() < end
