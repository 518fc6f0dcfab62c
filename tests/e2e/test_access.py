"""Everybody can use it: axe finds nothing (WCAG 2.2 AA), in both themes, at every size; and nothing is cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, open_empty, open_example

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page, within: str = "html") -> list[str]:
    """What axe finds wrong with the page, or with a part of it."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "([within, tags]) => axe.run(within, { runOnly: { type: 'tag', values: tags } })", [within, RULES]
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)], ids=str)
def test_axe_finds_nothing(page: Page, server: Server, faults: list[str], theme: Any, size: tuple[int, int]) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(server.url)
    page.wait_for_selector("html[data-app-ready]")
    assert violations(page) == []

    board = open_example(page, server.url, "lenet-5-digits")
    assert violations(page) == []

    board.train()
    expect(page.locator('[data-testid^="thumbnail-"] canvas').first).to_be_visible(timeout=TRAINED)
    assert violations(page) == []
    board.tell("stop")
    board.reaches("stopped")


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1024, 768)], ids=str)
def test_the_page_never_scrolls_sideways(page: Page, server: Server, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(server.url)
    page.wait_for_selector("html[data-app-ready]")
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide)
    open_example(page, server.url, "shapes-detector")
    assert page.evaluate(wide)
    assert page.evaluate("document.documentElement.scrollHeight <= document.documentElement.clientHeight")


def test_ports_that_stand_close_together_are_one_stop_of_the_keyboard(
    page: Page, server: Server, faults: list[str]
) -> None:
    """An attention has four inputs; on a board seen whole they are a few pixels apart. axe has nothing against it, and
    arrow keys tell them apart."""
    board = open_empty(page, server.url)
    board.drag_in("attention", 420, 120)
    attention = board.id_of("attention")
    for _ in range(4):
        page.locator("body").press("-")
    board.select(attention)
    assert violations(page) == []

    stops = board.node(attention).locator("[data-port][tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    first = board.node(attention).locator("[data-port='0']")
    expect(first).to_be_focused()
    first.press("ArrowDown")
    second = board.node(attention).locator("[data-port='1']")
    expect(second).to_be_focused()
    expect(second).to_have_attribute("tabindex", "0")
    expect(stops).to_have_count(1)
    second.press("ArrowRight")
    expect(board.node(attention).locator(".source")).to_be_focused()
