"""Who may do what: every role over every route and every message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pycrdt import Map

from chalknet.boards import frames
from tests.server.test_class_roles import MATRIX as OF_CLASSES

ROLES = ("owner", "editor", "viewer", "stranger")

# method, path, body, and the status for owner, editor, viewer, and one whom the link gives nothing
MATRIX: list[tuple[str, str, Any, tuple[int, int, int, int]]] = [
    ("GET", "/api/boards/{board}", None, (200, 200, 200, 404)),
    ("GET", "/api/boards/{board}/document", None, (200, 200, 200, 404)),
    ("GET", "/api/boards/{board}/compare?other=gallery:mlp", None, (200, 200, 200, 404)),
    ("GET", "/api/boards/{board}/export/pytorch", None, (200, 200, 200, 404)),
    ("GET", "/api/boards/{board}/runs", None, (200, 200, 200, 404)),
    ("GET", "/api/runs/{run}", None, (200, 200, 200, 404)),
    ("GET", "/api/boards/{board}/runs/table", None, (200, 200, 200, 404)),
    ("GET", "/api/runs/{run}/curves?series=train.loss", None, (200, 200, 200, 404)),
    ("GET", "/api/runs/{run}/document", None, (200, 200, 200, 404)),
    ("GET", "/api/runs/{run}/settings", None, (200, 200, 200, 404)),
    ("PATCH", "/api/runs/{run}", {"star": True}, (204, 204, 403, 404)),
    ("POST", "/api/runs/{run}/seeds", {"seeds": [1]}, (202, 202, 403, 404)),
    ("DELETE", "/api/runs/{run}", None, (204, 204, 403, 404)),
    ("POST", "/api/runs/{run}/restore", None, (404, 404, 404, 404)),  # it was not deleted
    ("GET", "/api/boards/{board}/openings", None, (200, 200, 200, 404)),
    ("POST", "/api/runs/{run}/test", None, (409, 409, 403, 404)),
    ("GET", "/api/runs/{run}/tags", None, (200, 200, 200, 404)),
    (
        "PUT",
        "/api/runs/{run}/tags",
        {"part": "validation", "tagged": {"sample": 1, "tags": ["dark"]}},
        (204, 204, 403, 404),
    ),
    ("GET", "/api/runs/{run}/errors.csv?part=test", None, (409, 409, 409, 404)),
    ("GET", "/api/boards/{board}/sweeps/fields", None, (200, 200, 200, 404)),
    ("GET", "/api/boards/{board}/sweeps", None, (200, 200, 200, 404)),
    (
        "POST",
        "/api/boards/{board}/sweeps",
        {"axes": [{"path": ["recipe", "batch"], "values": [20]}]},
        (202, 202, 403, 404),
    ),
    ("GET", "/api/sweeps/{sweep}", None, (200, 200, 200, 404)),
    ("POST", "/api/sweeps/{sweep}/stop", None, (202, 202, 403, 404)),
    ("POST", "/api/boards/{board}/together", {"runs": ["a", "b"]}, (404, 404, 404, 404)),  # none of its runs
    ("POST", "/api/runs/{run}/ask", {"question": {"question": "weights", "node": "out"}}, (200, 200, 200, 404)),
    ("POST", "/api/boards/{board}/fit", {"start_from": {"run": "{run}"}}, (200, 200, 200, 404)),
    ("POST", "/api/boards/{board}/ask", {"question": {"question": "weights", "node": "out"}}, (200, 200, 200, 404)),
    ("GET", "/api/data/{data}", None, (200, 200, 200, 200)),
    ("GET", "/api/data/{data}/preview", None, (200, 200, 200, 200)),
    ("GET", "/api/data/{data}/arrays.npz", None, (200, 200, 200, 200)),
    ("GET", "/api/data/{data}/pictures/{row}.png", None, (404, 404, 404, 404)),
    ("GET", "/api/data/{data}/sheet.png?rows=0", None, (404, 404, 404, 404)),
    ("POST", "/api/data/{data}/fetch", None, (409, 409, 409, 409)),
    ("PATCH", "/api/data/{data}", {"title": "Other"}, (200, 403, 403, 403)),
    ("DELETE", "/api/data/{data}", None, (204, 403, 403, 403)),
    ("GET", "/b/{board}", None, (200, 200, 200, 404)),
    ("POST", "/api/boards", {"copy": "{board}"}, (201, 201, 201, 404)),
    ("POST", "/api/boards/{board}/runs", {}, (202, 202, 403, 404)),
    ("PATCH", "/api/boards/{board}", {"link_role": "{link}"}, (200, 403, 403, 404)),
    ("DELETE", "/api/boards/{board}", None, (204, 403, 403, 404)),
]
# Everybody is somebody here: these ask nothing of a board.
OPEN = {
    ("GET", "/api/me"), ("PUT", "/api/me"), ("GET", "/api/layers"), ("GET", "/api/gallery"), ("GET", "/api/boards"),
    ("GET", "/api/queue"), ("GET", "/api/data"), ("POST", "/api/data"),
    ("POST", "/api/infer"), ("POST", "/api/fits"), ("POST", "/api/curve"), ("POST", "/api/rates"),
}  # fmt: skip


def test_every_route_is_in_the_matrix(server: Any) -> None:
    paths = httpx.get(f"{server.url}/api/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, of in paths.items() for method in of}
    there -= {(method, path) for method, path, _, _ in OF_CLASSES}
    assert there == OPEN | {
        (method, path.partition("?")[0]) for method, path, _, _ in MATRIX if path.startswith("/api")
    }


class Cast:
    """An owner's board, and somebody in each role on it."""

    def __init__(self, somebody: Callable[..., Any], role: str) -> None:
        self.owner = somebody()
        link = {"owner": "none", "editor": "editor", "viewer": "viewer", "stranger": "none"}[role]
        self.link = link
        self.board: str = self.owner.board(link_role=link)
        self.who = self.owner if role == "owner" else somebody()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "statuses"), MATRIX, ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip # noqa: E501
def test_a_route(
    somebody: Callable[..., Any], role: str, method: str, path: str, body: Any, statuses: tuple[int, ...]
) -> None:
    cast = Cast(somebody, role)
    run = data = sweep = ""
    if "{data}" in path:
        sent = cast.owner.http.post("/api/data?name=a.csv", content=b"a,b\n1,2\n3,4\n")
        data = sent.json()["info"]["id"]
    if "{run}" in path + json.dumps(body):
        run = cast.owner.http.post(f"/api/boards/{cast.board}/runs", json={}).json()["id"]
    if "{sweep}" in path:
        plan = {"axes": [{"path": ["recipe", "batch"], "values": [20]}]}
        sweep = cast.owner.http.post(f"/api/boards/{cast.board}/sweeps", json=plan).json()["id"]
    text = json.dumps(body)
    for name, value in {"board": cast.board, "link": cast.link, "run": run}.items():
        text = text.replace(f"{{{name}}}", value)
    body = json.loads(text)
    answer = cast.who.http.request(
        method, path.format(board=cast.board, run=run, data=data, row=0, sweep=sweep), json=body
    )
    if path.startswith("/b/") and answer.status_code == 503:
        pytest.skip("the pages are not built")
    assert answer.status_code == statuses[ROLES.index(role)], answer.text
    if answer.status_code >= 400 and path.startswith("/api"):
        assert isinstance(answer.json()["detail"], str)
    if method == "DELETE":
        at = f"/api/data/{data}" if data else f"/api/runs/{run}" if run else f"/api/boards/{cast.board}"
        assert cast.owner.http.get(at).status_code == (404 if statuses[ROLES.index(role)] == 204 else 200)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", [frames.STEP2, frames.UPDATE])
def test_an_edit(somebody: Callable[..., Any], role: str, step: int) -> None:
    cast = Cast(somebody, role)
    it = cast.who.open(cast.board)
    if role == "stranger":
        assert it.closed() == 4404 and not it.texts and not it.binary
        return
    before = it.doc.get_state()
    it.root("meta")["title"] = "Changed"
    it.send(frames.sync(step, it.doc.get_update(before)))
    if role == "viewer":
        it.until(lambda: it.event("refused"))
    else:
        it.until(lambda: it.kept == 2)
    title = cast.owner.http.get(f"/api/boards/{cast.board}/document").json()["title"]
    assert title == ("Two neurons" if role == "viewer" else "Changed")


@pytest.mark.parametrize("role", ROLES)
def test_a_cursor(somebody: Callable[..., Any], role: str) -> None:
    """Who may look is seen, under the name that the server knows."""
    cast = Cast(somebody, role)
    if role == "stranger":
        assert cast.who.open(cast.board).closed() == 4404
        return
    owner, it = cast.owner.open(cast.board), cast.who.open(cast.board)
    state = b'{"user":{"name":"Somebody else"},"cursor":null}'
    it.send(frames.awareness(bytes((1, 5, 1, len(state))) + state))
    name = cast.who.me["name"].encode()
    owner.until(lambda: any(frame[0] == frames.AWARENESS and name in frame for frame in owner.binary))
    assert not any(b"Somebody else" in frame for frame in owner.binary)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "command",
    [{"command": "watch", "views": []}, {"command": "pause"}, {"command": "resume"}, {"command": "step"},
     {"command": "rate", "value": 0.5}, {"command": "turn", "dial": "decay", "value": 0.1}, {"command": "stop"}],
    ids=lambda command: command["command"],
)  # fmt: skip
def test_a_command(somebody: Callable[..., Any], role: str, command: dict[str, Any]) -> None:
    cast = Cast(somebody, role)
    run = cast.owner.http.post(f"/api/boards/{cast.board}/runs", json={}).json()["id"]
    it = cast.who.watch(run)
    if role == "stranger":
        assert it.closed() == 4404 and not it.texts
        return
    it.until(lambda: it.event("snapshot"))
    it.send(command)
    if role == "viewer" and command["command"] != "watch":
        assert it.closed() == 4403 and "watch" in it.reason
    else:
        # The next command is answered in turn, so this one was taken.
        it.send({"command": "nonsense"})
        assert it.closed() == 4403 and "known" in it.reason
    cast.owner.http.delete(f"/api/boards/{cast.board}")


def test_every_kind_of_command_is_tried() -> None:
    from typing import get_args

    from chalknet.wire import RunCommand

    kinds = {kind.model_fields["command"].default for kind in get_args(get_args(RunCommand)[0])}
    assert kinds == {"watch", "pause", "resume", "step", "rate", "turn", "stop"}


def test_sharing_acts_at_once(somebody: Callable[..., Any]) -> None:
    """On boards and runs that are open: an editor becomes a viewer, then has no access."""
    cast = Cast(somebody, "editor")
    run = cast.owner.http.post(f"/api/boards/{cast.board}/runs", json={}).json()["id"]
    mine, theirs = cast.owner.open(cast.board), cast.who.open(cast.board)
    watch = cast.who.watch(run)
    watch.until(lambda: watch.event("snapshot"))
    assert theirs.event("welcome")["board"]["role"] == "editor"
    cast.owner.http.patch(f"/api/boards/{cast.board}", json={"link_role": "viewer"})
    theirs.until(lambda: (told := theirs.event("board")) and told["board"]["role"] == "viewer")
    mine.until(lambda: (told := mine.event("board")) and told["board"]["link_role"] == "viewer")
    assert mine.event("board")["board"]["role"] == "owner"
    theirs.edit(lambda it: it.root("meta").__setitem__("title", "Changed"))
    theirs.until(lambda: theirs.event("refused"))
    cast.owner.http.patch(f"/api/boards/{cast.board}", json={"link_role": "none"})
    assert theirs.closed() == 4403 and watch.closed() == 4403
    assert cast.who.open(cast.board).closed() == 4404
    assert cast.owner.http.get(f"/api/boards/{cast.board}/document").json()["title"] == "Two neurons"


def test_a_deleted_board_closes(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "editor")
    theirs = cast.who.open(cast.board)
    cast.owner.http.delete(f"/api/boards/{cast.board}")
    assert theirs.closed() == 4404


def test_a_board_of_ones_own_is_listed(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "editor")
    (mine,) = cast.owner.http.get("/api/boards").json()
    assert (mine["id"], mine["title"], mine["parameters"], mine["role"]) == (cast.board, "Two neurons", 22, "owner")
    assert mine["data"] and mine["changed"] >= mine["created"] > 1.7e9
    assert cast.who.http.get("/api/boards").json() == []


def test_a_socket_without_a_cookie_is_nobodys(server: Any, somebody: Callable[..., Any]) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    board = somebody().board()
    for path in (f"/ws/boards/{board}", "/ws/runs/x"):
        with connect(f"ws://{server.address}{path}") as line, pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=20)
        assert closed.value.rcvd and closed.value.rcvd.code == 4401


def test_a_new_name_is_seen_at_once(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "editor")
    mine, theirs = cast.owner.open(cast.board), cast.who.open(cast.board)
    theirs.send(frames.awareness(bytes((1, 5, 1, 2)) + b"{}"))
    mine.until(lambda: any(frame[0] == frames.AWARENESS for frame in mine.binary))
    cast.who.http.put("/api/me", json={"name": "Grace Hopper"})
    mine.until(lambda: any(b"Grace Hopper" in frame for frame in mine.binary))


def test_a_copy_is_ones_own(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "viewer")
    copy = cast.who.http.post("/api/boards", json={"copy": cast.board}).json()
    assert copy["role"] == "owner" and copy["title"] == "Two neurons (copy)" and copy["id"] != cast.board
    it = cast.who.open(copy["id"])
    assert isinstance(it.root("nodes")["hidden"], Map)
    it.edit(lambda it: it.root("meta").__setitem__("title", "Mine"))
    it.saved()
    assert cast.owner.http.get(f"/api/boards/{cast.board}").json()["title"] == "Two neurons"
