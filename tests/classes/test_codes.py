"""Codes and return cards, and how often they may fail."""

from __future__ import annotations

from collections import Counter

import pytest

from chalknet.classes import codes, limits
from chalknet.classes.limits import Failures


def test_codes_are_spread() -> None:
    """100,000 codes: as good as no two alike, every letter about as often at every place."""
    made = [codes.class_code("secret", f"class{index}", 1) for index in range(100_000)]
    # By the birthday bound about 5.6 pairs among 31⁶.
    assert len(set(made)) > 99_970
    for place in range(codes.LENGTH):
        counts = Counter(code[place] for code in made)
        assert set(counts) == set(codes.LETTERS)
        assert max(counts.values()) < 1.1 * len(made) / len(codes.LETTERS)


def test_a_code_hangs_on_everything() -> None:
    base = codes.class_code("secret", "class", 1)
    assert base == codes.class_code("secret", "class", 1)
    others = [codes.class_code("other", "class", 1), codes.class_code("secret", "klass", 1)]
    assert base not in [*others, codes.class_code("secret", "class", 2)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [("7kq2md", "7KQ2MD"), ("7KQ-2MD", "7KQ2MD"), (" 7 K Q 2 M D ", "7KQ2MD"), ("7KQ2M", None), ("7KQ2MO", None)],
)
def test_typed(text: str, meant: str | None) -> None:
    assert codes.typed(text) == meant


def test_words_are_told_apart() -> None:
    assert len(set(codes.WORDS)) == len(codes.WORDS) == 128
    assert codes.typed_words([" Moon", "OWL "]) == "moon owl"


def test_failures_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    failures = Failures(2, 60.0)
    failures.failed("a")
    now = 20.0
    assert failures.wait("a") == 0
    failures.failed("a")
    assert failures.wait("a") == 40 and failures.wait("b") == 0
    now = 60.5
    assert failures.wait("a") == 0, "the first one is over"


def test_failures_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEPT", 100)
    failures = Failures(1, 60.0)
    for index in range(1_000):
        failures.failed(str(index))
    assert failures.wait("999") > 0 and failures.wait("0") == 0
