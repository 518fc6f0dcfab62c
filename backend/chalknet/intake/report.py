"""What is told of an upload: why it is refused as a whole, or what of it could not be taken in."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalknet.datasets.shelf import Trouble
from chalknet.intake.limits import MOST_TROUBLES

MOST_PLACE = 120


class Refused(Exception):
    """Nothing can be made of it; the message says why, and what would do."""


@dataclass
class Report:
    """``troubles`` are the first of ``count``; ``notes`` say what was decided for the person."""

    troubles: list[Trouble] = field(default_factory=list)
    count: int = 0
    notes: list[str] = field(default_factory=list)

    def trouble(self, place: str, message: str) -> None:
        self.count += 1
        if len(self.troubles) < MOST_TROUBLES:
            self.troubles.append(Trouble(place=plain(place, MOST_PLACE), message=message))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def first(self) -> str:
        """For a refusal: the first trouble in words, and how many more there are."""
        if not self.troubles:
            return ""
        one = self.troubles[0]
        more = f" ({self.count - 1:,} more)" if self.count > 1 else ""
        return f" {one.place}: {one.message}{more}"


def plain(text: str, most: int) -> str:
    """Somebody's text in one line, without what is no letter, cut to ``most`` characters."""
    line = "".join(letter if letter.isprintable() else "�" for letter in text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
