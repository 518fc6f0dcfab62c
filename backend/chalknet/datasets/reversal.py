"""Sequences to be reversed: the smallest task that attention solves by looking at another place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets.base import DataSource, Parts, Split
from chalknet.datasets.split import divide
from chalknet.layers.base import Axis, Inputs, Port, Source, TensorType, index, register

if TYPE_CHECKING:
    from torch import Tensor


def reversal(length: int, symbols: int, samples: int) -> dict[str, Tensor]:
    """Different sequences of 1 to ``length`` symbols and their reversals, every length as often where there are enough.

    ``tokens`` and ``target`` int64 [n, length], padded with 0, symbols counted from 1; ``mask`` bool [n, length], true
    where there is a token. No sequence comes twice, so what is tested was never trained on; n is less than ``samples``
    where fewer sequences exist.
    """
    import numpy
    import torch

    rng = numpy.random.default_rng(20260101)
    missing, found = samples, []
    for size in range(1, length + 1):
        wanted = min(round(missing / (length + 1 - size)), symbols**size)
        missing -= wanted
        if symbols**size <= 4 * wanted:
            codes = rng.permutation(symbols**size)[:wanted]
            rows = codes[:, None] // symbols ** numpy.arange(size) % symbols
        else:
            rows = numpy.empty((0, size), int)
            while len(rows) < wanted:
                rows = numpy.concatenate([rows, rng.integers(0, symbols, (wanted - len(rows), size))])
                rows = rows[numpy.sort(numpy.unique(rows, axis=0, return_index=True)[1])]
        found.append(rows + 1)
    count = sum(map(len, found))
    tokens, target = numpy.zeros((2, count, length), int)
    start = 0
    for rows in found:
        tokens[start : start + len(rows), : rows.shape[1]] = rows
        target[start : start + len(rows), : rows.shape[1]] = rows[:, ::-1]
        start += len(rows)
    order = rng.permutation(count)
    tokens, target = torch.from_numpy(tokens[order]), torch.from_numpy(target[order])
    return {"tokens": tokens, "target": target, "mask": tokens > 0}


@register
class Reversal(DataSource):
    """A sequence and the same read backwards, per position; made in milliseconds, so never kept."""

    type: ClassVar[str] = "reversal"
    title: ClassVar[str] = "Reversal"
    sentence: ClassVar[str] = "Short random words and the same words read backwards."
    formula: ClassVar[str] = r"y_t = x_{L+1-t},\quad t = 1, \dots, L"
    icon: ClassVar[str] = "arrow-left-right"
    aliases: ClassVar[tuple[str, ...]] = ("reverse", "sequence", "tokens", "seq2seq", "toy sequences")
    outputs: ClassVar[tuple[Port, ...]] = (
        Port("tokens", "Tokens"),
        Port("target", "Reversed"),
        Port("mask", "Real tokens"),
    )
    sample: ClassVar[Literal["points", "image", "tokens"]] = "tokens"

    length: int = Field(
        12, ge=2, le=64, title="Longest", description="Tokens in the longest sequence; shorter ones are padded."
    )
    symbols: int = Field(
        10, ge=2, le=26, title="Symbols", description="How many different letters there are; padding is one more."
    )
    samples: int = Field(
        10_000,
        ge=50,
        le=200_000,
        title="Samples",
        description="How many different sequences there are, all parts together, each length about as often.",
    )

    def schema(self) -> dict[str, TensorType]:
        time = Axis("T", self.length)
        tokens = index(self.symbols + 1, time)
        return {"tokens": tokens, "target": tokens, "mask": TensorType("bool", (time,))}

    def count(self) -> int:
        return min(self.samples, sum(self.symbols**size for size in range(1, self.length + 1)))

    def token_names(self) -> list[str]:
        return ["·", *ascii_uppercase[: self.symbols]]

    def class_names(self) -> list[str]:
        return self.token_names()

    def follows(self, port: str, values: Tensor) -> dict[str, Tensor]:
        return {"mask": values > 0} if port == "tokens" else {}

    def summary(self) -> str:
        return f"≤ {self.length} of {self.symbols}, {self.count():,}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rf"L \le {self.length},\quad x_t, y_t \in \{{0, \dots, {self.symbols}\}}"

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = reversal(self.length, self.symbols, self.samples)
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        init = f"reversal(length={self.length}, symbols={self.symbols}, samples={self.samples})"
        return Source(init=init, functions=(reversal, divide))
