"""Sweeps through HTTP: twelve runs and more, their numbers against runs started singly, cut short, gone on with."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

RATE = ["recipe", "phases", "main", "optimizer", "fields", "lr"]
UNITS = ["nodes", "hidden", "fields", "units"]
GRID = {
    "axes": [
        {"path": RATE, "title": "Learning rate", "least": 0.001, "most": 0.1, "count": 3, "log": True},
        {"path": UNITS, "title": "Units", "values": [2, 4, 6, 8]},
    ]
}


def ended(person: Any, sweep: str, patience: float = 180) -> dict[str, Any]:
    end = time.monotonic() + patience
    while True:
        told: dict[str, Any] = person.http.get(f"/api/sweeps/{sweep}").json()
        if told["state"] != "running":
            return told
        assert time.monotonic() < end, told
        time.sleep(0.1)


def test_twelve_runs_are_what_they_would_be_alone(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board()
    answer = ann.http.post(f"/api/boards/{board}/sweeps", json=GRID)
    assert answer.status_code == 202, answer.text
    told = ended(ann, answer.json()["id"])
    assert told["state"] == "finished" and [place["state"] for place in told["places"]] == ["finished"] * 12
    best = {place["place"]: place["best"] for place in told["places"]}
    assert told["winner"] == min(best, key=lambda place: best[place])
    for place in (0, 7, 11):
        run = ann.http.get(f"/api/runs/{told['places'][place]['run']}").json()
        rate, units = told["places"][place]["settings"]
        document = copy.deepcopy(ann.SPIRAL)
        document["nodes"]["hidden"]["fields"]["units"] = units
        document["recipe"]["phases"] = {"main": {"optimizer": {"fields": {"lr": rate}}}}
        alone = ann.http.post(f"/api/boards/{ann.board(document)}/runs", json={}).json()
        watch = ann.watch(alone["id"])
        watch.until(watch.ended, 60)
        again = ann.http.get(f"/api/runs/{alone['id']}").json()
        assert (again["hash"], again["seed"]) == (run["hash"], run["seed"])
        assert again["metrics"]["validation.loss"] == run["metrics"]["validation.loss"]
        edits = ann.http.get(f"/api/runs/{run['id']}/settings").json()
        assert [(edit["path"], edit["value"]) for edit in edits] == [(RATE, rate), (UNITS, units)]


def test_a_setting_that_cannot_be_trained_is_left_out_and_told(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board()
    plan = {"axes": [{"path": UNITS, "values": [4, -1, 5]}]}
    told = ended(ann, ann.http.post(f"/api/boards/{board}/sweeps", json=plan).json()["id"])
    assert [place["state"] for place in told["places"]] == ["finished", "left", "finished"]
    assert "-1" in told["places"][1]["why"] or "units" in told["places"][1]["why"].lower()
    none = ann.http.post(f"/api/boards/{board}/sweeps", json={"axes": [{"path": UNITS, "values": [-1]}]})
    assert none.status_code == 409 and "None of these settings" in none.json()["detail"]
    strange = ann.http.post(f"/api/boards/{board}/sweeps", json={"axes": [{"path": ["title", "x"], "values": [1]}]})
    assert strange.status_code == 422 and "no field title.x" in strange.json()["detail"]


def test_a_sweep_is_stopped(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board({**ann.SPIRAL, "recipe": {"epochs": 50_000, "batch": 20}})
    sweep = ann.http.post(f"/api/boards/{board}/sweeps", json=GRID).json()["id"]
    assert ann.http.post(f"/api/sweeps/{sweep}/stop").json()["state"] == "stopped"
    runs = [place["run"] for place in ann.http.get(f"/api/sweeps/{sweep}").json()["places"] if place["run"]]
    for run in runs:
        watch = ann.watch(run)
        watch.until(watch.ended, 60)
    told = ann.http.get(f"/api/sweeps/{sweep}").json()
    assert {place["state"] for place in told["places"]} == {"stopped", "left"}


def test_a_sweep_goes_on_after_a_restart(somebody: Callable[..., Any], new_server: Callable[..., Any]) -> None:
    server = new_server()
    ann = somebody(server.url)
    sweep = ann.http.post(f"/api/boards/{ann.board()}/sweeps", json=GRID).json()["id"]
    server.stop()
    server.start()
    again = somebody(server.url)
    again.http.cookies = ann.http.cookies
    told = ended(again, sweep)
    assert [place["state"] for place in told["places"]] == ["finished"] * 12
    assert len({place["run"] for place in told["places"]}) == 12


def test_a_run_that_is_behind_is_stopped_early(somebody: Callable[..., Any]) -> None:
    """Three sound rates, then three so small that nothing is learned: of those at least one is given up, none of the
    sound ones is."""
    ann = somebody()
    board = ann.board({**ann.SPIRAL, "recipe": {"epochs": 4000, "batch": 20}})
    plan = {"axes": [{"path": RATE, "values": [0.03, 0.02, 0.01, 1e-8, 1.1e-8, 1.2e-8]}], "early": True}
    told = ended(ann, ann.http.post(f"/api/boards/{board}/sweeps", json=plan).json()["id"])
    assert [place["state"] for place in told["places"]] == ["finished"] * 3 + ["stopped"] * 3
    for place in told["places"][3:]:
        assert "behind the median" in place["why"] and place["epoch"] < 4000
