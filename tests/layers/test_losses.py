"""Losses against sums by hand and torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from chalknet.layers.base import Axis, Fault, Inputs, TensorType, image, index, registry, scalar, vector


def made(type: str, *arriving: TensorType, **fields: Any) -> torch.nn.Module:
    layer = registry[type](**fields)
    inputs = Inputs({port.name: [each] for port, each in zip(layer.inputs, arriving, strict=False)})
    assert layer.infer(inputs) == {"loss": scalar()}
    return layer.build(inputs)


def pixels(classes: int, height: int, width: int) -> TensorType:
    return index(classes, Axis("H", height), Axis("W", width))


@pytest.mark.parametrize(
    ("type", "fields", "expected"),
    [
        ("mse", {}, (1 + 4 + 0 + 16) / 4),
        ("half_squared", {}, (1 + 4 + 0 + 16) / 2 / 2),  # two samples
        ("mae", {}, (1 + 2 + 0 + 4) / 4),
        ("huber", {}, (0.5 + 1.5 + 0 + 3.5) / 4),
        ("huber", {"delta": 3}, (0.5 + 2 + 0 + 3 * 2.5) / 4),
    ],
)
def test_distances(type: str, fields: dict[str, float], expected: float) -> None:
    """T-016 to T-019: differences 1, 2, 0 and −4 in two samples of two numbers."""
    loss = made(type, vector(2), vector(2), **fields)
    assert loss(torch.tensor([[2.0, 5], [7, -4]]), torch.tensor([[1.0, 3], [7, 0]])).item() == pytest.approx(expected)


def test_half_the_squared_error_has_the_distance_as_its_gradient() -> None:
    """T-017: ∂L/∂y = y − t, over the batch's size."""
    y, t = torch.tensor([[2.0, 5]], requires_grad=True), torch.tensor([[1.0, 3]])
    made("half_squared", vector(2), vector(2))(y, t).backward()
    assert y.grad is not None and y.grad.tolist() == [[1, 2]]


def test_focal_by_hand() -> None:
    """T-028: −(1 − p)^γ log p; without γ it is cross-entropy."""
    logits, target = torch.randn(6, 4), torch.randint(4, (6,))
    share = logits.softmax(1)[torch.arange(6), target]
    for gamma in (0.5, 2.0):
        loss = made("focal", vector(4), index(4), gamma=gamma)
        torch.testing.assert_close(loss(logits, target), (-((1 - share) ** gamma) * share.log()).mean())
    torch.testing.assert_close(
        made("focal", vector(4), index(4), gamma=0)(logits, target), F.cross_entropy(logits, target)
    )


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_has_a_finite_gradient_where_everything_is_right(gamma: float) -> None:
    logits = torch.tensor([[200.0, -200]], requires_grad=True)
    made("focal", vector(2), index(2), gamma=gamma)(logits, torch.tensor([0])).backward()
    assert logits.grad is not None and logits.grad.isfinite().all()


def test_dice_by_hand() -> None:
    """T-029, C-057: a class of 4 pixels and one of 6 that overlap in 3: 2·3/(4 + 6) = 0.6."""
    marked, true = torch.zeros(1, 3, 4, dtype=torch.int64), torch.zeros(1, 3, 4, dtype=torch.int64)
    marked.view(-1)[0:4] = 1
    true.view(-1)[1:7] = 1
    logits = (F.one_hot(marked, 2).movedim(-1, 1) * 200.0) - 100
    loss = made("dice", image(2, 3, 4), pixels(2, 3, 4), smooth=0)
    background = 2 * 5 / (8 + 6)
    assert loss(logits, true).item() == pytest.approx(1 - (0.6 + background) / 2, abs=1e-6)
    assert loss(logits, marked).item() == pytest.approx(0, abs=1e-6)


def test_dice_needs_places() -> None:
    with pytest.raises(Fault, match="several places") as raised:
        made("dice", vector(3), index(3))
    assert "Cross-entropy" in raised.value.hint


@pytest.mark.parametrize("masked", [False, True])
def test_weights_of_classes(masked: bool) -> None:
    """T-068: Σ w log p / Σ w over the counted targets; torch's own where nothing is masked."""
    weights = torch.tensor([1.0, 2, 0.5])
    logits, target = torch.randn(2, 3, 4, 5), torch.randint(3, (2, 4, 5))
    loss = made("cross_entropy", image(3, 4, 5), pixels(3, 4, 5), weights="1, 2, 1/2")
    mask = torch.rand(2, 4, 5) > 0.4 if masked else None
    kept = torch.ones_like(target, dtype=torch.bool) if mask is None else mask
    each = -logits.log_softmax(1).gather(1, target[:, None])[:, 0]
    expected = (each * weights[target])[kept].sum() / weights[target][kept].sum()
    torch.testing.assert_close(loss(logits, target, mask), expected)
    if not masked:
        torch.testing.assert_close(expected, F.cross_entropy(logits, target, weight=weights))


@pytest.mark.parametrize(
    ("text", "words"),
    [("1 two 3", "'two', which is no number"), ("1; 2", "one row"), ("1 -1 1", "0 or more"), ("0 0 0", "not all 0")],
)
def test_weights_that_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        registry["cross_entropy"](weights=text)


def test_weights_for_another_number_of_classes_are_refused() -> None:
    with pytest.raises(Fault, match="2 class weights, but its target has 3 classes") as raised:
        made("cross_entropy", vector(3), index(3), weights="1 2")
    assert [remedy.value for remedy in raised.value.remedies] == ["1 1 1", ""]  # type: ignore[union-attr]
