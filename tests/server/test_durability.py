"""What was acknowledged is there after a power cut; what a server held is there after a restart."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from typing import Any

import psutil
from websockets.exceptions import ConnectionClosed


def test_nothing_acknowledged_is_lost(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """Five power cuts in the middle of a stream of edits."""
    server = new_server()
    ann = somebody(server.url)
    board = ann.board()
    number = 0
    promised = -1
    for _ in range(5):
        it = ann.open(board)
        kept = it.root("about").get("tries")
        assert promised <= (-1 if kept is None else int(kept[0])), "an acknowledged edit is gone"
        sent: list[int] = []
        first = it.sent
        while len(sent) < 30:
            number += 1
            it.edit(lambda it, n=number: it.root("about").__setitem__("tries", [str(n)]))
            sent.append(number)
        it.until(lambda it=it, first=first: it.kept > first)
        server.kill()
        it.closed()
        acknowledged = it.kept - first
        promised = sent[acknowledged - 1] if acknowledged > 0 else promised
        server.start()
    it = ann.open(board)
    assert int(it.root("about")["tries"][0]) >= promised


def test_a_page_brings_back_what_the_server_lost(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """What was sent but not acknowledged when the power went is in the page's own copy: its next answer brings it."""
    server = new_server()
    ann = somebody(server.url)
    board = ann.board()
    it = ann.open(board)
    it.saved()
    server.kill()
    with contextlib.suppress(ConnectionClosed):
        it.edit(lambda it: it.root("meta").__setitem__("title", "Not lost"))
    server.start()
    again = type(it)(ann, f"/ws/boards/{board}", {})
    again.doc.apply_update(it.doc.get_update())
    again.push(again.doc.get_update())
    again.until(lambda: again.kept == again.sent)
    assert ann.http.get(f"/api/boards/{board}/document").json()["title"] == "Not lost"
    again.close()


def test_a_restart_brings_everything_back(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    server = new_server()
    ann = somebody(server.url)
    board = ann.board()
    it = ann.open(board)
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    watch = ann.watch(run)
    watch.until(lambda: watch.event("end"), 60)
    it.edit(lambda it: it.root("meta").__setitem__("title", "Kept"))
    it.saved()
    known = ann.http.get(f"/api/runs/{run}").json()
    server.restart()
    assert ann.http.get("/api/me").json() == ann.me
    assert [one["title"] for one in ann.http.get("/api/boards").json()] == ["Kept"]
    assert ann.http.get(f"/api/boards/{board}/runs").json() == [known]
    again = ann.open(board)
    assert again.root("meta")["title"] == "Kept"
    assert again.root("nodes").to_py() == it.root("nodes").to_py()
    assert again.event("welcome")["runs"] == [known]
    curves = ann.watch(run)
    snapshot = curves.until(lambda: curves.event("snapshot"))
    assert snapshot["summary"]["state"] == "finished" and len(snapshot["points"]) >= 3


def test_on_postgresql(
    new_server: Callable[..., Any], somebody: Callable[..., Any], new_database: Callable[[], str]
) -> None:
    """The same product on the other database: edits, their acknowledgement, a restart, a run."""
    server = new_server(CHALKNET_DATABASE_URL=new_database())
    ann = somebody(server.url)
    board = ann.board()
    it = ann.open(board)
    it.edit(lambda it: it.root("meta").__setitem__("title", "On PostgreSQL"))
    it.saved()
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    watch = ann.watch(run)
    watch.until(lambda: watch.event("end"), 60)
    server.kill()
    server.start()
    assert ann.open(board).root("meta")["title"] == "On PostgreSQL"
    assert ann.http.get(f"/api/runs/{run}").json()["state"] == "finished"
    assert not (server.data / "chalknet.db").exists()
    server.stop()


def test_a_run_goes_on_after_a_restart(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """A run in progress resumes by itself, a paused one stays paused, a queued one keeps its place."""
    server = new_server()
    ann = somebody(server.url)
    board = ann.board({**ann.SPIRAL, "recipe": {"epochs": 100_000, "batch": 20}})
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    watch = ann.watch(run)
    watch.until(lambda: (at := watch.event("metrics")) and at["points"][-1]["step"] > 0, 60)
    server.restart()
    state = ann.http.get(f"/api/runs/{run}").json()["state"]
    assert state in ("resuming", "running", "preparing")
    again = ann.watch(run)
    again.until(lambda: again.event("state", state="running"), 60)
    again.send({"command": "stop"})
    again.until(lambda: again.event("end"), 60)
    assert again.event("end")["state"] == "stopped"


def test_it_stops_when_asked(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """With boards and runs open: everybody is told to come back later, and no process stays."""
    server = new_server()
    ann = somebody(server.url)
    it = ann.open(ann.board())
    children = psutil.Process(server.pid).children(recursive=True)
    assert server.stop() in (0, -signal.SIGTERM)
    assert it.closed() in (1001, 1012)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
