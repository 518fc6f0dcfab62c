"""A new user draws a board: drags, wires, breaks, fixes, undoes, and trains what came of it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import Board, open_empty, open_example


def digits_board(page: Page, url: str) -> Board:
    """Digits straight into a Linear, which does not fit."""
    board = open_empty(page, url)
    board.drag_in("digits", 120, 120)
    board.drag_in("linear", 420, 120)
    board.drag_in("cross_entropy", 420, 320)
    board.wire(board.id_of("digits"), "image", board.id_of("linear"), "x")
    return board


def test_break_fix_and_train(page: Page, server: Server, faults: list[str]) -> None:
    """L-001, L-002, T-016: a wrong wire turns red and says why; one click mends it; then it trains."""
    board = digits_board(page, server.url)
    linear, loss, data = board.id_of("linear"), board.id_of("cross_entropy"), board.id_of("digits")
    expect(board.node(linear)).to_have_attribute("data-tone", "error")
    expect(page.locator('[data-testid^="edge-"][data-problem]')).to_have_count(1)
    expect(board.node(linear)).to_contain_text("1×32×32")

    board.node(linear).get_by_role("button", name=re.compile("flatten", re.I)).first.click()
    expect(board.nodes("flatten")).to_have_count(1)
    expect(page.locator('[data-testid^="edge-"][data-problem]')).to_have_count(0)
    expect(board.page.locator('[data-testid^="chip-"]').filter(has_text="1024").first).to_be_visible()

    board.at("fit").click()
    board.wire(linear, "y", loss, "logits")
    board.wire(data, "label", loss, "target")
    # 16 outputs, 10 classes: the loss asks for what it needs.
    expect(board.node(loss)).to_have_attribute("data-tone", "error")
    board.node(loss).get_by_role("button").filter(has_text="10").first.click()
    expect(board.node(loss)).not_to_have_attribute("data-tone", "error")
    # 1024·10 + 10
    expect(board.at("totals")).to_contain_text("10.3")

    board.train()
    expect(board.at("curve-loss")).to_be_visible()
    board.reaches("finished")
    expect(page.locator("body")).to_contain_text("%")


def test_undo_and_redo_cover_every_edit(page: Page, server: Server, faults: list[str]) -> None:
    board = open_example(page, server.url, "spiral")
    board.saved()
    count, wires, before = board.nodes().count(), board.edges().count(), board.total()
    linear = board.nodes("linear").first
    node = (linear.get_attribute("data-testid") or "").removeprefix("node-")
    board.select(node)
    board.set_field("units", "12")
    expect(board.at("totals")).not_to_have_text(before)
    page.locator("body").press("Escape")
    board.select(node)
    page.keyboard.press("Delete")
    expect(board.nodes()).to_have_count(count - 1)
    expect(board.edges()).to_have_count(wires - 2)
    page.keyboard.press("Control+z")
    expect(board.nodes()).to_have_count(count)
    expect(board.edges()).to_have_count(wires)
    page.keyboard.press("Control+z")
    expect(board.at("totals")).to_have_text(before)
    board.at("redo").click()
    expect(board.at("totals")).not_to_have_text(before)
    board.at("undo").click()
    expect(board.at("totals")).to_have_text(before)


def test_copy_paste_duplicate_and_select_all(page: Page, server: Server, faults: list[str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    board = open_example(page, server.url, "spiral")
    count = board.nodes().count()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    other = open_empty(page, server.url)
    page.keyboard.press("Control+v")
    expect(other.nodes()).to_have_count(count)
    expect(other.edges()).not_to_have_count(0)
    other.at("fit").click()
    other.select(other.id_of("points"))
    page.keyboard.press("Control+d")
    expect(other.nodes("points")).to_have_count(2)


def test_quick_add_and_a_wire_into_the_open(page: Page, server: Server, faults: list[str]) -> None:
    board = open_empty(page, server.url)
    board.quick_add("digits")
    board.quick_add("dense")
    expect(board.nodes("linear")).to_have_count(1)
    board.at("fit").click()
    x, y = board.centre(board.handle(board.id_of("digits"), "out", "image"))
    canvas = board.at("canvas").bounding_box()
    assert canvas is not None
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] - 90, steps=8)
    page.mouse.up()
    sheet = board.at("quick-add")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_test_id("offer-conv2d")).to_contain_text("16×30×30")
    sheet.get_by_test_id("offer-conv2d").click()
    expect(board.nodes("conv2d")).to_have_count(1)
    expect(board.edges()).to_have_count(1)


def test_a_block_opens_on_a_double_click(page: Page, server: Server, faults: list[str]) -> None:
    """L-059: the encoder layer is expandable, and edited inside."""
    board = open_example(page, server.url, "reversal-transformer")
    before = board.total()
    board.nodes("block").first.locator("header").dblclick()
    expect(board.at("breadcrumbs")).to_be_visible()
    attention = board.nodes("attention").first
    expect(attention).to_be_visible()
    linear = board.nodes("linear").first
    board.select((linear.get_attribute("data-testid") or "").removeprefix("node-"))
    page.keyboard.press("Control+d")
    board.at("undo").click()
    board.at("breadcrumb-top").click()
    expect(board.at("totals")).to_have_text(before)


def test_layout_and_fit_keep_the_meaning(page: Page, server: Server, faults: list[str]) -> None:
    """R-012."""
    board = open_example(page, server.url, "lenet-5-digits")
    before = page.request.get(f"{page.url.replace('/b/', '/api/boards/')}/document").json()
    first = board.nodes().first.bounding_box()
    board.at("layout").click()
    expect(board.at("undo")).to_be_enabled()
    board.saved()
    after = page.request.get(f"{page.url.replace('/b/', '/api/boards/')}/document").json()
    assert after["drawing"] != before["drawing"] and first
    for part in ("nodes", "edges", "recipe"):
        assert after[part] == before[part]


def test_a_cycle_is_broken_with_one_click(page: Page, server: Server, faults: list[str]) -> None:
    """A-065."""
    board = open_empty(page, server.url)
    board.drag_in("relu", 150, 150)
    board.drag_in("tanh", 450, 150)
    board.wire(board.id_of("relu"), "y", board.id_of("tanh"), "x")
    board.wire(board.id_of("tanh"), "y", board.id_of("relu"), "x")
    board.at("problems").click()
    panel = board.at("problems-list")
    expect(panel).to_contain_text(re.compile("cycle|circle", re.I))
    panel.get_by_role("button", name=re.compile("cut|remove|break", re.I)).first.click()
    expect(board.edges()).to_have_count(1)


def test_training_settings_are_kept(page: Page, server: Server, faults: list[str]) -> None:
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", "3")
    board.saved()
    page.reload()
    board.ready()
    expect(board.at("field-epochs")).to_have_value("3")
    board.train()
    board.reaches("finished")
    run = page.request.get(f"{page.url.replace('/b/', '/api/boards/')}/runs").json()[0]
    assert run["epochs"] == 3 and run["epoch"] == 3


def test_an_idea_is_taken_in_one_click(page: Page, server: Server, faults: list[str]) -> None:
    """L-084: two 3×3 for a 5×5: told calmly, with what it saves; the layer stays, others stand before it."""
    board = open_example(page, server.url, "lenet-relu")
    problems = board.at("problems")
    expect(problems).to_have_attribute("data-tone", "good")
    count, conv = board.nodes().count(), "conv2"
    board.select(conv)
    board.set_field("kernel", "5")
    board.set_field("channels", "8")
    expect(problems).to_have_attribute("data-tone", "info")
    expect(problems).to_have_text("1 idea")
    expect(board.node(conv)).not_to_have_attribute("data-tone", re.compile("."))
    first = board.at("inspector-fix-0")
    expect(first).to_contain_text("Use two 3×3 with ReLU between")
    expect(first).to_contain_text("−")
    first.click()
    expect(board.nodes()).to_have_count(count + 2)
    expect(problems).to_have_attribute("data-tone", "good")
    expect(board.node(conv)).to_contain_text("3×3")
    page.locator("body").press("Control+z")
    expect(board.nodes()).to_have_count(count)
    expect(problems).to_have_text("1 idea")
