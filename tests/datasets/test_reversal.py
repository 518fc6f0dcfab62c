"""Sequences and their reversals."""

from __future__ import annotations

import pytest
import torch

from chalknet.datasets.reversal import Reversal, reversal


@pytest.fixture(scope="module")
def many() -> dict[str, torch.Tensor]:
    return reversal(12, 10, 10_000)


def test_the_target_is_the_word_read_backwards(many: dict[str, torch.Tensor]) -> None:
    for tokens, mask, target in zip(*(many[port][:500] for port in ("tokens", "mask", "target")), strict=True):
        length = int(mask.sum())
        assert mask[:length].all() and tokens[:length].min() > 0
        assert tokens[length:].eq(0).all() and target[length:].eq(0).all()
        assert target[:length].tolist() == tokens[:length].tolist()[::-1]


def test_no_word_comes_twice(many: dict[str, torch.Tensor]) -> None:
    """What is tested was never trained on."""
    assert len(many["tokens"]) == 10_000 == len(many["tokens"].unique(dim=0))


def test_every_length_comes_as_often_where_there_are_enough(many: dict[str, torch.Tensor]) -> None:
    counts = many["mask"].sum(1).bincount()[1:]
    assert counts[:2].tolist() == [10, 100]
    assert counts[2:].max() - counts[2:].min() <= 1


@pytest.mark.parametrize(
    ("length", "symbols", "samples", "expected"), [(2, 2, 50, 6), (3, 2, 14, 14), (3, 3, 100, 39), (5, 26, 5000, 5000)]
)
def test_few_words_are_all_taken(length: int, symbols: int, samples: int, expected: int) -> None:
    tokens = reversal(length, symbols, samples)["tokens"]
    assert len(tokens.unique(dim=0)) == len(tokens) == expected
    assert tokens.max() == symbols
    if samples >= 50:
        assert Reversal(length=length, symbols=symbols, samples=samples).count() == expected


def test_long_words_of_many_symbols_do_not_overflow() -> None:
    """26 to the power of 64 is more than 64 bits hold."""
    made = reversal(64, 26, 640)
    assert len(made["tokens"]) == 640 and made["mask"].sum(1).max() == 64
