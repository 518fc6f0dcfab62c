"""Worked examples and decisions: every card, with other numbers than its own, in both themes and languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Server
from tests.e2e.board import Board
from tests.e2e.test_access import violations

WORDS = Path(__file__).parents[2] / "frontend" / "src" / "app" / "words"
CARDS = list(json.loads((WORDS / "en" / "learn.json").read_text())["cards"])
SIZES = [(1440, 900), (1280, 720), (1024, 768)]


def at(page: Page, url: str, card: str) -> Locator:
    page.goto(f"{url}/learn/{card}")
    page.wait_for_selector("html[data-app-ready]")
    body = page.get_by_test_id(f"card-{card}").get_by_test_id("card-body")
    expect(body).to_be_visible()
    return body


SAID = """body.innerText + [...body.querySelectorAll('[data-tex]')].map(line => line.dataset.tex).join()
    + [...body.querySelectorAll('svg')].map(svg => svg.innerHTML).join()"""
"""All that a card shows, formulas as they are written, drawings with their places."""


def said(body: Locator) -> str:
    text: str = body.evaluate(f"body => {SAID}")
    return text


@pytest.mark.parametrize("card", CARDS)
def test_a_card_answers_to_other_numbers(page: Page, server: Server, faults: list[str], card: str) -> None:
    """Numbers are typed and answers pressed until the card says something else, as it must."""
    body = at(page, server.url, card)
    before = said(body)
    for number in body.locator("input[type=number]").all():
        value = float(number.input_value())
        # Up or down, whichever its range allows.
        most = number.get_attribute("max")
        up = 2 * value if value > 0 else value + 1
        other = up if most is None or up <= float(most) else value / 2
        number.fill(f"{other:.10g}")
        expect(number).not_to_have_attribute("aria-invalid", "true")
        if said(body) != before:
            break
    else:
        # Choices first: a press that makes a board would leave the card.
        choices = body.locator("button[aria-pressed=false]").all()
        for button in choices or body.locator("button:not([aria-pressed])").all():
            button.click()
            if said(body) != before:
                break
    page.wait_for_function(f"([body, before]) => {SAID} !== before", arg=[body.element_handle(), before])
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate(
            "() => { const main = document.querySelector('[data-testid=learn-main]');"
            " return main.scrollWidth - main.clientWidth }"
        )
        assert wide <= 0, f"{card} is wider than its place at {width}×{height}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_shelves(page: Page, server: Server, faults: list[str], theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"{server.url}/learn")
    page.wait_for_selector("html[data-app-ready]")
    assert violations(page) == []
    for card in CARDS:
        at(page, server.url, card)
        assert violations(page) == [], card


def test_from_the_gallery_to_a_card_and_on_to_a_board(page: Page, server: Server, faults: list[str]) -> None:
    """C-031, C-032, C-033: the course's own numbers stand there; one row less, and many answers are right."""
    page.goto(server.url)
    page.wait_for_selector("html[data-app-ready]")
    page.get_by_test_id("open-learn").click()
    page.get_by_test_id("learn-main").get_by_role("link", name=re.compile("Least squares")).click()
    expect(page).to_have_url(f"{server.url}/learn/least-squares")
    expect(page.get_by_test_id("weights")).to_have_attribute("data-tex", re.compile(r"5\.6667.*3.*-0\.6667"))
    expect(page.get_by_test_id("verdict")).to_contain_text("0.6667")
    page.get_by_role("button", name="A single point").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Endlessly many")
    page.get_by_role("button", name="Two points, one line").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Exactly one")
    page.get_by_test_id("draw-least-squares").click()
    Board(page)
    page.go_back()
    expect(page.get_by_test_id("card-least-squares")).to_be_visible()


def test_in_german_and_still_german_the_next_time(page: Page, server: Server, faults: list[str]) -> None:
    at(page, server.url, "quadratic")
    page.get_by_test_id("learn-language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Der Boden einer Parabel")
    at(page, server.url, "shares")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anteile und Softmax")
    expect(page.get_by_test_id("learn")).to_have_attribute("lang", "de")
    page.get_by_test_id("learn-language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shares and softmax")


def test_a_card_that_is_not_there(page: Page, server: Server, faults: list[str]) -> None:
    page.goto(f"{server.url}/learn/no-such-card")
    expect(page.get_by_test_id("learn-main")).to_contain_text("There is no such card")


def test_what_is_no_number_is_marked_and_changes_nothing(page: Page, server: Server, faults: list[str]) -> None:
    body = at(page, server.url, "grid-search")
    before = said(body)
    number = body.locator("input[type=number]").first
    number.fill("2.5")
    expect(number).to_have_attribute("aria-invalid", "true")
    assert said(body) == before
    number.blur()
    expect(number).to_have_value("10")


def test_a_graph_is_filled_in_by_hand(page: Page, server: Server, faults: list[str]) -> None:
    """C-040, V-005: what is wrong stays open, what is right is shown, until all of it is."""
    body = at(page, server.url, "graph")
    body.get_by_role("button", name="By hand").click()
    picture = page.get_by_test_id("graph")
    expect(picture).to_contain_text("f = ?")
    page.get_by_test_id("fill-value-f").fill("3")
    expect(picture).to_contain_text("f = ?")
    right = {
        "value-v": "1",
        "value-f": "2",
        "slope-f": "1",
        "slope-x": "1",
        "slope-v": "2",
        "slope-y": "2",
        "slope-z": "2",
    }
    for name, number in right.items():
        page.get_by_test_id(f"fill-{name}").fill(number)
    expect(picture).to_contain_text("f = 2")
    expect(page.get_by_test_id("verdict")).to_have_text("7 of 7 right")
    # Other numbers: it begins again.
    body.locator("input[type=number]").first.fill("5")
    expect(page.get_by_test_id("verdict")).to_have_text("0 of 7 right")
    expect(picture).to_contain_text("f = ?")


VECTORS = [
    ("linear", "sum", r"= 65$"),
    ("shares", "shares", r"=0\.525$"),
    ("shares", "softmax", r"0\.99995234$"),
    ("quadratic", "least", r"f\(-0\.15\)=3\.775"),
    ("grid-search", "count", r"10\^\{3\}=1"),
    ("gradient", "formula", r"\[4,\\,6\]$"),
    ("gradient", "loss", r"L\(1,1\)=5$"),
    ("l2", "l2", r"=1,.*=0\.5$"),
    ("batch-norm", "values", r"-1\.3416,\\,-0\.4472,\\,0\.4472,\\,1\.3416"),
    ("f1", "f1", r"0\.8.*0\.5.*=0\.6154$"),
    ("init", "he", r"=0\.1414$"),
    ("init", "xavier", r"=0\.1155$"),
    ("vanishing", "product", r"=0\.00390625$"),
]
"""Cards, a line of theirs, and what the course says it comes to."""


@pytest.mark.parametrize(("card", "line", "wanted"), VECTORS)
def test_a_card_begins_with_the_course_s_own_numbers(
    page: Page, server: Server, faults: list[str], card: str, line: str, wanted: str
) -> None:
    """C-031, C-034…C-039, C-046, C-047, C-055, C-065, C-066."""
    at(page, server.url, card)
    expect(page.get_by_test_id(line)).to_have_attribute("data-tex", re.compile(wanted))


def test_a_decision_is_judged_and_told_why(page: Page, server: Server, faults: list[str]) -> None:
    """M-007: the learning rate is not chosen by the training part."""
    body = at(page, server.url, "roles")
    page.get_by_test_id("sort-rate-train").click()
    expect(body).to_contain_text("Not this one")
    page.get_by_test_id("sort-rate-dev").click()
    expect(body).to_contain_text("Settings are chosen by the validation part")
    expect(page.get_by_test_id("verdict")).to_have_text("1 of 7 right")


def test_a_limit_decides_who_is_chosen(page: Page, server: Server, faults: list[str]) -> None:
    """M-002, M-003: the quickest within the limits; without limits the best."""
    body = at(page, server.url, "metrics")
    expect(page.get_by_test_id("verdict")).to_contain_text("A is chosen")
    body.get_by_label("Time ms ≤", exact=True).fill("2000")
    body.get_by_label("Size MB ≤", exact=True).fill("2000")
    expect(page.get_by_test_id("verdict")).to_contain_text("C is chosen: 93.5")
    body.get_by_label("Time ms ≤", exact=True).fill("1")
    expect(page.get_by_test_id("verdict")).to_contain_text("No model is within the limits")


def test_a_measured_board_is_opened(page: Page, server: Server, faults: list[str]) -> None:
    """M-018, V-044: what was measured can be drawn, and nothing of it is at fault."""
    body = at(page, server.url, "overfitting")
    body.get_by_role("button", name="dropout").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("many networks in one")
    body.get_by_role("row", name=re.compile("dropout")).get_by_role("button", name="Try it").click()
    board = Board(page)
    expect(board.nodes("dropout")).to_have_count(2)
    expect(page.locator('article[data-testid^="node-"]')).to_have_count(9)


def test_a_network_s_sizes_come_from_the_server(page: Page, server: Server, faults: list[str]) -> None:
    """V-048, M-013: LeNet-5's maps, and who fits a small budget."""
    at(page, server.url, "funnel")
    expect(page.get_by_test_id("funnel")).to_have_attribute("aria-label", re.compile("^1×32, 6×28, 6×14, 16×10"))
    body = at(page, server.url, "budget")
    expect(page.get_by_test_id("verdict")).not_to_contain_text("of 0 boards")
    body.get_by_label("Weights at most").fill("0.5")
    expect(body.get_by_role("row", name=re.compile("LeNet-5 \\(1998\\)"))).to_have_attribute("data-lit", "true")
    expect(body.get_by_role("row", name=re.compile("VGG-16"))).to_have_attribute("data-dim", "true")


def test_bias_and_variance_by_the_course_s_own_errors(page: Page, server: Server, faults: list[str]) -> None:
    """C-061, C-062: 15/16 is bias, 1/11 variance, 15/30 both; and 15/16 where a person makes 14 is neither."""
    body = at(page, server.url, "bias-variance")
    verdict = page.get_by_test_id("verdict")
    for errors, wanted in (
        ("0 / 15 / 16", "Bias."),
        ("0 / 1 / 11", "Variance."),
        ("0 / 15 / 30", "Both."),
        ("14 / 15 / 16", "Neither"),
        ("2 / 1 / 1.1", "Better than a person"),
    ):
        body.get_by_role("button", name=errors).click()
        expect(verdict).to_contain_text(wanted)


def test_two_questions_lead_from_idea_to_idea(page: Page, server: Server, faults: list[str]) -> None:
    """M-005, M-006: first the fit, then new data; what was tried stays in the table with what it was tried at."""
    body = at(page, server.url, "recipe")
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_contain_text("Is the training error too high? Yes")
    body.get_by_role("button", name="Larger network").click()
    body.get_by_label("Training error").fill("1.2")
    body.get_by_label("Validation error").fill("9")
    expect(verdict).to_contain_text("Is the validation error too high? Yes")
    expect(body).to_contain_text("“Larger network” the validation error has fallen")
    body.get_by_role("button", name="More data").click()
    body.get_by_label("Validation error").fill("1.5")
    expect(verdict).to_contain_text("Both are low")
    expect(body.get_by_role("row")).to_have_count(4)
    expect(body.get_by_role("row", name=re.compile("1. Larger network"))).to_contain_text("16 %")


def test_parameters_are_told_from_hyper_parameters(page: Page, server: Server, faults: list[str]) -> None:
    """M-017: γ and β of batch norm are learned, the dropout rate is set."""
    body = at(page, server.url, "parameters")
    page.get_by_test_id("sort-gamma-parameter").click()
    expect(body).to_contain_text("Learned like weights")
    page.get_by_test_id("sort-dropout-parameter").click()
    expect(body).to_contain_text("Not this one")
    page.get_by_test_id("sort-dropout-hyper").click()
    expect(page.get_by_test_id("verdict")).to_have_text("2 of 8 right")


def test_a_race_begins_where_one_presses(page: Page, server: Server, faults: list[str]) -> None:
    """V-022: another start by a press on the picture, another racer by a tick, step by step by the player."""
    body = at(page, server.url, "race")
    picture = page.get_by_test_id("race")
    expect(picture.locator("[data-racer]")).to_have_count(4)
    body.get_by_label("Nesterov").check()
    expect(page.get_by_test_id("racer-nesterov")).to_be_attached()
    before = body.get_by_label("x", exact=True).input_value()
    box = picture.bounding_box()
    assert box is not None
    picture.click(position={"x": box["width"] * 0.7, "y": box["height"] * 0.3})
    expect(body.get_by_label("x", exact=True)).not_to_have_value(before)
    page.get_by_test_id("explain-step").click()
    way = page.get_by_test_id("racer-sgd").locator("polyline").get_attribute("points")
    assert way is not None and len(way.split()) == 2
