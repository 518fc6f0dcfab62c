"""What the page weighs, how smoothly its canvas moves and how soon an edit is seen, in a real Chromium; frames as a
share of an empty page's, an edit's way beside that on a small board.

``python -m tests.bench.page`` prints rows, ``row | asked | got``.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import Server
from tests.e2e.board import Board, open_example
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.server.conftest import SPIRAL

PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""
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


DRAWN = """async (draws) => {
  const box = document.querySelector('[data-testid="overlay"] [role="application"]');
  const canvas = box.querySelector("canvas");
  const frame = box.getBoundingClientRect();
  const at = (share) => ({ clientX: frame.left + share * frame.width, clientY: frame.top + frame.height / 2 });
  const picture = () => new Promise((done) => requestAnimationFrame(done));
  const painted = [];
  const between = [];
  const put = (type, share, more) => box.dispatchEvent(new PointerEvent(type, {
    bubbles: true, pointerId: 1, button: 0, shiftKey: true, ...at(share), ...more }));
  const wheel = (deltaY, share) =>
    box.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, deltaY, ...at(share) }));
  box.setPointerCapture = () => {};
  let before = await picture();
  for (let i = 0; i < draws; i++) {
    // In, along, out again, once through the data; the whole of it at the turn.
    const phase = i % 40;
    if (phase < 12) wheel(-1, 0.4);
    else if (phase < 28) {
      if (phase === 12) put("pointerdown", 0.5);
      put("pointermove", 0.5 + 0.02 * ((phase - 12) % 8));
      if (phase === 27) put("pointerup", 0.5);
    } else wheel(1, 0.6);
    await picture();
    const now = await picture();
    between.push((now - before) / 2);
    before = now;
    painted.push(Number(canvas.dataset.drawn));
  }
  const p95 = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(0.95 * numbers.length)];
  const middle = between.sort((a, b) => a - b)[between.length >> 1];
  return { paint: p95(painted), frame: p95(between), middle };
}"""
"""95 of 100 pictures of the curves are painted within ``paint`` and shown within ``frame`` milliseconds, half of them
within ``middle``."""
CURVES, CURVE_POINTS = 5, 100_000


def curves(browser: Browser, server: Server) -> None:
    """Five runs of 100,000 points each, zoomed and moved. The points are written into the runs' files as the server
    writes them; what is measured begins there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(server.url)
    headers = {"Origin": server.url}
    made = page.request.post(f"{server.url}/api/boards", data={"document": SPIRAL}, headers=headers)
    board = made.json()["id"]
    runs = [
        page.request.post(f"{server.url}/api/boards/{board}/runs", data={}, headers=headers).json()["id"]
        for _ in range(CURVES)
    ]
    end = time.monotonic() + 60
    while any(page.request.get(f"{server.url}/api/runs/{run}").json()["state"] != "finished" for run in runs):
        assert time.monotonic() < end, "the runs did not end"
        time.sleep(0.1)
    chance = random.Random(0)
    for run in runs:
        with (server.data / "runs" / run / "events.jsonl").open("a") as file:
            for first in range(1000, 1000 + CURVE_POINTS, 100):
                points = [
                    {"step": step, "epoch": step / 100, "seconds": step / 1000,
                     "values": {"train.loss": 1 / (1 + step / 9000) + 0.1 * chance.random()}}
                    for step in range(first, first + 100)
                ]  # fmt: skip
                file.write(json.dumps({"event": "metrics", "run": run, "seq": first, "points": points}) + "\n")
    start = time.perf_counter()
    answer = page.request.get(f"{server.url}/api/runs/{runs[0]}/curves?series=train.loss")
    took = time.perf_counter() - start
    row("curve of 100,000 points, from the server", "binary", f"{len(answer.body()) / 1e6:.1f} MB in {took:.2f} s")
    page.goto(f"{server.url}/b/{board}/runs")
    page.get_by_role("checkbox", name="Choose all").check()
    page.get_by_test_id("overlay-series").select_option("train.loss")
    drawn = re.compile(rf"^(?!{CURVES * CURVE_POINTS}$)5\d{{5}}$")  # with those of the trainings
    expect(page.get_by_test_id("overlay")).to_have_attribute("data-points", drawn, timeout=PATIENCE)
    for log in (False, True):
        if log:
            page.get_by_test_id("overlay-log").click()
        got = page.evaluate(DRAWN, 200)
        row(
            f"curves, {CURVES} × {CURVE_POINTS:,} points zoomed and moved{', log scale' if log else ''}",
            "≤ 16 ms a frame",
            f"painted in {got['paint']:.1f} ms (p95), a frame every {got['middle']:.1f} ms, p95 {got['frame']:.1f}",
        )
    page.get_by_test_id("overlay-smoothing").fill("0.9")
    got = page.evaluate(DRAWN, 200)
    row(
        "the same, smoothed, raw behind",
        "≤ 16 ms",
        f"painted in {got['paint']:.1f} ms (p95), a frame every {got['middle']:.1f} ms, p95 {got['frame']:.1f}",
    )
    context.close()


WATCH = """(() => {
  const times = (window.times = { entered: 0, told: 0, painted: 0 });
  for (const event of ["input", "keydown"]) {
    window.addEventListener(event, () => { if (!times.told) times.entered = performance.now(); }, true);
  }
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...its) {
      super(...its);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string" || !data.includes('"event":"inferred"') || !times.entered || times.told) return;
        times.told = performance.now();
        // The next frame shows what the page makes of it; when that is painted, its turn is over.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => { times.painted = performance.now(); };
          port2.postMessage(0);
        });
      });
    }
  };
})()"""
"""Notes when a value was entered, when the facts that follow from it came, and when they were painted."""


def edits(page: Page, board: Board, leaf: str, field: str, values: list[str]) -> list[Any]:
    """Milliseconds from the last key, and from the socket, to the paint, for each value of a layer's field; the layer
    shows it in its shape."""
    board.at(f"leaf-{leaf}").click()
    box = board.at(f"field-{field}")
    expect(box).to_be_visible()
    found = []
    for value in values:
        page.evaluate("() => Object.assign(window.times, { entered: 0, told: 0, painted: 0 })")
        box.fill(value)
        box.press("Enter")
        # Nothing is looked for in the page before it is painted, which would take its time.
        page.wait_for_function("() => window.times.painted > 0", timeout=PATIENCE)
        expect(board.at(f"leaf-{leaf}")).to_contain_text(value, timeout=PATIENCE)
        times = page.evaluate("() => window.times")
        found.append((times["painted"] - times["entered"], times["painted"] - times["told"]))
        board.saved()
    return found


def share(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(part * len(times)))]


def repaint(browser: Browser, server: Server) -> None:
    """Edits of a whole network, every block open: of its picture, on which every shape hangs, and its first layer."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    halves: dict[str, float] = {}
    for name, leaf, field, values in (
        ("reversal-transformer", "embedding", "units", [str(32 + 4 * i) for i in range(20)]),
        ("resnet-152", "conv1", "channels", [str(65 + i) for i in range(30)]),
        ("resnet-152", "data", "size", [str(220 - 4 * (i % 12)) for i in range(30)]),
    ):
        board = open_example(page, server.url, name)
        page.locator("body").press("u")
        expect(page.locator("[data-testid=unfolded][data-ready]")).to_be_visible(timeout=PATIENCE)
        count = page.locator('[data-testid^="leaf-"]').count()
        times = edits(page, board, leaf, field, values)
        whole, own = ([each[at] for each in times[2:]] for at in (0, 1))
        halves.setdefault(name, share(whole, 0.5))
        row(
            f"edit → painted on {name}, {count} layers unfolded, {field} of {leaf}, p50 and p95",
            "≤ 150 ms" if name == "resnet-152" else "–",
            f"{share(whole, 0.5):.0f} ms, {share(whole, 0.95):.0f} ms; of it behind the socket {share(own, 0.5):.0f}, "
            f"{share(own, 0.95):.0f} ms ({share(whole, 0.5) / halves['reversal-transformer']:.1f} × the transformer's)",
        )
    context.close()


def arrange(browser: Browser, server: Server) -> None:
    """The layout alone, in its worker, and to the picture, of ResNet-50 with every block open."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    open_example(page, server.url, "resnet-50")
    whole = page.locator("[data-testid=unfolded][data-ready]")
    shown = []
    for _ in range(6):
        begin = time.perf_counter()
        page.locator("body").press("u")
        expect(whole).to_be_visible(timeout=PATIENCE)
        shown.append(1000 * (time.perf_counter() - begin))
        page.locator("body").press("u")
        expect(whole).to_have_count(0)
    laid = page.evaluate("() => performance.getEntriesByName('unfold').map(({ duration }) => duration)")
    row(
        "ResNet-50 laid out, every block open: the first time, then median",
        "≤ 1 s",
        f"{laid[0]:.0f} ms with ELK's code to load, {share(laid[1:], 0.5):.0f} ms",
    )
    row(
        "ResNet-50, key to picture, every block open: the first time, then median",
        "–",
        f"{shown[0]:.0f} ms, {share(shown[1:], 0.5):.0f} ms",
    )
    context.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="chalknet-") as place, sync_playwright() as playwright:
        server = Server(Path(place) / "data")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            weight(browser, server)
            frames(browser, server)
            repaint(browser, server)
            arrange(browser, server)
            curves(browser, server)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
