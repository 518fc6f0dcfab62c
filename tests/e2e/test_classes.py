"""A lesson: a code on the wall, a pupil who types it and draws, a teacher who sees it, freezes, lets in, ends."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.conftest import Server
from tests.e2e.board import Board
from tests.e2e.conftest import watch_for_faults
from tests.e2e.test_access import violations


def opened(page: Page, server: Server, title: str) -> str:
    """A new class; its code."""
    page.goto(server.url)
    page.get_by_test_id("open-classes").click()
    page.get_by_test_id("class-title").fill(title)
    page.get_by_test_id("open-class").click()
    code = page.get_by_test_id("class-code")
    expect(code).to_have_text(re.compile(r"^[2-9A-Z]{3} [2-9A-Z]{3}$"))
    return code.inner_text().replace(" ", "")


def joined(page: Page, server: Server, code: str, name: str) -> None:
    page.goto(f"{server.url}/join/{code}")
    expect(page.get_by_test_id("join-code")).to_have_value(code)
    page.get_by_test_id("join-name").fill(name)
    page.get_by_test_id("join-go").click()


def handed_out(page: Page, board: str) -> None:
    page.get_by_test_id("hand-out").click()
    page.get_by_test_id("hand-out-which").select_option(board)
    page.get_by_test_id("hand-out-now").click()
    expect(page.get_by_test_id("hand-out-now")).to_have_count(0)


def test_a_lesson(page: Page, other: Page, server: Server, faults: list[str]) -> None:
    code = opened(page, server, "9b")
    handed_out(page, "gallery:spiral")
    expect(page.get_by_text("Spiral", exact=False).first).to_be_visible()
    assert violations(page) == []

    # The projector shows the code, large; a person at the back goes in by it.
    page.get_by_test_id("project").click()
    expect(page.get_by_test_id("projector")).to_contain_text(f"{code[:3]} {code[3:]}")
    expect(page.get_by_test_id("projector").get_by_test_id("qr")).to_be_visible()
    joined(other, server, code, "Ann")
    expect(page.get_by_test_id("projector")).to_contain_text("1 of 1 pupil")
    page.keyboard.press("Escape")
    assert violations(other) == []

    # Her board is on the wall, and changes there as she draws.
    card = page.locator('a[data-testid^="card-"]')
    expect(card).to_have_count(1)
    expect(card).to_contain_text("as handed out")
    expect(card).to_contain_text("Ann")
    other.get_by_test_id("my-board").click()
    board = Board(other)
    before = board.nodes().count()
    board.quick_add("dropout")
    expect(board.nodes()).to_have_count(before + 1)
    expect(card).to_contain_text("1 added")

    # A change is handed out: it comes onto her board, her own layer stays.
    page.get_by_test_id("handout-menu").click()
    page.get_by_test_id("handout-change").click()
    page.get_by_test_id("hand-out-which").select_option("gallery:mlp")
    page.get_by_test_id("hand-out-now").click()
    expect(page.get_by_test_id("revision")).to_contain_text("1 board")
    expect(board.nodes("dropout")).to_have_count(1)
    expect(board.nodes("digits")).to_have_count(1)
    expect(card).to_contain_text("1 added")
    before = board.nodes().count() - 1

    # Names can be hidden from the projector.
    page.get_by_test_id("hide-names").click()
    expect(card).not_to_contain_text("Ann")
    page.get_by_test_id("hide-names").click()

    # Frozen, she looks on; thawed, she draws again.
    page.get_by_test_id("freeze").click()
    expect(board.at("view-only")).to_be_visible()
    expect(board.at("frozen")).to_contain_text("look to the front")
    page.get_by_test_id("freeze").click()
    expect(board.at("view-only")).to_have_count(0)
    expect(board.at("frozen")).to_have_count(0)

    # Another's board comes on every screen, and goes again: back to where one was.
    third = page.context.browser.new_page()
    joined(third, server, code, "Bob")
    expect(third.get_by_test_id("my-board")).to_have_count(1)
    hers = (other.url).rsplit("/", 1)[-1]
    page.get_by_test_id(f"light-{hers}").click()
    expect(page.get_by_test_id("lit")).to_contain_text("Ann")
    expect(third.get_by_test_id("lit")).to_contain_text("Ann")
    expect(Board(third).nodes("dropout")).to_have_count(1)
    expect(third.get_by_test_id("view-only")).to_be_visible()
    page.get_by_test_id("lit").get_by_role("button").click()
    expect(third.get_by_test_id("my-board")).to_have_count(1)
    third.context.close()

    # A hand goes up on the board and is seen; it is still up in the class; the teacher goes to her board and helps.
    board.at("raise-hand").click()
    expect(board.at("raise-hand")).to_have_attribute("aria-pressed", "true")
    board.at("to-class").click()
    expect(other.get_by_test_id("raise-hand")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("member-Ann").get_by_test_id("hand")).to_be_visible()
    page.get_by_test_id("wall-filter").select_option("hands")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Ann")
    other.get_by_test_id("raise-hand").click()
    expect(card).to_have_count(0)
    page.get_by_test_id("wall-filter").select_option("all")
    card.filter(has_text="Ann").click()
    help = Board(page)
    expect(help.nodes()).to_have_count(before + 1)
    expect(help.at("view-only")).to_have_count(0)
    page.go_back()

    # The end: her page says so.
    page.get_by_test_id("class-menu").click()
    page.get_by_test_id("end-class").click()
    page.get_by_test_id("sure").click()
    expect(other.get_by_test_id("class-ended")).to_be_visible()
    expect(page.get_by_test_id("classes-page")).to_be_visible()


def test_at_the_door(page: Page, browser: Browser, server: Server, faults: list[str]) -> None:
    """Closed, by hand, sent away: each is said in words on the other side."""
    code = opened(page, server, "At the door")
    other = browser.new_page()  # Chromium itself complains of every refusal
    other.goto(f"{server.url}/join")
    other.get_by_test_id("join-code").fill("".join("3" if letter == "2" else "2" for letter in code))
    other.get_by_test_id("join-name").fill("Bob")
    with other.expect_response("**/api/classes/join") as answer:
        other.get_by_test_id("join-go").click()
    assert answer.value.status == 404
    expect(other.get_by_test_id("join-refused")).to_contain_text("No class has this code")
    page.get_by_test_id("by-hand").locator("..").click()
    expect(page.get_by_test_id("by-hand")).to_be_checked()
    other.get_by_test_id("join-code").fill(f"{code[:3].lower()} {code[3:].lower()}")
    other.get_by_test_id("join-go").click()
    expect(other.get_by_test_id("class-waiting")).to_be_visible()
    page.get_by_test_id("member-Bob").get_by_test_id("let-in").click()
    expect(other.get_by_test_id("class-page")).to_be_visible()

    page.get_by_test_id("member-Bob").get_by_test_id("member-menu").click()
    page.get_by_test_id("member-rename").click()
    page.get_by_test_id("new-name").fill("Robert")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("member-Robert")).to_be_visible()
    page.get_by_test_id("member-Robert").get_by_test_id("member-menu").click()
    page.get_by_test_id("member-remove").click()
    page.get_by_test_id("remove-now").click()
    expect(other.get_by_test_id("class-ended")).to_be_visible()
    other.context.close()


def test_back_on_another_device(page: Page, browser: Browser, server: Server, faults: list[str]) -> None:
    """A card of four words brings a pupil and their board to another device."""
    code = opened(page, server, "Cards")
    handed_out(page, "gallery:spiral")
    first, second = browser.new_page(), browser.new_page()
    complaints = (watch_for_faults(first), watch_for_faults(second))
    try:
        joined(first, server, code, "Cem")
        expect(first.get_by_test_id("my-board")).to_have_count(1)
        mine = first.get_by_test_id("my-board").get_attribute("href")
        page.get_by_test_id("member-Cem").get_by_test_id("member-menu").click()
        page.get_by_test_id("member-card").click()
        expect(page.get_by_test_id("card-words").locator("li")).to_have_count(4)
        words = page.get_by_test_id("card-words").locator("li").all_inner_texts()
        second.goto(f"{server.url}/join/{code}")
        second.get_by_test_id("join-switch").click()
        for place, word in enumerate(words):
            second.get_by_test_id(f"join-word-{place}").fill(word)
        second.get_by_test_id("join-go").click()
        expect(second.get_by_test_id("my-board")).to_have_attribute("href", mine or "")
        assert complaints == ([], [])
    finally:
        first.context.close()
        second.context.close()
