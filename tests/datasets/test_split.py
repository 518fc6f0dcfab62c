"""Dividing samples."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError

from chalknet.datasets.base import Split
from chalknet.datasets.split import divide


def test_every_class_has_its_share_in_every_part() -> None:
    """M-007: a rare class is not lost to one part."""
    label = torch.tensor([0] * 100 + [1] * 20)
    parts = divide({"label": label}, 0.2, 0.1, 0)
    assert {part: ports["label"].bincount().tolist() for part, ports in parts.items()} == {
        "train": [70, 14],
        "validation": [20, 4],
        "test": [10, 2],
    }


def test_no_sample_is_in_two_parts_and_none_is_lost() -> None:
    parts = divide({"x": torch.arange(103)}, 0.3, 0.3, 5)
    rows = torch.cat([ports["x"] for ports in parts.values()])
    assert rows.sort().values.tolist() == list(range(103))


def test_ports_stay_together() -> None:
    x = torch.arange(50)
    for ports in divide({"x": x, "double": 2 * x}, 0.2, 0.2, 0).values():
        assert torch.equal(ports["double"], 2 * ports["x"])


def test_copies_train_and_never_judge() -> None:
    """A distorted copy of a test sample would give its answer away."""
    copy_of = torch.cat([torch.full((40,), -1), torch.arange(40).repeat(3)])
    row = torch.arange(160)
    parts = divide({"row": row, "copy_of": copy_of}, 0.25, 0.25, 1)
    assert all(ports.keys() == {"row"} for ports in parts.values())
    assert [len(parts[part]["row"]) for part in ("train", "validation", "test")] == [80, 10, 10]
    originals = parts["train"]["row"][:20]
    assert (originals < 40).all() and (parts["validation"]["row"] < 40).all() and (parts["test"]["row"] < 40).all()
    assert set(copy_of[parts["train"]["row"][20:]].tolist()) == set(originals.tolist())


def test_one_of_each_class_is_left_to_train_on() -> None:
    parts = divide({"label": torch.tensor([0, 0, 1, 1, 2])}, 0.09, 0.9, 0)
    assert parts["train"]["label"].tolist() == [0, 1, 2]


def test_empty_parts_are_empty() -> None:
    parts = divide({"x": torch.zeros(10, 2)}, 0.0, 0.0, 0)
    assert [tuple(ports["x"].shape) for ports in parts.values()] == [(10, 2), (0, 2), (0, 2)]


def test_shares_leave_something() -> None:
    with pytest.raises(ValidationError, match="leave samples to train on"):
        Split(validation=0.5, test=0.5)
