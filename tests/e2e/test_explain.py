"""How a layer works, shown; the reference; the search."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, open_empty, open_example
from tests.e2e.test_access import violations

FOUND = [
    ("fc", "linear"),
    ("dense", "linear"),
    ("fully connected", "linear"),
    ("relu", "relu"),
    ("leaky", "leaky_relu"),
    ("convolution", "conv2d"),
    ("conv", "conv2d"),
    ("make smaller", "max_pool2d"),
    ("maxpool", "max_pool2d"),
    ("prevent overfitting", "dropout"),
    ("drpout", "dropout"),
    ("join branches", "concat"),
    ("concatenate", "concat"),
    ("self-attention", "attention"),
    ("words to vectors", "embedding"),
    ("swish", "silu"),
    ("bn", "batch_norm1d"),
    ("probabilities", "softmax"),
    ("lstm", "lstm"),
]
"""What people type, and the layer that comes first."""


def test_the_window_moves_and_shows_its_patch(page: Page, server: Server, faults: list[str]) -> None:
    """L-013, C-010: hovering over an output lights the input's patch, with the arithmetic beside it."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.select((board.nodes("conv2d").first.get_attribute("data-testid") or "").removeprefix("node-"))
    board.at("explain").click()
    lit = page.locator('[data-testid="explain-window"] [data-testid^="input-"][data-tone="lit"]')
    expect(lit).to_have_count(25)
    board.at("output-1-2").hover()
    expect(board.at("output-1-2")).to_have_attribute("data-tone", "now")
    expect(board.at("input-1-2")).to_have_attribute("data-tone", "lit")
    expect(board.at("input-0-2")).not_to_have_attribute("data-tone", "lit")
    expect(board.at("explain-sum")).to_contain_text("=")
    # The picture follows the node's own fields.
    board.set_field("kernel", "3")
    expect(lit).to_have_count(9)
    board.set_field("dilation", "2")
    expect(lit).to_have_count(9)
    expect(page.locator('[data-testid^="input-"][data-tone="gap"]')).to_have_count(16)
    board.set_field("padding", "1")
    expect(page.locator('[data-testid^="input-"][data-padded]').first).to_be_visible()
    # A kernel of one's own, known by name.
    board.at("kernel-known-edges").click()
    expect(board.at("kernel-3")).to_have_value("-2")


def test_a_picture_is_enlarged_and_closed(page: Page, server: Server, faults: list[str]) -> None:
    board = open_example(page, server.url, "lenet-5-digits")
    board.select(board.id_of("flatten"))
    board.at("explain").click()
    board.at("explain-enlarge").click()
    sheet = page.get_by_role("dialog", name="How it works: Flatten")
    expect(sheet).to_be_visible()
    sheet.get_by_test_id("explain-step").click()
    expect(sheet.get_by_test_id("explain-sum")).to_contain_text("= 1")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(board.at("explain-sum")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_pictures(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    board = open_empty(page, server.url)
    opened = False
    for layer in ("conv2d", "linear", "softmax", "dropout", "batch_norm2d", "attention", "positional_encoding", "add"):
        board.quick_add(layer)
        board.select(board.id_of(layer))
        if not opened:
            board.at("explain").click()
            opened = True
        expect(page.locator('[data-testid="explain-panel"] [data-testid^="explain-"]').first).to_be_visible()
        assert violations(page, "[data-testid=inspector]") == [], layer


def test_the_search_puts_first_what_was_meant(page: Page, server: Server, faults: list[str]) -> None:
    board = open_empty(page, server.url)
    search = board.at("palette-search")
    for query, layer in FOUND:
        search.fill(query)
        first = page.locator('[data-testid^="palette-item-"]').first
        expect(first, query).to_have_attribute("data-testid", f"palette-item-{layer}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_reference_is_searched_and_linked(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(f"{server.url}/layers#conv2d")
    page.wait_for_selector("html[data-app-ready]")
    conv = page.get_by_test_id("reference-conv2d")
    expect(conv).to_be_in_viewport()
    expect(conv).to_contain_text("448 parameters, 388,800 multiply-adds")
    expect(conv).to_contain_text("cross-correlation")
    conv.get_by_test_id("reference-show-conv2d").click()
    expect(conv.get_by_test_id("explain-window")).to_be_visible()
    page.get_by_test_id("reference-search").fill("prevent overfitting")
    expect(page.locator('[data-testid="reference"] article').first).to_have_attribute("id", "dropout")
    expect(page.locator(".katex").first).to_be_visible()
    assert violations(page) == []


def test_families_of_the_palette_are_folded_and_stay_so(page: Page, server: Server, faults: list[str]) -> None:
    board = open_empty(page, server.url)
    item = board.at("palette-item-conv2d")
    expect(item).to_be_visible()
    board.at("fold-convolution").click()
    expect(item).to_be_hidden()
    page.reload()
    board.ready()
    expect(item).to_be_hidden()
    # A search finds what is folded away.
    board.at("palette-search").fill("conv2d")
    expect(item).to_be_visible()
    board.at("palette-search").fill("")
    board.at("fold-convolution").press("Enter")
    expect(item).to_be_visible()
    # What was added twice stands on top when the board is opened again.
    board.quick_add("softmax")
    board.quick_add("softmax")
    expect(board.at("used-item-softmax")).to_be_hidden()
    page.reload()
    board.ready()
    expect(board.at("used-item-softmax")).to_be_visible()


def test_a_clicked_unit_marks_its_patch_on_the_sample(page: Page, server: Server, faults: list[str]) -> None:
    """V-008: what a unit of a map sees is marked on the input."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.select("conv1")
    board.train()
    page.get_by_role("tab", name="Activations").click()
    board.at("look-conv1").click()
    maps = page.locator('[data-testid="view-maps"] canvas').first
    expect(maps).to_be_visible(timeout=TRAINED)
    expect(board.at("sample-0")).to_be_visible()
    expect(board.at("sample-patch")).to_have_count(0)
    box = maps.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 12, box["y"] + 12)
    patch = board.at("sample-patch")
    expect(patch).to_have_count(1)
    # 5 of 32 pixels.
    assert patch.evaluate("each => each.style.width") == "15.625%"
    board.tell("stop")
    board.reaches("stopped")
