"""Runs beside each other: the table, notes and stars, whole curves, seeds, deletion, and what is in line (M-006)."""

from __future__ import annotations

import contextlib
import copy
import sqlite3
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chalknet import wire
from chalknet.server import queueing
from chalknet.wire import RunSummary


def finished(person: Any, run: str) -> dict[str, Any]:
    watch = person.watch(run)
    watch.until(watch.ended, 60)
    watch.close()
    told: dict[str, Any] = person.http.get(f"/api/runs/{run}").json()
    return told


def test_the_table_names_what_differs(somebody: Callable[..., Any]) -> None:
    """Two runs with one field apart: that field is the column, nothing else."""
    ann = somebody()
    document = copy.deepcopy(ann.SPIRAL)
    board = ann.board(document)
    first = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    finished(ann, first)
    plan = {"axes": [{"path": ["nodes", "hidden", "fields", "units"], "values": [7]}]}
    sweep = ann.http.post(f"/api/boards/{board}/sweeps", json=plan).json()
    second = sweep["places"][0]["run"]
    finished(ann, second)
    rows = ann.http.get(f"/api/boards/{board}/runs/table").json()
    assert [row["run"]["id"] for row in rows] == [second, first]
    assert [row["settings"] for row in rows] == [{"nodes.hidden.fields.units": 7}, {"nodes.hidden.fields.units": 4}]
    assert [row["parameters"] for row in rows] == [2 * 7 + 7 + 7 * 2 + 2, 22]
    assert [row["sweep"] for row in rows] == [sweep["id"], ""]
    for row in rows:
        loss = row["run"]["metrics"]["validation.loss"]
        assert row["least"]["validation.loss"] <= loss <= row["most"]["validation.loss"]


def test_notes_stars_and_deletion(somebody: Callable[..., Any], server: Any) -> None:
    ann = somebody()
    board = ann.board()
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    assert ann.http.patch(f"/api/runs/{run}", json={"note": "wide\0", "star": True}).status_code == 204
    assert ann.http.patch(f"/api/runs/{run}", json={}).status_code == 204
    (row,) = ann.http.get(f"/api/boards/{board}/runs/table").json()
    assert (row["note"], row["star"]) == ("wide", True)
    assert ann.http.patch(f"/api/runs/{run}", json={"note": "x" * 2001}).status_code == 422
    watch = ann.watch(run)
    watch.until(lambda: watch.texts)
    socket = ann.open(board)
    assert ann.http.delete(f"/api/runs/{run}").status_code == 204
    assert ann.http.get(f"/api/boards/{board}/runs/table").json() == []
    assert ann.http.get(f"/api/runs/{run}").status_code == 404
    watch.until(watch.ended, 60)
    socket.until(lambda: any(run in text.get("gone", ()) for text in socket.texts))


def emptied(server: Any, run: str, seconds: float) -> None:
    """The server is started anew when the run has lain in the bin for so long."""
    server.stop()
    with contextlib.closing(sqlite3.connect(next(server.data.glob("*.db")))) as database, database:
        (binned,) = database.execute("select binned from runs where id = ?", [run]).fetchone()
        assert binned > 0
        database.execute("update runs set binned = binned - ? where id = ?", [seconds, run])
    server.start()


def test_a_deleted_run_can_be_had_back_for_a_while(somebody: Callable[..., Any], new_server: Any) -> None:
    server = new_server()
    ann, ben = somebody(server.url), somebody(server.url)
    board = ann.board(link_role="viewer")
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    before = finished(ann, run)
    ann.http.patch(f"/api/runs/{run}", json={"note": "keep me", "star": True})
    folder = server.data / "runs" / run
    socket = ann.open(board)
    ben.open(board)
    assert ann.http.post(f"/api/runs/{run}/restore").status_code == 404  # it is there
    assert ann.http.delete(f"/api/runs/{run}").status_code == 204
    socket.until(lambda: any(run in text.get("gone", ()) for text in socket.texts))
    assert ann.http.get(f"/api/boards/{board}/runs").json() == []
    assert ben.http.post(f"/api/runs/{run}/restore").status_code == 403
    assert somebody(server.url).http.post(f"/api/runs/{'x' * len(run)}/restore").status_code == 404
    # Less than ten minutes later, also after a restart, it is still there to be had back, as it was.
    emptied(server, run, 590)
    assert folder.exists()
    socket = ann.open(board)
    back = ann.http.post(f"/api/runs/{run}/restore")
    assert back.status_code == 200 and back.json() == before
    socket.until(lambda: any(each["id"] == run for text in socket.texts for each in text.get("runs", ())))
    (row,) = ann.http.get(f"/api/boards/{board}/runs/table").json()
    assert (row["note"], row["star"], row["run"]) == ("keep me", True, before)
    assert ann.http.post(f"/api/runs/{run}/ask", json={"question": {"question": "weights", "node": "out"}}).is_success
    # Then it is gone for good, and its folder with it.
    assert ann.http.delete(f"/api/runs/{run}").status_code == 204
    emptied(server, run, 601)
    ann.open(board).until(lambda: not folder.exists(), 30)
    assert ann.http.post(f"/api/runs/{run}/restore").status_code == 404


def test_a_run_that_was_under_way_comes_back_stopped(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    document = copy.deepcopy(ann.SPIRAL)
    document["recipe"]["epochs"] = 50_000
    board = ann.board(document)
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    socket = ann.open(board)
    socket.until(lambda: any(each["state"] == "running" for text in socket.texts for each in text.get("runs", ())), 60)
    watch = ann.watch(run)
    watch.until(lambda: watch.texts)
    assert ann.http.delete(f"/api/runs/{run}").status_code == 204
    watch.until(watch.ended, 60)
    # How it ended is told to no page that has forgotten it.
    socket.until(lambda: any(run in text.get("gone", ()) for text in socket.texts))
    (place,) = [at for at, text in enumerate(socket.texts) if run in text.get("gone", ())]
    assert not [text for text in socket.texts[place + 1 :] if text.get("runs")]
    assert ann.http.post(f"/api/runs/{run}/restore").json()["state"] == "stopped"


def test_every_point_of_a_curve_comes_as_numbers(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board()
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    finished(ann, run)
    answer = ann.http.get(f"/api/runs/{run}/curves", params={"series": ["train.loss", "validation.loss", "none"]})
    told, payload = wire.opened(answer.content)
    assert [array.name for array in told.arrays] == ["train.loss", "validation.loss", "none"]
    watch = ann.watch(run)
    watch.until(lambda: watch.texts)
    points = watch.texts[0]["points"]
    for array in told.arrays:
        rows = np.frombuffer(payload, "float32", int(np.prod(array.shape)), array.offset).reshape(array.shape)
        there = [point for point in points if array.name in point["values"]]
        assert rows[0].tolist() == [point["step"] for point in there]
        assert np.allclose(rows[3], [point["values"][array.name] for point in there])


def test_one_recipe_with_five_seeds(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board()
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()
    first = finished(ann, run["id"])
    started = ann.http.post(f"/api/runs/{run['id']}/seeds", json={"seeds": [0, 1, 2, 3, 4, 4]}).json()
    assert [each["seed"] for each in started] == [0, 1, 2, 3, 4]
    told = [finished(ann, each["id"]) for each in started]
    losses = [each["metrics"]["validation.loss"] for each in told]
    assert losses[0] == first["metrics"]["validation.loss"], "the same board and seed give the same numbers"
    assert len(set(losses)) == 5
    rows = ann.http.get(f"/api/boards/{board}/runs/table").json()
    assert {tuple(row["settings"]) for row in rows} == {("recipe.seed",)}


def test_others_are_in_line_without_a_name(somebody: Callable[..., Any]) -> None:
    ann, bob = somebody(), somebody()
    slow = {**ann.SPIRAL, "recipe": {"epochs": 50_000, "batch": 20}}
    run = ann.http.post(f"/api/boards/{ann.board(slow, link_role='none')}/runs", json={}).json()["id"]
    try:
        (mine,) = [each for each in ann.http.get("/api/queue").json() if each["run"] == run]
        assert mine["title"] == "Two neurons" and mine["may_stop"]
        others = [each for each in bob.http.get("/api/queue").json() if not each["mine"]]
        assert others and {(each["run"], each["board"], each["title"], each["may_stop"]) for each in others} == {
            ("", "", "", False)
        }
    finally:
        watch = ann.watch(run)
        watch.send({"command": "stop"})
        watch.until(watch.ended, 60)


def run(id: str, **more: Any) -> RunSummary:
    return RunSummary.model_validate({"id": id, "board": "b", **more})


def test_how_long_one_waits_by_hand() -> None:
    """Two slots free after 10 s and 40 s. The next three take 20 s each: they begin at 10, 30 and 40."""
    going = [run("a", step=50, steps=100, seconds=10), run("b", step=20, steps=100, seconds=10)]
    waiting = [run(name) for name in "cde"]
    assert queueing.waits(going, waiting, dict.fromkeys("cde", 20.0), 2) == {"c": 10, "d": 30, "e": 40}


def test_what_cannot_be_told_is_not() -> None:
    going = [run("a", step=50, steps=100, seconds=10)]
    told = queueing.waits(going, [run("c"), run("d")], {"c": None}, 1)
    assert told == {"c": 10, "d": None}
    assert queueing.waits([run("a")], [run("c")], {}, 1) == {"c": None}


@pytest.mark.parametrize(("hash", "seconds"), [("x", 5.0), ("y", 6.0)])
def test_a_run_takes_as_long_as_its_like(hash: str, seconds: float) -> None:
    ended = [run("1", hash="x", seconds=5), run("2", hash="z", seconds=6), run("3", hash="z", seconds=7)]
    assert queueing.usual(run("4", hash=hash), ended) == seconds
    assert queueing.usual(run("4", board="other"), ended) is None


def test_runs_are_asked_together(somebody: Callable[..., Any]) -> None:
    """T-039: by whoever may see them; what each says alone is what its run told."""
    ann, ben = somebody(), somebody()
    board = ann.board(link_role="viewer")
    first = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    second = ann.http.post(f"/api/runs/{first}/seeds", json={"seeds": [5]}).json()[0]["id"]
    told = [finished(ann, run)["metrics"]["validation.accuracy"] for run in (first, second)]
    ben.socket(f"/ws/boards/{board}").until(lambda: True)
    answer = ben.http.post(f"/api/boards/{board}/together", json={"runs": [first, second]})
    assert answer.status_code == 200, answer.text
    header, _ = wire.opened(answer.content)
    assert header.about["names"] == ["Run 1", "Run 2"]
    assert header.about["alone"] == pytest.approx(told)

    def refused(runs: list[str], status: int, words: str, on: str = board, part: str = "validation") -> None:
        answer = ann.http.post(f"/api/boards/{on}/together", json={"runs": runs, "part": part})
        assert answer.status_code == status, answer.text
        assert words in answer.text

    # The test samples are opened for each run on purpose, and for no other by the way.
    document = copy.deepcopy(ann.SPIRAL)
    document["recipe"]["test"] = "locked"
    kept = ann.board(document)
    locked = ann.http.post(f"/api/boards/{kept}/runs", json={}).json()["id"]
    locked = [locked, ann.http.post(f"/api/runs/{locked}/seeds", json={"seeds": [5]}).json()[0]["id"]]
    for run in locked:
        finished(ann, run)
    refused(locked, 409, "locked for Run 1", kept, "test")
    accuracies = [ann.http.post(f"/api/runs/{run}/test", json={}).json()["metrics"]["test.accuracy"] for run in locked]
    answer = ann.http.post(f"/api/boards/{kept}/together", json={"runs": locked, "part": "test"})
    assert wire.opened(answer.content)[0].about["alone"] == pytest.approx(accuracies)

    refused([first, first], 404, "two different runs")
    refused([first, "none"], 404, "two different runs")
    refused([first, second], 404, "two different runs", ann.board())
    refused([first], 422, "")
    long = copy.deepcopy(ann.SPIRAL)
    long["recipe"]["epochs"] = 50_000
    other = ann.board(long)
    runs = [ann.http.post(f"/api/boards/{other}/runs", json={}).json()["id"] for _ in range(2)]
    refused(runs, 409, "has not ended yet", other)
    for run in runs:
        assert ann.http.delete(f"/api/runs/{run}").status_code == 204
