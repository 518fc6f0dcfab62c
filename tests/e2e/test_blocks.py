"""Blocks on the canvas: layers are grouped, opened, repeated, taken apart; a branch is left out for a comparison."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import Board, open_empty, open_example


def chain(page: Page, url: str) -> Board:
    """Points → Linear → Tanh → loss, drawn by hand; the Linear gives 2 numbers, as it takes."""
    board = open_empty(page, url)
    board.drag_in("points", 60, 150)
    board.drag_in("linear", 330, 150)
    board.drag_in("tanh", 600, 150)
    board.drag_in("cross_entropy", 600, 420)
    data, linear, tanh, loss = (board.id_of(each) for each in ("points", "linear", "tanh", "cross_entropy"))
    board.wire(data, "x", linear, "x")
    board.wire(linear, "y", tanh, "x")
    board.wire(tanh, "y", loss, "logits")
    board.wire(data, "label", loss, "target")
    board.select(linear)
    board.set_field("units", "2")
    return board


def select_both(board: Board) -> None:
    board.select(board.id_of("linear"))
    board.node(board.id_of("tanh")).locator("header").click(modifiers=["Shift"])


def total(board: Board, parameters: int) -> None:
    expect(board.at("totals")).to_contain_text(str(parameters))


def test_group_open_expose_repeat_ungroup_and_back(page: Page, server: Server, faults: list[str]) -> None:
    """L-039…L-042: a selection is a block, with a setting of its own, three times over, and its parts again."""
    board = chain(page, server.url)
    total(board, 6)
    select_both(board)
    page.keyboard.press("Control+g")
    expect(board.nodes("block")).to_have_count(1)
    expect(board.nodes()).to_have_count(3)
    total(board, 6)
    block = board.id_of("block")

    # Inside: the two layers between the ports; the number of outputs is shown on the block.
    board.node(block).dblclick()
    expect(board.at("breadcrumbs")).to_be_visible()
    expect(board.nodes("block_input")).to_have_count(1)
    expect(board.nodes("block_output")).to_have_count(1)
    board.select(board.id_of("linear"))
    board.at("expose-units").click()
    expect(board.at("expose-units")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(board.at("breadcrumbs")).to_have_count(0)
    expect(board.at("field-units")).to_have_value("2")

    # Three copies learn three times as much; with the same weights, once.
    board.at("field-mode").select_option("repeat")
    board.set_field("times", "3")
    total(board, 18)
    board.at("field-copies").select_option("same")
    total(board, 6)
    board.at("field-copies").select_option("own")
    total(board, 18)

    board.select(block)
    page.locator("body").press("Control+Shift+G")
    expect(board.nodes("linear")).to_have_count(3)
    expect(board.nodes("block")).to_have_count(0)
    total(board, 18)
    expect(page.locator('[data-testid^="edge-"][data-problem]')).to_have_count(0)

    for _ in range(12):
        if board.nodes("tanh").count() == 1 and board.nodes("block").count() == 0:
            break
        page.locator("body").press("Control+z")
    expect(board.nodes("linear")).to_have_count(1)
    expect(board.nodes()).to_have_count(4)
    total(board, 6)


def test_what_would_feed_itself_is_not_grouped(page: Page, server: Server, faults: list[str]) -> None:
    board = chain(page, server.url)
    board.select(board.id_of("points"))
    board.node(board.id_of("tanh")).locator("header").click(modifiers=["Shift"])
    page.keyboard.press("Control+g")
    expect(page.locator("body")).to_contain_text("comes out of the selection")
    expect(board.nodes("block")).to_have_count(0)


def test_a_branch_is_left_out_by_a_key_and_trains_without_it(page: Page, server: Server, faults: list[str]) -> None:
    """An ablation: M leaves a branch out of the sum, Ctrl+Z brings it back."""
    board = open_empty(page, server.url)
    board.drag_in("points", 120, 180)
    board.drag_in("linear", 380, 150)
    board.drag_in("add", 640, 180)
    board.drag_in("linear", 640, 330)
    board.drag_in("cross_entropy", 380, 450)
    data, add, loss = (board.id_of(each) for each in ("points", "add", "cross_entropy"))
    branch, head = "linear", "linear_2"
    for linear in (branch, head):
        board.select(linear)
        board.set_field("units", "2")
    board.wire(data, "x", branch, "x")
    board.wire(branch, "y", add, "x")
    board.wire(data, "x", add, "x")
    board.wire(add, "y", head, "x")
    board.wire(head, "y", loss, "logits")
    board.wire(data, "label", loss, "target")
    total(board, 12)

    board.select(branch)
    page.locator("body").press("m")
    expect(board.node(branch)).to_have_attribute("data-idle", "muted")
    expect(board.at(f"off-{branch}")).to_be_visible()
    expect(board.at("field-ablation")).to_have_value("mute")
    total(board, 6)
    page.locator("body").press("Control+z")
    expect(board.at(f"off-{branch}")).to_have_count(0)
    total(board, 12)

    # What the loss needs cannot be muted; the menu that a right click opens offers the same.
    board.node(head).locator("header").click(button="right")
    board.at("menu-mute").click()
    expect(board.node(head)).to_have_attribute("data-tone", "error")
    board.node(head).get_by_role("button", name="Bypass it instead").click()
    expect(board.node(head)).not_to_have_attribute("data-tone", "error")
    total(board, 6)
    board.train()
    board.reaches("finished")


def all_in_sight(board: Board) -> None:
    """Every card of the level stands whole within the canvas."""
    page = board.page
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector("[data-testid=canvas]").getBoundingClientRect();
            const cards = [...document.querySelectorAll('article[data-testid^="node-"]')];
            return cards.length > 0 && cards.map((card) => card.getBoundingClientRect()).every((card) =>
                card.left >= canvas.left && card.right <= canvas.right &&
                card.top >= canvas.top && card.bottom <= canvas.bottom);
        }"""
    )


def test_all_of_a_level_is_seen_when_it_opens_and_when_the_window_changes(
    page: Page, server: Server, faults: list[str]
) -> None:
    """Also where layers in a block are called as some outside are, as DenseNet's; not once one looks elsewhere."""
    board = open_example(page, server.url, "densenet-121")
    all_in_sight(board)
    board.node("dense1").dblclick()
    expect(board.at("breadcrumbs")).to_contain_text("Dense block 1")
    expect(board.nodes()).to_have_count(9)
    all_in_sight(board)
    page.set_viewport_size({"width": 1024, "height": 768})
    all_in_sight(board)
    board.at("zoom").click()
    expect(board.at("zoom")).to_have_text("100 %")
    page.set_viewport_size({"width": 1440, "height": 900})
    # A view that follows the window does so in the frame after it.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector("[data-testid=canvas]:not([data-moving])")
    expect(board.at("zoom")).to_have_text("100 %")
