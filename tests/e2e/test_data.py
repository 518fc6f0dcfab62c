"""Data of one's own and what is done to them: seen before a run, in the browser."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example
from tests.e2e.test_access import violations


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


def houses() -> bytes:
    """A CSV with semicolons: the price follows from size and town; a column is free text, some cells are blank."""
    rng = random.Random(4)
    lines = ["size;town;note;price"]
    for number in range(300):
        size, town = rng.randint(40, 200), rng.choice(["Ulm", "Kiel"])
        price = 3 * size + (100 if town == "Ulm" else 0) + rng.randint(-5, 5)
        lines.append(f"{size if number % 50 else ''};{town};letter {number};{price}")
    return "\n".join(lines).encode()


def png(colour: tuple[int, int, int], at: int) -> bytes:
    """A bright dot on a ground, 24×24."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    def pixel(x: int, y: int) -> bytes:
        return bytes((255, 255, 255) if (x - at) ** 2 + (y - 12) ** 2 < 20 else colour)

    raw = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(24)) for y in range(24))
    head = struct.pack(">IIBBBBB", 24, 24, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def pets() -> bytes:
    """A ZIP of two folders of pictures, and in one of them a file that is no picture."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, colour in (("cats", (200, 80, 60)), ("dogs", (60, 90, 200))):
            for number in range(30):
                archive.writestr(f"{name}/{number}.png", png(colour, number % 24))
        archive.writestr("cats/broken.png", b"\x89PNG\r\n\x1a\nnothing")
    return packed.getvalue()


def open_data(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("html[data-app-ready]")
    page.get_by_test_id("open-data").click()
    expect(page.get_by_test_id("data-page")).to_be_visible()


def bring(page: Page, name: str, content: bytes) -> None:
    page.get_by_test_id("data-file").set_input_files({"name": name, "mimeType": "", "buffer": content})


def onto_a_board(page: Page) -> Board:
    page.get_by_test_id("use-data").click()
    page.wait_for_url("**/b/*")
    return Board(page)


def test_a_table_is_brought_looked_at_and_learned(page: Page, server: Server, faults: list[str]) -> None:
    """D-052: a CSV is uploaded, its target chosen, a board made, trained, and it learns."""
    open_data(page, server.url)
    bring(page, "houses.csv", houses())
    expect(page.get_by_test_id("data-title")).to_have_value("houses.csv", timeout=TRAINED)
    expect(page.get_by_test_id("picked")).to_have_text("A network is to tell price from 2 columns.")
    expect(page.get_by_test_id("column-size")).to_contain_text("6 missing")
    expect(page.get_by_test_id("part-note")).to_be_disabled()
    expect(page.get_by_role("cell", name="Ulm").first).to_be_visible()
    assert violations(page) == []
    # Another target: what was to be told until now is given.
    page.get_by_test_id("part-town").select_option("wanted")
    expect(page.get_by_test_id("picked")).to_have_text("A network is to tell town from 2 columns.")
    expect(page.get_by_test_id("part-price")).to_have_value("given")
    page.get_by_test_id("part-price").select_option("wanted")
    page.get_by_test_id("part-size").select_option("out")
    expect(page.get_by_test_id("picked")).to_have_text("A network is to tell price from 1 column.")
    page.get_by_test_id("part-size").select_option("given")
    board = onto_a_board(page)
    board.train()
    board.reaches("finished")
    # To say the mean of all prices would cost about 21,000.
    loss = page.evaluate(
        """async () => {
            const runs = await (await fetch(`/api/boards/${location.pathname.split("/")[2]}/runs`)).json();
            return runs[0].metrics["validation.loss"];
        }"""
    )
    assert loss < 1500


def test_pictures_are_brought_and_a_broken_one_is_named(page: Page, server: Server, faults: list[str]) -> None:
    """D-005: a ZIP of folders; what cannot be read is said with its place, and the others are there."""
    open_data(page, server.url)
    bring(page, "pets.zip", pets())
    expect(page.get_by_test_id("troubles")).to_contain_text("cats/broken.png", timeout=TRAINED)
    grid = page.get_by_test_id("picture-grid")
    expect(grid.get_by_role("button")).to_have_count(60)
    page.get_by_test_id("class-dogs").click()
    expect(grid.get_by_role("button")).to_have_count(30)
    expect(grid).not_to_contain_text("cats")
    grid.get_by_role("button").first.click()
    expect(page.get_by_role("dialog").get_by_role("img", name="dogs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert violations(page) == []


def test_what_cannot_be_read_is_refused_in_words_and_put_away(page: Page, server: Server) -> None:
    open_data(page, server.url)
    bring(page, "junk.bin", b"\x00\x01\x02junk" * 100)
    refused = page.get_by_test_id("sending").get_by_role("alert")
    expect(refused).to_contain_text("no text", timeout=TRAINED)
    page.get_by_role("button", name="Put this message away").click()
    expect(page.get_by_test_id("sending")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_data_page(page: Page, server: Server, faults: list[str], theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    open_data(page, server.url)
    expect(page.get_by_test_id("data-iris")).to_be_visible()
    assert violations(page) == []
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    page.set_viewport_size({"width": 1024, "height": 768})
    assert page.evaluate(wide)


def test_samples_are_divided_by_presses_and_sliders(page: Page, server: Server, faults: list[str]) -> None:
    """T-043, C-063: a usual division by a press, another by a slider, and the counts that come of it."""
    board = open_example(page, server.url, "spiral")
    page.get_by_role("button", name="98 / 1 / 1").click()
    expect(page.get_by_test_id("share-train")).to_have_text("98 %")
    expect(board.at("field-split.validation")).to_have_value("0.01")
    page.get_by_test_id("slide-test").fill("40")
    expect(page.get_by_test_id("share-test")).to_have_text("40 %")
    expect(page.get_by_test_id("share-train")).to_have_text("59 %")
    board.select(board.id_of("points"))
    page.get_by_test_id("seen").click()
    expect(page.get_by_test_id("part-counts")).to_contain_text("400 to test", timeout=TRAINED)


def test_a_person_says_what_a_column_is(page: Page, server: Server, faults: list[str]) -> None:
    """D-052: words are read as numbers with what is lost in words, numbers as names, gaps filled with the median; the
    board is made so and trains."""
    rng = random.Random(5)
    lines = ["zone;grade;size;price"]
    for number in range(240):
        zone, grade = rng.randint(1, 3), rng.choice(["1", "2", "2,5", "good"])
        size = rng.randint(40, 200)
        lines.append(f"{zone};{grade};{'' if number % 40 == 0 else size};{2 * size + 100 * (zone == 2)}")
    open_data(page, server.url)
    bring(page, "flats.csv", "\n".join(lines).encode())
    expect(page.get_by_test_id("data-title")).to_have_value("flats.csv", timeout=TRAINED)
    page.get_by_test_id("kind-grade").select_option("number")
    lost = sum(1 for line in lines if ";good;" in line)
    expect(page.get_by_test_id("lost-grade")).to_have_text(f"{lost} cells are not numbers: they count as missing.")
    page.get_by_test_id("kind-zone").select_option("category")
    page.get_by_test_id("missing").select_option("median")
    assert violations(page) == []
    board = onto_a_board(page)
    document = page.request.get(f"{page.url.replace('/b/', '/api/boards/')}/document").json()
    fields = document["nodes"]["data"]["fields"]
    assert fields["as_categories"] == "zone" and fields["as_numbers"] == "grade" and fields["missing"] == "median"
    # Three zones, a grade, a size.
    expect(board.nodes("own_table")).to_contain_text("3 columns")
    board.train()
    board.reaches("finished")
