"""A program: starts a server in this process, asks everything of it, and prints which heavy modules that brought in."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import httpx
import uvicorn
from websockets.sync.client import connect

from chalknet.server.app import create_app
from chalknet.server.settings import Settings

HEAVY = ("torch", "sklearn", "scipy", "pandas", "chalknet.training")


def main(data: Path) -> None:
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(data=data)), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        host, port = server.servers[0].sockets[0].getsockname()
        ask_everything(f"http://{host}:{port}")
    finally:
        server.should_exit = True
        thread.join()
    print(json.dumps([name for name in HEAVY if name in sys.modules]))


def ask_everything(url: str) -> None:
    site = httpx.Client(base_url=url, timeout=60)
    cards = site.get("/api/gallery").json()
    cookie = {"cookie": f"chalknet={site.cookies['chalknet']}"}
    line = url.replace("http", "ws")
    assert site.get("/api/layers").status_code == 200
    for card in cards:
        board = site.post("/api/boards", json={"gallery": card["name"]}).json()["id"]
        assert site.get(f"/api/boards/{board}/export/pytorch").status_code == 200
        asked = {"document": card["document"], "node": next(iter(card["document"]["nodes"])), "port": "x"}
        assert site.post("/api/fits", json=asked).status_code == 200
        assert site.post("/api/infer", json={"document": card["document"]}).status_code == 200
        with connect(f"{line}/ws/boards/{board}", additional_headers=cookie) as socket:
            heard: set[str] = set()
            while not {"welcome", "inferred"} <= heard:
                message = socket.recv(60)
                heard |= {json.loads(message)["event"]} if isinstance(message, str) else set()
        run = site.post(f"/api/boards/{board}/runs", json={})
        assert run.status_code == 202, run.text
        with connect(f"{line}/ws/runs/{run.json()['id']}", additional_headers=cookie) as socket:
            assert json.loads(socket.recv(60))["event"] == "snapshot"
        assert site.delete(f"/api/boards/{board}").status_code == 204


if __name__ == "__main__":
    main(Path(sys.argv[1]))
