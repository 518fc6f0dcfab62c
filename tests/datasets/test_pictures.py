"""Generated pictures of labelled kinds."""

from __future__ import annotations

import pytest
import torch

from chalknet.datasets.base import Split
from chalknet.datasets.pictures import COLOURS, SHAPES, TEXTURES, Pictures, pictures
from chalknet.layers.base import image, index


@pytest.mark.parametrize("classes", [2, 10, 37, 100, 101, 1000])
def test_every_class_comes_as_often_as_every_other(classes: int) -> None:
    counts = pictures(8, 3, classes, 2 * classes + 20, 0.0)["label"].bincount(minlength=classes)
    assert counts.max() - counts.min() <= 20 // classes + 1 and counts.min() >= 2


def test_a_class_is_told_by_what_it_is_called() -> None:
    assert Pictures(classes=10).class_names() == SHAPES
    names = Pictures(classes=1000).class_names()
    assert names[0] == "red plain disc"
    assert names[567] == f"{COLOURS[5]} {TEXTURES[6]} {SHAPES[7]}"
    assert len(set(names)) == 1000


def means(size: int, classes: int) -> torch.Tensor:
    """Mean colour of every class's pictures, [classes, 3]."""
    made = pictures(size, 3, classes, 3 * classes, 0.0)
    each = made["image"].float().mean((2, 3))
    return torch.stack([each[made["label"] == label].mean(0) for label in range(classes)])


def test_hundreds_are_colours() -> None:
    """The mean of classes 0…99 is red, that of 500…599 blue."""
    found = means(16, 600)
    red, blue = found[:100].mean(0), found[500:600].mean(0)
    assert red[0] > 1.5 * red[2] and blue[2] > 1.5 * blue[0]


def test_shapes_can_be_told_apart() -> None:
    """Nearest neighbours agree on the shape far above one in ten; moved, resized and turned, no two are alike."""
    made = pictures(32, 1, 10, 2000, 0.0)
    rows = made["image"].float().flatten(1)
    rows = (rows > rows.mean(1, keepdim=True)).float()
    distance = torch.cdist(rows, rows)
    distance.fill_diagonal_(float("inf"))
    assert (made["label"][distance.argmin(1)] == made["label"]).float().mean() > 0.4
    assert distance.min() > 0


def test_grey_is_one_channel() -> None:
    assert Pictures(channels=1).schema() == {"image": image(1, 32, 32), "label": index(10)}
    assert Pictures(channels=2).schema()["image"] == image(3, 32, 32)
    assert pictures(8, 1, 10, 20, 0.0)["image"].shape == (20, 1, 8, 8)


def test_four_of_each_of_1000_classes_reach_every_part() -> None:
    """The boards for 1,000 classes hold 4,000 pictures: each class is trained, validated and tested."""
    parts = Pictures(size=8, classes=1000, samples=4000).load(Split())
    assert {part: len(ports["label"].unique()) for part, ports in parts.items()} == {
        "train": 1000,
        "validation": 1000,
        "test": 1000,
    }


def test_it_tells_how_far_it_is() -> None:
    told: list[float] = []
    Pictures(size=8, samples=120).load(Split(), progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) >= 3
