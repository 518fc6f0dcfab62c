"""The shell: scripts by nonce only, the first state inside; files that never change; plain words without them."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from chalknet.server import assets
from chalknet.server.app import create_app
from chalknet.server.settings import Settings


class NoExecutor:
    """Nothing is trained here."""

    def __init__(self, publish: object, **options: object) -> None:
        pass

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The server with pages that were built, as far as it can tell."""
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    manifest = {
        "src/app/main.tsx": {"file": "assets/main-1a.js", "isEntry": True, "css": ["assets/main-2b.css"],
                             "imports": ["_vendor.js"], "dynamicImports": ["lazy.ts"]},
        "_vendor.js": {"file": "assets/vendor-3c.js", "css": ["assets/vendor-4d.css"], "imports": ["_deep.js"]},
        "_deep.js": {"file": "assets/deep-5e.js", "imports": ["_vendor.js"]},
        "lazy.ts": {"file": "assets/lazy-6f.js"},
    }  # fmt: skip
    (web / "manifest.json").write_text(json.dumps(manifest))
    (web / "assets" / "main-1a.js").write_text("plain")
    (web / "assets" / "main-1a.js.br").write_bytes(b"br")
    (web / "assets" / "main-1a.js.gz").write_bytes(b"gz")
    (web / "assets" / "font-7a.woff2").write_bytes(b"font")
    (web / "secret.txt").write_text("secret")
    monkeypatch.setattr(assets, "WEB", web)
    monkeypatch.setattr("chalknet.server.training.LocalExecutor", NoExecutor)
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(data=tmp_path / "data")), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    host, port = server.servers[0].sockets[0].getsockname()
    with httpx.Client(base_url=f"http://{host}:{port}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join()


def test_the_shell(site: httpx.Client) -> None:
    page = site.get("/")
    assert page.status_code == 200 and page.headers["cache-control"] == "no-cache"
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", page.headers["content-security-policy"])
    assert nonce
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert len(scripts) == 2 and all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert 'src="/assets/main-1a.js"' in page.text
    styles = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
    assert styles == ["/assets/main-2b.css", "/assets/vendor-4d.css"]
    assert re.findall(r'rel="modulepreload" href="([^"]+)"', page.text) == [
        "/assets/vendor-3c.js",
        "/assets/deep-5e.js",
    ]
    assert "lazy" not in page.text
    assert not re.search(r"\son\w+=", page.text)


def _first_state(page: httpx.Response) -> Any:
    found = re.search(r'id="first-state"[^>]*>(.*?)</script>', page.text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_first_state(site: httpx.Client) -> None:
    assert _first_state(site.get("/")) == {"me": site.get("/api/me").json(), "board": None}
    board = site.post("/api/boards", json={}).json()
    assert _first_state(site.get(f"/b/{board['id']}"))["board"] == board


def test_nothing_in_the_first_state_ends_its_element(site: httpx.Client) -> None:
    title = "</script><script>alert(1)</script><!-- \u2028 & \" '"
    board = site.post("/api/boards", json={"document": {"title": title}}).json()
    page = site.get(f"/b/{board['id']}")
    assert page.text.count("<script") == 2 and "alert(1)</" not in page.text
    assert _first_state(page)["board"]["title"] == title


def test_a_board_that_is_not_there_gets_the_page_too(site: httpx.Client) -> None:
    page = site.get("/b/unknown")
    assert page.status_code == 404 and _first_state(page)["board"] is None


@pytest.mark.parametrize(
    "path", ["/", "/layers", "/learn", "/learn/shares", "/data", "/data/iris", "/classes", "/class/x", "/join"]
)
def test_every_page_can_be_loaded_by_its_address(site: httpx.Client, path: str) -> None:
    """A page that is gone to within the app is also there after a reload, and for who was sent the address."""
    answer = site.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("accept", "encoding", "content"),
    [
        ("br, gzip", "br", b"br"),
        ("gzip", "gzip", b"gz"),
        ("gzip;q=0.5, br;q=0", "gzip", b"gz"),
        ("identity", None, b"plain"),
    ],
)
def test_assets_are_immutable_and_compressed_beforehand(
    site: httpx.Client, accept: str, encoding: str | None, content: bytes
) -> None:
    with site.stream("GET", "/assets/main-1a.js", headers={"accept-encoding": accept}) as answer:
        assert b"".join(answer.iter_raw()) == content
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "accept-encoding"


def test_other_assets(site: httpx.Client) -> None:
    assert site.get("/assets/font-7a.woff2").headers["content-type"] == "font/woff2"
    for name in ("nothing.js", "main-1a.js.br", ".hidden", "..%2fsecret.txt", "%2e%2e/secret.txt", "../manifest.json"):
        assert site.get(f"/assets/{name}").status_code == 404, name


def test_pages_that_are_not_built_say_so(site: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "WEB", tmp_path / "nowhere")
    page = site.get("/")
    assert page.status_code == 503 and "make run" in page.text and "<script" not in page.text


def test_the_palette_is_loaded_once(site: httpx.Client) -> None:
    for path in ("/api/layers", "/api/gallery"):
        first = site.get(path)
        assert first.status_code == 200 and first.json()
        again = site.get(path, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304 and not again.content


def test_the_palette_is_sent_packed_to_who_can_unpack_it(site: httpx.Client) -> None:
    for path in ("/api/layers", "/api/gallery"):
        plain = site.get(path, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers and plain.headers["vary"] == "accept-encoding"
        with site.stream("GET", path, headers={"accept-encoding": "gzip"}) as packed:
            assert packed.headers["content-encoding"] == "gzip"
            raw = b"".join(packed.iter_raw())
        assert len(raw) < len(plain.content) / 3 and gzip.decompress(raw) == plain.content
        assert "content-encoding" not in site.get(path, headers={"accept-encoding": "gzip;q=0"}).headers


def test_every_gallery_board_opens(site: httpx.Client) -> None:
    cards = site.get("/api/gallery").json()
    assert len(cards) >= 4
    for card in cards:
        made = site.post("/api/boards", json={"gallery": card["name"]})
        assert made.status_code == 201 and made.json()["parameters"] == card["parameters"]
        document = site.get(f"/api/boards/{made.json()['id']}/document").json()
        assert document["nodes"] == card["document"]["nodes"] and document["edges"] == card["document"]["edges"]


def test_a_board_comes_from_one_place(site: httpx.Client) -> None:
    answer = site.post("/api/boards", json={"gallery": "spiral", "document": {}})
    assert answer.status_code == 422 and "several" in answer.json()["detail"]
    assert site.post("/api/boards", json={"gallery": "nothing"}).status_code == 404
    assert site.post("/api/boards", json={"copy": "nothing"}).status_code == 404


def test_fits(site: httpx.Client) -> None:
    document = {"nodes": {"data": {"type": "digits"}}}
    asked = {"document": document, "block": "", "node": "data", "port": "image"}
    fits = site.post("/api/fits", json=asked).json()
    assert any(fit["type"] == "conv2d" and fit["output"].startswith("float[C") for fit in fits)
    assert site.post("/api/fits", json={**asked, "node": "gone"}).json() == []


def test_an_export_is_a_file(site: httpx.Client) -> None:
    board = site.post("/api/boards", json={"gallery": "spiral"}).json()
    answer = site.get(f"/api/boards/{board['id']}/export/pytorch")
    assert answer.status_code == 200
    assert re.fullmatch(r'attachment; filename="[a-z0-9_]+\.py"', answer.headers["content-disposition"])
    compile(answer.text, "board.py", "exec")
    assert "import torch" in answer.text


def test_health(site: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = site.get("/healthz")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "set-cookie" not in answer.headers
    values = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert values["chalknet_up"] == "1" and float(values["chalknet_memory_peak_bytes"]) > 1e7
    monkeypatch.setattr("chalknet.store.database.Store.read", lambda self: 1 / 0)
    sick = site.get("/healthz")
    assert sick.status_code == 503 and "chalknet_up 0" in sick.text


def test_a_fault_of_ones_own_has_the_same_shape(site: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalknet.store.boards.mine", lambda *given: 1 / 0)
    answer = site.get("/api/boards")
    assert answer.status_code == 500 and "mistake" in answer.json()["detail"]
    assert "division" not in answer.text
