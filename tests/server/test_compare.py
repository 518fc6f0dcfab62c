"""A board beside another, over HTTP: what may be named as the other, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

PARAMETERS = 61_706


def test_a_board_beside_one_of_the_gallery(somebody: Callable[..., Any]) -> None:
    me = somebody()
    board = me.http.post("/api/boards", json={"gallery": "lenet-5-digits"}).json()["id"]
    answer = me.http.get(f"/api/boards/{board}/compare", params={"other": "gallery:lenet-relu"})
    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert found["titles"][0] == "LeNet-5 on handwritten digits"
    assert (found["a"]["parameters"], found["b"]["parameters"]) == (PARAMETERS, 431_080)
    assert found["more"]["parameters"] == 431_080 - PARAMETERS
    assert sum(found["changes"].values()) == len(found["pairs"])
    changed = [pair for pair in found["pairs"] if pair["change"] == "changed"]
    assert changed and all(pair["a"] and pair["b"] for pair in changed)
    assert sum(pair["more"]["parameters"] for pair in found["pairs"]) == found["more"]["parameters"]


def test_a_board_beside_a_copy_and_beside_what_was_trained(somebody: Callable[..., Any]) -> None:
    me = somebody()
    board = me.http.post("/api/boards", json={"gallery": "lenet-5-digits"}).json()["id"]
    copy = me.http.post("/api/boards", json={"copy": board}).json()["id"]
    run = me.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    for other in (f"board:{copy}", f"run:{run}"):
        found = me.http.get(f"/api/boards/{board}/compare", params={"other": other}).json()
        assert {name: count for name, count in found["changes"].items() if count} == {"same": len(found["pairs"])}
        assert set(found["more"].values()) == {0}


@pytest.mark.parametrize(
    ("other", "status"),
    [("gallery:none", 404), ("board:none", 404), ("run:none", 404), ("none", 422), ("gallery:", 422), ("", 422)],
)
def test_what_is_not_there_is_refused_in_words(somebody: Callable[..., Any], other: str, status: int) -> None:
    me = somebody()
    answer = me.http.get(f"/api/boards/{me.board()}/compare", params={"other": other})
    assert answer.status_code == status and answer.json()["detail"]


def test_nobody_sees_another_persons_board_through_a_comparison(somebody: Callable[..., Any]) -> None:
    me, other = somebody(), somebody()
    mine, theirs = me.board(), other.board(link_role="none")
    run = other.http.post(f"/api/boards/{theirs}/runs", json={}).json()["id"]
    for named in (f"board:{theirs}", f"run:{run}"):
        assert me.http.get(f"/api/boards/{mine}/compare", params={"other": named}).status_code == 404
        assert other.http.get(f"/api/boards/{theirs}/compare", params={"other": named}).status_code == 200
