"""A network is tried: on a fixed sample, on a digit that is drawn, on a row that is typed; and it is asked why."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example


def picture(board: Board) -> str:
    """The explanation that lies over the sample, as text."""
    canvas = board.at("explained").locator("canvas").last
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def trained(page: Page, server: Server, name: str, epochs: int) -> Board:
    board = open_example(page, server.url, name)
    board.set_field("epochs", str(epochs))
    board.train()
    board.reaches("finished")
    board.at("dock-tab-ask").click()
    expect(board.at("ask-answer")).to_be_visible(timeout=TRAINED)
    return board


def draw_a_one(board: Board) -> None:
    box = board.at("ask-pad").bounding_box()
    assert box is not None
    page = board.page
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 140, steps=8)
    page.mouse.up()


def test_draw_a_digit_and_ask_why(page: Page, server: Server, faults: list[str]) -> None:
    """V-017, V-018, V-042, D-004: a stroke drawn beside the middle is a one; each explanation is another picture."""
    board = trained(page, server, "lenet-5-digits", 4)
    expect(board.at("ask-answer")).to_have_text(re.compile("right|wrong"))
    board.at("ask-draw").click()
    expect(board.at("ask-answer")).to_have_count(0)
    draw_a_one(board)
    expect(board.at("ask-answer")).to_have_text(re.compile(r"^1 "), timeout=TRAINED)
    seen = set()
    for why in ("saliency", "grad_cam", "relevance", "occlusion"):
        board.at(f"why-{why}").click()
        expect(board.page.locator(f"[data-testid=explained][data-why={why}]")).to_be_visible(timeout=TRAINED)
        seen.add(picture(board))
    assert len(seen) == 4
    board.at("ask-wipe").click()
    expect(board.at("ask-answer")).to_have_count(0)


def test_type_a_row(page: Page, server: Server, faults: list[str]) -> None:
    """A point typed in is answered; what is no number waits for one."""
    board = trained(page, server, "spiral", 20)
    board.at("ask-row").click()
    first = board.at("ask-number-0")
    expect(first).not_to_have_value("")
    first.fill("")
    expect(board.at("ask-answer")).to_have_count(0)
    first.fill("0.5")
    expect(board.at("ask-answer")).to_be_visible(timeout=TRAINED)
    board.at("why-relevance").click()
    expect(board.at("relevance-sum")).to_contain_text("stayed in biases", timeout=TRAINED)
