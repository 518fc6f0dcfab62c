"""What a run may begin with instead of first weights: a state of another one, laid into its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chalknet import wire
from chalknet.graph import document as documents
from chalknet.graph.document import Document

Keep = Literal["state", "weights"]


@dataclass(frozen=True)
class Start:
    """What a run begins with: a checkpoint, and the board that it was made of."""

    path: Path
    document: Document
    keep: Keep
    """``state``: it goes on from that step, with the optimizer's state where that is the same; ``weights``: it begins
    anew, with these weights."""


def found(directory: Path | None) -> Start | None:
    """What was laid into a run's folder for it to begin with."""
    if directory is None or not (directory / wire.START).exists():
        return None
    about = json.loads((directory / wire.START_ABOUT).read_text())
    return Start(directory / wire.START, documents.load(about["document"]), about["keep"])
