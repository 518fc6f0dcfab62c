"""Texts of one's own become boards that learn (D-045, D-052)."""

from __future__ import annotations

import math
import random

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED
from tests.e2e.test_data import bring, onto_a_board, open_data

METRICS = """async () => {
    const runs = await (await fetch(`/api/boards/${location.pathname.split("/")[2]}/runs`)).json();
    return runs[0].metrics;
}"""


def rhyme() -> bytes:
    """Sentences by a rule: behind each animal stands always the same verb."""
    rng = random.Random(1)
    pairs = [("cat", "sleeps"), ("dog", "barks"), ("owl", "hoots"), ("fish", "swims")]
    lines = [f"the {animal} {verb}." for animal, verb in rng.choices(pairs, k=800)]
    return "\n".join(lines).encode()


def test_a_text_becomes_a_language_model(page: Page, server: Server, faults: list[str]) -> None:
    """The next character of a text is told better than by how often each comes: its entropy is a bound for that."""
    text = rhyme().decode()
    shares = [text.count(each) / len(text) for each in set(text)]
    entropy = -sum(share * math.log(share) for share in shares)
    open_data(page, server.url)
    bring(page, "rhyme.txt", rhyme())
    expect(page.get_by_test_id("data-title")).to_have_value("rhyme.txt", timeout=TRAINED)
    board = onto_a_board(page)
    expect(board.nodes()).to_have_count(5)
    board.train()
    board.reaches("finished")
    metrics = page.evaluate(METRICS)
    # Four animals at chance in about 16 characters; all else follows.
    assert metrics["validation.loss"] < 0.3 * entropy


def test_a_short_text_too(page: Page, server: Server, faults: list[str]) -> None:
    """Forty characters are enough for pieces of three."""
    open_data(page, server.url)
    bring(page, "short.txt", b"to be or not to be that is the question")
    expect(page.get_by_test_id("data-title")).to_have_value("short.txt", timeout=TRAINED)
    board = onto_a_board(page)
    board.train()
    board.reaches("finished")
