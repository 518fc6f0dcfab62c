"""Runs that begin with what another one learned: forked, continued, reused; and who may do that."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from chalknet import wire


@pytest.fixture
def trained(somebody: Callable[..., Any]) -> Callable[..., tuple[Any, str, dict[str, Any]]]:
    """Somebody, their board, and a run of it that has ended."""

    def make(link_role: str = "viewer", **recipe: Any) -> tuple[Any, str, dict[str, Any]]:
        ann = somebody()
        document = copy.deepcopy(ann.SPIRAL)
        document["recipe"] |= recipe
        board = ann.board(document, link_role=link_role)
        return ann, board, finish(ann, ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"])

    return make


def finish(person: Any, run: str) -> dict[str, Any]:
    """Waits for a run's end; what the server says of it then."""
    watch = person.watch(run)
    watch.until(lambda: watch.event("end"), 60)
    found: dict[str, Any] = person.http.get(f"/api/runs/{run}").json()
    return found


def snapshot(person: Any, run: str) -> dict[str, Any]:
    watch = person.watch(run)
    return watch.until(lambda: watch.event("snapshot"))


def begin(person: Any, board: str, run: str, **start: Any) -> Any:
    return person.http.post(f"/api/boards/{board}/runs", json={"start_from": {"run": run, **start}})


def weights(server: Any, run: str) -> dict[str, np.ndarray]:
    return load_file(Path(server.data) / "runs" / run / wire.CHECKPOINT)


def test_a_fork_of_the_first_state_ends_like_the_run(server: Any, trained: Callable[..., Any]) -> None:
    """The recipe is the same, so every number is; its curve shows where it comes from."""
    ann, board, run = trained()
    kept = [each["step"] for each in snapshot(ann, run["id"])["kept"]]
    assert kept[0] == 0 and kept[-1] == run["step"]
    answer = begin(ann, board, run["id"], step=0)
    assert answer.status_code == 202, answer.text
    origin = answer.json()["origin"]
    assert origin == {"run": run["id"], "board": board, "title": "Two neurons", "step": 0, "keep": "state"}
    fork = finish(ann, answer.json()["id"])
    assert fork["origin"] == origin and fork["step"] == run["step"]
    one, other = weights(server, run["id"]), weights(server, fork["id"])
    assert one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
    assert snapshot(ann, fork["id"])["transfer"]["fitted"] == ["hidden", "out"]


def test_a_run_that_had_ended_goes_on_and_its_curve_with_it(trained: Callable[..., Any]) -> None:
    ann, board, run = trained()
    more = finish(ann, begin(ann, board, run["id"]).json()["id"])
    assert more["step"] == 2 * run["step"] and more["epochs"] == 2 * run["epochs"]
    before = {point["step"]: point["values"] for point in snapshot(ann, run["id"])["points"]}
    points = snapshot(ann, more["id"])["points"]
    assert {point["step"]: point["values"] for point in points if point["step"] < run["step"]} == {
        step: values for step, values in before.items() if step < run["step"]
    }
    assert points[-1]["step"] == more["step"]


def test_after_an_edit_of_the_board_it_is_told_what_fits_before_and_after(
    server: Any, trained: Callable[..., Any]
) -> None:
    ann, _, run = trained()
    changed = copy.deepcopy(ann.SPIRAL)
    changed["nodes"]["more"] = {"type": "linear", "fields": {"units": 4}}
    changed["edges"]["b"] = {"from": "hidden", "to": "more"}
    changed["edges"]["f"] = {"from": "more", "to": "act"}
    edited = ann.board(changed)
    start = {"run": run["id"], "keep": "state"}
    told = ann.http.post(f"/api/boards/{edited}/fit", json={"start_from": start})
    assert told.status_code == 200, told.text
    assert (told.json()["fitted"], told.json()["new"], told.json()["anew"]) == (["hidden", "out"], ["more"], ["main"])
    after = finish(ann, begin(ann, edited, **start).json()["id"])
    assert snapshot(ann, after["id"])["transfer"] == {**told.json(), "step": run["step"]}
    assert after["step"] == 2 * run["step"]
    # The graph that the run trained, with this board's recipe, is another thing to ask for.
    same = ann.http.post(f"/api/boards/{edited}/fit", json={"start_from": {**start, "graph": "run"}}).json()
    assert same["new"] == [] and same["state"] == ["main"]
    assert begin(ann, edited, **start, graph="run").status_code == 202


def test_a_state_outlives_the_run_that_it_is_of(trained: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """A run that waits for its turn begins all the same when the other board is deleted meanwhile."""
    ann, board, run = trained()
    other = ann.board()
    answer = begin(ann, other, run["id"], keep="weights")
    assert ann.http.delete(f"/api/boards/{board}").status_code == 204
    done = finish(ann, answer.json()["id"])
    assert done["state"] == "finished" and snapshot(ann, done["id"])["transfer"]["fitted"] == ["hidden", "out"]
    gone = begin(ann, other, run["id"])
    assert gone.status_code == 404


def test_who_may_begin_with_a_run(trained: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """Whoever may see it, on a board of their own; on the board itself only who may train there."""
    _, board, run = trained()
    guest = somebody()
    own = guest.board()
    assert begin(guest, board, run["id"]).status_code == 403
    assert begin(guest, own, run["id"], keep="weights").status_code == 202
    _, _, hidden = trained(link_role="none")
    for refused in (
        begin(guest, own, hidden["id"]),
        guest.http.post(f"/api/boards/{own}/fit", json={"start_from": {"run": hidden["id"]}}),
    ):
        assert refused.status_code == 404


@pytest.mark.parametrize(
    ("start", "status"),
    [({"run": "x"}, 404), ({"run": ""}, 404), ({"step": -2}, 422), ({"keep": "all"}, 422), ({"step": 7}, 410),
     ({"step": "../1"}, 422)],
)  # fmt: skip
def test_what_is_not_there(trained: Callable[..., Any], start: dict[str, Any], status: int) -> None:
    ann, board, run = trained()
    answer = ann.http.post(f"/api/boards/{board}/runs", json={"start_from": {"run": run["id"], **start}})
    assert answer.status_code == status, answer.text
    assert len(ann.http.get(f"/api/boards/{board}/runs").json()) == 1


def test_a_board_with_nothing_in_common_is_refused_in_words(trained: Callable[..., Any]) -> None:
    ann, _, run = trained()
    other = ann.board(
        {**ann.SPIRAL, "nodes": {**ann.SPIRAL["nodes"], "hidden": {"type": "linear", "fields": {"units": 9}}}}
    )
    both = ann.http.post(f"/api/boards/{other}/fit", json={"start_from": {"run": run["id"]}})
    assert both.status_code == 409 and "None of the weights" in both.json()["detail"]


def test_a_fork_goes_on_after_the_server_was_killed(
    new_server: Callable[..., Any], somebody: Callable[..., Any]
) -> None:
    """The server was killed; the fork ends with the weights of the run that it goes on with."""
    server = new_server()
    ann = somebody(server.url)
    document = copy.deepcopy(ann.SPIRAL)
    document["nodes"]["drop"] = {"type": "dropout", "fields": {"rate": 0.1}}
    document["edges"] |= {"c": {"from": "act", "to": "drop"}, "g": {"from": "drop", "to": "out"}}
    document["recipe"] = {"epochs": 1500, "batch": 20}
    board = ann.board(document)
    run = finish(ann, ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"])
    step = snapshot(ann, run["id"])["kept"][1]["step"]
    fork = begin(ann, board, run["id"], step=step).json()["id"]
    watch = ann.watch(fork)
    watch.until(lambda: any(t["event"] == "kept" and len(t["checkpoints"]) > 1 for t in watch.texts), 60)
    server.kill()
    server.start()
    done = finish(ann, fork)
    assert done["state"] == "finished" and done["step"] == run["step"] and done["origin"]["step"] == step
    assert done["restarts"] == 1
    one, other = weights(server, run["id"]), weights(server, fork)
    assert all(np.array_equal(one[name], other[name]) for name in one)
