"""Training through HTTP and sockets: started, watched, commanded, kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
from safetensors.numpy import load_file

from chalknet import wire

VIEW = {"view": "plane", "node": "out", "size": 8}


def test_a_run_trains_and_tells(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board()
    it = ann.open(board)
    answer = ann.http.post(f"/api/boards/{board}/runs", json={})
    assert answer.status_code == 202, answer.text
    run = answer.json()
    assert run["board"] == board and run["title"] == "Two neurons" and run["epochs"] == 3
    watch = ann.watch(run["id"])
    watch.until(lambda: watch.event("end"), 60)
    assert watch.texts[0]["event"] == "snapshot"
    assert watch.event("end")["state"] == "finished"
    it.until(lambda: (told := it.event("runs")) and told["runs"][0]["state"] == "finished")
    known = ann.http.get(f"/api/runs/{run['id']}").json()
    assert known["state"] == "finished" and known["metrics"]
    assert [one["id"] for one in ann.http.get(f"/api/boards/{board}/runs").json()] == [run["id"]]


def test_a_run_that_has_ended_is_looked_at_and_asked(
    somebody: Callable[..., Any], new_server: Callable[..., Any]
) -> None:
    """Nobody had looked while it ran. Whoever comes later sees its last state, the same for the next one who comes."""
    server = new_server()
    ann = somebody(server.url)
    board = ann.board(link_role="viewer")
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    watch = ann.watch(run)
    watch.until(lambda: watch.event("end"), 60)
    assert not watch.binary
    guest = somebody(server.url)
    look = guest.watch(run)
    look.send({"command": "watch", "views": [VIEW]})
    look.until(lambda: look.binary, 60)
    header, _ = wire.unpack(look.binary[0])
    assert (header.view, header.node, header.run) == ("plane", "out", run)
    assert header.step == ann.http.get(f"/api/runs/{run}").json()["step"] > 0
    again = ann.watch(run)
    again.send({"command": "watch", "views": [VIEW]})
    again.until(lambda: again.binary, 60)
    assert again.binary[0] == look.binary[0], "it was drawn once"
    answer = guest.http.post(f"/api/runs/{run}/ask", json={"question": {"question": "weights", "node": "out"}})
    assert answer.status_code == 200
    told, payload = wire.opened(answer.content)
    kept = load_file(server.data / "runs" / run / "checkpoint.safetensors")
    for array in told.arrays:
        values = np.frombuffer(payload, "float32", int(np.prod(array.shape)), array.offset)
        assert values.tobytes() == kept[f"model.out.{array.name}"].tobytes()
    refused = guest.http.post(f"/api/runs/{run}/ask", json={"question": {"question": "weights", "node": "act"}})
    assert refused.status_code == 409 and "no weights" in refused.json()["detail"]
    # A deleted board takes its runs' processes with it.
    (forked,) = [each for each in psutil.Process(server.pid).children(recursive=True) if each.children()]
    (answering,) = forked.children()
    assert ann.http.delete(f"/api/boards/{board}").status_code == 204
    answering.wait(20)
