"""What every request passes before anything reads it: host, origin, size; and the headers that every answer carries."""

from __future__ import annotations

import json
import secrets
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chalknet.graph.document import MOST_BYTES
from chalknet.intake.limits import MOST_UPLOAD
from chalknet.server.settings import Settings

MOST_BODY = MOST_BYTES
"""Bytes of a request's body."""
UPLOADS = {("POST", "/api/data"): MOST_UPLOAD}
"""Where more may come: it goes to disk as it comes."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
COOKIE = "chalknet"
COOKIE_AGE = 365 * 24 * 3600

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
)
# Styles may stand on elements: React Flow and KaTeX place things by them. Scripts never do.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self' {socket}; worker-src 'self' blob:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Guard:
    """ASGI middleware. Leaves ``nonce`` in the request's state, sets the cookie that ``identity`` asks for there."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._hosts = LOOPBACK | set(settings.hosts) if settings.is_loopback else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = dict(reversed(scope["headers"]))
        state = scope.setdefault("state", {})
        refused = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refused:
                await send({"type": "websocket.close", "code": 4403, "reason": refused})
            else:
                await self.app(scope, receive, send)
            return
        state["nonce"] = secrets.token_urlsafe(16)
        host = headers.get(b"host", b"").decode("latin-1")
        secure = scope["scheme"] == "https"
        extra = [*_HEADERS, (b"content-security-policy", _policy(state["nonce"], host, secure))]
        started = ended = False

        async def answer(message: Message) -> None:
            nonlocal started
            if ended:
                return
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *extra, *_cookie(state, secure)]
            await send(message)

        if refused:
            await _refuse(answer, 403, refused)
            return
        declared = headers.get(b"content-length", b"0")
        most = UPLOADS.get((scope["method"], scope["path"]), MOST_BODY)
        if not declared.isdigit() or int(declared) > most:
            await _refuse(answer, 413, f"A request may be at most {most:,} bytes long.")
            return
        taken = 0

        async def counted() -> Message:
            """What is sent without a length is counted; who sends too much is answered, and the rest is not read."""
            nonlocal taken, ended
            message = await receive()
            taken += len(message.get("body", b""))
            if taken <= most:
                return message
            if not (started or ended):
                await _refuse(answer, 413, f"A request may be at most {most:,} bytes long.")
            ended = True
            return {"type": "http.disconnect"}

        await self.app(scope, counted, answer)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """Why a request is not let in, in words; empty when it is.

        A browser names the origin of every write and every socket. Programs that are no browsers name none; they carry
        no cookie that was not given to them. A foreign name for this machine is refused, lest it be this page's origin.
        """
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if self._hosts is not None and name not in self._hosts:
            return f"This server is not called {name[:80]!r}; CHALKNET_HOSTS names further names."
        if scope["type"] == "http" and scope["method"] in SAFE:
            return ""
        origin = headers.get(b"origin")
        if origin is None:
            foreign = headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin")
        else:
            foreign = urlsplit(origin.decode("latin-1").lower()).netloc != host
        return "This was sent from another site." if foreign else ""


def _policy(nonce: str, host: str, secure: bool) -> bytes:
    # Some browsers do not count sockets among 'self'. The host was checked, or is the visitor's own affair.
    plain = all(letter.isalnum() or letter in ".:-[]" for letter in host)
    socket = f"{'wss' if secure else 'ws'}://{host}" if plain and host else ""
    return _POLICY.format(nonce=nonce, socket=socket).encode("latin-1")


def _cookie(state: dict[str, Any], secure: bool) -> list[tuple[bytes, bytes]]:
    token = state.get("new_token")
    if token is None:
        return []
    cookie: SimpleCookie = SimpleCookie()
    cookie[COOKIE] = token
    cookie[COOKIE].update({"path": "/", "max-age": COOKIE_AGE, "httponly": True, "samesite": "Lax"})
    if secure:
        cookie[COOKIE]["secure"] = True
    return [(b"set-cookie", cookie.output(header="").strip().encode("latin-1"))]


async def _refuse(send: Send, status: int, words: str) -> None:
    body = json.dumps({"detail": words}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
