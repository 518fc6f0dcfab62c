"""One run, many watchers over real sockets: how late events arrive, and what one that stops reading costs the others.

Events of about 1 KB at 20 Hz and pictures of 64 KB at 5 Hz, as a training tells them. Rounds with and without the one
that does not read take turns, so that a machine that is busy for a while is busy for both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from chalknet import wire
from chalknet.live.hub import Hub
from chalknet.server.sockets.line import Line

PICTURE = bytes(64 << 10)
EVENTS, PICTURES = 20, 5


def serve(descriptor: int) -> None:
    """The hub behind the product's socket, on an open descriptor; a room of 20 events a second."""
    view = wire.Subscription(view="maps", node="conv", rate=30)
    array = wire.Array(name="maps", dtype="uint8", shape=[1, 64, 32, 32])
    values = {f"train.loss.block_{index}": 0.123456789 for index in range(24)}
    hub = Hub(lambda run, subscriptions: None)

    async def publish() -> None:
        start = time.monotonic()
        for tick in range(10**9):
            now = time.monotonic()
            point = {"step": tick, "epoch": 0, "seconds": now, "values": values}
            hub.publish("run", {"event": "metrics", "points": [point]})
            if tick % (EVENTS // PICTURES) == 0:
                header = wire.FrameHeader(key=view.key, view="maps", node="conv", arrays=[array], about={"sent": now})
                hub.publish("run", wire.pack(header, {"maps": PICTURE}))
            await asyncio.sleep(max(0.0, start + (tick + 1) / EVENTS - time.monotonic()))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
            await hub.open(wire.RunSummary(id="run", board="board"), Path(folder))
            publishing = asyncio.create_task(publish())
            yield
            publishing.cancel()
            await hub.close()

    async def watch(websocket: WebSocket) -> None:
        await websocket.accept()
        line = Line(websocket)
        subscriber = hub.subscribe("run")
        subscriber.watch([view])

        async def speak() -> None:
            while True:
                await line.send(await subscriber.next())

        async def listen() -> None:
            async for _ in line.messages():
                pass

        try:
            await line.hold(speak(), listen(), until=asyncio.Event())
        finally:
            subscriber.close()

    config = uvicorn.Config(
        Starlette(routes=[WebSocketRoute("/", watch)], lifespan=lifespan), ws="websockets-sansio",
        ws_per_message_deflate=False, loop="uvloop", log_level="error", timeout_graceful_shutdown=1,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


class Watcher(asyncio.Protocol):
    """A client that only reads frames of the protocol and notes how late they came."""

    HANDSHAKE = (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )

    def __init__(self, late: list[float]) -> None:
        self._late = late
        self._buffer = bytearray()
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.HANDSHAKE)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"no web socket: {bytes(self._buffer[:200])!r}")
            del self._buffer[: end + 4]
            self._open = True
        while (message := self._message()) is not None:
            kind, payload = message
            if kind == 2:
                (length, _) = struct.unpack_from("<II", payload)
                self._late.append(now - json.loads(payload[8 : 8 + length])["about"]["sent"])
            elif payload[:80].find(b'"event":"metrics"') >= 0:
                self._late += [now - point["seconds"] for point in json.loads(payload)["points"]]

    def _message(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length == 126:
            start = 4
        elif length == 127:
            start = 10
        if len(buffer) < start:
            return None
        if start > 2:
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        message = (buffer[0] & 15, bytes(buffer[start : start + length]))
        del buffer[: start + length]
        return message


async def measure(port: int, watchers: int, seconds: float) -> list[float]:
    """Seconds from ``publish`` to arrival, of everything that all watchers got."""
    loop = asyncio.get_running_loop()
    late: list[float] = []
    settled: list[float] = []
    transports = []
    for _ in range(watchers):
        transport, _ = await loop.create_connection(lambda: Watcher(late), "127.0.0.1", port)
        transports.append(transport)
    await asyncio.sleep(1)
    late.clear()
    await asyncio.sleep(seconds)
    settled += late
    for transport in transports:
        transport.abort()
    await asyncio.sleep(0.2)
    return settled


def deaf(port: int) -> socket.socket:
    """A watcher that shakes hands and never reads."""
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(Watcher.HANDSHAKE)
    return line


def p99(values: list[float]) -> float:
    """In milliseconds."""
    return 1000 * sorted(values)[int(0.99 * (len(values) - 1))]


async def compare(port: int, watchers: int, seconds: float, rounds: int) -> tuple[list[float], list[float], int]:
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(rounds):
        alone += await measure(port, watchers, seconds)
        line = deaf(port)
        beside += await measure(port, watchers - 1, seconds)
        line.close()
    return alone, beside, round(watchers * (EVENTS + PICTURES) * seconds * rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve)
        return
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        port = listening.getsockname()[1]
        command = [sys.executable, "-m", "tests.bench.live", "--serve", str(listening.fileno())]
        with subprocess.Popen(command, pass_fds=[listening.fileno()]) as server:
            try:
                alone, beside, expected = asyncio.run(
                    compare(port, arguments.watchers, arguments.seconds, arguments.rounds)
                )
            finally:
                server.terminate()
    arrived = len(alone) / expected
    print(f"{arguments.watchers} watchers, p99 | ≤ 100 ms | {p99(alone):.1f} ms ({arrived:.0%} of all that was told)")
    cost = p99(beside) - p99(alone)
    print(f"one of them never reads: cost for the others, p99 | ≤ 5 ms | {cost:+.1f} ms ({p99(beside):.1f} ms)")


if __name__ == "__main__":
    main()
