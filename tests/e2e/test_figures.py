"""What the course shows on paper, to be moved: gradients through a pooling, two layers that are one, numbers that go
through a layer."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import open_example
from tests.e2e.test_live import opened


def test_a_pooling_routes_its_gradient_and_holds_still(page: Page, server: Server, faults: list[str]) -> None:
    """V-032, V-033: each output's own number arrives at the winner alone; a map moved by a pixel changes more than
    what is pooled of it."""
    board = open_example(page, server.url, "lenet-relu")
    board.select("pool1")
    board.at("explain").click()
    given = page.locator('[data-testid="explain-routed"] [data-testid^="gradient-out-"]')
    arrived = page.locator('[data-testid="explain-routed"] [data-testid^="gradient-in-"][data-tone="lit"]')
    expect(given).to_have_count(9)
    expect(arrived).to_have_count(9)
    assert sorted(arrived.all_text_contents()) == sorted(given.all_text_contents())
    said = board.at("explain-shift")
    slider = board.at("explain-shifted").get_by_role("slider")

    def changed(by: str) -> tuple[int, int]:
        before = said.inner_text()
        slider.fill(by)
        expect(said).not_to_have_text(before)
        found = re.search(r"edges changed by (\d+) %, pooled by (\d+) %", said.inner_text())
        assert found
        return int(found[1]), int(found[2])

    assert changed("0") == (0, 0)
    whole, pooled = changed("1")
    assert 0 < pooled < whole


def test_two_layers_that_are_one(page: Page, server: Server, faults: list[str]) -> None:
    """V-031: said as an idea, shown with numbers, merged by a press and taken back."""
    board = opened(
        page,
        server,
        {
            "points": {"type": "points"},
            "first": {"type": "linear", "fields": {"units": 8}},
            "second": {"type": "linear", "fields": {"units": 2}},
            "loss": {"type": "cross_entropy"},
        },
        *("points.x>first", "first>second", "second>loss:logits", "points.label>loss:target"),
    )
    expect(board.at("problems")).to_have_text("1 idea")
    board.select("second")
    board.at("explain").click()
    one, both = board.at("merged-one"), board.at("merged-both")
    answer = re.compile(r"= (\([^=]*\))$")

    def last(text: str) -> str:
        found = answer.search(text.strip())
        assert found, text
        return found[1]

    assert last(one.inner_text()) == last(both.inner_text())
    board.at("explain-merged").get_by_role("button", name="ReLU").click()
    board.at("explain-merged").get_by_role("slider").first.fill("-2")
    expect(board.at("merged-said")).to_contain_text("one layer cannot")
    assert last(one.inner_text()) != last(both.inner_text())
    merge = page.get_by_role("button", name="Merge first into second")
    expect(merge).to_contain_text("−36")
    merge.click()
    expect(board.nodes()).to_have_count(3)
    expect(board.at("problems")).to_have_attribute("data-tone", "good")
    page.locator("body").press("Control+z")
    expect(board.nodes()).to_have_count(4)


def test_numbers_that_go_through_a_layer(page: Page, server: Server, faults: list[str]) -> None:
    """V-030, V-044: below ReLU's curve its own inputs, as they are while it learns."""
    board = open_example(page, server.url, "spiral")
    board.train()
    board.at("dock-tab-statistics").click()
    key = board.at("through-key")
    expect(key).to_contain_text("goes in: mean")
    expect(key).to_contain_text("its slope")
    before = key.inner_text()
    expect(key).not_to_have_text(before)
    page.get_by_test_id("run-stop").click()
    expect(page.get_by_test_id("run-stop")).to_be_hidden(timeout=30_000)


def test_the_loss_over_weights_that_one_chooses(page: Page, server: Server, faults: list[str]) -> None:
    """R-014, R-015, V-035: two learned numbers, the way of the run, and the loss over one of them alone."""
    board = open_example(page, server.url, "computation-graph")
    board.at("train").click()
    board.reaches("paused")  # it is stepped by hand
    board.at("dock-tab-terrain").click()
    view = board.at("view-terrain")
    picture = view.get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile("over weights, others as they are: x .*, y "))
    board.at("terrain-layer-1").select_option("z")
    expect(picture).to_have_accessible_name(re.compile("x .*, z "))
    board.at("terrain-layer-1").select_option("no second weight")
    expect(picture).not_to_have_accessible_name(re.compile("z "))
    page.get_by_test_id("run-stop").click()
    expect(page.get_by_test_id("run-stop")).to_be_hidden(timeout=30_000)
