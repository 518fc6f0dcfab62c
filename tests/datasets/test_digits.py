"""Handwritten digits (D-004)."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from chalknet.datasets.base import Split
from chalknet.datasets.digits import COUNT, Digits, digits


def test_they_are_the_uci_digits() -> None:
    from sklearn.datasets import load_digits

    original = load_digits()
    made = digits(8, 0)
    assert len(made["image"]) == COUNT
    assert made["label"].tolist() == original.target.tolist()
    grey = made["image"] - made["image"].min()
    grey = grey / grey.max() * 16
    assert torch.allclose(grey[:, 0], torch.from_numpy(original.images).float(), atol=1e-4)


def test_they_are_normalised() -> None:
    image = digits(32, 0)["image"]
    assert abs(float(image.mean())) < 1e-3 and abs(float(image.std()) - 1) < 1e-3


def test_enlarging_keeps_the_digit() -> None:
    large, small = digits(32, 0)["image"], digits(8, 0)["image"]
    back = interpolate(large, size=(8, 8), mode="area")
    together = torch.corrcoef(torch.stack([back.flatten(), small.flatten()]))
    assert together[0, 1] > 0.95


def test_variants_are_near_their_original_but_not_the_same() -> None:
    made = digits(32, 3)
    originals, copies = made["image"][:COUNT], made["image"][COUNT:]
    assert made["copy_of"][:COUNT].eq(-1).all()
    assert torch.equal(made["label"][COUNT:], made["label"][made["copy_of"][COUNT:]])
    own = (copies - originals[made["copy_of"][COUNT:]]).square().mean((1, 2, 3))
    strange = (copies - originals[made["copy_of"][COUNT:].roll(900)]).square().mean((1, 2, 3))
    assert own.min() > 0 and own.mean() < 0.5 * strange.mean()


def test_variants_leave_validation_and_test_as_they_were() -> None:
    plain, varied = Digits(size=8).load(Split()), Digits(size=8, variants=2).load(Split())
    for part in ("validation", "test"):
        assert torch.equal(plain[part]["image"], varied[part]["image"])
    count = len(plain["train"]["image"])
    assert torch.equal(plain["train"]["image"], varied["train"]["image"][:count])
    assert len(varied["train"]["image"]) == 3 * count
