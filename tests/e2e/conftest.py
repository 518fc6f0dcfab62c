"""A real Chromium against a real server. Skipped, and said so, where there is no Chromium."""

from __future__ import annotations

import shutil
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import Server

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": ARGUMENTS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}


def watch_for_faults(page: Page) -> list[str]:
    """Whatever the page complains of: errors in the console, formulas that cannot be set as they are written,
    exceptions, requests to anybody but its own server."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"exception: {error}"))
    page.on(
        "console",
        lambda message: (
            faults.append(f"console: {message.text}")
            if message.type == "error" or "LaTeX" in message.text or "character metrics" in message.text
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            faults.append(f"third party: {request.url}")
            if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))
            else None
        ),
    )
    return faults


ENDING = 10.0
"""Seconds in which a run that was told to stop, or came to its end as the journey did, has ended."""


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the journey that leaves a run behind on the shared server: it would keep the place from whoever trains
    next, who would be blamed."""
    yield
    if "server" not in request.fixturenames:
        return
    server: Server = request.getfixturevalue("server")
    last = time.monotonic() + ENDING
    while left := _runs(server.url):
        assert time.monotonic() < last, f"the journey left runs behind: {left}"
        time.sleep(0.05)


def _runs(url: str) -> list[str]:
    """Runs of a server that have not ended, by state, as its health page counts them."""
    with urllib.request.urlopen(f"{url}/healthz") as answer:
        return [line for line in answer.read().decode().splitlines() if line.startswith("chalknet_runs{")]


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """Fails the test if the page complained."""
    found = watch_for_faults(page)
    yield found
    assert not found


@pytest.fixture
def other(browser: Browser, browser_context_args: dict) -> Iterator[Page]:
    """A second person: another browser context with cookies of its own."""
    context: BrowserContext = browser.new_context(**browser_context_args)
    page = context.new_page()
    found = watch_for_faults(page)
    yield page
    context.close()
    assert not found
