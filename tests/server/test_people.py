"""A cookie is all that says who one is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest


def test_the_first_request_makes_a_person(server: Any) -> None:
    answer = httpx.get(f"{server.url}/api/me")
    person = answer.json()
    assert set(person) == {"id", "name", "color"} and len(person["name"].split()) == 2
    cookie = SimpleCookie(answer.headers["set-cookie"])["chalknet"]
    assert len(cookie.value) == 22, "128 bits"
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["secure"]
    assert int(cookie["max-age"]) >= 30 * 24 * 3600


def test_behind_a_proxy_with_tls_the_cookie_is_secure(server: Any) -> None:
    answer = httpx.get(f"{server.url}/api/me", headers={"x-forwarded-proto": "https"})
    assert SimpleCookie(answer.headers["set-cookie"])["chalknet"]["secure"]


def test_a_person_stays_the_same(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    again = ann.http.get("/api/me")
    assert again.json() == ann.me and "set-cookie" not in again.headers


def test_pages_make_a_person_too(server: Any) -> None:
    with httpx.Client(base_url=server.url) as http:
        page = http.get("/")
        assert "set-cookie" in page.headers
        assert http.get("/api/me").json()["name"] in page.text or page.status_code == 503


@pytest.mark.parametrize("token", ["", "x", "a" * 22, "../../etc", "Ω" * 22])
def test_a_made_up_cookie_is_nobody(server: Any, token: str) -> None:
    answer = httpx.get(f"{server.url}/api/me", headers={"cookie": f"chalknet={token}".encode()})
    assert answer.status_code == 200 and "set-cookie" in answer.headers


def test_a_new_name(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    assert ann.http.put("/api/me", json={"name": "  Añn 🦊 "}).json() == {**ann.me, "name": "Añn 🦊"}
    assert ann.http.get("/api/me").json()["name"] == "Añn 🦊"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "   "}, {"name": "x" * 41}, {"name": 7}, {"name": "a\nb"},
                                  {"name": "x", "id": "other"}, [], "x", None])  # fmt: skip
def test_a_bad_name_is_refused_in_words(somebody: Callable[..., Any], body: Any) -> None:
    ann = somebody()
    answer = ann.http.put("/api/me", json=body)
    assert answer.status_code == 422 and isinstance(answer.json()["detail"], str)
    assert ann.http.get("/api/me").json() == ann.me


def test_the_database_does_not_hold_the_cookie(new_server: Callable[..., Any], somebody: Callable[..., Any]) -> None:
    """Who reads it cannot sign in; the server's secret keys what stands there."""
    server = new_server(CHALKNET_SECRET="a secret of the school")
    ann = somebody(server.url)
    token = ann.http.cookies["chalknet"]
    server.stop()
    tables = sqlite3.connect(server.data / "chalknet.db")
    kept = "".join(str(row) for row in tables.execute("SELECT * FROM people"))
    tables.close()
    assert ann.me["id"] in kept and token not in kept
    server.start()
    assert ann.http.get("/api/me").json() == ann.me
    server._settings["CHALKNET_SECRET"] = "another secret than before"
    server.restart()
    assert ann.http.get("/api/me").json()["id"] != ann.me["id"]
