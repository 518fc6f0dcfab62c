"""A run is questioned after it ended: scrubbed, forked, gone on with after an edit, its weights reused."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example


def api(page: Page, path: str) -> Any:
    answer = page.request.get(path)
    assert answer.ok, answer.text()
    return answer.json()


def runs(page: Page, server: Server) -> list[dict[str, Any]]:
    """Of the board that is open, the newest first."""
    board = page.url.rpartition("/b/")[2].partition("?")[0]
    found: list[dict[str, Any]] = api(page, f"{server.url}/api/boards/{board}/runs")
    return found


def trained(page: Page, server: Server, epochs: int = 40) -> Board:
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", str(epochs))
    board.train()
    board.reaches("finished")
    expect(board.at("scrubber")).to_be_visible(timeout=TRAINED)
    return board


def steps(board: Board) -> list[int]:
    """Kept states on the scrubber."""
    ticks = board.page.locator('[data-testid^="scrub-"][style*="left"]')
    return sorted(int((tick.get_attribute("data-testid") or "").removeprefix("scrub-")) for tick in ticks.all())


def picture(board: Board) -> str:
    """What the decision boundary shows, as text."""
    canvas = board.at("view-plane").first.locator("canvas").first
    expect(canvas).to_be_visible(timeout=TRAINED)
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def differs(board: Board, before: str) -> str:
    """Waits until the decision boundary shows something else."""
    canvas = board.at("view-plane").first.locator("canvas").first
    handle = canvas.element_handle()
    board.page.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before", arg=[handle, before], timeout=TRAINED
    )
    return picture(board)


def shown_as(board: Board, expected: str) -> None:
    canvas = board.at("view-plane").first.locator("canvas").first
    board.page.wait_for_function(
        "([canvas, expected]) => canvas.toDataURL() === expected",
        arg=[canvas.element_handle(), expected],
        timeout=TRAINED,
    )


def test_scrub_through_a_run_that_has_ended(page: Page, other: Page, server: Server, faults: list[str]) -> None:
    """← and → lead every panel through the states that were kept; a second person, who comes later, sees the same."""
    board = trained(page, server)
    kept = steps(board)
    assert kept[0] == 0 and len(kept) >= 3
    end = picture(board)
    slider = board.at("scrub")
    slider.focus()
    slider.press("Home")
    expect(board.at("scrub-where")).to_contain_text("step 0")
    expect(board.at("curve-loss")).to_have_attribute("data-at", "0")
    first = differs(board, end)
    slider.press("ArrowRight")
    expect(board.at("curve-loss")).to_have_attribute("data-at", str(kept[1]))
    second = differs(board, first)
    # Back, and forth: each state has its own picture.
    slider.press("ArrowLeft")
    shown_as(board, first)
    slider.press("ArrowRight")
    shown_as(board, second)
    board.at("scrub-live").click()
    expect(board.at("scrub-live")).to_be_disabled()
    shown_as(board, end)
    # Somebody else, on the same board, may look but not fork.
    link = page.url
    assert page.request.patch(link.replace("/b/", "/api/boards/"), data={"link_role": "viewer"}).ok
    other.goto(link)
    late = Board(other)
    late.at("scrub").focus()
    late.at("scrub").press("Home")
    shown_as(late, first)
    expect(late.at("scrub-fork")).to_have_count(0)


def test_scrub_while_the_run_goes_on(page: Page, server: Server, faults: list[str]) -> None:
    board = open_example(page, server.url, "spiral")
    board.set_field("epochs", "20000")
    board.train()
    expect(board.at("scrubber")).to_be_visible(timeout=TRAINED)
    picture(board)
    board.at("scrub").focus()
    board.at("scrub").press("Home")
    expect(board.at("scrub-where")).to_contain_text("step 0")
    first = picture(board)
    page.wait_for_function("step => Number(document.querySelector('[data-testid=scrub]').ariaValueMax) > step", arg=0)
    board.at("scrub").press("End")
    differs(board, first)
    expect(board.at("scrub-live")).to_be_disabled()
    board.reaches("running")
    board.tell("stop")
    board.reaches("stopped")


def test_fork_at_an_earlier_state(page: Page, server: Server, faults: list[str]) -> None:
    """With another rate; the new run is looked at, and its curve goes on from there."""
    board = trained(page, server)
    kept = steps(board)
    step = kept[len(kept) // 2]
    first = runs(page, server)[0]
    expect(board.at("scrub-fork")).to_be_disabled()
    slider = board.at("scrub")
    slider.focus()
    slider.press("Home")
    for _ in range(len(kept) // 2):
        slider.press("ArrowRight")
    expect(board.at("scrub-where")).to_contain_text(f"step {step:,}")
    board.at("scrub-fork").click()
    expect(page.locator("body")).to_contain_text(f"goes on from step {step:,} of another run")
    board.reaches("finished")
    fork = runs(page, server)[0]
    assert fork["id"] != first["id"]
    assert fork["origin"]["run"] == first["id"] and fork["origin"]["step"] == step
    assert fork["step"] == first["step"]
    # The recipe is the same, so it ends like the first.
    assert fork["metrics"]["validation.loss"] == first["metrics"]["validation.loss"]


def test_go_on_after_an_edit(page: Page, server: Server, faults: list[str]) -> None:
    """A layer is made narrower; what fits is said before, and what begins anew is marked on the board after."""
    board = trained(page, server)
    first = runs(page, server)[0]
    board.select("hidden2")
    board.set_field("units", "6")
    board.saved()
    board.at("run-begin").click()
    report = board.at("fit-report")
    expect(report).to_contain_text("1 layer keeps its weights", timeout=TRAINED)
    expect(report).to_contain_text("2 layers do not fit and begin anew")
    expect(report).to_contain_text("weight is 6 × 8 here, 8 × 8 there")
    board.at("run-go-on").click()
    expect(board.at("anew-hidden2")).to_be_visible(timeout=TRAINED)
    expect(board.at("anew-scores")).to_be_visible()
    expect(board.at("anew-hidden1")).to_have_count(0)
    board.reaches("finished")
    after = runs(page, server)[0]
    assert after["origin"]["run"] == first["id"] and after["origin"]["step"] == first["step"]
    assert after["step"] == 2 * first["step"]


def test_begin_with_the_weights_of_another_board(page: Page, server: Server, faults: list[str]) -> None:
    trained(page, server)
    first = runs(page, server)[0]
    second = open_example(page, server.url, "spiral")
    second.set_field("epochs", "2")
    second.train()
    second.reaches("finished")
    second.at("run-begin").click()
    second.at("run-weights").click()
    page.get_by_test_id("weights-board").click()
    page.locator('[role="option"]:visible').nth(1).click()
    expect(second.at("fit-report")).to_be_visible(timeout=TRAINED)
    expect(second.at("weights-start")).to_be_enabled()
    second.at("weights-start").click()
    expect(page.locator("body")).to_contain_text("began with another run's weights", timeout=TRAINED)
    second.reaches("finished")
    begun = runs(page, server)[0]
    assert begun["origin"]["run"] == first["id"] and begun["origin"]["keep"] == "weights"
