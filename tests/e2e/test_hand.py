"""A graph worked by hand: its numbers forward and backward, before the first update and after a step."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, open_example


def test_numbers_stand_on_the_cards_and_a_step_moves_them(page: Page, server: Server, faults: list[str]) -> None:
    """C-040, L-080, V-005: x 2, y 1, z 0 give v 1 and f 2; their slopes are 1, 2, 2; a step of 0.1 follows them."""
    board = open_example(page, server.url, "computation-graph")
    board.at("train").click()
    first = {"x": ("2.000", "1.000"), "y": ("1.000", "2.000"), "z": ("0", "2.000"), "v": ("1.000", "2.000"),
             "f": ("2.000", "1.000")}  # fmt: skip
    for node, (value, slope) in first.items():
        expect(board.at(f"thumbnail-{node}")).to_contain_text(f"{value}slope {slope}", timeout=TRAINED)
    board.tell("step")
    for node, value in {"x": "1.900", "y": "0.800", "z": "−0.200", "v": "0.600", "f": "1.140"}.items():
        expect(board.at(f"thumbnail-{node}")).to_contain_text(value)
    board.node("f").click()
    page.get_by_role("tab", name="Numbers").click()
    expect(board.at("view-numbers")).to_contain_text("1.140")
    expect(board.at("view-numbers")).to_contain_text("backward: the slope of the loss")
    board.tell("stop")
    board.reaches("stopped")
    assert not faults


def test_a_number_is_typed_in(page: Page, server: Server, faults: list[str]) -> None:
    """L-080: a learned number is changed in its form, and its card and the run say so."""
    board = open_example(page, server.url, "computation-graph")
    board.node("z").click()
    field = page.get_by_label("Numbers", exact=True)
    field.fill("4")
    field.press("Enter")
    expect(board.node("z")).to_contain_text("4")
    board.at("train").click()
    expect(board.at("thumbnail-v")).to_contain_text("5.000slope 2.000", timeout=TRAINED)
    board.tell("stop")
    board.reaches("stopped")
    assert not faults
