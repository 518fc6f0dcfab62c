"""What layers show while a board trains, and a recurrent layer unrolled over time."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example


def wired(*wires: str) -> dict[str, Any]:
    """``a.out>b:in`` each."""
    edges = {}
    for number, wire in enumerate(wires):
        start, end = wire.split(">")
        source, _, out = start.partition(".")
        target, _, into = end.partition(":")
        edges[f"e{number:02}"] = {"from": source, "out": out or "y", "to": target, "in": into or "x"}
    return edges


def opened(page: Page, server: Server, nodes: dict[str, Any], *wires: str, **more: Any) -> Board:
    """A board of these nodes, side by side."""
    places = {id: {"x": at % 6 * 250, "y": at // 6 * 220} for at, id in enumerate(nodes)}
    document = {"nodes": nodes, "edges": wired(*wires), "drawing": {"positions": places}, **more}
    page.goto(server.url)
    made = page.request.post(f"{server.url}/api/boards", data={"document": document}, headers={"Origin": server.url})
    page.goto(f"{server.url}/b/{made.json()['id']}")
    return Board(page)


def test_layers_say_how_they_are(page: Page, server: Server, faults: list[str]) -> None:
    """L-004, L-006, L-009, L-012, L-024, L-033, L-078: dead and saturated units in words, batch and running statistics,
    the class that wins, what a pooling lets through, a signal as lines."""
    board = opened(
        page,
        server,
        {
            "data": {"type": "digits", "fields": {"size": 8}},
            "conv": {"type": "conv2d", "fields": {"channels": 6, "kernel": 3, "padding": 1}},
            "norm": {"type": "batch_norm2d"},
            "relu": {"type": "relu"},
            "pool": {"type": "max_pool2d"},
            "line": {"type": "reshape", "fields": {"to": "C 6, L -1"}},
            "conv1": {"type": "conv1d", "fields": {"channels": 4, "kernel": 5, "stride": 2}},
            "bend": {"type": "sigmoid"},
            "flat": {"type": "flatten"},
            "out": {"type": "linear", "fields": {"units": 10}},
            "loss": {"type": "cross_entropy"},
            "share": {"type": "softmax"},
            "decide": {"type": "argmax"},
        },
        *(
            "data.image>conv",
            "conv>norm",
            "norm>relu",
            "relu>pool",
            "pool>line",
            "line>conv1",
            "conv1>bend",
            "bend>flat",
        ),
        *("flat>out", "out>loss:logits", "data.label>loss:target", "out>share", "share>decide"),
        recipe={"epochs": 2000, "batch": 64},
    )
    before = board.node("relu").bounding_box()
    board.train()
    expect(board.at("flat-relu")).to_have_text(re.compile(r"^[<>]?\d+.% dead$"), timeout=TRAINED)
    expect(board.at("flat-bend")).to_have_text(re.compile(r"^[<>]?\d+.% saturated$"), timeout=TRAINED)
    after = board.node("relu").bounding_box()
    assert before is not None and after is not None and before["height"] == after["height"], "no card jumps"
    board.at("dock-tab-statistics").click()
    statistics = board.at("view-statistics")
    expect(statistics).to_contain_text("last batch: 64 samples, 4,096 numbers a channel", timeout=TRAINED)
    expect(statistics.locator("canvas")).to_have_count(2)
    board.at("dock-tab-activations").click()
    board.at("look-relu").click()
    expect(board.at("flat-line")).to_contain_text(re.compile(r"\d+ of 6 units .* samples"))
    board.at("look-pool").click()
    expect(board.at("view-winners").locator("canvas")).to_be_visible(timeout=TRAINED)
    board.at("look-conv1").click()
    expect(board.at("view-maps").locator("canvas")).to_be_visible()
    expect(board.at("view-maps")).to_contain_text("the thin line is 0")
    board.at("dock-tab-predictions").click()
    board.at("look-share").click()
    shown = board.at("winner").locator("b")
    expect(shown).to_have_text(re.compile(r"^\d$"), timeout=TRAINED)
    page.get_by_test_id("train").click()
    board.reaches("paused")
    won = shown.inner_text()
    board.at("look-decide").click()
    expect(board.at("winner").locator("b")).to_have_text(won)
    board.tell("stop")
    board.reaches("stopped")


def test_a_recurrent_layer_step_by_step(page: Page, server: Server, faults: list[str]) -> None:
    """L-045, L-046, L-048, L-051: x1 … xT and h0 … hT are drawn with one set of weights; a changed field is seen at
    once; what is carried is coloured while it trains; U and Escape lead there and back."""
    board = opened(
        page,
        server,
        {
            "data": {"type": "reversal", "fields": {"length": 24, "symbols": 4, "samples": 400}},
            "embed": {"type": "embedding", "fields": {"units": 4}},
            "read": {"type": "lstm", "fields": {"units": 5}},
            "out": {"type": "linear", "fields": {"units": 5}},
            "loss": {"type": "cross_entropy"},
        },
        *("data.tokens>embed", "embed>read", "read>out", "out>loss:logits", "data.target>loss:target"),
        "data.mask>loss:mask",
        recipe={"epochs": 2000, "batch": 32},
    )
    expect(board.at("unfold")).to_have_count(0)
    board.select("read")
    expect(board.at("unfold")).to_be_visible()
    page.keyboard.press("u")
    drawn = board.at("unrolled")
    expect(drawn).to_contain_text("24 steps, all with the same weights: 220 parameters, counted once")
    expect(board.at("input-1")).to_have_text(re.compile("^x₁"))
    expect(board.at("input-24")).to_have_text(re.compile("^x₂₄"))
    expect(board.at("input-23")).to_have_count(0)
    expect(board.at("carried-0-0-0")).to_have_text("h₀ = 0")
    expect(board.at("carried-0-1-24")).to_have_text("c₂₄")
    expect(drawn.locator("[data-live]")).to_have_count(0)
    board.at("field-bidirectional").click(force=True)
    expect(board.at("carried-1-0-25")).to_have_text("h₂₅ = 0")
    expect(drawn).to_contain_text("440 parameters")
    page.keyboard.press("Escape")
    expect(drawn).to_have_count(0)
    expect(board.node("read")).to_be_visible()
    board.train()
    board.at("unroll").click()
    expect(drawn.get_by_test_id("cell-1-24").locator("[data-live]")).to_have_count(2, timeout=TRAINED)
    board.at("dock-tab-states").click()
    expect(board.at("view-states").locator("canvas")).to_be_visible(timeout=TRAINED)
    board.at("lane-3").click()
    expect(board.at("lane-3")).to_have_attribute("aria-pressed", "true")
    board.at("unrolled-close").click()
    expect(drawn).to_have_count(0)
    board.tell("stop")
    board.reaches("stopped")


def test_a_line_comes_to_its_samples(page: Page, server: Server, faults: list[str]) -> None:
    """V-025, C-032: rows are typed in, descent ends where least squares are, and one row less has one solution."""
    board = open_example(page, server.url, "least-squares")
    board.train()
    board.reaches("finished")
    page.get_by_role("tab", name="Fit").click()
    expect(board.at("view-fit").locator("canvas").first).to_be_visible(timeout=TRAINED)
    expect(board.at("coefficients")).to_contain_text("b = 5.667")
    expect(board.at("squares-train-mse")).to_have_text("0.167")
    expect(board.at("view-fit")).to_contain_text("No weights meet every training sample")
    board.node("data").locator("header").click()
    board.at("field-table").fill("2 2 10\n3 4 12\n4 5 15")
    expect(board.node("data")).to_contain_text("3 rows of 3")
    board.train()
    expect(board.at("view-fit")).to_contain_text("Exactly one choice of weights", timeout=TRAINED)
    board.reaches("finished")


def test_the_threshold_trades_misses_for_false_alarms(page: Page, server: Server, faults: list[str]) -> None:
    """A-004, C-055: everything is found at 0, nothing at 1, and between them as the table says."""
    board = open_example(page, server.url, "logistic-regression")
    board.train()
    board.reaches("finished")
    page.get_by_role("tab", name="Threshold").click()
    expect(board.at("view-threshold").locator("canvas").first).to_be_visible(timeout=TRAINED)
    slider = board.at("threshold")
    slider.fill("0")
    expect(board.at("rate-recall")).to_contain_text("100.0")
    slider.fill("1")
    expect(board.at("rate-recall")).to_contain_text("0.0")
    expect(board.at("rate-precision")).to_have_text("–")
    slider.fill("0.5")
    none, alarms, misses, hits = [
        int(cell) for cell in board.at("view-threshold").locator("tbody td").all_inner_texts()
    ]
    assert none + alarms + misses + hits == 150
    expect(board.at("rate-accuracy")).to_contain_text(f"{100 * (none + hits) / 150:.1f}")
    expect(board.at("rate-f1")).to_contain_text(f"{200 * hits / (2 * hits + alarms + misses):.1f}")
