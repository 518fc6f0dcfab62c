"""A text as tokens: its characters, or its words and marks."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from chalknet.datasets.shelf import About

if TYPE_CHECKING:
    import numpy

MOST_CHARACTERS = 2000
"""Different characters of a text."""
MOST_WORDS = 20_000
"""Words that are kept by name; the others are unknown ones."""
SPAN = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]|\n")
"""A word, a mark, or the end of a line."""


def of_text(text: str) -> tuple[About, dict[str, numpy.ndarray[Any, Any]]]:
    """What is known of a text, and its array: the bytes of its UTF-8."""
    import numpy

    characters = Counter(text)
    words: Counter[str] = Counter()
    for line in text.splitlines(keepends=True):
        words.update(each.lower() for each in SPAN.findall(line))
    about = About(
        kind="text",
        name="",
        count=len(text),
        characters=_ranked(characters)[:MOST_CHARACTERS],
        words=_ranked(words)[:MOST_WORDS],
        spans=words.total(),
    )
    return about, {"text": numpy.frombuffer(text.encode(), numpy.uint8)}


def _ranked(counts: Counter[str]) -> list[str]:
    """The most frequent first; of the same number in their own order."""
    return sorted(counts, key=lambda each: (-counts[each], each))
