"""The curves of a run below its board: zoomed, smoothed, along epochs or seconds, over earlier runs (V-001)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board
from tests.e2e.test_access import violations
from tests.server.conftest import SPIRAL

ANY = re.compile(".*")


def trained(page: Page, server: Server, runs: int) -> Board:
    """A board that was trained that often, open."""
    page.goto(server.url)
    page.wait_for_selector("html[data-app-ready]")
    headers = {"Origin": server.url}
    made = page.request.post(f"{server.url}/api/boards", data={"document": SPIRAL}, headers=headers).json()["id"]
    for _ in range(runs):
        assert page.request.post(f"{server.url}/api/boards/{made}/runs", data={}, headers=headers).ok
    page.goto(f"{server.url}/b/{made}")
    board = Board(page)
    board.reaches("finished")
    return board


def test_the_dock_zooms_reads_and_remembers(page: Page, server: Server, faults: list[str]) -> None:
    board = trained(page, server, 2)
    loss, metric = board.at("curve-loss"), board.at("curve-metric")
    chart, other = loss.get_by_role("application"), metric.get_by_role("application")
    points = int(loss.get_attribute("data-points") or 0)
    assert points > 0
    # One crosshair and one zoom for both.
    chart.focus()
    chart.press("ArrowRight")
    for each in (chart, other):
        expect(each.locator("span", has_text=re.compile(r"^steps \d"))).to_be_visible()
    chart.press("+")
    for each in (chart, other):
        expect(each).to_have_attribute("data-zoomed", ANY)
    board.at("curve-metric-all").click()
    for each in (chart, other):
        expect(each).not_to_have_attribute("data-zoomed", ANY)
    # Another axis, smooth, and the run before faintly under it.
    board.at("curve-loss-settings").click()
    board.at("curve-loss-axis").select_option("epoch")
    expect(chart).to_have_attribute("aria-label", re.compile("over epochs"))
    board.at("curve-loss-log").click()
    board.at("curve-loss-smoothing").fill("0.6")
    board.at("curve-loss-under").select_option("before")
    expect(loss).to_contain_text("run 1 train", timeout=TRAINED)
    expect(metric).to_contain_text("run 1")
    assert int(loss.get_attribute("data-points") or 0) > points
    page.keyboard.press("Escape")
    page.reload()
    board.ready()
    expect(loss).to_contain_text("run 1 train", timeout=TRAINED)
    expect(loss.get_by_role("application")).to_have_attribute("aria-label", re.compile("over epochs"))
    kept: dict[str, Any] = json.loads(page.evaluate("() => localStorage.getItem('chalknet.curves')"))["state"]
    assert kept == {"axis": "epoch", "log": True, "smoothing": 0.6, "under": "before"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_curves(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    board = trained(page, server, 1)
    board.at("curve-loss-settings").click()
    expect(board.at("curve-loss-under")).to_be_visible()
    board.at("curve-loss-under").select_option("before")
    expect(page.get_by_text("There is no earlier run yet.")).to_be_visible()
    assert violations(page) == []
