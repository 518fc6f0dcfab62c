"""A sweep of twelve runs, from choosing its fields to the winner's settings on the board."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board
from tests.e2e.test_runs import made
from tests.server.conftest import SPIRAL


def test_a_sweep_of_twelve_fills_its_map_and_its_winner_is_put_on_the_board(
    page: Page, server: Server, faults: list[str]
) -> None:
    board = made(page, server, SPIRAL)
    page.goto(f"{server.url}/b/{board}/runs?tab=sweep")
    field = page.get_by_test_id("sweep-field")
    field.select_option("recipe.phases.main.optimizer.fields.lr")
    field.select_option("nodes.hidden.fields.units")
    axes = page.get_by_test_id("sweep-axis")
    expect(axes).to_have_count(2)
    axes.first.get_by_test_id("sweep-count").fill("3")
    for name, value in (("least", "2"), ("most", "8"), ("count", "4")):
        axes.nth(1).get_by_test_id(f"sweep-{name}").fill(value)
    expect(page.get_by_test_id("sweep-size")).to_have_text("12 runs")
    page.get_by_test_id("sweep-start").click()
    heat = page.get_by_test_id("sweep-heat")
    expect(heat.locator("td[data-known]").first).to_be_visible(timeout=TRAINED)
    expect(page.get_by_test_id("sweep")).to_have_attribute("data-state", "finished", timeout=3 * TRAINED)
    expect(heat.locator("td[data-known]")).to_have_count(12)
    expect(heat.locator("td[data-best]")).to_have_count(1)
    expect(page.get_by_test_id("sweep-progress")).to_have_text("12 of 12 runs")
    best = page.get_by_test_id("sweep-best").inner_text()
    units = re.search(r"Units (\d+)|Width (\d+)|hidden [\w ]+? (\d+)", best)
    page.get_by_test_id("sweep-open").click()
    Board(page).saved()
    document = page.request.get(f"{server.url}/api/boards/{board}/document").json()
    assert units is not None, best
    assert str(document["nodes"]["hidden"]["fields"]["units"]) in units[0]
