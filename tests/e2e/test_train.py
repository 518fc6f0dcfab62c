"""Each of the four boards is trained and watched; a run is steered, outlives its page, its worker and its server."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, open_example

VIEWS = {
    "spiral": ("view-plane", "view-confusion"),
    "lenet-5-digits": ("view-maps", "view-confusion"),
    "shapes-detector": ("view-boxes",),
    "reversal-transformer": ("view-attention",),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_board_comes_alive(page: Page, server: Server, faults: list[str], name: str) -> None:
    """V-007, V-009, V-010, V-011, V-012, V-016: what a board is there for is seen while it trains."""
    board = open_example(page, server.url, name)
    board.train()
    expect(board.at("curve-loss").first).to_be_visible()
    for view in VIEWS[name]:
        expect(board.at(view).first.locator("canvas").first).to_be_visible(timeout=TRAINED)
    expect(page.locator('[data-testid^="thumbnail-"] canvas').first).to_be_visible(timeout=TRAINED)
    board.tell("stop")
    board.reaches("stopped")


def test_steer(page: Page, server: Server, faults: list[str]) -> None:
    """T-014, T-058: pause, one step, another rate, resume, stop."""
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", "20000")
    board.train()
    board.at("train").click()
    board.reaches("paused")
    before = board.step()
    assert before > 0
    board.tell("step")
    expect(page.locator("body")).to_contain_text(f"step {before + 1:,}")
    page.keyboard.press("Escape")
    rate = board.at("rate")
    rate.fill("0.002")
    rate.press("Enter")
    board.at("train").click()
    board.reaches("running")
    expect(rate).to_have_value("0.002")
    board.tell("stop")
    board.reaches("stopped")


def test_a_reload_brings_the_whole_curve_back(page: Page, server: Server, faults: list[str]) -> None:
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", "20000")
    board.train()
    expect(board.at("view-plane").first.locator("canvas").first).to_be_visible(timeout=TRAINED)
    page.reload()
    board.ready()
    board.reaches("running")
    expect(board.at("curve-loss").first).to_be_visible()
    run = page.request.get(f"{page.url.replace('/b/', '/api/boards/')}/runs").json()[0]
    assert run["state"] == "running" and run["step"] > 0
    board.tell("stop")
    board.reaches("stopped")


def workers(server: Server) -> list[psutil.Process]:
    """Processes that train: children of the warm server, which itself is a child of the web process."""
    found = psutil.Process(server.pid).children(recursive=True)
    return [process for process in found if process.cpu_times().user > 0]


def test_a_killed_worker_comes_back(page: Page, new_server: Callable[..., Server], faults: list[str]) -> None:
    server = new_server()
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", "20000")
    board.train()
    run = page.request.get(f"{page.url.replace('/b/', '/api/boards/')}/runs").json()[0]["id"]

    def step() -> int:
        return page.request.get(f"{server.url}/api/runs/{run}").json()["step"]

    expect(page.locator("body")).to_contain_text("step ")
    checkpoint = server.data / "runs" / run
    while not list(checkpoint.rglob("*.safetensors")):
        page.wait_for_timeout(50)
    worker = max(workers(server), key=lambda process: process.cpu_percent(0.2))
    os.kill(worker.pid, signal.SIGKILL)
    expect(board.at("restored")).to_be_visible(timeout=TRAINED)
    board.reaches("running")
    now = step()
    assert now >= 0
    board.tell("stop")
    board.reaches("stopped")


def test_a_restarted_server_goes_on(page: Page, new_server: Callable[..., Server]) -> None:
    """History stays; a run in progress resumes from its checkpoint; the page finds its way back by itself."""
    server = new_server()
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", "20000")
    board.train()
    expect(page.locator("body")).to_contain_text("step ")
    board.saved()
    server.restart()
    board.reaches("running")
    expect(board.at("curve-loss").first).to_be_visible()
    board.saved()
    board.tell("stop")
    board.reaches("stopped")
