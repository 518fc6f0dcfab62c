"""Data of one's own and what is done to them: seen before a run, in the browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, open_example


def pixels(page: Page) -> list[str]:
    """Every picture that the network would see, as it is drawn."""
    found: list[str] = (
        page.get_by_test_id("trained-samples")
        .locator("canvas")
        .evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    )
    return found


def drawn_anew(page: Page, before: list[str]) -> list[str]:
    """Waits until every picture is another one."""
    page.wait_for_function(
        """before => {
            const all = document.querySelectorAll("[data-testid=trained-samples] canvas");
            const now = [...all].map((canvas) => canvas.toDataURL());
            return now.length === before.length && now.every((picture, n) => picture !== before[n]);
        }""",
        arg=before,
        timeout=TRAINED,
    )
    return pixels(page)


def test_what_the_network_will_see_is_drawn_and_redrawn(page: Page, server: Server, faults: list[str]) -> None:
    """T-037: an augmentation is added, its preview changes, and changes again; taken away, all is as before."""
    board = open_example(page, server.url, "lenet-5-digits")
    board.select("digits")
    page.get_by_test_id("seen").click()
    expect(page.get_by_test_id("trained-samples").locator("canvas")).to_have_count(12, timeout=TRAINED)
    plain = pixels(page)
    assert len(set(plain)) == 12
    page.get_by_test_id("forms-add-augment").select_option("turn")
    page.get_by_test_id("form-turn").get_by_test_id("field-degrees").fill("90")
    turned = drawn_anew(page, plain)
    page.get_by_test_id("trained-again").click()
    drawn_anew(page, turned)
    page.get_by_test_id("forms-remove-turn").click()
    expect(page.get_by_test_id("form-turn")).to_have_count(0)
    page.wait_for_function(
        """plain => [...document.querySelectorAll("[data-testid=trained-samples] canvas")]
            .every((canvas, n) => canvas.toDataURL() === plain[n])""",
        arg=plain,
        timeout=TRAINED,
    )
