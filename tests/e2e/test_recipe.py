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


def test_training_stops_early_and_says_so(page: Page, server: Server, faults: list[str]) -> None:
    """T-036, T-041: fields come with the choice that they belong to; the run ends before its last epoch."""
    board = open_example(page, server.url, "spiral")
    expect(board.at("field-stopping.least")).to_have_count(0)
    board.set_field("stopping.patience", "2")
    expect(board.at("field-stopping.least")).to_be_visible()
    board.at("field-averaging.kind").select_option(label="running mean (EMA)")
    expect(board.at("field-averaging.decay")).to_have_value("0.999")
    # At this rate the loss soon goes up.
    board.set_field("lr", "0.5")
    board.set_field("epochs", "400")
    board.train()
    board.reaches("finished")
    expect(page.get_by_text("early, after epoch")).to_be_visible()

    # That rate is doubted, as it should be; here the next piece of advice is to stand alone.
    expect(board.at("problems")).to_contain_text("1 piece of advice")
    board.set_field("lr", "0.01")
    expect(board.at("problems")).to_contain_text("No problems")

    # Without samples to validate on, it says what to do, and what it offers does it.
    board.set_field("split.validation", "0")
    board.at("problems").click()
    told = board.at("problems-list")
    expect(told).to_contain_text("Early stopping waits for a validation loss, but no samples are left out")
    told.get_by_role("button", name="Leave 15 % of the samples out to validate on").click()
    expect(board.at("problems")).to_contain_text("No problems")
    expect(board.at("field-split.validation")).to_have_value("0.15")
