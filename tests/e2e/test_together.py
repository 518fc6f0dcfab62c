"""Two people on one board: nodes, fields, cursors with names, the same live run; a viewer is only a viewer."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example


def joined(page: Page, url: str) -> Board:
    page.goto(url)
    return Board(page)


def test_two_people_draw_and_watch(page: Page, other: Page, server: Server, faults: list[str]) -> None:
    first = open_example(page, server.url, "spiral")
    second = joined(other, page.url)
    count = first.nodes().count()
    assert second.nodes().count() == count

    # Nodes and fields cross both ways.
    first.quick_add("dropout")
    expect(second.nodes("dropout")).to_have_count(1)
    node = (second.nodes("linear").first.get_attribute("data-testid") or "").removeprefix("node-")
    second.select(node)
    second.set_field("units", "11")
    expect(first.node(node)).to_contain_text("11")

    # Undo is one's own: the first person's takes back the dropout, not the other's field.
    page.locator("body").press("Control+z")
    expect(second.nodes("dropout")).to_have_count(0)
    expect(first.node(node)).to_contain_text("11")

    # Cursors carry names.
    canvas = second.at("canvas").bounding_box()
    assert canvas is not None
    other.mouse.move(canvas["x"] + 200, canvas["y"] + 200)
    other.mouse.move(canvas["x"] + 260, canvas["y"] + 220, steps=5)
    expect(page.locator('[data-testid^="cursor-"]')).to_have_count(1)

    # One run, two watchers; what was clicked last is what one looks at.
    second.select("loss")
    first.set_field("epochs", "20000")
    first.train()
    second.reaches("running")
    expect(second.at("view-plane").first.locator("canvas").first).to_be_visible(timeout=TRAINED)
    second.tell("stop")
    first.reaches("stopped", "finished")


def test_a_viewer_only_views(page: Page, other: Page, server: Server, faults: list[str]) -> None:
    first = open_example(page, server.url, "spiral")
    first.at("share").click()
    first.at("link-viewer").click()
    second = joined(other, page.url)
    expect(second.at("view-only")).to_be_visible()
    count = second.nodes().count()
    second.nodes("linear").first.locator("header").click()
    other.keyboard.press("Delete")
    other.keyboard.press("Control+d")
    expect(second.nodes()).to_have_count(count)
    expect(second.at("train")).to_have_attribute("aria-disabled", "true")

    # The role changes at once.
    first.at("link-editor").click()
    expect(second.at("view-only")).to_have_count(0)
    second.quick_add("relu")
    expect(second.nodes()).to_have_count(count + 1)
    expect(first.nodes()).to_have_count(count + 1)
