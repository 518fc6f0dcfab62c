"""A text of one's own, cut into pieces of which every token's next one is to be told: a language model's task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import shelf
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.own import Own
from chalknet.datasets.shelf import About, Kind
from chalknet.datasets.split import divide
from chalknet.datasets.tokens import SPAN
from chalknet.layers.base import Axis, Fault, Inputs, Port, SetField, Source, TensorType, index, register

if TYPE_CHECKING:
    from torch import Tensor

SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥"}
"""How a token is written that leaves nothing to be seen."""


def own_text(file: Any, known: list[str], pattern: str, length: int) -> dict[str, Tensor]:
    """Pieces of a text, one after the other: ``tokens`` and ``target`` int64 [n, length], the target one token on.

    ``file`` is an .npz with ``text``, the bytes of its UTF-8. A token is a character, or, with a ``pattern``, what that
    finds, in small letters; its number is its place among the ``known`` ones, counted from 1, and 0 for all others.
    """
    import re

    import numpy
    import torch

    held = numpy.load(file) if isinstance(file, str) else file
    text = bytes(held["text"]).decode("utf-8")
    spans = [span.lower() for span in re.findall(pattern, text)] if pattern else list(text)
    number = {token: place for place, token in enumerate(known, 1)}
    row = torch.tensor([number.get(span, 0) for span in spans])
    count = (len(row) - 1) // length
    return {
        "tokens": row[: count * length].reshape(count, length),
        "target": row[1 : count * length + 1].reshape(count, length),
    }


@register
class OwnText(Own):
    """A text in pieces that do not overlap, so that what is tested was never trained on."""

    type: ClassVar[str] = "own_text"
    title: ClassVar[str] = "Text"
    sentence: ClassVar[str] = "A text that you brought, in pieces: of every letter or word the next one is to be told."
    formula: ClassVar[str] = r"y_t = x_{t+1},\quad t = 1, \dots, T"
    icon: ClassVar[str] = "file-text"
    aliases: ClassVar[tuple[str, ...]] = (
        "own data",
        "upload",
        "language model",
        "characters",
        "words",
        "tokens",
        "book",
    )
    purposes: ClassVar[tuple[str, ...]] = ("use my own data", "predict the next letter or word")
    outputs: ClassVar[tuple[Port, ...]] = (Port("tokens", "Tokens"), Port("target", "Next ones"))
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "tokens"
    reads: ClassVar[Kind] = "text"

    data: str = Field(
        "sonnet",
        max_length=32,
        title="Data set",
        description="Which text: chosen on the data page, or the sonnet that comes with Chalknet.",
        examples=["sonnet"],
    )
    unit: Literal["characters", "words"] = Field(
        "characters", title="Tokens", description="What the text is cut into: its characters, or its words and marks."
    )
    length: int = Field(16, ge=2, le=512, title="Length", description="Tokens of a piece.")
    vocabulary: int = Field(
        2000,
        ge=10,
        le=20_000,
        title="Vocabulary",
        description="Of words, how many of the most frequent are told apart; all others count as one unknown.",
    )

    def _known(self, about: About) -> list[str]:
        return about.characters if self.unit == "characters" else about.words[: self.vocabulary]

    def _pieces(self, about: About) -> int:
        return max(0, ((about.count if self.unit == "characters" else about.spans) - 1) // self.length)

    def schema(self) -> dict[str, TensorType]:
        about = self.there()
        if self._pieces(about) < 3:
            there = about.count if self.unit == "characters" else about.spans
            shorter = max(2, (there - 1) // 10)
            raise Fault(
                "too_short",
                f"cuts {there:,} {self.unit} into pieces of {self.length}: that leaves {self._pieces(about)}, "
                "of at least 3 that are needed to train, to validate and to test.",
                field="length",
                remedies=[SetField("length", shorter, f"Set the length to {shorter}")],
            )
        tokens = index(len(self._known(about)) + 1, Axis("T", self.length))
        return {"tokens": tokens, "target": tokens}

    def count(self) -> int:
        about = self.about()
        return self._pieces(about) if about else 0

    def token_names(self) -> list[str]:
        about = self.about()
        if about is None:
            return []
        known = self._known(about)
        return ["�", *(each if SHOWN.get(each, "") in known else SHOWN.get(each, each) for each in known)]

    def class_names(self) -> list[str]:
        return self.token_names()

    def summary(self) -> str:
        about = self.about()
        return f"{self._pieces(about):,} × {self.length} {self.unit}"[:40] if about else "no data"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        about = self.there()
        pieces = f"{self._pieces(about):,}".replace(",", "{,}")
        last = len(self._known(about))
        return rf"{pieces} \text{{ pieces}},\quad x_t \in \{{0, \dots, {last}\}},\quad T = {self.length}"

    def _arguments(self) -> tuple[list[str], str, int]:
        return self._known(self.there()), "" if self.unit == "characters" else SPAN.pattern, self.length

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = own_text(shelf.arrays(self.data), *self._arguments())
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        written = ", ".join(map(repr, (self.file(), *self._arguments())))
        return Source(init=f"own_text({written})", functions=(own_text, divide))
