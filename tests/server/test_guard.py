"""What no request gets past: host, origin, size; and the headers of every answer."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

WRITES = [
    ("PUT", "/api/me"),
    ("POST", "/api/boards"),
    ("PATCH", "/api/boards/x"),
    ("DELETE", "/api/boards/x"),
    ("POST", "/api/boards/x/runs"),
    ("POST", "/api/boards/x/ask"),
    ("POST", "/api/boards/x/sweeps"),
    ("POST", "/api/sweeps/x/stop"),
    ("POST", "/api/runs/x/seeds"),
    ("PATCH", "/api/runs/x"),
    ("DELETE", "/api/runs/x"),
    ("POST", "/api/boards/x/fit"),
    ("POST", "/api/runs/x/ask"),
    ("POST", "/api/data"),
    ("PATCH", "/api/data/x"),
    ("POST", "/api/data/x/fetch"),
    ("DELETE", "/api/data/x"),
    ("POST", "/api/boards/x/together"),
    ("POST", "/api/runs/x/restore"),
    ("POST", "/api/runs/x/test"),
    ("PUT", "/api/runs/x/tags"),
    ("POST", "/api/classes"),
    ("POST", "/api/classes/join"),
    ("POST", "/api/classes/return"),
    ("PATCH", "/api/classes/x"),
    ("DELETE", "/api/classes/x"),
    ("POST", "/api/classes/x/leave"),
    ("PATCH", "/api/classes/x/members/x"),
    ("POST", "/api/classes/x/members/x/card"),
    ("POST", "/api/classes/x/handouts"),
    ("POST", "/api/classes/x/handouts/x/change"),
    ("DELETE", "/api/classes/x/handouts/x"),
    ("PUT", "/api/classes/x/spotlight"),
    ("DELETE", "/api/classes/x/spotlight"),
    ("POST", "/api/infer"),
    ("POST", "/api/fits"),
    ("POST", "/api/curve"),
    ("POST", "/api/rates"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://"])
def test_a_write_from_another_site_is_refused(server: Any, method: str, path: str, origin: str) -> None:
    answer = httpx.request(method, server.url + path, headers={"origin": origin}, json={})
    assert answer.status_code == 403 and "another site" in answer.json()["detail"]
    assert "set-cookie" not in answer.headers


def test_every_write_is_tried(server: Any) -> None:
    paths = httpx.get(f"{server.url}/api/openapi.json").json()["paths"]
    there = {(method.upper(), re.sub(r"\{\w+\}", "x", path)) for path, of in paths.items() for method in of}
    assert {(method, path) for method, path in there if method != "GET"} == set(WRITES)


def test_a_write_without_an_origin_from_a_browser_is_refused(server: Any) -> None:
    answer = httpx.put(f"{server.url}/api/me", headers={"sec-fetch-site": "cross-site"}, json={"name": "x"})
    assert answer.status_code == 403


def test_a_write_from_here_is_taken(server: Any) -> None:
    for headers in ({"origin": server.url}, {}):
        assert httpx.put(f"{server.url}/api/me", headers=headers, json={"name": "x"}).status_code == 200


@pytest.mark.parametrize("path", ["/ws/boards/x", "/ws/runs/x"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_socket_from_another_site_is_refused(server: Any, path: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://{server.address}{path}", origin=origin):  # type: ignore[arg-type]
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "127.0.0.1.evil.example"])
def test_a_foreign_name_for_this_machine_is_refused(server: Any, host: str) -> None:
    """Otherwise a site could point its own name here, and be the same origin."""
    answer = httpx.get(f"{server.url}/api/me", headers={"host": host})
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_localhost_is_a_name_of_this_machine(server: Any) -> None:
    port = server.address.split(":")[1]
    assert httpx.get(f"{server.url}/api/me", headers={"host": f"localhost:{port}"}).status_code == 200


def test_a_proxys_name_can_be_allowed(new_server: Callable[..., Any]) -> None:
    server = new_server(CHALKNET_HOSTS="chalk.school.example, other.example")
    headers = {"host": "chalk.school.example", "origin": "https://chalk.school.example"}
    assert httpx.put(f"{server.url}/api/me", headers=headers, json={"name": "x"}).status_code == 200


def test_headers_of_every_answer(server: Any) -> None:
    for path in ("/", "/b/unknown", "/api/me", "/api/nothing", "/assets/nothing", "/healthz"):
        headers = httpx.get(server.url + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
        script = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "unsafe" not in script and "'nonce-" in script and "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers


def test_a_nonce_is_used_once(server: Any) -> None:
    policies = {httpx.get(server.url).headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_a_large_body_is_refused_before_it_is_read(server: Any) -> None:
    """Only the head is sent: the answer does not wait for the rest."""
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(
            f"POST /api/infer HTTP/1.1\r\nHost: {server.address}\r\nContent-Type: application/json\r\n"
            "Content-Length: 900000000\r\n\r\n".encode()
        )
        assert b" 413 " in line.recv(65536).split(b"\r\n")[0]


def test_a_large_body_without_a_length_is_refused(server: Any) -> None:
    def chunks() -> Any:
        for _ in range(30):
            yield b"[" * 100_000

    answer = httpx.post(f"{server.url}/api/infer", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413 and "1,000,000" in answer.json()["detail"]
