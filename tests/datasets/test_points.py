"""Points in the plane."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from chalknet.datasets.points import Kind, points


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_set_is_balanced_centred_and_of_one_size(kind: str) -> None:
    """Sets can be changed on a board without changing its recipe."""
    made = points(kind, 1000, 0.1)
    assert made["label"].bincount().tolist() == [500, 500]
    assert made["x"].mean(0).abs().max() < 0.15
    assert 0.7 < made["x"].std() < 1.3
    assert made["x"].abs().max() < 3.5


@pytest.mark.parametrize("kind", get_args(Kind))
def test_classes_do_not_overlap_without_noise(kind: str) -> None:
    """A point's nearest neighbour is of its class."""
    made = points(kind, 1000, 0.0)
    distance = torch.cdist(made["x"], made["x"])
    distance.fill_diagonal_(float("inf"))
    agree = made["label"][distance.argmin(1)] == made["label"]
    assert agree.float().mean() > (0.98 if kind == "gauss" else 0.999)


def test_noise_is_a_share_of_the_spread() -> None:
    quiet, noisy = (points("moons", 4000, noise)["x"] for noise in (0.0, 0.5))
    assert (noisy - quiet).std() / quiet.std() == pytest.approx(0.5, rel=0.05)


def test_a_line_does_not_part_a_spiral() -> None:
    made = points("spiral", 1000, 0.1)
    x = torch.cat([made["x"], torch.ones(1000, 1)], 1)
    weights = torch.linalg.lstsq(x, 2.0 * made["label"][:, None] - 1).solution
    assert ((x @ weights > 0)[:, 0] == made["label"].bool()).float().mean() < 0.75


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(ValueError, match="'square'"):
        points("square", 10, 0)
