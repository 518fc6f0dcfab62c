"""Numbers and nouns in messages."""

from __future__ import annotations

import pytest

from chalknet.layers.words import counted


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [(1, "box", "1 box"), (2, "box", "2 boxes"), (3, "class", "3 classes"), (1_000, "number", "1,000 numbers")],
)
def test_counted(count: int, noun: str, said: str) -> None:
    assert counted(count, noun) == said
