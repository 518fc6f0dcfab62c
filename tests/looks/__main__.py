"""``make looks``: the pages in pictures, for eyes: the first boards, trained, the large ones, folded and unfolded, at
three sizes in both themes.

Pictures go to ``looks``; with ``--readme`` those that README shows are taken, into ``docs/pictures``.
Name boards to take only those: ``python -m tests.looks spiral``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import Server
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

ROOT = Path(__file__).parents[2]
SIZES = {"1440x900": (1440, 900), "1280x720": (1280, 720), "1024x768": (1024, 768)}
THEMES = ("dark", "light")
TRAINING = {"spiral": 6, "lenet-5-digits": 25, "shapes-detector": 150, "reversal-transformer": 60}
"""Seconds that each board learns before it is looked at, so that there is something to see."""
LARGE = ("vgg-16", "googlenet", "resnet-50", "densenet-121")
"""Boards that are looked at as they open, and with every block open in its place."""
README = {
    "spiral": ("light",),
    "lenet-5-digits": ("dark", "light"),
    "shapes-detector": ("dark",),
    "reversal-transformer": ("light",),
    "resnet-50": ("dark",),
}
NAMES = {
    "spiral": "spiral",
    "lenet-5-digits": "digits",
    "shapes-detector": "shapes",
    "reversal-transformer": "reversal",
    "resnet-50": "resnet-50",
}


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-app-ready]")


def board_of(page: Page, server: Server, name: str) -> str:
    """Opens a gallery board as a new user does, and returns its address."""
    page.goto(server.url)
    ready(page)
    page.get_by_test_id(f"gallery-card-{name}").click()
    page.wait_for_url("**/b/*")
    page.wait_for_selector("[data-testid=canvas]")
    ready(page)
    return page.url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("boards", nargs="*", default=[], metavar="BOARD", help=", ".join((*TRAINING, *LARGE)))
    parser.add_argument("--readme", action="store_true", help="take README's pictures")
    arguments = parser.parse_args()
    boards = arguments.boards or (list(README) if arguments.readme else [*TRAINING, *LARGE])
    folder = ROOT / ("docs/pictures" if arguments.readme else "looks")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="chalknet-looks-") as place,
        sync_playwright() as playwright,
    ):
        server = Server(Path(place) / "data", OMP_NUM_THREADS="2")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            context = browser.new_context(reduced_motion="reduce")
            page = context.new_page()

            def picture(name: str, width: int, height: int, theme: str) -> None:
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=theme)
                page.evaluate("() => document.fonts.ready.then(() => true)")
                page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
                page.screenshot(path=folder / f"{name}.png")
                print(folder / f"{name}.png", flush=True)

            def every(name: str) -> None:
                for theme in THEMES:
                    for size, (width, height) in SIZES.items():
                        picture(f"{name}-{size}-{theme}", width, height, theme)

            if not arguments.readme:
                page.goto(server.url)
                ready(page)
                every("gallery")
            for board in boards:
                page.set_viewport_size({"width": 1440, "height": 900})
                board_of(page, server, board)
                if not arguments.readme:
                    every(f"{board}-new")
                    page.set_viewport_size({"width": 1440, "height": 900})
                if board in LARGE:
                    page.get_by_test_id("unfold").click()
                    page.wait_for_selector("[data-testid=unfolded][data-ready]:not([data-moving])")
                    if arguments.readme:
                        for theme in README[board]:
                            picture(f"{NAMES[board]}-{theme}", 1440, 900, theme)
                        continue
                    every(f"{board}-unfolded")
                    page.get_by_test_id("unfold").click()
                    continue
                page.get_by_test_id("train").click()
                page.wait_for_timeout(TRAINING[board] * 1000)
                if arguments.readme:
                    for theme in README[board]:
                        picture(f"{NAMES[board]}-{theme}", 1440, 900, theme)
                else:
                    every(f"{board}-training")
                if page.get_by_test_id("run-stop").is_visible():
                    page.get_by_test_id("run-stop").click()
                    expect(page.get_by_test_id("run-stop")).to_be_hidden(timeout=30_000)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
