"""The worker: a run behind a connection."""

from __future__ import annotations

import json
import multiprocessing
import queue
import subprocess
import sys
import threading
from typing import Any

import msgpack
import pytest

from chalknet import wire
from chalknet.training import worker
from chalknet.training.probe import Frame


class Server:
    """The other end: the worker in a thread of this process."""

    def __init__(self, document: Any, **options: Any) -> None:
        self.connection, other = multiprocessing.Pipe()
        raw = document if isinstance(document, bytes) else json.dumps(document.dump()).encode()
        # The end of a connection is the end of the process, which here is that of the tests.
        self.ended = threading.Event()
        given = (other, raw, {"threads": 1, **options})
        self.thread = threading.Thread(target=worker.main, args=given, kwargs={"ended": self.ended.set})
        self.thread.start()

    def say(self, **command: Any) -> None:
        self.connection.send_bytes(msgpack.packb(command))

    def hear(self) -> dict[str, Any] | wire.FrameHeader:
        assert self.connection.poll(60)
        kind, payload = msgpack.unpackb(self.connection.recv_bytes())
        if kind == worker.FRAME:
            return wire.unpack(payload)[0]
        event = wire.run_message.validate_python(payload)
        assert "run" not in payload
        return event.model_dump()

    def until(self, event: str, **fields: Any) -> list[Any]:
        heard = []
        while True:
            heard.append(self.hear())
            last = heard[-1]
            if isinstance(last, dict) and last["event"] == event and all(last[k] == v for k, v in fields.items()):
                return heard

    def close(self) -> None:
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.connection.close()
        assert self.ended.wait(60), "the worker noticed that the server is gone"


@pytest.fixture
def serve():
    servers = []

    def start(document: Any, **options: Any) -> Server:
        servers.append(Server(document, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_step_by_step_it_waits_before_the_first_update(serve, spiral) -> None:
    """V-005: a board that says so shows its first numbers, and goes on by one when it is told to."""
    server = serve(spiral(stepwise=True))
    assert server.until("state", state="paused")[-1]["step"] == 0
    server.say(command="step")
    assert server.until("state", state="paused")[-1]["step"] == 1
    server.say(command="resume")
    assert server.until("end")[-1]["state"] == "finished"


def test_tells_a_run_from_first_to_last(serve, spiral) -> None:
    server = serve(spiral())
    heard = server.until("end")
    assert heard[0]["event"] == "state"
    assert heard[-1]["state"] == "finished"
    assert heard[-1]["metrics"]["test.loss"] > 0


def test_obeys(serve, spiral) -> None:
    server = serve(spiral(epochs=10_000))
    server.say(command="watch", views=[{"view": "maps", "node": "out"}])
    server.say(command="pause")
    heard = server.until("state", state="paused")
    assert any(isinstance(each, wire.FrameHeader) for each in heard)
    server.say(command="step")
    assert server.until("state", state="paused")[-1]["step"] == heard[-1]["step"] + 1
    server.say(command="stop")
    assert server.until("end")[-1]["state"] == "stopped"


def test_resumes_from_its_directory(serve, spiral, tmp_path) -> None:
    server = serve(spiral(), directory=str(tmp_path))
    first = server.until("end")[-1]
    server = serve(spiral(), directory=str(tmp_path), resume=True)
    heard = server.until("end")
    assert heard[0] == {"event": "rewound", "run": "", "seq": 0, "step": 28}
    assert heard[-1]["metrics"]["test.loss"] == first["metrics"]["test.loss"]


@pytest.mark.parametrize("document", [b"{", b'{"nodes": {"a": {"type": "nothing"}}}', b"{}"])
def test_a_board_that_cannot_be_trained(document, serve) -> None:
    *_, failed, end = serve(document).until("end")
    assert failed["event"] == "failed"
    assert failed["problem"]["message"]
    assert end["state"] == "failed"


def test_of_pictures_only_the_latest_waits() -> None:
    """Events keep their order and none is lost; a picture takes the place of an older one with its key."""

    class Slow:
        """A connection that takes nothing until it is let."""

        def __init__(self) -> None:
            self.sent: list[Any] = []
            self.begun, self.go = threading.Event(), threading.Event()

        def send_bytes(self, raw: bytes) -> None:
            self.begun.set()
            self.go.wait(60)
            self.sent.append(msgpack.unpackb(raw))

    connection = Slow()
    sender = worker.Sender(connection)
    sender.send(wire.Noted(step=0, text="first"))
    assert connection.begun.wait(60)
    for number in range(50):
        sender.send(Frame(b"a%d" % number, "a"))
        sender.send(Frame(b"b%d" % number, "b"))
        sender.send(wire.Noted(step=number, text=""))
    connection.go.set()
    sender.close()
    frames = [payload for kind, payload in connection.sent if kind == worker.FRAME]
    assert frames == [b"a49", b"b49"]
    steps = [payload["step"] for kind, payload in connection.sent if kind == worker.JSON]
    assert steps == [0, *range(50)]


def test_ends_with_its_connection(spiral, tmp_path) -> None:
    """When the server is gone, nothing is left of the process."""
    board = tmp_path / "board.json"
    board.write_text(json.dumps(spiral(epochs=100_000).dump()))
    code = (
        "import sys; from multiprocessing.connection import Connection; from pathlib import Path;"
        "from chalknet.training import worker;"
        "worker.main(Connection(int(sys.argv[1])), Path(sys.argv[2]).read_bytes(), {'threads': 1})"
    )
    here, there = multiprocessing.Pipe()
    command = [sys.executable, "-c", code, str(there.fileno()), str(board)]
    with subprocess.Popen(command, pass_fds=[there.fileno()]) as process:
        there.close()
        assert here.poll(120)
        here.recv_bytes()
        here.close()
        assert process.wait(30) == 0


def test_a_command_that_is_none_harms_nothing() -> None:
    here, there = multiprocessing.Pipe()
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    ended = threading.Event()
    reader = threading.Thread(target=worker._listen, args=(there, commands, ended.set))
    reader.start()
    for raw in (
        b"\xc1",
        msgpack.packb({"command": "explode"}),
        msgpack.packb([1]),
        msgpack.packb({"command": "pause"}),
    ):
        here.send_bytes(raw)
    assert commands.get(timeout=60) == wire.Pause()
    here.close()
    reader.join(60)
    assert ended.is_set()
    assert commands.empty()
    there.close()
