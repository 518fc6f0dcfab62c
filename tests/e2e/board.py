"""What a person does on a board, in the words of the person."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

TRAINED = 60_000
"""Milliseconds that a training may take on a busy machine before a journey gives up."""


class Board:
    """A board that is open in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ready()

    def ready(self) -> None:
        # The canvas first: the page that was left may still be marked as ready.
        expect(self.page.get_by_test_id("canvas")).to_be_visible()
        self.page.wait_for_selector("html[data-app-ready]")

    def at(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    def nodes(self, layer: str = "") -> Locator:
        """Cards on the canvas, of one layer's type."""
        return self.page.locator(f'article[data-testid^="node-"]{f"[data-type={layer}]" if layer else ""}')

    def node(self, node: str) -> Locator:
        return self.at(f"node-{node}")

    def id_of(self, layer: str) -> str:
        """The id of the only node of a type."""
        card = self.nodes(layer)
        expect(card).to_have_count(1)
        return (card.get_attribute("data-testid") or "").removeprefix("node-")

    def quick_add(self, query: str) -> None:
        """``/``, a word, Enter."""
        before = self.nodes().count()
        self.page.locator("body").press("/")
        search = self.at("quick-add-search")
        search.fill(query)
        expect(self.at("quick-add").get_by_role("option").first).to_be_visible()
        search.press("Enter")
        expect(self.nodes()).to_have_count(before + 1)

    def drag_in(self, layer: str, x: float, y: float) -> None:
        """From the palette to a place on the canvas."""
        before = self.nodes().count()
        self.at(f"palette-item-{layer}").drag_to(self.at("canvas"), target_position={"x": x, "y": y})
        expect(self.nodes()).to_have_count(before + 1)

    def handle(self, node: str, side: str, port: str) -> Locator:
        return self.at(f"handle-{node}-{side}-{port}")

    def centre(self, place: Locator) -> tuple[float, float]:
        box = place.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def wire(self, source: str, out: str, target: str, port: str) -> None:
        """Draws a wire with the mouse."""
        before = self.edges().count()
        start, end = self.centre(self.handle(source, "out", out)), self.centre(self.handle(target, "in", port))
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        self.page.mouse.move(*end, steps=6)
        self.page.mouse.up()
        expect(self.edges()).to_have_count(before + 1)

    def edges(self) -> Locator:
        return self.page.locator('[data-testid^="edge-"]')

    def chips(self) -> list[str]:
        """The shapes that the wires show."""
        return self.page.locator('[data-testid^="chip-"]').all_inner_texts()

    def select(self, node: str) -> None:
        self.node(node).locator("header").click()
        expect(self.node(node)).to_have_attribute("data-selected", "true")

    def set_field(self, field: str, value: str) -> None:
        box = self.at(f"field-{field}")
        box.fill(value)
        box.press("Enter")

    def total(self) -> str:
        return self.at("totals").inner_text()

    def saved(self) -> None:
        expect(self.at("status-saved")).to_have_attribute("data-state", "saved")

    def train(self) -> None:
        self.at("train").click()
        self.reaches("running", "finished")  # a small board may be done before one looks

    def reaches(self, *states: str) -> None:
        expect(self.at("run-state")).to_have_attribute("data-state", re.compile("|".join(states)), timeout=TRAINED)

    def tell(self, what: str) -> None:
        """``step``, ``forward``, ``backward``, ``update`` or ``stop``, beside Train."""
        self.at(f"run-{what}").click()

    def step(self) -> int:
        """The update that the page says the run is at."""
        found = re.search(r"step ([\d,]+)", self.page.locator("body").inner_text())
        return int(found[1].replace(",", "")) if found else 0


def open_example(page: Page, url: str, name: str) -> Board:
    """Opens a board of the gallery as one's own."""
    page.goto(url)
    page.wait_for_selector("html[data-app-ready]")
    page.get_by_test_id(f"gallery-card-{name}").click()
    page.wait_for_url("**/b/*")
    return Board(page)


def open_empty(page: Page, url: str) -> Board:
    page.goto(url)
    page.wait_for_selector("html[data-app-ready]")
    page.get_by_test_id("new-board").click()
    page.wait_for_url("**/b/*")
    return Board(page)
