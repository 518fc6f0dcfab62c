"""Measures the server as its users meet it: through HTTP and sockets, in a process of its own.

`python -m tests.bench.server` prints rows, ``row | asked | got``.
"""

from __future__ import annotations

import json
import logging
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from pycrdt import Map

from chalknet.graph import gallery
from tests.bench import infer
from tests.conftest import Server
from tests.server.conftest import SPIRAL, BoardSocket, Somebody


def row(name: str, asked: str, got: str) -> None:
    print(f"{name} | {asked} | {got}", flush=True)


def high(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms"


@contextmanager
def serving() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="chalknet-bench-") as folder:
        server = Server(Path(folder) / "data")
        try:
            yield server
        finally:
            server.stop()


def start() -> None:
    """To the line that says where it listens; the reference is importing the frameworks and nothing else."""

    def timed(work: Callable[[], object]) -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    frameworks = [sys.executable, "-c", "import fastapi, uvicorn, sqlalchemy.ext.asyncio, pycrdt"]
    reference = min(timed(lambda: subprocess.run(frameworks, check=True)) for _ in range(3))
    with tempfile.TemporaryDirectory(prefix="chalknet-bench-") as folder:
        server = Server(Path(folder) / "data")
        server.stop()
        times = []
        for _ in range(5):
            times.append(timed(server.start))
            server.stop()
    best = min(times)
    row("server start, best and median of 5", "≤ 2 s",
        f"{best:.2f} s, {statistics.median(times):.2f} s (the frameworks alone: {reference:.2f} s, ratio "
        f"{best / reference:.1f})")  # fmt: skip


def memory(server: Server) -> None:
    process = psutil.Process(server.pid)
    ann = Somebody(server.url)
    for card in ann.http.get("/api/gallery").json():
        board = ann.http.post("/api/boards", json={"gallery": card["name"]}).json()["id"]
        it = ann.open(board)
        it.until(lambda it=it: it.inferred)
    ann.http.get("/api/layers")
    row("memory with the gallery's boards open", "≤ 150 MB", f"{process.memory_info().rss / 1e6:.0f} MB")
    mapped = any("torch" in Path(map.path).name for map in process.memory_maps())
    row("torch in the web process", "never", "yes" if mapped else "no")
    ann.close()


def chain(count: int) -> dict[str, Any]:
    nodes: dict[str, Any] = {"data": {"type": "digits"}}
    edges: dict[str, Any] = {}
    last, out = "data", "image"
    for number in range(count - 1):
        kind = ("conv2d", "batch_norm2d", "relu")[number % 3]
        fields = {"channels": 8 + number % 50, "padding": 1} if kind == "conv2d" else {}
        nodes[f"n{number}"] = {"type": kind, "fields": fields}
        edges[f"e{number}"] = {"from": last, "out": out, "to": f"n{number}"}
        last, out = f"n{number}", "y"
    return {"nodes": nodes, "edges": edges}


def latency(server: Server, count: int, rounds: int = 60) -> None:
    """From the moment an edit is sent until the facts that follow from it have come, and until it is acknowledged."""
    edits(server, f"a board of {count:,}", infer.chain(count).dump(), "n0", "≤ 100 ms", rounds)
    # Without a loss: ways out are tried as well, each of which judges the board once more.
    edits(server, f"an unfinished board of {count:,}", chain(count), "n0", "≤ 100 ms", rounds)


def deep(server: Server, rounds: int = 60) -> None:
    """The same on ResNet-152, at its first convolution."""
    written = json.loads((gallery.folder() / "resnet-152.json").read_text())
    first = next(id for id, node in written["nodes"].items() if node["type"] == "conv2d")
    edits(server, "ResNet-152", written, first, "≤ 150 ms", rounds)


def edits(server: Server, name: str, document: dict[str, Any], node: str, asked: str, rounds: int) -> None:
    ann = Somebody(server.url)
    it = ann.open(ann.board(document))
    it.until(lambda: it.inferred)
    it.saved()
    shown, kept = [], []
    for number in range(rounds):
        channels = 60 + number
        begin = time.perf_counter()
        it.edit(lambda it, c=channels: it.root("nodes")[node]["fields"].__setitem__("channels", float(c)))
        done: dict[str, float] = {}

        def both(channels: int = channels, done: dict[str, float] = done) -> bool:
            if "shown" not in done and f"C {channels}," in it.facts[node]["outputs"]["y"]:
                done["shown"] = time.perf_counter()
            if "kept" not in done and it.kept == it.sent:
                done["kept"] = time.perf_counter()
            return len(done) == 2

        it.until(both)
        shown.append(done["shown"] - begin)
        kept.append(done["kept"] - begin)
    row(f"edit → shapes on {name}, p50 and p95", asked,
        f"{ms(high(shown, 0.5))}, {ms(high(shown, 0.95))}")  # fmt: skip
    row(f"edit → on disk on {name}, p99", "≤ 600 ms", ms(high(kept, 0.99)))
    ann.close()


def disconnects(server: Server, count: int = 1_000) -> None:
    """Connections that break off right after an edit: acknowledged edits that are gone afterwards."""
    ann = Somebody(server.url)
    board = ann.board()
    lost = 0
    chance = random.Random(0)
    acknowledged: list[str] = []
    for number in range(count):
        it = BoardSocket(ann, f"/ws/boards/{board}", {})
        key = f"n{number}"
        it.edit(lambda it, key=key: it.root("drawing")["positions"].__setitem__(key, Map({"x": 1.0, "y": 2.0})))
        if chance.random() < 0.5:
            it.saved()
            acknowledged.append(key)
        it.line.socket.close()
        it.line.close()
    after = BoardSocket(ann, f"/ws/boards/{board}", {})
    positions = after.root("drawing")["positions"]
    lost = sum(key not in positions for key in acknowledged)
    after.close()
    row(f"acknowledged edits lost over {count:,} disconnects", "0", f"{lost} of {len(acknowledged)}")
    ann.close()


def refusals(server: Server) -> None:
    """The table of bad input: the slowest answer of each kind, and what all of them leave in memory."""
    nodes = {"data": {"type": "points"}, "line": {"type": "linear"}, "x": {"type": "relu"}, "y": {"type": "relu"}}
    around = {"k": {"from": "x", "to": "y"}, "l": {"from": "y", "to": "x"}}
    wide = {**nodes, "line": {"type": "linear", "fields": {"units": 10**9}}}
    bad: dict[str, bytes] = {
        "a cycle": json.dumps({"document": {"nodes": nodes, "edges": around}}).encode(),
        "a 10⁹-unit Linear": json.dumps({"document": {"nodes": wide}}).encode(),
        "100,000 nodes": json.dumps(
            {"document": {"nodes": {f"n{n}": {"type": "relu"} for n in range(100_000)}}}
        ).encode(),
        "5,000 nodes": json.dumps({"document": chain(5_000)}).encode(),
        "1 MB of brackets": b"[" * 1_000_000,
        "an unknown layer": json.dumps({"document": {"nodes": {"a": {"type": "teleport"}}}}).encode(),
        "NaN": b'{"document":{"nodes":{"a":{"type":"linear","fields":{"units":NaN}}}}}',
        "a truncated document": json.dumps({"document": chain(1_000)}).encode()[:-9],
    }
    process = psutil.Process(server.pid)
    ann = Somebody(server.url)
    before = process.memory_info().rss
    slowest: dict[str, float] = {}
    for name, body in bad.items():
        times = []
        for _ in range(10):
            begin = time.perf_counter()
            ann.http.post("/api/infer", content=body, headers={"content-type": "application/json"})
            times.append(time.perf_counter() - begin)
        slowest[name] = high(times, 0.5)
    large = slowest.pop("5,000 nodes")
    worst = max(slowest, key=slowest.__getitem__)
    row("bad input refused, slowest kind, median", "≤ 100 ms", f"{ms(slowest[worst])} ({worst})")
    row("a valid document of 5,000 nodes inferred over HTTP", "told", ms(large))
    row("memory grown by all of it, ten times each", "< 50 MB", f"{(process.memory_info().rss - before) / 1e6:.0f} MB")
    ann.close()


def training(server: Server) -> None:
    """From Train to the first value of a curve, on a warm server."""
    ann = Somebody(server.url)
    board = ann.board({**SPIRAL, "recipe": {"epochs": 2, "batch": 20}})
    times = []
    for number in range(21):
        begin = time.perf_counter()
        run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
        watch = ann.watch(run)
        watch.until(lambda watch=watch: watch.event("metrics") or any(
            event["event"] == "snapshot" and event["points"] for event in watch.texts))  # fmt: skip
        if number:  # the first one may still wait for imports
            times.append(time.perf_counter() - begin)
        watch.until(lambda watch=watch: watch.event("end"))
        watch.close()
    row("Train → first loss on the socket, p50 and p95 of 20", "≤ 300 ms",
        f"{ms(high(times, 0.5))}, {ms(high(times, 0.95))}")  # fmt: skip
    ann.close()


def crowd(server: Server, people: int = 30, rate: int = 20, seconds: float = 5) -> None:
    """Cursors of a class on one board; one of them measures how late the others' are."""
    program = Path(__file__).with_name("_crowd.py")
    ann = Somebody(server.url)
    board = ann.board()
    command = [sys.executable, str(program), server.url, board, str(people), str(rate), str(seconds)]
    process = psutil.Process(server.pid)
    before = sum(process.cpu_times()[:2])
    begin = time.perf_counter()
    environment = {**os.environ, "COOKIE": ann.cookie["Cookie"]}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    share = (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - begin)
    late = json.loads(done.stdout)
    row(f"{people} cursors at {rate} Hz, p99 and share of a core", "≤ 100 ms", f"{ms(late['p99'])}, {share:.0%}")
    ann.close()


def main() -> None:
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # lines are cut on purpose
    start()
    with serving() as server:
        memory(server)
        latency(server, 100)
        latency(server, 1_000)
        deep(server)
        disconnects(server)
        refusals(server)
        training(server)
        crowd(server)


if __name__ == "__main__":
    main()
