"""Two boards side by side: chosen, read, narrowed to what differs, left again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import Board, open_example
from tests.e2e.test_access import violations


def test_a_board_is_compared_layer_by_layer(page: Page, server: Server, faults: list[str]) -> None:
    """From the costs to the comparison and back, with the keyboard alone once there."""
    board = open_example(page, server.url, "vgg-16")
    board.at("dock-tab-costs").click()
    board.at("costs-compare").click()
    choice = board.at("compare-with")
    choice.focus()
    choice.select_option("gallery:vgg-19")
    expect(board.at("compare-total-parameters")).to_contain_text("+5.31")
    pairs = board.at("compare-pair")
    expect(pairs).to_have_count(47)
    expect(board.at("compare-counts")).to_have_text("+ 6 added41 the same")
    choice.press("Tab")
    expect(board.at("compare-only")).to_be_focused()
    page.keyboard.press("Space")
    expect(pairs).to_have_count(6)
    expect(pairs.first).to_contain_text("Added")
    expect(pairs.first).to_contain_text("+590.1")
    page.go_back()
    expect(pairs).to_have_count(0)
    page.get_by_role("link", name="Back to the board").click()
    Board(page)


def test_a_row_leads_to_its_layer_on_either_board(page: Page, server: Server, faults: list[str]) -> None:
    """Into the block where it stands; a gallery's board is made to be looked at; one that is gone is told so."""
    board = open_example(page, server.url, "shapes-detector")
    home = page.url
    page.goto(f"{home}/compare?with=gallery:resnet-20")
    board.at("compare-pair").filter(has_text="Batch norm").first.get_by_role("button").first.click()
    Board(page)
    expect(page).to_have_url(home)
    expect(board.at("breadcrumbs")).to_be_visible()
    expect(page.locator('article[data-selected="true"]')).to_have_count(1)
    page.go_back()
    expect(board.at("compare-pair").first).to_be_visible()
    theirs = board.at("compare-pair").filter(has_text="Add").first.get_by_role("button").last
    theirs.click()
    expect(page).not_to_have_url(re.compile(home))
    Board(page)
    expect(board.at("board-title")).to_have_value("ResNet-20 (CIFAR)")
    expect(page.locator('article[data-selected="true"]')).to_have_count(1)
    page.goto(f"{home}?layer=nowhere")
    expect(page.get_by_text("There is no layer nowhere on this board any more.")).to_be_visible()
    expect(page).to_have_url(home)


def test_a_comparison_that_cannot_be_had_says_why(page: Page, server: Server) -> None:
    board = open_example(page, server.url, "mlp")
    page.goto(f"{page.url}/compare?with=gallery:none")
    expect(page.get_by_role("alert")).to_contain_text("There is no board called 'none' in the gallery.")
    board.at("compare-with").select_option("gallery:mlp")
    expect(board.at("compare-counts")).to_contain_text("the same")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    page: Page, server: Server, faults: list[str], theme: Any
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 1024, "height": 768})
    board = open_example(page, server.url, "lenet-5-digits")
    page.goto(f"{page.url}/compare?with=gallery:alexnet")
    page.wait_for_selector("html[data-app-ready]")
    expect(board.at("compare-pair").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
