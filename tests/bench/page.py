"""What the page weighs and how smoothly its canvas moves, in a real Chromium; frames as a share of an empty page's.

``python -m tests.bench.page`` prints rows, ``row | asked | got``.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import Server
from tests.e2e.board import Board, open_example
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

FRAMES = """async (seconds) => {
  const start = performance.now();
  let frames = 0;
  await new Promise((done) => {
    const next = (now) => { frames += 1; if (now - start < seconds * 1000) requestAnimationFrame(next); else done(); };
    requestAnimationFrame(next);
  });
  return frames / ((performance.now() - start) / 1000);
}"""
"""Frames a second, counted by the page itself."""


def row(name: str, asked: str, got: str) -> None:
    print(f"{name} | {asked} | {got}", flush=True)


def grid(count: int) -> dict[str, Any]:
    """A board of ``count`` layers in rows, wired one after another."""
    width = 20
    nodes: dict[str, Any] = {"digits": {"type": "digits"}}
    edges: dict[str, Any] = {}
    before, out = "digits", "image"
    for i in range(count - 1):
        nodes[f"n{i}"] = {"type": "conv2d", "fields": {"channels": 4, "padding": "same"}} if i % 2 else {"type": "relu"}
        edges[f"e{i}"] = {"from": before, "out": out, "to": f"n{i}"}
        before, out = f"n{i}", "y"
    positions = {name: {"x": i % width * 260, "y": i // width * 150} for i, name in enumerate(nodes)}
    return {"nodes": nodes, "edges": edges, "drawing": {"positions": positions}}


def weight(browser: Browser, server: Server) -> None:
    """Bytes that a new person's browser loads for a board, each compressed as the server sends it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sizes: dict[str, int] = {}

    def count(response: Any) -> None:
        if response.status == 200 and response.url.startswith(server.url):
            body = response.body()
            packed = response.headers.get("content-encoding") or not response.url.endswith((".js", ".css", ".json"))
            sizes[response.url] = response.request.sizes()["responseBodySize"] if packed else len(gzip.compress(body))

    page.on("requestfinished", lambda request: count(request.response()))
    open_example(page, server.url, "lenet-5-digits")
    page.wait_for_load_state("networkidle")
    row("page, first load of gallery and board", "≤ 1 MB", f"{sum(sizes.values()) / 1e6:.2f} MB in {len(sizes)} files")
    context.close()


def pan(page: Page, seconds: float) -> float:
    """Frames a second while the board is dragged about by its empty ground."""
    canvas = page.get_by_test_id("canvas").bounding_box()
    assert canvas is not None
    page.keyboard.press("h")
    x, y = canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] - 24
    page.evaluate(f"(seconds) => {{ window.counted = ({FRAMES})(seconds) }}", seconds)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(int(seconds * 30)):
        page.mouse.move(x + 120 * ((i % 20) / 10 - 1), y - 60 * ((i % 14) / 7))
    page.mouse.up()
    return float(page.evaluate("() => window.counted"))


def frames(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("about:blank")
    empty = page.evaluate(FRAMES, 2)
    page.goto(server.url)
    for count, asked in ((300, 50), (1000, 30)):
        made = page.request.post(
            f"{server.url}/api/boards", data={"document": grid(count)}, headers={"Origin": server.url}
        )
        assert made.ok, made.text()
        page.goto(f"{server.url}/b/{made.json()['id']}")
        board = Board(page)
        board.at("fit").click()
        got = pan(page, 4)
        row(
            f"canvas, {count} nodes panned",
            f"≥ {asked} frames/s",
            f"{got:.0f} ({got / empty:.2f} of an empty page's {empty:.0f})",
        )
    heap = page.evaluate("() => performance.memory?.usedJSHeapSize ?? 0")
    row("page, heap with 1,000 nodes", "≤ 300 MB", f"{heap / 1e6:.0f} MB")
    context.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="chalknet-") as place, sync_playwright() as playwright:
        server = Server(Path(place) / "data")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            weight(browser, server)
            frames(browser, server)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
