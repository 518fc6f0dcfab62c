"""Blocks that stand in several places: their ports, a definition of one's own, settings that follow each other, copies
that share their weights; and what a right click offers."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import Board
from tests.e2e.test_blocks import chain, select_both, total


def grouped(page: Page, url: str) -> tuple[Board, str]:
    """Points → block of Linear and Tanh → loss."""
    board = chain(page, url)
    select_both(board)
    page.keyboard.press("Control+g")
    return board, board.id_of("block")


def out(board: Board) -> None:
    board.at("breadcrumb-top").click()
    expect(board.at("breadcrumbs")).to_have_count(0)


def choose(board: Board, node: str, entry: str) -> None:
    """From the menu that a right click on a card's head opens."""
    board.node(node).locator("header").click(button="right")
    board.at(f"menu-{entry}").click()
    expect(board.at("context-menu")).to_have_count(0)


def entries(board: Board) -> set[str]:
    names = board.at("context-menu").get_by_role("menuitem").evaluate_all("all => all.map(x => x.dataset.testid)")
    return {name.removeprefix("menu-") for name in names}


def on_wire(board: Board) -> tuple[float, float]:
    """A point of the first wire, near its beginning, on the screen."""
    x, y = (
        board.edges()
        .first.locator("path")
        .first.evaluate(
            """path => {
            const { x, y } = path.getPointAtLength(path.getTotalLength() * 0.2);
            const at = new DOMPoint(x, y).matrixTransform(path.getScreenCTM());
            return [at.x, at.y];
        }"""
        )
    )
    return x, y


def test_ports_are_renamed_and_reordered(page: Page, server: Server, faults: list[str]) -> None:
    """L-042: a port is called as its node inside is, and stands where that says; its wires stay."""
    board, block = grouped(page, server.url)
    board.node(block).dblclick()
    board.drag_in("block_input", 300, 420)
    first, second = "x", board.nodes("block_input").last.get_attribute("data-testid")
    assert second is not None
    second = second.removeprefix("node-")
    board.select(first)
    board.set_field("name", "Picture")
    board.set_field("order", "5")
    out(board)
    inputs = board.node(block).locator(".target")
    expect(inputs).to_have_count(2)
    assert inputs.evaluate_all("all => all.map(x => x.dataset.testid.split('-').at(-1))") == [second, first]
    expect(board.node(block)).to_contain_text("Picture")
    expect(board.handle(block, "in", first)).to_have_attribute("aria-label", "Input Picture of Block")
    # The wire still ends at it.
    expect(board.edges()).to_have_count(3)
    total(board, 6)


def test_one_instance_gets_a_definition_of_its_own(page: Page, server: Server, faults: list[str]) -> None:
    """A change inside a block shows in all its instances, until one is made its own."""
    board, block = grouped(page, server.url)
    board.select(block)
    page.keyboard.press("Control+d")
    expect(board.nodes("block")).to_have_count(2)
    expect(board.at("inspector")).to_contain_text("2 times")
    # Side by side, so that each can be clicked.
    before = board.node(block).bounding_box()
    page.locator("body").press("l")
    page.wait_for_function(
        "([id, before]) => document.querySelector(`[data-testid=${id}]`).getBoundingClientRect().x !== before",
        arg=[f"node-{block}", before and before["x"]],
    )
    copy = next(
        name
        for card in board.nodes("block").all()
        if (name := (card.get_attribute("data-testid") or "").removeprefix("node-")) != block
    )
    choose(board, copy, "open")
    board.select("linear")
    board.set_field("units", "7")
    out(board)
    choose(board, block, "open")
    board.select("linear")
    expect(board.at("field-units")).to_have_value("7")
    out(board)

    choose(board, copy, "fork")
    choose(board, copy, "open")
    board.select("linear")
    board.set_field("units", "9")
    out(board)
    choose(board, block, "open")
    board.select("linear")
    expect(board.at("field-units")).to_have_value("7")
    out(board)
    # Each is now used once: there is nothing left to make its own.
    board.node(block).locator("header").click(button="right")
    expect(board.at("menu-open")).to_be_visible()
    assert "fork" not in entries(board)


def test_settings_follow_each_other_and_copies_share(page: Page, server: Server, faults: list[str]) -> None:
    """One setting of the block for two layers inside; ×3 with own or the same weights, which are linked."""
    board, block = grouped(page, server.url)
    board.node(block).dblclick()
    board.select("linear")
    board.at("expose-units").click()
    page.keyboard.press("Control+d")
    expect(board.nodes("linear")).to_have_count(2)
    twin = next(
        name
        for card in board.nodes("linear").all()
        if (name := (card.get_attribute("data-testid") or "").removeprefix("node-")) != "linear"
    )
    board.select(twin)
    board.at("follow-units").click()
    expect(board.at("expose-units")).to_have_attribute("aria-pressed", "true")
    out(board)
    board.select(block)
    board.set_field("units", "2")
    expect(board.at("field-units")).to_have_value("2")
    board.set_field("units", "4")
    board.node(block).dblclick()
    for name in ("linear", twin):
        expect(board.node(name)).to_contain_text("4")
    out(board)

    board.select(block)
    board.set_field("units", "2")
    board.at("field-mode").select_option("repeat")
    board.set_field("times", "3")
    total(board, 18)
    board.at("field-copies").select_option("same")
    total(board, 6)
    board.node(block).dblclick()
    expect(board.at("breadcrumbs")).to_contain_text("1")
    board.select("linear")
    expect(board.at("inspector")).to_contain_text("6")
    out(board)


def test_what_a_right_click_offers(page: Page, server: Server, faults: list[str]) -> None:
    """On the pane, a layer, several, a block, a port, a wire: what can be done with it, and nothing else."""
    board = chain(page, server.url)
    canvas = board.at("canvas")

    canvas.click(button="right", position={"x": 40, "y": 330})
    expect(board.at("context-menu")).to_be_visible()
    assert entries(board) == {"add", "paste", "all", "layout", "fit"}
    page.keyboard.press("Escape")
    expect(board.at("context-menu")).to_have_count(0)

    linear = board.id_of("linear")
    board.node(linear).locator("header").click(button="right")
    expect(board.at("context-menu")).to_be_visible()
    assert entries(board) == {"copy", "duplicate", "group", "bypass", "mute", "freeze", "delete"}
    board.at("menu-duplicate").click()
    expect(board.nodes("linear")).to_have_count(2)
    page.locator("body").press("Control+z")
    expect(board.nodes("linear")).to_have_count(1)

    select_both(board)
    choose(board, linear, "group")
    block = board.id_of("block")
    board.node(block).locator("header").click(button="right")
    expect(board.at("context-menu")).to_be_visible()
    assert entries(board) == {"open", "copy", "duplicate", "group", "ungroup", "bypass", "mute", "freeze", "delete"}
    board.at("menu-open").click()
    port = board.id_of("block_input")
    board.node(port).locator("header").click(button="right")
    expect(board.at("context-menu")).to_be_visible()
    assert entries(board) == {"copy", "duplicate", "delete"}
    page.keyboard.press("Escape")
    canvas.click(button="right", position={"x": 40, "y": 330})
    board.at("menu-out").click()
    expect(board.at("breadcrumbs")).to_have_count(0)
    choose(board, block, "ungroup")
    expect(board.nodes("block")).to_have_count(0)
    total(board, 6)

    before = board.edges().count()
    page.mouse.click(*on_wire(board), button="right")
    expect(board.at("context-menu")).to_be_visible()
    assert entries(board) == {"delete"}
    board.at("menu-delete").click()
    expect(board.edges()).to_have_count(before - 1)
