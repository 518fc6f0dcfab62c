"""One sample asked many times with dropout on, and beside its mirror image (T-038, T-042, V-045)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board
from tests.e2e.test_access import violations
from tests.e2e.test_runs import made

DROPPING: dict[str, Any] = {
    "version": 1,
    "title": "Digits with dropout",
    "nodes": {
        "digits": {"type": "digits", "fields": {"size": 8}},
        "flat": {"type": "flatten"},
        "hidden": {"type": "linear", "fields": {"units": 32}},
        "act": {"type": "relu"},
        "drop": {"type": "dropout"},
        "out": {"type": "linear", "fields": {"units": 10}},
        "loss": {"type": "cross_entropy"},
    },
    "edges": {
        "a": {"from": "digits", "out": "image", "to": "flat"},
        "b": {"from": "flat", "to": "hidden"},
        "c": {"from": "hidden", "to": "act"},
        "d": {"from": "act", "to": "drop"},
        "e": {"from": "drop", "to": "out"},
        "f": {"from": "out", "to": "loss", "in": "logits"},
        "g": {"from": "digits", "out": "label", "to": "loss", "in": "target"},
    },
    "recipe": {"epochs": 8, "batch": 64},
}


def without_dropout() -> dict[str, Any]:
    nodes = {id: node for id, node in DROPPING["nodes"].items() if id != "drop"}
    edges = {id: edge for id, edge in DROPPING["edges"].items() if id not in ("d", "e")}
    return {**DROPPING, "nodes": nodes, "edges": {**edges, "d": {"from": "act", "to": "out"}}}


def trained(page: Page, server: Server, document: dict[str, Any]) -> Board:
    id = made(page, server, document)
    page.goto(f"{server.url}/b/{id}")
    board = Board(page)
    board.train()
    board.reaches("finished")
    board.at("dock-tab-ask").click()
    expect(board.at("ask-answer")).to_be_visible(timeout=TRAINED)
    return board


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_sample_is_asked_many_times(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    board = trained(page, server, DROPPING)
    board.at("ask-passes").press("Enter")
    words = board.at("passes-words")
    expect(words).to_have_text(
        re.compile(r"^50 passes\. Doubt \(entropy\) [\d.e-]+ of at most 2\.303"), timeout=TRAINED
    )
    before = words.inner_text()
    board.at("ask-again").click()
    expect(words).not_to_have_text(before, timeout=TRAINED)
    board.at("ask-count").select_option("1000")
    expect(board.at("passes")).to_have_attribute("data-count", "1000", timeout=TRAINED)
    board.at("ask-mirror").click()
    expect(board.at("ask-mirrored")).to_have_text(re.compile(r"^As it is: \d .*mirrored: \d"), timeout=TRAINED)
    assert violations(page, "[data-testid=dock]") == []
    # Why it says so stands beside it, of the same sample.
    board.at("why-saliency").click()
    expect(page.locator("[data-testid=explained][data-why=saliency]")).to_be_visible(timeout=TRAINED)
    expect(board.at("passes")).to_be_visible()
    board.at("ask-passes").click()
    expect(board.at("passes")).to_have_count(0, timeout=TRAINED)
    board.at("ask-mirror").click()
    expect(board.at("ask-mirrored")).to_have_count(0, timeout=TRAINED)


def test_without_dropout_it_is_said_what_to_add(page: Page, server: Server, faults: list[str]) -> None:
    board = trained(page, server, without_dropout())
    board.at("ask-passes").click()
    expect(board.at("ask-nothing-drops")).to_contain_text("Put a Dropout layer before the last layer that learns")
    expect(board.at("ask-count")).to_have_count(0)
    expect(board.at("ask-answer")).to_be_visible()
