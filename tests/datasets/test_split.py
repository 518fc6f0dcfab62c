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


def test_the_default_draws_as_it_always_did() -> None:
    """Boards that were trained before are tested on the same samples."""
    label = torch.tensor([0] * 7 + [1] * 13 + [2] * 3)
    parts = divide({"label": label, "row": torch.arange(23)}, 0.2, 0.3, 4)
    assert [len(parts[part]["row"]) for part in ("train", "validation", "test")] == [11, 5, 7]
    assert parts["test"]["row"].tolist() == [1, 2, 7, 14, 16, 19, 22]


def test_small_classes_add_up_to_the_share_of_all() -> None:
    """M-007: of 100 classes of 20 samples, 1 % is a fifth of a sample each; rounded, nothing would be tested."""
    label = torch.arange(2000) % 100
    rounded = divide({"label": label}, 0.01, 0.01, 0)
    exact = divide({"label": label}, 0.01, 0.01, 0, "exact")
    assert len(rounded["test"]["label"]) == 0
    assert [len(exact[part]["label"]) for part in ("train", "validation", "test")] == [1960, 20, 20]
    assert max(exact["test"]["label"].bincount()) == 1


def test_the_largest_remainders_are_rounded_up() -> None:
    """Quotas 2.5, 1.3, 1.2 of 5: whole ones 2, 1, 1, and the one that is left to the remainder of 0.5."""
    label = torch.tensor([0] * 25 + [1] * 13 + [2] * 12)
    parts = divide({"label": label}, 0.0, 0.1, 0, "exact")
    assert parts["test"]["label"].bincount().tolist() == [3, 1, 1]


def test_what_a_class_cannot_give_another_one_does() -> None:
    label = torch.tensor([*range(20), *[20] * 20])
    parts = divide({"label": label}, 0.1, 0.2, 0, "exact")
    assert [len(parts[part]["label"]) for part in ("validation", "test")] == [4, 8]
    assert set(parts["train"]["label"].tolist()) == set(range(21))


def test_by_chance_no_class_is_asked_for() -> None:
    label = torch.tensor([0] * 50 + [1] * 50)
    counts = [divide({"label": label}, 0.0, 0.5, seed, "chance")["test"]["label"].sum().item() for seed in range(6)]
    assert len(set(counts)) > 2
