"""One sample asked many times with dropout on, and beside its mirror image, each against a computation of its own
(T-038, T-042, V-045)."""

from __future__ import annotations

import math

import numpy
import pytest
import torch
import torch.nn.functional as F

from chalknet.training import explained
from chalknet.training.answers import predict
from chalknet.training.answers.base import Unanswerable
from tests.training.test_predict import Desk, desk


def head(made: Desk, x: torch.Tensor, count: int, seed: int) -> torch.Tensor:
    """[count, 10] of the board ``pictures``: every pass with a mask of its own, batch norm as it keeps its numbers."""
    of = made.plan.compiled.modules
    norm = of["norm1"]
    maps = F.conv2d(x, of["conv1"].weight, of["conv1"].bias, padding=1)
    y = F.batch_norm(maps, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)
    y = F.max_pool2d(y.relu(), 2).flatten(1)
    torch.manual_seed(seed)
    # The mask by hand: Bernoulli(0.75), what is kept divided by 0.75.
    mask = torch.empty(count, y.shape[1]).bernoulli_(0.75) / 0.75
    return F.linear(y * mask, of["out"].weight, of["out"].bias)


def test_every_pass_has_a_mask_of_its_own(pictures) -> None:
    """T-042: equal to masks that are drawn by hand from the same seed; mean, spread and both entropies as numpy
    computes them."""
    made = desk(pictures())
    found, about = made.ask(sample=4, passes=40, draw=7)
    with torch.no_grad():
        expected = head(made, made.sample(4), 40, 7).softmax(1).double().numpy()
    assert about["drops"] == ["drop"] and about["drawn"] == list(range(10))
    assert found["passes"] == pytest.approx(expected, abs=1e-5)
    assert found["mean"] == pytest.approx(expected.mean(0), abs=1e-5)
    assert found["spread"] == pytest.approx(expected.std(0, ddof=1), abs=1e-5)
    mean = expected.mean(0)
    assert about["entropy"] == pytest.approx(-(mean * numpy.log(mean)).sum(), abs=1e-4)
    assert about["entropy_each"] == pytest.approx(-(expected * numpy.log(expected)).sum(1).mean(), abs=1e-4)
    assert about["entropy"] > about["entropy_each"]


def test_the_same_seed_drops_the_same(pictures) -> None:
    made = desk(pictures())
    first, again, other = (made.ask(passes=20, draw=draw)[0]["passes"] for draw in (1, 1, 2))
    assert numpy.array_equal(first, again) and not numpy.array_equal(first, other)
    # The answer itself is without dropout.
    assert numpy.array_equal(made.ask(passes=20)[0]["shares"], made.ask()[0]["shares"])


def test_many_passes_converge(board, monkeypatch) -> None:
    """T-042: behind a dropout a linear layer's passes have mean w·x + b and variance p/(1 − p)·Σ (w x)², however
    many go through the network together."""
    drawn = board()
    drawn.add("data", "points", samples=100)
    drawn.add("fc", "linear", "data.x", units=6)
    drawn.add("drop", "dropout", "fc", rate=0.4)
    drawn.add("out", "linear", "drop", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made = desk(drawn.document())
    # As numbers, not as shares: what goes into the loss is linear in the mask.
    made.plan.compiled.modules["loss"].scores = lambda scores: scores
    of = made.plan.compiled.modules
    with torch.no_grad():
        h = of["fc"](made.sample(0, "x"))[0]
        mean = (of["out"].weight @ h + of["out"].bias).numpy()
        variance = (0.4 / 0.6 * (of["out"].weight * h).square().sum(1)).numpy()
    for bytes in (explained.AT_ONCE_BYTES, 30 * made.plan.compiled.facts.activation_bytes):
        monkeypatch.setattr(explained, "AT_ONCE_BYTES", bytes)
        found, _ = made.ask(passes=1000)
        assert (abs(found["mean"] - mean) < 5 * numpy.sqrt(variance / 1000)).all()
        assert found["spread"] ** 2 == pytest.approx(variance, rel=0.25)


def test_batch_norm_stays_as_it_is(pictures) -> None:
    """Only what drops is switched to training, and only for so long."""
    made = desk(pictures())
    norm = made.plan.compiled.modules["norm1"]
    before = norm.running_mean.clone(), int(norm.num_batches_tracked)
    made.ask(passes=30)
    assert torch.equal(norm.running_mean, before[0]) and int(norm.num_batches_tracked) == before[1]
    assert not any(module.training for module in made.plan.compiled.module.modules())


def test_numbers_have_a_spread(board) -> None:
    """Of a regression the values themselves, and no entropy."""
    drawn = board()
    drawn.add("data", "line")
    drawn.add("fc", "linear", "data.x", units=8)
    drawn.add("drop", "dropout", "fc", rate=0.5)
    drawn.add("out", "linear", "drop", units=1)
    drawn.add("loss", "mse", "out>prediction", "data.y>target")
    made = desk(drawn.document())
    found, about = made.ask(passes=50, draw=3)
    of = made.plan.compiled.modules
    with torch.no_grad():
        h = of["fc"](made.sample(0, "x"))
        torch.manual_seed(3)
        expected = of["out"](F.dropout(h.expand(50, -1), 0.5, training=True))
    assert found["passes"] == pytest.approx(expected.numpy(), abs=1e-5)
    assert found["spread"] == pytest.approx(expected.std(0).numpy(), abs=1e-5)
    assert about["kind"] == "numbers" and "entropy" not in about


def test_what_else_drops(words, board) -> None:
    """Dropout inside attention, between recurrent layers, and within a block over time counts; a layer beside the way
    to the answer does not."""
    drawn = board()
    drawn.add("data", "points", samples=100)
    drawn.add("fc", "linear", "data.x", units=4)
    drawn.add("aside", "dropout", "fc")
    drawn.add("never", "dropout", "fc", rate=0.0)
    drawn.add("many", "repeat", "never", times=3)
    drawn.add("gru", "gru", "many", units=4, layers=2, dropout=0.3, give="last")
    drawn.add("one", "gru", "many", units=4, layers=1, dropout=0.3, give="last")
    drawn.add("both", "add", "gru", "one")
    drawn.add("out", "linear", "both", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made = desk(drawn.document())
    found, about = made.ask(passes=10)
    assert about["drops"] == ["gru"]
    assert found["spread"].max() > 0


def test_without_dropout_it_is_said_what_is_missing(spiral) -> None:
    made = desk(spiral())
    assert made.ask()[1]["drops"] == []
    with pytest.raises(Unanswerable, match="Put a Dropout layer before the last layer that learns"):
        made.ask(passes=10)
    with pytest.raises(Unanswerable, match="Only a picture has a mirror image"):
        made.ask(mirror=True)


def test_many_classes_are_told_of_the_likeliest(pictures, monkeypatch) -> None:
    monkeypatch.setattr(predict, "MOST_DRAWN", 4)
    made = desk(pictures())
    found, about = made.ask(passes=25)
    assert found["passes"].shape == (25, 4) and len(found["mean"]) == 10
    assert about["drawn"] == list(numpy.argsort(-found["mean"])[:4])
    assert found["passes"].mean(0) == pytest.approx(found["mean"][about["drawn"]], abs=1e-5)


def test_a_picture_and_its_mirror_image(pictures) -> None:
    """T-038: the mean of the shares of a picture and of the same mirrored, one's own or a fixed one."""
    made = desk(pictures())
    found, about = made.ask(sample=3, mirror=True)
    x = made.sample(3)
    value = ("out", "y")
    with torch.no_grad():
        (both,) = made.plan.compiled.select([value])(*[
            torch.cat([x, x.flip(3)]) if each == ("data", "image") else torch.zeros(2, dtype=torch.int64)
            for each in made.plan.compiled.inputs
        ])  # fmt: skip
    shares = both.softmax(1).numpy()
    assert found["alone"] == pytest.approx(shares, abs=1e-5)
    assert found["shares"] == pytest.approx(shares.mean(0), abs=1e-5)
    assert about["winner"] == int(shares.mean(0).argmax())
    assert not math.isclose(shares[0, 0], shares[1, 0], rel_tol=1e-3)
