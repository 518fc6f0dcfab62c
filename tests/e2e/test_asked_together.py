"""Several runs of a board are asked about the same samples (T-039, A-066)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED
from tests.e2e.test_access import violations
from tests.e2e.test_passes import DROPPING
from tests.e2e.test_runs import made


def trained(page: Page, server: Server, board: str, seeds: list[int]) -> None:
    """Trains the board with the recipe's seed, then with these, and waits until all have ended."""
    headers = {"Origin": server.url}
    run = page.request.post(f"{server.url}/api/boards/{board}/runs", data={}, headers=headers).json()["id"]
    if seeds:
        again = page.request.post(f"{server.url}/api/runs/{run}/seeds", data={"seeds": seeds}, headers=headers)
        assert again.ok, again.text()
    page.goto(f"{server.url}/b/{board}/runs")
    finished = page.get_by_test_id("runs-table").get_by_text("finished")
    expect(finished).to_have_count(1 + len(seeds), timeout=TRAINED)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_five_seeds_answer_as_one(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    document = {**DROPPING, "recipe": {"epochs": 2, "batch": 64}}
    trained(page, server, made(page, server, document), [1, 2, 3, 4])
    ask = page.get_by_test_id("runs-together")
    page.get_by_role("checkbox", name="Choose all").check()
    page.get_by_role("checkbox", name="Choose all").uncheck()
    expect(ask).to_be_disabled()
    page.get_by_role("checkbox", name="Choose all").check()
    ask.press("Enter")
    together = page.get_by_test_id("together")
    words = together.get_by_test_id("together-words")
    expect(words).to_have_text(re.compile(r"mean of all gets \d+\.\d.% right.*They disagree about \d+ of \d+"),
                               timeout=TRAINED)  # fmt: skip
    rows = together.get_by_role("table").first.get_by_role("row")
    expect(rows).to_have_count(1 + 5 + 2)
    expect(rows.nth(1)).to_contain_text("Run 1")
    expect(rows.nth(6)).to_contain_text("Mean")
    expect(rows.nth(7)).to_contain_text("Vote")
    # What a run says alone is what its row in the table says that it reached.
    page.get_by_test_id("runs-best").select_option("false")
    told = page.get_by_test_id("runs-row").filter(has_text="Run 3")
    accuracy = re.search(r"\d+\.\d.%", rows.nth(3).inner_text())
    assert accuracy is not None
    expect(told).to_contain_text(accuracy[0])
    expect(together.get_by_test_id("disputed").first).to_contain_text("is ")
    before = words.inner_text()
    page.get_by_test_id("together-part").select_option("test")
    expect(words).not_to_have_text(before, timeout=TRAINED)
    assert violations(page) == []
    together.get_by_role("button", name="Close").click()
    expect(together).to_have_count(0)


def test_runs_that_do_not_fit_say_so(page: Page, server: Server, faults: list[str]) -> None:
    """A board whose data were changed between two runs."""
    document = {**DROPPING, "recipe": {"epochs": 1, "batch": 64}}
    board = made(page, server, document)
    trained(page, server, board, [])
    plan = {"axes": [{"path": ["recipe", "split", "seed"], "values": [9]}]}
    headers = {"Origin": server.url}
    swept = page.request.post(f"{server.url}/api/boards/{board}/sweeps", data=plan, headers=headers)
    assert swept.ok, swept.text()
    expect(page.get_by_test_id("runs-table").get_by_text("finished")).to_have_count(2, timeout=TRAINED)
    page.get_by_role("checkbox", name="Choose all").check()
    page.get_by_test_id("runs-together").click()
    problem = page.get_by_test_id("together-problem")
    expect(problem).to_contain_text("Run 1 and Run 2 have other samples", timeout=TRAINED)
    faults[:] = [each for each in faults if "409" not in each]  # the browser tells of the refusal
