"""The recipe in the panel: an optimizer and a schedule are chosen, the rate is drawn before it runs, and it runs."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import open_example


def test_a_rate_that_falls_is_drawn_and_trained_with(page: Page, server: Server, faults: list[str]) -> None:
    """T-008, T-014: the spiral with RMSprop and a rate that falls twice."""
    board = open_example(page, server.url, "spiral")
    board.at("field-optimizer").select_option(label="RMSprop")
    expect(board.at("field-rho")).to_have_value("0.9")
    board.at("field-schedule").select_option(label="Steps")
    board.set_field("every", "0.4")
    board.set_field("gamma", "0.5")
    board.set_field("lr", "0.02")
    course = board.at("rate-course-main")
    expect(course.get_by_role("img")).to_have_accessible_name("Learning rate from 0.02 to 0.005, at most 0.02")
    expect(course).to_contain_text("updates")
    board.at("field-schedule").select_option(label="Constant")
    expect(course).to_have_count(0)
    board.set_field("epochs", "2")
    board.train()
    board.reaches("finished")
