"""Two people on one board: nodes, fields, cursors with names, the same live run; a viewer is only a viewer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

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


class SlowLine:
    """A page's line to the server, on which everything waits for a moment."""

    def __init__(self, page: Page) -> None:
        self._waits = False
        self._held: list[Callable[[], None]] = []
        page.route_web_socket("**/ws/boards/*", self._open)

    def _open(self, here: WebSocketRoute) -> None:
        there = here.connect_to_server()
        here.on_message(lambda message: self._carry(there, message))
        there.on_message(lambda message: self._carry(here, message))

    def _carry(self, to: WebSocketRoute, message: str | bytes) -> None:
        if self._waits:
            self._held.append(lambda: to.send(message))
        else:
            to.send(message)

    def wait(self) -> None:
        self._waits = True

    def go_on(self) -> None:
        self._waits = False
        held, self._held = self._held, []
        for send in held:
            send()


@pytest.mark.parametrize("first", ["the move", "the edit"])
def test_what_one_edits_while_another_groups_it(
    page: Page, other: Page, server: Server, faults: list[str], first: str
) -> None:
    """Two pages at the same moment: what one edits of a layer reaches the block that the other has put it into, and
    comes out of it again; undo takes it along."""
    lines = {page: SlowLine(page), other: SlowLine(other)}
    ann = open_example(page, server.url, "spiral")
    bob = joined(other, page.url)
    node = (ann.nodes("linear").first.get_attribute("data-testid") or "").removeprefix("node-")
    ann.select(node)
    bob.select(node)
    ann.saved()

    # Who comes second does not know of the first.
    late = lines[other] if first == "the move" else lines[page]
    late.wait()
    if first == "the move":
        page.locator("body").press("Control+g")
        expect(ann.nodes("block")).to_have_count(1)
        ann.saved()
    bob.set_field("units", "11")
    expect(bob.at("field-units")).to_have_value("11")
    if first == "the edit":
        bob.saved()
        page.locator("body").press("Control+g")
        expect(ann.nodes("block")).to_have_count(1)
    late.go_on()
    for board in (ann, bob):
        expect(board.nodes("block")).to_have_count(1)
        expect(board.node(node)).to_have_count(0)
    block = ann.id_of("block")
    for board in (ann, bob):
        board.node(block).dblclick()
        expect(board.node(node)).to_contain_text("11")
        board.page.get_by_test_id("breadcrumbs").get_by_role("button").first.click()
        expect(board.at("breadcrumbs")).to_have_count(0)

    # Undone, the layer is where it was, with the other's number; and so it is for the other.
    page.locator("body").press("Control+z")
    for board in (ann, bob):
        expect(board.nodes("block")).to_have_count(0)
        expect(board.node(node)).to_contain_text("11")
    page.locator("body").press("Control+Shift+z")
    expect(bob.nodes("block")).to_have_count(1)

    # The same with the parts of the block.
    bob.node(block).dblclick()
    bob.select(node)
    lines[other].wait()
    ann.select(block)
    page.locator("body").press("Control+Shift+G")
    expect(ann.nodes("block")).to_have_count(0)
    ann.saved()
    bob.set_field("units", "13")
    lines[other].go_on()
    for board in (ann, bob):
        expect(board.nodes("block")).to_have_count(0)
        expect(board.node(node)).to_contain_text("13")
        expect(board.page.locator('[data-testid^="edge-"][data-problem]')).to_have_count(0)
