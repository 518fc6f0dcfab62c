"""T-044: samples scaled by what was measured of the training part."""

from __future__ import annotations

import numpy
import pytest
import torch

from chalknet.datasets.altered import flipped, shifted
from chalknet.datasets.base import Split
from chalknet.datasets.readied import Readied, measure, scaled
from chalknet.graph import forms
from chalknet.layers.base import registry


def made(type: str, **fields: object) -> Readied:
    layer = registry[type].model_validate(fields)
    assert isinstance(layer, Readied)
    return layer


def test_measures_channel_by_channel_in_any_portions() -> None:
    image = (
        torch.rand((100, 3, 5, 4), generator=torch.Generator().manual_seed(0))
        * torch.tensor([1.0, 9, 0.1])[:, None, None]
    )
    for size in (1, 7, 100):
        found = measure(image.split(size)).numpy()
        plain = image.double().numpy()
        told = [plain.mean((0, 2, 3)), plain.std((0, 2, 3)), plain.min((0, 2, 3)), plain.max((0, 2, 3))]
        numpy.testing.assert_allclose(found, told, rtol=1e-6)


@pytest.mark.parametrize("type", ["line", "points", "pictures", "digits"])
def test_training_samples_get_mean_0_and_deviation_1(type: str) -> None:
    source = made(type, scaling="standard")
    parts = source.load(Split())
    train, other = (source.prepare(parts[part]) for part in ("train", "validation"))
    measured = measure([train[source.measured]])
    values = source.scaled(train, measured)[source.measured].double()
    axes = [axis for axis in range(values.dim()) if axis != 1]
    assert values.mean(axes).abs().max() < 1e-4
    torch.testing.assert_close(values.std(axes), torch.ones(values.shape[1]).double(), atol=5e-3, rtol=0)
    # What is unseen is scaled by the training part's numbers, so its own mean is near 0 and not at it.
    unseen = source.scaled(other, measured)[source.measured]
    plain = other[source.measured].numpy()
    shape = (1, -1, *[1] * (plain.ndim - 2))
    mean, deviation = (train[source.measured].double().numpy() for _ in range(2))
    by = (mean.mean(tuple(axes)).reshape(shape), deviation.std(tuple(axes)).reshape(shape))
    numpy.testing.assert_allclose(unseen, (plain - by[0]) / by[1], atol=1e-4)
    assert 1e-4 < unseen.mean(axes).abs().max() < 0.5


def test_a_range_goes_from_0_to_1_and_what_never_changes_is_only_moved() -> None:
    x = torch.tensor([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]])
    assert scaled(x, measure([x]), "range").tolist() == [[0, 0], [1, 0], [0.5, 0]]
    assert scaled(x, measure([x]), "standard")[:, 1].tolist() == [0, 0, 0]


def test_nothing_is_scaled_or_changed_where_nothing_is_asked() -> None:
    """Documents from before these fields mean what they meant, and find what was kept of their data."""
    source = made("pictures", samples=40)
    assert not source.measures() and source.augmentations() == []
    assert source.made_of() == {"size": 32, "channels": 3, "classes": 10, "samples": 40, "noise": 0.06}
    assert made("pictures", samples=40, scaling="range", augment={"a": {"type": "grey"}}).made_of() == source.made_of()


def test_augmentations_are_done_in_their_order() -> None:
    """T-037: by the fractional key, whatever the entries are called."""
    entries = {"z": {"type": "flip", "order": "b", "across": 1.0}, "a": {"type": "shift", "order": "bm", "pixels": 2}}
    source = made("pictures", augment=entries)
    image = torch.rand((3, 3, 8, 8), generator=torch.Generator().manual_seed(0))
    found = source.augmented({"image": image}, None, torch.Generator().manual_seed(1))["image"]
    drawn = torch.Generator().manual_seed(1)
    first = flipped({"image": image}, 1.0, 0.0, drawn)
    assert torch.equal(found, shifted(first, 2, "edge", drawn)["image"])


def test_strength_scales_what_is_done() -> None:
    source = made("pictures", augment={"t": {"type": "turn", "degrees": 40, "smallest": 0.5}})
    (turn,) = source.augmentations()
    assert turn.arguments(0.5) == {"degrees": 20, "smallest": 0.75, "largest": 1, "slant": 0, "outside": "edge"}
    image = torch.rand((3, 3, 8, 8))
    assert torch.equal(source.augmented({"image": image}, None, strength=0)["image"], image)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"type": "flip", "across": 3}, "augmentation: across must be at most 1. Received: 3"),
        ({"type": "warp"}, "augmentation: a must be of one of the types 'flip', 'shift'"),
        ({"across": 1}, "augmentation: a must be given with its type"),
        (7, "augmentation: a must be"),
    ],
)
def test_a_wrong_entry_is_said_in_words(entry: object, says: str) -> None:
    faults = forms.layer("pictures", {"augment": {"a": entry}})
    assert isinstance(faults, tuple) and faults[0].field == "augment" and faults[0].bound is None
    assert faults[0].message.startswith(says)
