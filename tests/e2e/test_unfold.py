"""The whole network at once: every block open in its place, a click away from being edited."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import open_example


def test_unfold_edit_and_fold_back(page: Page, server: Server, faults: list[str]) -> None:
    """L-059: a transformer's layers are all seen; one is chosen, changed where it stands, and shown on its level."""
    board = open_example(page, server.url, "reversal-transformer")
    board.saved()
    before = board.total()
    page.locator("body").press("u")
    whole = page.locator("[data-testid=unfolded][data-ready]")
    expect(whole).to_be_visible()
    leaves = page.locator('[data-testid^="leaf-"]')
    paths = [leaf.get_attribute("data-path") or "" for leaf in leaves.all()]
    inner = [path for path in paths if "/" in path]
    assert len(inner) > 8 and len(set(paths)) == len(paths)
    boxes = [leaf.bounding_box() for leaf in leaves.all()]
    canvas = whole.bounding_box()
    assert canvas is not None
    for box in boxes:
        assert box is not None and canvas["x"] <= box["x"] and box["x"] + box["width"] <= canvas["x"] + canvas["width"]
    linear = next(path for path in inner if path.endswith("/inner"))
    expect(whole).not_to_have_attribute("data-moving", "")
    board.at(f"leaf-{linear}").click()
    expect(board.at(f"leaf-{linear}")).to_have_attribute("data-selected", "true")
    units = board.at("field-units")
    expect(units).to_be_visible()
    board.set_field("units", "48")
    expect(board.at("totals")).not_to_have_text(before)
    board.at(f"leaf-{linear}").dblclick()
    expect(whole).to_have_count(0)
    expect(board.node(linear.rsplit("/", 1)[-1])).to_have_attribute("data-selected", "true")
    expect(board.at("breadcrumbs")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(board.at("totals")).to_have_text(before)


def test_a_board_without_blocks_has_nothing_to_unfold(page: Page, server: Server, faults: list[str]) -> None:
    board = open_example(page, server.url, "spiral")
    expect(board.at("unfold")).to_have_count(0)
    page.locator("body").press("u")
    expect(board.at("unfolded")).to_have_count(0)


def test_from_afar_words_take_no_room_and_follow_an_edit(page: Page, server: Server, faults: list[str]) -> None:
    """An edit that changes every shape of a network of hundreds of layers lays no text out that nobody can read; it
    stands there when one comes near."""
    board = open_example(page, server.url, "resnet-50")
    page.locator("body").press("u")
    whole = page.locator("[data-testid=unfolded][data-ready]")
    expect(whole).to_be_visible()
    expect(whole).to_have_attribute("data-far", "true")
    expect(whole).not_to_have_attribute("data-moving", "")
    leaf = board.at("leaf-conv1")
    leaf.click()
    expect(leaf).to_have_attribute("data-selected", "true")
    expect(leaf.locator("span").last).to_be_hidden()
    board.set_field("channels", "72")
    expect(leaf).to_contain_text("72×112×112")
    expect(leaf).to_have_attribute("title", re.compile("72×112×112"))
    box = leaf.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.down("Control")
    for _ in range(6):
        page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(whole).not_to_have_attribute("data-far", "true")
    expect(leaf.locator("span").last).to_be_visible()
