"""The table of bad input: each is refused in words, at once, and the server lives on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

NODES = {"data": {"type": "points"}, "line": {"type": "linear"}, "loss": {"type": "cross_entropy"}}
EDGES = {
    "a": {"from": "data", "out": "x", "to": "line"},
    "b": {"from": "line", "to": "loss", "in": "logits"},
    "c": {"from": "data", "out": "label", "to": "loss", "in": "target"},
}


def _body(**document: Any) -> bytes:
    return json.dumps({"document": {"nodes": NODES, "edges": EDGES, **document}}).encode()


def _crowd(count: int) -> bytes:
    return json.dumps({"document": {"nodes": {f"n{n}": {"type": "relu"} for n in range(count)}}}).encode()


REFUSED = {
    "100,000 nodes": (_crowd(100_000), 413, "1,000,000 bytes"),
    "20,000 nodes": (_crowd(20_000), 422, "20,000 nodes"),
    "1 MB of brackets": (b"[" * 1_000_000, 400, "no valid JSON"),
    "brackets in a document": (b'{"document":' + b"[" * 900_000 + b"]" * 90_000 + b"}", 400, "no valid JSON"),
    "a truncated document": (_body()[:-20], 400, "no valid JSON"),
    "no document": (b"{}", 422, "document"),
    "a list": (b'{"document":[]}', 422, "JSON object"),
    "NaN in a field": (_body(nodes={"x": {"type": "linear", "fields": {"units": float("nan")}}}), 400, "no valid JSON"),
    "a version to come": (_body(version=99), 422, "version 99"),
    "an unknown key": (_body(script="alert(1)"), 422, "script"),
    "no UTF-8": (b'{"document":{"title":"\xff"}}', 400, "no valid JSON"),
    "nothing": (b"", 422, ""),
}
PROBLEMS = {
    "a cycle": _body(
        nodes={**NODES, "x": {"type": "relu"}, "y": {"type": "relu"}},
        edges={**EDGES, "k": {"from": "x", "to": "y"}, "l": {"from": "y", "to": "x"}},
    ),
    "a Linear of 10⁹ units": _body(nodes={**NODES, "line": {"type": "linear", "fields": {"units": 10**9}}}),
    "an unknown layer": _body(nodes={**NODES, "line": {"type": "teleport"}}),
    "a field of the wrong kind": _body(nodes={**NODES, "line": {"type": "linear", "fields": {"units": "many"}}}),
    "null in a field": _body(nodes={**NODES, "line": {"type": "linear", "fields": {"units": None}}}),
    "an empty board": b'{"document":{}}',
}


@pytest.mark.parametrize("path", ["/api/infer", "/api/boards"])
@pytest.mark.parametrize(("body", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_in_words(somebody: Callable[..., Any], path: str, body: bytes, status: int, words: str) -> None:
    if path == "/api/boards" and body in (b"{}", b""):
        pytest.skip("a new, empty board is asked for like that")
    ann = somebody()
    answer = ann.http.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"] and list(answer.json()) == ["detail"]
    assert ann.http.get("/api/boards").json() == []


@pytest.mark.parametrize("body", PROBLEMS.values(), ids=PROBLEMS)
def test_a_board_with_problems_says_them(somebody: Callable[..., Any], body: bytes) -> None:
    ann = somebody()
    answer = ann.http.post("/api/infer", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    problems = answer.json()["problems"]
    assert problems and all(problem["message"] for problem in problems)


@pytest.mark.parametrize("body", PROBLEMS.values(), ids=PROBLEMS)
def test_a_board_with_problems_is_kept_but_not_trained(somebody: Callable[..., Any], body: bytes) -> None:
    ann = somebody()
    board = ann.http.post("/api/boards", content=body, headers={"content-type": "application/json"}).json()["id"]
    answer = ann.http.post(f"/api/boards/{board}/runs", json={})
    assert answer.status_code == 409, answer.text
    said = answer.json()
    assert said["problems"] and said["problems"][0]["message"] in said["detail"]
    assert ann.http.get(f"/api/boards/{board}/export/pytorch").status_code == 409
    assert ann.http.get(f"/api/boards/{board}/runs").json() == []


@pytest.mark.parametrize("path", ["/api/nothing", "/nothing", "/api/boards/x", "/api/boards/..%2f", "/api/runs/x",
                                  "/api/boards/%00", "/api/runs/%00", "/assets/..%2fmanifest.json", "/assets/.x",
                                  "/api/boards/" + "x" * 5000])  # fmt: skip
def test_unknown_addresses(somebody: Callable[..., Any], path: str) -> None:
    answer = somebody().http.get(path)
    assert answer.status_code == 404 and isinstance(answer.json()["detail"], str)


def test_a_wrong_method(somebody: Callable[..., Any]) -> None:
    answer = somebody().http.delete("/api/me")
    assert answer.status_code == 405 and isinstance(answer.json()["detail"], str)


def test_a_body_that_is_no_json(somebody: Callable[..., Any]) -> None:
    answer = somebody().http.post("/api/infer", content=b"document=1", headers={"content-type": "text/plain"})
    assert answer.status_code == 422 and isinstance(answer.json()["detail"], str)
