"""Who may do what in a class: every route and every command, as teacher, helper, pupil, one who waits, one who was sent
away, and a stranger."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

ROLES = ("teacher", "helper", "pupil", "waiting", "removed", "stranger")
CLASS, MEMBER, HANDOUT = (
    "/api/classes/{klass}",
    "/api/classes/{klass}/members/{person}",
    "/api/classes/{klass}/handouts",
)
NO, NONE = 403, 404

# method, path, body, and the status for each role
MATRIX: list[tuple[str, str, Any, tuple[int, ...]]] = [
    ("GET", "/api/classes", None, (200, 200, 200, 200, 200, 200)),
    ("POST", "/api/classes", {"title": "Another"}, (201, 201, 201, 201, 201, 201)),
    ("POST", "/api/classes/join", {"code": "{code}", "name": "Kim"}, (200, 200, 200, 200, NO, 200)),
    ("POST", "/api/classes/return", {"code": "{code}", "words": ["a"]}, (404, 404, 404, 404, 404, 404)),
    ("GET", CLASS, None, (200, 200, 200, 200, NONE, NONE)),
    ("PATCH", CLASS, {"locked": True}, (200, 200, NO, NO, NONE, NONE)),
    ("PUT", CLASS + "/spotlight", {"board": "{own}"}, (200, 200, NO, NO, NONE, NONE)),
    ("DELETE", CLASS + "/spotlight", None, (200, 200, NO, NO, NONE, NONE)),
    ("POST", CLASS + "/leave", None, (NO, 204, 204, 204, NONE, NONE)),
    ("PATCH", MEMBER, {"name": "Other"}, (204, 204, NO, NO, NONE, NONE)),
    ("POST", MEMBER + "/card", None, (200, 200, NO, NO, NONE, NONE)),
    ("POST", HANDOUT, {"gallery": "mlp"}, (201, 201, NO, NO, NONE, NONE)),
    ("POST", HANDOUT + "/{handout}/change", {"gallery": "mlp"}, (200, 200, NO, NO, NONE, NONE)),
    ("DELETE", HANDOUT + "/{handout}", None, (200, 200, NO, NO, NONE, NONE)),
    ("DELETE", CLASS, None, (204, NO, NO, NO, NONE, NONE)),
]


class Cast:
    """A class with a pupil and a handout, and somebody in each role in it."""

    def __init__(self, somebody: Callable[..., Any], role: str) -> None:
        self.teacher = somebody()
        made = self.teacher.http.post("/api/classes", json={"title": "9b"}).json()
        self.klass: str = made["id"]
        self.code: str = made["code"]
        self.pupil = somebody()
        self.join(self.pupil, "Ann")
        handouts = self.teacher.http.post(f"/api/classes/{self.klass}/handouts", json={"gallery": "mlp"}).json()
        self.handout: str = handouts["handouts"][0]["id"]
        self.who = self.teacher if role == "teacher" else somebody()
        if role == "waiting":
            self.change(by_hand=True)
        if role not in ("teacher", "stranger"):
            self.join(self.who, "Bob")
        if role == "helper":
            self.member(self.who, role="helper")
        if role == "removed":
            self.member(self.who, standing="removed")

    def join(self, person: Any, name: str) -> Any:
        answer = person.http.post("/api/classes/join", json={"code": self.code, "name": name})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def change(self, **values: Any) -> Any:
        answer = self.teacher.http.patch(f"/api/classes/{self.klass}", json=values)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def member(self, person: Any, **values: Any) -> None:
        answer = self.teacher.http.patch(f"/api/classes/{self.klass}/members/{person.me['id']}", json=values)
        assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "statuses"), MATRIX, ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip # noqa: E501
def test_a_route(
    somebody: Callable[..., Any], role: str, method: str, path: str, body: Any, statuses: tuple[int, ...]
) -> None:
    cast = Cast(somebody, role)
    before = cast.teacher.http.get(f"/api/classes/{cast.klass}").json()
    text = json.dumps(body).replace("{code}", cast.code)
    if "{own}" in text:
        text = text.replace("{own}", cast.who.board())
    body = json.loads(text)
    at = path.format(klass=cast.klass, person=cast.pupil.me["id"], handout=cast.handout)
    answer = cast.who.http.request(method, at, json=body)
    expected = statuses[ROLES.index(role)]
    assert answer.status_code == expected, answer.text
    if expected >= 400:
        assert isinstance(answer.json()["detail"], str)
        assert cast.teacher.http.get(f"/api/classes/{cast.klass}").json() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("command", [{"command": "hand", "up": True}, {"command": "wall", "shown": True}], ids=str)
def test_a_command(somebody: Callable[..., Any], role: str, command: dict[str, Any]) -> None:
    """A hand goes up for oneself; the wall is for who teaches."""
    cast = Cast(somebody, role)
    it = cast.who.socket(f"/ws/classes/{cast.klass}")
    if role in ("removed", "stranger"):
        assert it.closed() == 4404 and not it.texts
        return
    it.until(lambda: it.event("class_welcome"))
    it.send(command)
    if command["command"] == "hand":
        if role == "waiting":
            it.send({"command": "nonsense"})
            assert it.closed() == 4403
            assert not any(member["hand"] for text in it.texts for member in text.get("members", ()))
        else:
            it.until(lambda: _hand(it, cast.who.me["id"]))
    elif role in ("teacher", "helper"):
        it.until(lambda: it.event("wall"))
    else:
        it.send({"command": "nonsense"})
        assert it.closed() == 4403 and it.event("wall") is None


def _hand(it: Any, person: str) -> bool:
    said = it.event("members")
    return any(member["id"] == person and member["hand"] for member in (said or {"members": []})["members"])


@pytest.mark.parametrize("role", ROLES)
def test_what_is_heard(somebody: Callable[..., Any], role: str) -> None:
    """The code, the other pupils and their boards are for who teaches; who waits learns the title and nothing else."""
    cast = Cast(somebody, role)
    if role in ("removed", "stranger"):
        return
    info = cast.who.http.get(f"/api/classes/{cast.klass}").json()
    it = cast.who.sit(cast.klass)
    welcome = it.event("class_welcome")
    teaches = role in ("teacher", "helper")
    assert bool(info["code"]) == teaches and (cast.code in json.dumps(welcome)) == teaches
    names = {member["name"] for member in welcome["members"]}
    assert ("Ann" in names) == teaches
    if role == "waiting":
        assert info["handouts"] == [] and welcome["info"]["standing"] == "waiting"
    if role == "pupil":
        assert [handout["board"] != "" for handout in info["handouts"]] == [True]
    theirs = cast.pupil.http.get(f"/api/classes/{cast.klass}").json()["handouts"][0]["board"]
    seen = cast.who.http.get(f"/api/boards/{theirs}")
    assert seen.status_code == (200 if teaches else 404)
    if teaches:
        assert seen.json()["role"] == "editor"


@pytest.mark.parametrize("message", [b"\x00", "x" * 2_000, "{", '{"command":"hand"}', '{"command":"freeze"}'], ids=str)
def test_nonsense_closes_its_own_socket(somebody: Callable[..., Any], message: str | bytes) -> None:
    cast = Cast(somebody, "pupil")
    it, other = cast.who.sit(cast.klass), cast.pupil.sit(cast.klass)
    it.send(message)
    assert it.closed() == 4403 and "known" in it.reason
    other.send({"command": "hand", "up": True})
    other.until(lambda: _hand(other, cast.pupil.me["id"]))
