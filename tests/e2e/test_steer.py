"""A run is steered: step by step and part by part, by what flows along the wires, comes back, and moves."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example


def test_a_step_part_by_part(page: Page, server: Server, faults: list[str]) -> None:
    """T-058, V-005, C-040: forward x 2 and v 1 on the wires, backward their slopes 1 and 2, the update 2 → 1.9."""
    board = open_example(page, server.url, "computation-graph")
    board.at("train").click()
    board.reaches("paused")
    flows = page.locator('[data-testid^="flow-"]')
    expect(flows).to_have_count(0)
    board.tell("forward")
    expect(flows).to_have_count(board.edges().count(), timeout=TRAINED)
    assert sorted(flows.all_inner_texts()) == ["0", "1.000", "1.000", "2.000", "2.000"]
    expect(board.at("run-forward")).to_have_attribute("aria-pressed", "true")
    board.tell("backward")
    expect(flows.first.locator("span")).to_be_visible()
    assert sorted(text.split("\n")[1] for text in flows.all_inner_texts()) == ["1.000", "1.000"] + ["2.000"] * 3
    board.node("x").click()
    board.at("dock-tab-step").click()
    expect(board.at("step-values")).to_contain_text("2.000")
    expect(board.at("step-slopes")).to_contain_text("1.000")
    # C-039: the slope by hand is 1, and so say differences of the loss.
    board.at("check-gradient").click()
    expect(board.at("check-says")).to_have_attribute("data-fine", "true", timeout=TRAINED)
    expect(board.at("gradient-check").get_by_role("cell").nth(1)).to_have_text("1.000000")
    expect(board.at("gradient-check").get_by_role("cell").nth(2)).to_have_text("1.000000")
    board.tell("update")
    expect(flows).to_have_count(0)
    expect(board.at("moved-x")).to_have_text("2.000 → 1.900")
    expect(board.at("moved-z")).to_have_text("0 → −0.200")
    expect(board.at("step-before.0")).to_contain_text("2.000")
    expect(board.at("step-after.0")).to_contain_text("1.900")
    board.tell("step")
    expect(board.at("moved-x")).to_contain_text("1.900 →")
    board.tell("stop")
    board.reaches("stopped")
    expect(page.locator('[data-testid^="moved-"]')).to_have_count(0)
    assert not faults


def test_a_step_shows_what_a_dropout_switched_off(page: Page, server: Server, faults: list[str]) -> None:
    """L-036: on or off by number, as many off as the values are 0, and how many of the whole batch."""
    page.goto(server.url)
    document = json.loads((Path(__file__).parents[1] / "runtime" / "spiral_dropout.json").read_text())
    document["recipe"] = document.get("recipe", {}) | {"epochs": 5000}
    answer = page.request.post(f"{server.url}/api/boards", data={"document": document}, headers={"Origin": server.url})
    page.goto(f"{server.url}/b/{answer.json()['id']}")
    board = Board(page)
    board.train()
    board.at("train").click()
    board.reaches("paused")
    board.tell("forward")
    board.node("dropout").click()
    board.at("dock-tab-step").click()
    board.at("step-of-dropout").click()
    mask = board.at("step-mask").locator("td")
    expect(mask).to_have_count(32, timeout=TRAINED)
    expect(board.at("step-dropped")).to_contain_text("In evaluation every number passes as it is.")
    words, values = mask.all_inner_texts(), board.at("step-values").locator("td").all_inner_texts()
    assert set(words) <= {"on", "off"} and "off" in words
    assert all(value == "0" for word, value in zip(words, values, strict=True) if word == "off")
    board.tell("stop")
    board.reaches("stopped")
    assert not faults


def test_parts_of_a_network_with_blocks(page: Page, server: Server, faults: list[str]) -> None:
    """T-058: any graph: means and spreads on the wires of a convolutional network, also of a batch on the way back."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.train()
    board.at("train").click()
    board.reaches("paused")
    before = board.step()
    flows = page.locator('[data-testid^="flow-"]')
    board.tell("backward")
    expect(flows.first).to_be_visible(timeout=TRAINED)
    spread = re.compile(r"^−?[\d.e-]+( ± [\d.e-]+)?\n−?[\d.e-]+( ± [\d.e-]+)?$")
    for text in flows.all_inner_texts()[:4]:
        assert spread.match(text) or "\n" not in text, text
    board.tell("update")
    moved = page.locator('[data-testid^="moved-"]')
    expect(moved.first).to_have_text(re.compile(r"^moved [<\d.]+\u2009%$"))
    assert moved.count() == 5, "two convolutions and three linear layers"
    assert board.step() == before + 1
    board.at("train").click()
    board.reaches("running", "finished")
    expect(moved).to_have_count(0)
    if board.at("run-stop").is_visible():
        board.tell("stop")
    board.reaches("stopped", "finished")
    assert not faults


def test_a_penalty_has_a_curve_and_a_key_freezes(page: Page, server: Server, faults: list[str]) -> None:
    """T-035, T-045, T-048: L2 beside the loss; first weights by layer; T freezes what is selected."""
    board = open_example(page, server.url, "spiral")
    expect(board.at("field-penalty.biases")).to_have_count(0)
    board.set_field("penalty.l2", "0.001")
    expect(board.at("field-penalty.biases")).to_be_visible()
    board.at("field-precision").select_option(label="16 bits (bf16)")
    board.set_field("epochs", "2")
    board.train()
    board.reaches("finished")
    expect(board.at("curve-loss")).to_contain_text("penalty")
    layer = board.nodes("linear").first
    layer.locator("header").click()
    expect(board.at("field-init.scale")).to_have_count(0)
    board.at("field-init.how").select_option(label="normal")
    expect(board.at("field-init.scale")).to_have_value("0.05")
    page.keyboard.press("Escape")
    layer.locator("header").click()
    page.locator("body").press("t")
    expect(board.at("frozen")).to_be_checked()
    page.locator("body").press("t")
    expect(board.at("frozen")).not_to_be_checked()
    assert not faults


def test_settings_are_changed_while_it_runs(page: Page, server: Server, faults: list[str]) -> None:
    """T-015: weight decay and dropout of a run that is paused; each is a mark on the curve."""
    board = open_example(page, server.url, "reversal-transformer")
    board.at("train").click()
    board.reaches("running")
    board.at("train").click()
    board.reaches("paused")
    board.at("rate").click()
    expect(board.at("dial-l2")).to_have_value("0")
    for dial, value in (("dropout", "0.3"), ("l2", "0.001")):
        board.at(f"dial-{dial}").fill(value)
        board.at(f"dial-{dial}").press("Enter")
        expect(board.at(f"dial-{dial}")).to_have_value(value)
    board.at("dial-dropout").fill("7")
    expect(board.at("dial-dropout")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    board.tell("stop")
    board.reaches("stopped")
    assert not faults


def test_gradients_and_weights_by_layer_over_the_run(page: Page, server: Server, faults: list[str]) -> None:
    """V-004, T-045: a row a layer with its newest number; the chosen layer's weights, outputs and gradients."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.train()
    board.at("dock-tab-layers").click()
    rows = page.locator('[data-testid^="norm-"]')
    expect(rows).to_have_count(5, timeout=TRAINED)
    expect(rows.first).to_contain_text(re.compile(r"\d\.\d"))
    board.at("measure-update").click()
    expect(rows.first).to_contain_text(re.compile(r"\d(\.\d|e-)"))
    rows.nth(1).click()
    expect(board.at("view-spread").locator("figure")).to_have_count(3, timeout=TRAINED)
    expect(board.at("view-spread")).to_contain_text("Gradients")
    board.tell("stop")
    board.reaches("stopped", "finished")
    assert not faults


def test_snapshots_of_a_run_with_restarts(page: Page, server: Server, faults: list[str]) -> None:
    """T-014, T-039, T-040: a rate that falls and starts again, and what the mean of its ends says."""
    board = open_example(page, server.url, "spiral")
    board.at("field-schedule").select_option(label="Cosine with restarts")
    expect(board.at("rate-course-main").get_by_role("img")).to_be_visible()
    board.set_field("ensemble.snapshots", "4")
    board.set_field("epochs", "8")
    board.train()
    board.reaches("finished")
    expect(board.at("curve-loss")).to_be_visible()
    expect(board.at("mean")).to_contain_text("mean of snapshots")
    told = board.at("mean").locator("..")
    expect(told).to_have_attribute(
        "title", re.compile(r"Mean of 4 snapshots: validation accuracy [\d.]+%; alone [\d.]+%, ")
    )
    assert not faults
