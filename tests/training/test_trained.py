"""What the network sees while it trains, asked of a board that need not be trainable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

from chalknet import wire
from chalknet.graph.document import Document, load
from chalknet.training.answers.base import Unanswerable, registry
from chalknet.training.plan import plan

AUGMENT = {"a": {"type": "turn", "order": "a", "degrees": 90}}


@dataclass
class Desk:
    document: Document
    cache: Path | None = None


def asked(type: str, draw: int = 0, **fields: Any) -> dict[str, numpy.ndarray]:
    document = load({"nodes": {"data": {"type": type, "fields": fields}}})
    drawn = registry[wire.Trained](Desk(document), wire.Trained(node="data", draw=draw))
    return {each.name: each.values for each in drawn.pictures}


def test_pictures_as_they_are_and_as_they_are_seen() -> None:
    one, again, other = (asked("pictures", draw, samples=60, size=16, augment=AUGMENT) for draw in (1, 1, 2))
    assert one["plain"].shape == one["seen"].shape == (12, 3, 16, 16) and one["labels"].shape == (12,)
    assert (one["plain"] == other["plain"]).all() and (one["seen"] == again["seen"]).all()
    assert (one["seen"] != other["seen"]).any() and (one["seen"] != one["plain"]).any()
    plain = asked("pictures", 1, samples=60, size=16)
    assert (plain["plain"] == plain["seen"]).all()


def test_rows_are_seen_scaled(board) -> None:
    made = board()
    made.add("data", "points", samples=400, scaling="standard")
    made.add("out", "linear", "data.x", units=2)
    made.add("loss", "cross_entropy", "out>logits", "data.label>target")
    found = asked("points", samples=400, scaling="standard")
    source = plan(made.document()).train["data"]
    chosen = torch.linspace(0, source.count - 1, 200).long()
    numpy.testing.assert_array_equal(found["seen"], source.rows(chosen)["data", "x"].numpy())


def test_it_says_how_many_samples_each_part_has() -> None:
    """T-043: those that a run would have, class by class."""
    nodes = {"data": {"type": "points", "fields": {"samples": 301}}}
    document = load({"nodes": nodes, "recipe": {"split": {"validation": 0.01, "test": 0.01}}})
    drawn = registry[wire.Trained](Desk(document), wire.Trained(node="data"))
    # 151 and 150 of a class: 1 % of each is 2 (rounded).
    assert drawn.about["parts"] == {"train": 293, "validation": 4, "test": 4}


def test_boxes_come_with_pictures() -> None:
    found = asked("shapes", samples=20, size=32, augment=AUGMENT)
    assert found["boxes"].shape == (12, 6, 5)


def test_what_is_no_picture_and_no_row_is_said() -> None:
    with pytest.raises(Unanswerable, match="neither pictures nor rows"):
        asked("reversal", samples=50)
    with pytest.raises(Unanswerable, match="holds no data"):
        registry[wire.Trained](Desk(load({"nodes": {}})), wire.Trained(node="data"))
