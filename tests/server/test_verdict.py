"""Test samples through HTTP: locked until somebody opens them, once a run, and never forgotten."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Callable
from typing import Any

import numpy
from sklearn.metrics import accuracy_score

from chalknet import wire
from tests.server.test_results import finished


def locked(person: Any, **recipe: Any) -> dict[str, Any]:
    document = copy.deepcopy(person.SPIRAL)
    document["recipe"] |= {"test": "locked", **recipe}
    return document


def trained(person: Any, board: str) -> dict[str, Any]:
    return finished(person, person.http.post(f"/api/boards/{board}/runs", json={}).json()["id"])


def its_test(run: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in run["metrics"].items() if name.startswith("test.")}


def test_opened_once_and_remembered(somebody: Callable[..., Any], server: Any) -> None:
    """T-043, M-007: the same numbers as a run that tests itself; noted with the run, on its curve and of the board."""
    ann = somebody()
    usual = ann.board()
    told = its_test(trained(ann, usual))
    board = ann.board(locked(ann))
    run = trained(ann, board)
    assert not its_test(run) and "validation.loss" in run["metrics"]
    assert ann.http.get(f"/api/boards/{board}/openings").json() == []
    answer = ann.http.post(f"/api/runs/{run['id']}/test")
    assert answer.status_code == 200, answer.text
    assert its_test(answer.json()) == told
    assert its_test(ann.http.get(f"/api/runs/{run['id']}").json()) == told
    (opening,) = ann.http.get(f"/api/boards/{board}/openings").json()
    assert opening["run"] == run["id"] and abs(opening["opened"] - run["created"]) < 300
    # Once more is no second look: nothing is told twice.
    assert its_test(ann.http.post(f"/api/runs/{run['id']}/test").json()) == told
    assert ann.http.get(f"/api/boards/{board}/openings").json() == [opening]
    watch = ann.watch(run["id"])
    watch.until(lambda: watch.texts)
    assert [note["text"] for note in watch.texts[0]["notes"]] == ["The test samples were opened."]
    watch.close()
    # The run may go, but that its test samples were seen stays known.
    assert ann.http.delete(f"/api/runs/{run['id']}").status_code == 204
    assert ann.http.get(f"/api/boards/{board}/openings").json() == [opening]
    # A run that tests itself has opened them too.
    assert len(ann.http.get(f"/api/boards/{usual}/openings").json()) == 1


def test_only_of_a_run_that_has_ended(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    board = ann.board(locked(ann, epochs=100_000))
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    answer = ann.http.post(f"/api/runs/{run}/test")
    assert answer.status_code == 409 and "when a run has ended" in answer.json()["detail"]
    watch = ann.watch(run)
    watch.send({"command": "stop"})
    watch.until(watch.ended, 60)
    assert its_test(ann.http.post(f"/api/runs/{run}/test").json())


def test_a_fork_is_locked_again(somebody: Callable[..., Any]) -> None:
    """It takes over the curve up to where it begins, and not what the other one's test told."""
    ann = somebody()
    board = ann.board(locked(ann))
    first = trained(ann, board)["id"]
    assert its_test(ann.http.post(f"/api/runs/{first}/test").json())
    fork = ann.http.post(f"/api/boards/{board}/runs", json={"start_from": {"run": first}}).json()["id"]
    told = finished(ann, fork)
    assert not its_test(told) and "validation.loss" in told["metrics"]
    refused = ann.http.post(f"/api/runs/{fork}/ask", json={"question": {"question": "judge", "part": "test"}})
    assert refused.status_code == 409
    assert [each["run"] for each in ann.http.get(f"/api/boards/{board}/openings").json()] == [first]


def test_a_sweep_tests_nothing(somebody: Callable[..., Any]) -> None:
    """M-007: its runs are compared, so that whoever tested them all would choose by the test samples."""
    ann = somebody()
    board = ann.board()  # it tests at every end
    plan = {"axes": [{"path": ["nodes", "hidden", "fields", "units"], "values": [3, 5]}]}
    sweep = ann.http.post(f"/api/boards/{board}/sweeps", json=plan).json()
    for place in sweep["places"]:
        assert not its_test(finished(ann, place["run"]))
    refused = ann.http.post(f"/api/boards/{board}/sweeps", json={**plan, "metric": "test.loss"})
    assert refused.status_code == 422 and "nothing is chosen by the test samples" in refused.text
    fields = ann.http.get(f"/api/boards/{board}/sweeps/fields").json()
    assert fields and not any(field["path"] == ["recipe", "test"] for field in fields)


def test_what_is_made_here_begins_locked(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    for new in ({}, {"gallery": "spiral"}):
        board = ann.http.post("/api/boards", json=new).json()["id"]
        assert ann.http.get(f"/api/boards/{board}/document").json()["recipe"]["test"] == "locked"


def test_a_board_that_is_tuned_on_its_test_samples_is_doubted(somebody: Callable[..., Any]) -> None:
    """M-007, T-072: opened twice, then changed; not before, and not when it is put back."""
    ann = somebody()
    board = ann.board(locked(ann))
    page = ann.open(board)

    def doubt() -> dict[str, Any] | None:
        problems = page.inferred.get("problems", [])
        return next((each for each in problems if each["code"] == "tuned_on_test"), None)

    def change(batch: int) -> None:
        page.edit(lambda its: its.root("recipe").__setitem__("batch", batch))
        page.saved()

    for batch in (20, 25):
        change(batch)
        assert ann.http.post(f"/api/runs/{trained(ann, board)['id']}/test").status_code == 200
    assert doubt() is None
    change(30)
    found = page.until(doubt)
    assert "opened 2 times" in found["message"] and (found["severity"], found["field"]) == ("warning", "test")
    change(20)
    page.until(lambda: doubt() is None)
    page.close()
    # Who comes later is told too.
    page = ann.open(board)
    change(35)
    page.until(doubt)


def asked(person: Any, run: str, **question: Any) -> tuple[dict[str, Any], dict[str, numpy.ndarray]]:
    answer = person.http.post(f"/api/runs/{run}/ask", json={"question": question})
    assert answer.status_code == 200, answer.text
    header, raw = wire.opened(answer.content)
    arrays = {
        each.name: numpy.frombuffer(raw, each.dtype, int(numpy.prod(each.shape)), each.offset).reshape(each.shape)
        for each in header.arrays
    }
    return header.about, arrays


def test_locked_samples_are_not_answered_of(somebody: Callable[..., Any]) -> None:
    """T-043: neither in sum nor one by one, nor as a file, nor of an earlier state; opened, they are what was told."""
    ann = somebody()
    board = ann.board(locked(ann))
    run = trained(ann, board)["id"]
    for question in ("judge", "cases"):
        refused = ann.http.post(f"/api/runs/{run}/ask", json={"question": {"question": question, "part": "test"}})
        assert refused.status_code == 409 and "locked" in refused.json()["detail"]
        of_board = ann.http.post(f"/api/boards/{board}/ask", json={"question": {"question": question, "part": "test"}})
        assert of_board.status_code == 409 and "locked" in of_board.json()["detail"]
    assert ann.http.get(f"/api/runs/{run}/errors.csv?part=test").status_code == 409
    told = its_test(ann.http.post(f"/api/runs/{run}/test").json())
    about, _ = asked(ann, run, question="judge", part="test")
    assert about["accuracy"] == told["test.accuracy"] and abs(about["mean"] - told["test.loss"]) < 1e-6
    earlier = ann.http.post(f"/api/runs/{run}/ask", json={"question": {"question": "judge", "part": "test"}, "at": 0})
    assert earlier.status_code == 409 and "as it ended" in earlier.json()["detail"]
    assert ann.http.post(f"/api/runs/{run}/ask", json={"question": {"question": "judge"}, "at": 0}).status_code == 200


def test_mistakes_are_tagged_and_written_to_a_file(somebody: Callable[..., Any]) -> None:
    """V-015: own words, several a sample, kept with the run; the file holds every mistake, the worst first."""
    ann, bob = somebody(), somebody()
    run = trained(ann, ann.board(locked(ann)))["id"]
    about, found = asked(ann, run, question="cases", wrong=True, count=1000, bare=True)
    assert about["total"] == len(found["samples"]) > 2
    worst, second = found["samples"][:2].tolist()

    def tag(sample: int, *words: str, person: Any = ann) -> int:
        body = {"part": "validation", "tagged": {"sample": sample, "tags": words}}
        return int(person.http.put(f"/api/runs/{run}/tags", json=body).status_code)

    assert tag(worst, "near the edge", " both arms ", "near the edge") == 204
    assert tag(second, "=1+1", "x\0y") == 204
    # The link lets everybody edit.
    assert tag(second, "=1+1", person=bob) == 204
    assert tag(worst, "a" * 41) == tag(worst, " ") == tag(-1, "a") == 422
    tags = ann.http.get(f"/api/runs/{run}/tags").json()
    assert {each["sample"]: each["tags"] for each in tags} == {worst: ["both arms", "near the edge"], second: ["=1+1"]}
    assert ann.http.get(f"/api/runs/{run}/tags?part=test").json() == []
    answer = ann.http.get(f"/api/runs/{run}/errors.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["sample", "loss", "wanted", "answered", "confidence", "tags"]
    assert [int(row[0]) for row in rows] == found["samples"].tolist()
    assert [float(row[1]) for row in rows] == sorted((float(row[1]) for row in rows), reverse=True)
    assert all(row[2] != row[3] and 0.5 <= float(row[4]) <= 1 for row in rows)
    assert rows[0][5] == "both arms; near the edge" and rows[1][5] == "'=1+1", "a spreadsheet takes it for no formula"
    tally, _ = asked(ann, run, question="tally", tags={"both arms": [worst]})
    whole, arrays = asked(ann, run, question="judge")
    assert tally["tags"]["both arms"]["ceiling"] == whole["accuracy"] + 1 / whole["count"]
    truth = [row for row, counts in enumerate(arrays["counts"]) for _ in range(counts.sum())]
    answers = [column for counts in arrays["counts"] for column, times in enumerate(counts) for _ in range(times)]
    assert whole["accuracy"] == accuracy_score(truth, answers) == 1 - len(rows) / whole["count"]
    assert tag(worst) == 204 and len(ann.http.get(f"/api/runs/{run}/tags").json()) == 1
    # With the run its tags are gone.
    assert ann.http.delete(f"/api/runs/{run}").status_code == 204
    assert ann.http.get(f"/api/runs/{run}/tags").status_code == 404
