"""Training through HTTP and sockets: started, watched, commanded, kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
