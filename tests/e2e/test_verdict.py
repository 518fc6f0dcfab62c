"""A network is judged: its test samples opened once, what it takes for what, its mistakes with their tags."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example


def judged(page: Page, server: Server, name: str, epochs: int) -> Board:
    board = open_example(page, server.url, name)
    board.set_field("epochs", str(epochs))
    board.train()
    board.reaches("finished")
    board.at("dock-tab-verdict").click()
    expect(board.at("verdict-panel")).to_be_visible(timeout=TRAINED)
    return board


def test_the_test_samples_are_opened_on_purpose(page: Page, server: Server, faults: list[str]) -> None:
    """T-043, M-007: until then the run tells of validation; opened they stay open, and it is remembered."""
    board = judged(page, server, "spiral", 3)
    expect(board.at("dock")).to_contain_text("validation accuracy")
    expect(board.at("dock")).not_to_contain_text("test accuracy")
    board.at("verdict-test").click()
    locked = board.at("test-locked")
    expect(locked).to_contain_text("Never opened on this board so far")
    board.at("open-test").click()
    expect(locked).to_have_count(0, timeout=TRAINED)
    expect(board.at("dock")).to_contain_text("test accuracy")
    expect(board.at("test-opened")).to_have_text(re.compile("once on this board"))
    page.reload()
    board = Board(page)
    board.at("dock-tab-verdict").click()
    board.at("verdict-test").click()
    expect(board.at("test-opened")).to_be_visible(timeout=TRAINED)
    expect(board.at("dock")).to_contain_text("test accuracy")
    # The next run's are locked again, and say what was opened before.
    board.train()
    board.reaches("finished")
    expect(board.at("openings").get_by_role("listitem")).to_have_count(1, timeout=TRAINED)
    expect(board.at("openings")).to_contain_text("run 1")
