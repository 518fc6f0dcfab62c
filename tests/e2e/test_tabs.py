"""The dock's tabs where they have no room beside each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import Board, open_example
from tests.e2e.test_access import violations


def in_sight(board: Board, tab: str) -> bool:
    """Whether a tab lies wholly within the row, beside whatever arrow lies over it."""
    return bool(
        board.at(f"dock-tab-{tab}").evaluate("""tab => {
            const row = tab.parentElement.parentElement.getBoundingClientRect();
            const box = tab.getBoundingClientRect();
            const points = [box.left + 3, box.right - 3].map((x) => document.elementFromPoint(x, box.top + 8));
            return box.left >= row.left - 1 && box.right <= row.right + 1 && points.every((each) => each === tab);
        }""")
    )


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (820, 640)])
def test_tabs_without_room_scroll(page: Page, server: Server, faults: list[str], width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    board = open_example(page, server.url, "lenet-5-digits")
    board.at("dock-tab-overview").focus()
    before, behind = board.at("tabs-before"), board.at("tabs-behind")
    expect(behind).to_be_visible()
    expect(before).to_have_count(0)
    assert violations(page, "[data-testid=dock]") == []
    # With the keyboard every tab comes into sight as it is chosen, and there is one way in and one way out.
    tabs = board.at("dock").get_by_role("tab")
    for place in range(tabs.count()):
        tab = (tabs.nth(place).get_attribute("data-testid") or "").removeprefix("dock-tab-")
        expect(tabs.nth(place)).to_be_focused()
        expect(tabs.nth(place)).to_have_attribute("aria-selected", "true")
        assert in_sight(board, tab), tab
        expect(board.at("dock").locator('[role=tab][tabindex="0"]')).to_have_count(1)
        page.keyboard.press("ArrowRight")
    expect(tabs.first).to_be_focused()  # around
    # With the mouse the arrows move the row, and what is chosen stays so.
    behind.click()
    expect(before).to_be_visible()
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    board.at("dock-tab-costs").click()
    expect(board.at("dock-tab-costs")).to_have_attribute("aria-selected", "true")
    # A wide page has room for all.
    page.set_viewport_size({"width": 1900, "height": 900})
    expect(before).to_have_count(0)
    expect(behind).to_have_count(0)
