"""A board's runs beside each other, as a person goes through them (M-003, M-004, M-006)."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED
from tests.server.conftest import SPIRAL


def made(page: Page, server: Server, document: dict[str, Any]) -> str:
    """A new board's id, made as this page's person."""
    page.goto(server.url)
    page.wait_for_selector("html[data-app-ready]")
    answer = page.request.post(f"{server.url}/api/boards", data={"document": document}, headers={"Origin": server.url})
    assert answer.ok, answer.text()
    board: str = answer.json()["id"]
    return board


def judged(page: Page) -> None:
    """Waits for what a run gets wrong, of what it learned from and of what it has not seen."""
    told = re.compile(r"^A person gets .*%.* wrong, this network \d+\.\d.% of what it learns from")
    expect(page.get_by_test_id("gap-words")).to_have_text(told, timeout=TRAINED)


def test_five_seeds_are_trained_grouped_noted_and_deleted(page: Page, server: Server, faults: list[str]) -> None:
    board = made(page, server, SPIRAL)
    page.goto(f"{server.url}/b/{board}/runs")
    expect(page.get_by_test_id("runs-none")).to_be_visible()
    started = page.request.post(f"{server.url}/api/boards/{board}/runs", data={}, headers={"Origin": server.url})
    assert started.ok
    rows = page.get_by_test_id("runs-row")
    expect(rows).to_have_count(1, timeout=TRAINED)
    page.get_by_test_id("runs-seeds").click()
    expect(rows).to_have_count(6, timeout=TRAINED)
    table = page.get_by_test_id("runs-table")
    expect(table.get_by_text("finished")).to_have_count(6, timeout=TRAINED)
    page.get_by_role("checkbox", name="Choose all").check()
    chart = page.get_by_test_id("overlay")
    expect(chart).to_have_attribute("data-points", re.compile(r"^[1-9]\d+$"))
    page.get_by_test_id("runs-group").check()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("6 seeds")
    expect(rows.first).to_contain_text("±")
    expect(chart).to_contain_text("±")
    page.get_by_test_id("runs-group").uncheck()
    # What is good enough: none takes less than no time.
    page.get_by_test_id("runs-add-limit").click()
    page.get_by_test_id("runs-limit").fill("0")
    expect(page.get_by_test_id("runs-kept")).to_have_text("0 of 6 keep the limits")
    page.get_by_role("button", name="Remove this limit").click()
    # The gap, with what a person reaches: in shares of samples, also of those that it learned from.
    judged(page)
    page.get_by_test_id("gap-human").fill("50")
    expect(page.get_by_test_id("gap")).to_have_attribute(
        "data-verdict", re.compile("beyond|bias|fine|variance|lucky|both")
    )
    note = rows.first.get_by_role("textbox")
    note.fill("the widest")
    note.press("Enter")
    rows.first.get_by_role("button", name=re.compile("^Star")).click()
    expect(rows.first.get_by_role("button", name=re.compile("^Take the star"))).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name=re.compile("^Note")).first).to_have_value("the widest")
    page.get_by_role("checkbox", name="Choose all").check()
    judged(page)  # nothing is asked of a run any more while it is deleted
    page.get_by_test_id("runs-delete").click()
    expect(page.get_by_test_id("runs-none")).to_be_visible(timeout=TRAINED)
    # A deleted run can be had back, with all that was said of it; another page learns of both.
    other = page.context.new_page()
    other.goto(f"{server.url}/b/{board}")
    expect(other.get_by_test_id("run-state")).to_have_attribute("data-state", "none")
    page.get_by_test_id("bin-undo").press("Enter")
    expect(rows).to_have_count(6, timeout=TRAINED)
    expect(page.get_by_test_id("bin")).to_have_count(0)
    expect(page.get_by_role("textbox", name=re.compile("^Note")).first).to_have_value("the widest")
    expect(other.get_by_test_id("run-state")).to_have_attribute("data-state", "finished")
    third = page.context.new_page()
    third.goto(f"{server.url}/b/{board}/runs")
    expect(third.get_by_test_id("runs-row")).to_have_count(6)
    third.get_by_role("checkbox", name="Choose all").check()
    judged(page)
    judged(third)
    third.get_by_test_id("runs-delete").click()
    expect(page.get_by_test_id("runs-none")).to_be_visible(timeout=TRAINED)
    expect(other.get_by_test_id("run-state")).to_have_attribute("data-state", "none")


def test_curves_are_zoomed_with_wheel_drag_and_keys(page: Page, server: Server, faults: list[str]) -> None:
    board = made(page, server, SPIRAL)
    page.request.post(f"{server.url}/api/boards/{board}/runs", data={}, headers={"Origin": server.url})
    page.goto(f"{server.url}/b/{board}/runs")
    chart = page.get_by_test_id("overlay").get_by_role("application")
    expect(chart).to_be_visible(timeout=TRAINED)
    expect(page.get_by_test_id("runs-table").get_by_text("finished")).to_be_visible(timeout=TRAINED)
    box = chart.bounding_box()
    assert box is not None
    zoomed = re.compile(".*")
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.wheel(0, -300)
    expect(chart).to_have_attribute("data-zoomed", zoomed)
    page.mouse.dblclick(*middle)
    expect(chart).not_to_have_attribute("data-zoomed", zoomed)
    page.mouse.move(middle[0] - 80, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1], steps=4)
    page.mouse.up()
    expect(chart).to_have_attribute("data-zoomed", zoomed)
    chart.press("0")
    expect(chart).not_to_have_attribute("data-zoomed", zoomed)
    chart.press("+")
    expect(chart).to_have_attribute("data-zoomed", zoomed)


def test_what_is_in_line_is_seen_and_stopped(page: Page, server: Server, faults: list[str]) -> None:
    board = made(page, server, {**SPIRAL, "title": "Long one", "recipe": {"epochs": 50_000, "batch": 20}})
    for _ in range(2):
        page.request.post(f"{server.url}/api/boards/{board}/runs", data={}, headers={"Origin": server.url})
    page.goto(f"{server.url}/b/{board}/runs?tab=queue")
    mine = page.locator('[data-testid="queue-entry"][data-mine]')
    expect(mine).to_have_count(2, timeout=TRAINED)
    expect(mine.first).to_contain_text("Long one")
    expect(mine.nth(1)).to_contain_text("Next in line")
    for _ in range(2):
        before = mine.count()
        mine.last.get_by_test_id("queue-stop").click()
        expect(mine).to_have_count(before - 1, timeout=TRAINED)
