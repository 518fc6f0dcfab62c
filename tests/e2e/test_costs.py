"""Where a network's parameters and multiply-adds sit, read from its bars."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import open_example


def test_costs_and_canvas_point_at_the_same_layer(page: Page, server: Server, faults: list[str]) -> None:
    """C-016: sorted by parameters the dearest layer comes first; selection goes both ways."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.at("dock-tab-costs").click()
    rows = board.at("costs").locator("tbody tr")
    board.at("costs-by-parameters").click()
    dearest = rows.first
    expect(dearest).to_contain_text("48.1")
    dearest.get_by_role("button").last.click()
    expect(dearest).to_have_attribute("aria-selected", "true")
    path = (dearest.get_attribute("data-testid") or "").removeprefix("costs-")
    expect(board.node(path)).to_have_attribute("data-selected", "true")
    board.select("conv1")
    expect(board.at("costs-conv1")).to_have_attribute("aria-selected", "true")
    board.node(path).hover()
    expect(board.at(f"costs-{path}")).to_have_attribute("data-pointed", "true")
    expect(board.at("costs-total-parameters")).to_have_text(re.compile("61.7"))


def test_a_budget_that_is_exceeded_becomes_a_problem(page: Page, server: Server, faults: list[str]) -> None:
    """Set in the recipe, told with numbers and the layer that most sits in; gone when there is room again."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.set_field("budget.parameters", "50000")
    board.at("problems").click()
    told = page.get_by_text("The board has 61,706 parameters; its budget is 50,000.")
    expect(told).to_be_visible()
    page.keyboard.press("Escape")
    board.set_field("budget.parameters", "61706")
    expect(told).to_have_count(0)
    expect(board.at("problems")).to_contain_text("No problems")


def test_the_status_bar_says_how_much_of_a_budget_is_used(page: Page, server: Server, faults: list[str]) -> None:
    """Typed as people write large numbers, told beside the total, marked when it is over; a click shows the costs."""
    board = open_example(page, server.url, "lenet-5-digits")
    field = board.at("field-budget.parameters")
    field.fill("0.05 M")
    expect(board.at("understood-budget.parameters")).to_have_text("= 50,000")
    field.press("Enter")
    limit = board.at("budget-parameters")
    expect(limit).to_have_text(re.compile(r"/ 50.k"))
    expect(limit).to_have_attribute("data-over", "true")
    limit.click()
    expect(board.at("costs")).to_be_visible()
    field.fill("1 M")
    expect(limit).not_to_have_attribute("data-over", "true")
    field.fill("")
    expect(limit).to_have_count(0)


def test_what_the_loss_sees_of_the_picture_is_part_of_the_budget(page: Page, server: Server, faults: list[str]) -> None:
    """Told beside what is asked for; a click goes to the layer."""
    board = open_example(page, server.url, "shapes-detector")
    field = board.at("field-budget.receptive_field")
    field.fill("5000")
    field.press("Enter")
    limit = board.at("budget-receptive_field")
    expect(limit).to_have_text("≥ 5000")
    expect(limit).to_have_attribute("data-over", "true")
    expect(board.at("totals-sees")).to_contain_text(re.compile(r"Sees \d+×\d+"))
    expect(board.at("problems")).to_contain_text("1 piece of advice")
    board.at("problems").click()
    expect(page.get_by_text("expected at least 5000×5000.")).to_be_visible()
    page.keyboard.press("Escape")
    field.fill("4")
    field.press("Enter")
    expect(limit).not_to_have_attribute("data-over", "true")
    expect(board.at("problems")).to_contain_text("No problems")
    limit.click()
    expect(page.locator(".react-flow__node [data-selected]")).to_have_count(1)
