"""A network is judged: its test samples opened once, what it takes for what, its mistakes with their tags."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example
from tests.e2e.test_access import violations


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


def test_mistakes_on_digits(page: Page, server: Server, faults: list[str]) -> None:
    """V-015, V-016, M-008: a cell leads to its pictures; two are tagged, and it is told what that kind is worth."""
    board = judged(page, server, "lenet-5-digits", 1)
    expect(board.at("class-table").locator("tbody tr")).to_have_count(10, timeout=TRAINED)
    cells = board.page.locator("[data-testid^=cell-]")
    counts = [int(text or 0) for text in cells.all_inner_texts()]
    right = sum(counts[11 * digit] for digit in range(10))
    expect(board.at("total-accuracy")).to_contain_text(f"{100 * right / sum(counts):.1f}")
    mistakes = sum(counts) - right
    expect(board.at("cases-range")).to_have_text(re.compile(rf" {mistakes}$"), timeout=TRAINED)
    # The largest mistake, by the keyboard: from the first cell down and to the right.
    at = max((number for number in range(100) if number % 11), key=lambda number: counts[number])
    truth, answer = divmod(at, 10)
    cells.first.focus()
    for key, times in (("ArrowDown", truth), ("ArrowRight", answer)):
        for _ in range(times):
            page.keyboard.press(key)
    expect(board.at(f"cell-{truth}-{answer}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(board.at("cases-filter")).to_contain_text(f"{truth} taken for {answer}")
    expect(board.at("cases-range")).to_have_text(re.compile(rf" {counts[at]}$"), timeout=TRAINED)
    rows = board.page.locator("tr[data-testid^=case-]")
    expect(rows).to_have_count(min(12, counts[at]))
    expect(rows.first.get_by_test_id("wanted")).to_have_text(str(truth))
    expect(rows.first.get_by_test_id("answered")).to_have_text(re.compile(rf"^{answer} \d+"))
    expect(rows.first.locator("canvas")).to_be_visible()
    first = rows.first.get_by_test_id("tag-input")
    for tag in ("thin", "slanted"):
        first.fill(tag)
        first.press("Enter")
        expect(rows.first.get_by_test_id("tag").filter(has_text=tag)).to_be_visible()
    expect(board.at("share-of-thin")).to_have_text(f"{100 / mistakes:.1f}\u2009%", timeout=TRAINED)
    expect(board.at("ceiling-of-thin")).to_have_text(f"{100 * (right + 1) / sum(counts):.1f}\u2009%")
    # Shares of what is said, the most mistakes first; and back to all mistakes.
    board.at("matrix-order").select_option("true")
    board.at("matrix-shown").select_option("columns")
    column = sum(counts[answer::10])
    expect(board.at(f"cell-{truth}-{answer}")).to_have_text(str(round(100 * counts[at] / column)))
    board.at("cases-filter").click()
    expect(board.at("cases-range")).to_have_text(re.compile(rf" {mistakes}$"), timeout=TRAINED)
    with page.expect_download() as coming:
        board.at("errors-file").click()
    text = coming.value.path().read_text()
    assert len(text.splitlines()) == mistakes + 1 and "slanted; thin" in text
    # The tags are the server's.
    page.reload()
    board = Board(page)
    board.at("dock-tab-verdict").click()
    expect(board.at("share-of-slanted")).to_have_text(f"{100 / mistakes:.1f}\u2009%", timeout=TRAINED)
    board.at("tally").get_by_role("button", name="slanted").click()
    expect(board.at("cases-range")).to_have_text(re.compile(r" 1$"), timeout=TRAINED)


def test_mistakes_on_points(page: Page, server: Server, faults: list[str]) -> None:
    """V-015: of points their places; the class table leads to the mistakes on one class; pages turn."""
    board = judged(page, server, "spiral", 2)
    expect(board.at("class-table").locator("tbody tr")).to_have_count(2, timeout=TRAINED)
    rows = board.page.locator("tr[data-testid^=case-]")
    expect(rows.first).to_contain_text(re.compile(r"x1 = −?-?\d"), timeout=TRAINED)
    cells = board.page.locator("[data-testid^=cell-]")
    counts = [int(text or 0) for text in cells.all_inner_texts()]
    board.at("class-0").click()
    expect(board.at("cases-range")).to_have_text(re.compile(rf" {counts[1]}$"), timeout=TRAINED)
    board.at("cases-filter").click()
    board.page.get_by_role("button", name="All samples").click()
    expect(board.at("cases-range")).to_have_text(re.compile(rf"^1–12 of {sum(counts)}$"), timeout=TRAINED)
    last = float(rows.last.get_by_test_id("loss").inner_text())
    board.at("cases-next").click()
    expect(board.at("cases-range")).to_have_text(re.compile(r"^13–24 of "), timeout=TRAINED)
    expect(board.page.locator("[data-testid=cases] tbody tr").first).to_be_visible()
    assert float(rows.first.get_by_test_id("loss").inner_text()) <= last
    board.at("cases-before").click()
    expect(board.at("cases-range")).to_have_text(re.compile(r"^1–12 of "))


TABLE = {
    "version": 1,
    "title": "Diabetes",
    "nodes": {
        "data": {"type": "own_table", "fields": {"data": "diabetes"}},
        "hidden": {"type": "linear", "fields": {"units": 8}},
        "act": {"type": "relu"},
        "out": {"type": "linear", "fields": {"units": 1}},
        "loss": {"type": "mse"},
    },
    "edges": {
        "a": {"from": "data", "out": "x", "to": "hidden"},
        "b": {"from": "hidden", "to": "act"},
        "c": {"from": "act", "to": "out"},
        "d": {"from": "out", "to": "loss", "in": "prediction"},
        "e": {"from": "data", "out": "y", "to": "loss", "in": "target"},
    },
    "recipe": {"epochs": 20, "test": "locked", "phases": {"main": {"optimizer": {"fields": {"lr": 0.05}}}}},
}
"""A regression on a table of the house."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_regression_and_its_worst_samples(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    """C-058, V-015: RMSE, MAE, R², answers beside targets, the worst first with their rows; axe finds nothing."""
    page.emulate_media(color_scheme=theme)
    page.goto(server.url)
    page.wait_for_selector("html[data-app-ready]")
    made = page.request.post(f"{server.url}/api/boards", data={"document": TABLE}).json()["id"]
    page.goto(f"{server.url}/b/{made}")
    board = Board(page)
    board.train()
    board.reaches("finished")
    board.at("dock-tab-verdict").click()
    for name in ("rmse", "mae", "r2"):
        expect(board.at(f"total-{name}")).to_have_text(re.compile(r"\d"), timeout=TRAINED)
    expect(board.at("residuals").get_by_role("img")).to_have_count(2)
    rows = board.page.locator("tr[data-testid^=case-]")
    expect(rows).to_have_count(12, timeout=TRAINED)
    expect(rows.first).to_contain_text("age = ")
    losses = [float(text.replace(",", "")) for text in board.page.get_by_test_id("loss").all_inner_texts()]
    assert losses == sorted(losses, reverse=True)
    wanted, answered = (float(rows.first.get_by_test_id(each).inner_text()) for each in ("wanted", "answered"))
    assert abs((wanted - answered) ** 2 - losses[0]) < 0.05 * losses[0]
    rows.first.get_by_test_id("tag-input").fill("young")
    rows.first.get_by_test_id("tag-input").press("Enter")
    expect(board.at("ceiling-of-young")).to_have_text(re.compile(r"\d"), timeout=TRAINED)
    assert violations(page, "[data-testid=dock]") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_verdict(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    """Also on a small screen, and where all of it is on the screen; nothing scrolls sideways."""
    page.emulate_media(color_scheme=theme)
    board = judged(page, server, "lenet-5-digits", 1)
    expect(board.page.locator("tr[data-testid^=case-]").first).to_be_visible(timeout=TRAINED)
    assert violations(page, "[data-testid=dock]") == []
    page.set_viewport_size({"width": 1024, "height": 768})
    assert violations(page, "[data-testid=dock]") == []
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide)
    board.at("verdict-test").click()
    expect(board.at("test-locked")).to_be_visible()
    assert violations(page, "[data-testid=dock]") == []
    board.at("verdict-validation").click()
    page.set_viewport_size({"width": 1440, "height": 900})
    board.at("dock-enlarge").click()
    expect(board.page.locator("tr[data-testid^=case-]").first).to_be_visible(timeout=TRAINED)
    assert violations(page, "[data-testid=dock]") == []
