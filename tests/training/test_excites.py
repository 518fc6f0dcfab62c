"""What excites a unit most, against plain torch (V-019)."""

from __future__ import annotations

import numpy
import pytest
import torch
import torch.nn.functional as F

from chalknet import wire
from chalknet.training import maximisation
from chalknet.training.answers.base import Unanswerable
from tests.training.desk import Answer, Desk, desk


def excites(made: Desk, node: str, channel: int = 0, **more: object) -> Answer:
    return made.put(wire.Excites(node=node, channel=channel, **more))


@pytest.fixture
def deep(board):
    """Three convolutions and two poolings on digits of 28 × 28, batch norm among them."""

    def make():
        drawn = board(batch=64)
        drawn.add("data", "digits", size=28)
        drawn.add("conv1", "conv2d", "data.image", channels=4, kernel=5, padding=2)
        drawn.add("norm1", "batch_norm2d", "conv1")
        drawn.add("act1", "relu", "norm1")
        drawn.add("pool1", "max_pool2d", "act1")
        drawn.add("conv2", "conv2d", "pool1", channels=5, kernel=3, padding=1, stride=2)
        drawn.add("act2", "tanh", "conv2")
        drawn.add("flat", "flatten", "act2")
        drawn.add("out", "linear", "flat", units=10)
        drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
        return desk(drawn.document())

    return make


def by_hand(made: Desk, x: torch.Tensor) -> dict[str, torch.Tensor]:
    of = made.plan.compiled.modules
    norm = of["norm1"]
    y = F.conv2d(x, of["conv1"].weight, of["conv1"].bias, padding=2)
    y = F.batch_norm(y, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)
    y = F.max_pool2d(y.relu(), 2)
    conv2 = F.conv2d(y, of["conv2"].weight, of["conv2"].bias, padding=1, stride=2)
    return {"conv2": conv2, "out": F.linear(conv2.tanh().flatten(1), of["out"].weight, of["out"].bias)}


def every(made: Desk) -> torch.Tensor:
    return made.plan.validation["data"].rows(slice(None))["data", "image"]


@pytest.mark.parametrize("channel", [0, 4])
def test_the_nine_strongest_samples_and_where(deep, channel: int) -> None:
    """V-019: those of the whole validation part, each once, at the place where it is strongest."""
    made = deep()
    maps = by_hand(made, every(made))["conv2"][:, channel].detach()
    most = maps.flatten(1).amax(1)
    found, about = excites(made, "conv2", channel)
    assert about["of"] == about["looked"] == len(maps) and about["channels"] == 5
    assert found["activations"] == pytest.approx(most.sort(descending=True).values[:9].numpy(), abs=1e-5)
    assert len(set(found["samples"].tolist())) == 9
    labels = made.plan.validation["data"].samples["label"]
    for sample, (row, column), reached, label in zip(
        found["samples"], found["units"], found["activations"], found["labels"], strict=True
    ):
        assert float(maps[sample, row, column]) == pytest.approx(float(reached), abs=1e-5)
        assert int(labels[sample]) == label


def test_a_patch_is_all_that_the_unit_sees(deep) -> None:
    """V-019: with everything else wiped out, or turned to anything, the unit is excited just as much."""
    made = deep()
    found, _ = excites(made, "conv2", 2)
    pictures = every(made)
    inner = 0
    for sample, (row, column), (top, left, height, width), reached in zip(
        found["samples"], found["units"], found["patches"], found["activations"], strict=True
    ):
        assert min(top, left) >= 0 and max(top + height, left + width) <= 28
        kept = torch.zeros(28, 28, dtype=torch.bool)
        kept[top : top + height, left : left + width] = True
        for others in (torch.zeros(28, 28), 3 * torch.randn(28, 28, generator=torch.Generator().manual_seed(1))):
            x = torch.where(kept, pictures[sample], others)
            again = by_hand(made, x[None])["conv2"][0, 2, row, column].detach()
            assert float(again) == pytest.approx(float(reached), abs=1e-4)
        inner += height == width == 10  # 5 + (2 − 1) + (3 − 1) · 2: of a unit away from the border
    assert inner


@pytest.mark.parametrize(("node", "channel"), [("conv2", 1), ("out", 7)])
def test_the_made_picture_excites_far_more_than_any_sample(deep, node: str, channel: int) -> None:
    """V-019: what is said to be reached is what torch gives for the very picture, and no sample comes near it."""
    made = deep()
    found, about = excites(made, node, channel)
    x = torch.from_numpy(found["input"])[None]
    values = by_hand(made, x)[node][0, channel]
    row, column = about["unit"]
    reached = float((values[row, column] if values.dim() else values).detach())
    assert about["reached"] == pytest.approx(reached, rel=1e-4, abs=1e-4)
    assert about["begun"] == "noise" and found["course"].max() == pytest.approx(reached, abs=1e-4)
    samples = by_hand(made, every(made))[node][:, channel].detach()
    spread = float(samples.std())
    assert reached > float(samples.max()) + 2 * spread
    # Nothing that a picture of the data could not be.
    pictures = every(made)
    assert float(x.min()) >= float(pictures[:256].min()) - 1e-6 and float(x.max()) <= float(pictures[:256].max()) + 1e-6
    again, _ = excites(made, node, channel)
    assert (again["input"] == found["input"]).all(), "the seed is fixed"
    assert found["made"].dtype == numpy.uint8 and found["made"].shape == (1, 28, 28)


def test_outside_its_patch_the_made_picture_is_drawn_back_to_the_middle(deep) -> None:
    """V-019: the decay of every step, (1 − λ) ** steps of the noise, is left where no slope goes."""
    made = deep()
    found, about = excites(made, "conv2", 1)
    top, left, height, width = about["patch"]
    outside = numpy.ones((28, 28), bool)
    outside[max(0, top - 9) : top + height + 9, max(0, left - 9) : left + width + 9] = False
    pictures = every(made)[:256]
    middle, reach = float(pictures.min() + pictures.max()) / 2, float(pictures.max() - pictures.min())
    assert outside.any()
    assert abs(found["input"][0][outside] - middle).max() < 0.05 * reach


def test_a_unit_that_is_shut_for_noise_begins_with_a_sample(deep) -> None:
    """V-019: at the place where that sample excites it, for in the middle it may be shut too."""
    made = deep()
    pictures = every(made)
    of = made.plan.compiled.modules
    norm = of["norm1"]
    open_, _ = excites(made, "norm1", 0)
    with torch.no_grad():  # open for the strongest sample alone, and by a little
        norm.bias[0] -= float(open_["activations"][0]) - 0.01
    found, about = excites(made, "act1", 0)
    assert about["begun"] == "sample" and about["unit"] == open_["units"][0].tolist()
    assert float(found["course"][0]) == pytest.approx(0.01, abs=1e-3) and found["samples"][0] == open_["samples"][0]
    x = torch.from_numpy(found["input"])[None]
    y = F.conv2d(x, of["conv1"].weight, of["conv1"].bias, padding=2)
    y = F.batch_norm(y, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps).relu()
    row, column = about["unit"]
    assert about["reached"] == pytest.approx(float(y[0, 0, row, column].detach()), abs=1e-4)
    assert about["reached"] > 0.1 and len(pictures) == about["looked"]


def test_of_a_unit_that_is_always_shut_none_is_made(deep) -> None:
    made = deep()
    with torch.no_grad():
        made.plan.compiled.modules["norm1"].bias.fill_(-30)
    found, about = excites(made, "act1", 0)
    assert about["begun"] == "nothing" and about["reached"] == 0 and len(found["course"]) == 1


def test_rows_have_their_strongest_too(board) -> None:
    """V-019: of points that are scaled, as the data are."""
    drawn = board()
    drawn.add("data", "points", samples=200, scaling="standard")
    drawn.add("out", "linear", "data.x", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made = desk(drawn.document())
    found, about = excites(made, "out", 1)
    source = made.plan.validation["data"]
    module = made.plan.compiled.modules["out"]
    scores = module(source.rows(slice(None))["data", "x"])[:, 1].detach()
    assert found["activations"] == pytest.approx(scores.sort(descending=True).values[:9].numpy(), abs=1e-5)
    assert found["rows"][0] == pytest.approx(source.samples["x"][int(scores.argmax())].numpy(), abs=1e-5)
    assert about["reached"] == pytest.approx(float(module(torch.from_numpy(found["input"]))[1].detach()), abs=1e-4)
    assert about["reached"] > float(scores.max())
    row = (torch.from_numpy(found["made"])[None] - source.measured[0]) / source.measured[1]
    assert row[0].numpy() == pytest.approx(found["input"], abs=1e-5)


def test_a_low_hill_is_left_for_a_sample(board) -> None:
    """V-019: where the way up from noise ends below the strongest sample, that sample is where it begins."""
    drawn = board()
    drawn.add("data", "points", samples=200)
    drawn.add("fc1", "linear", "data.x", units=2)
    drawn.add("act1", "relu", "fc1")
    drawn.add("out", "linear", "act1", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made = desk(drawn.document())
    first, second = made.plan.compiled.modules["fc1"], made.plan.compiled.modules["out"]
    with torch.no_grad():  # a gentle slope to the right everywhere, a steep one far to the left
        first.weight.copy_(torch.tensor([[0.1, 0.0], [-9.0, 0.0]]))
        first.bias.copy_(torch.tensor([3.0, -3.0]))
        second.weight[0].copy_(torch.tensor([1.0, 1.0]))
        second.bias.zero_()
    found, about = excites(made, "out", 0)
    assert about["begun"] == "sample" and found["rows"][0][0] < 0
    assert about["reached"] >= float(found["activations"][0]) and found["made"][0] < 0


def test_of_tokens_there_are_only_the_samples(words) -> None:
    made = desk(words())
    found, _ = excites(made, "out", 3)
    source = made.plan.validation["data"]
    compiled = made.plan.compiled
    row = {port: each[:] for port, each in source.samples.items()}
    (scores,) = compiled.select([("out", "y")])(*[row[port] for _, port in compiled.inputs])
    most = scores[:, :, 3].detach()
    assert found["activations"] == pytest.approx(most.amax(1).sort(descending=True).values[:9].numpy(), abs=1e-5)
    first, (_, place) = found["samples"][0], found["units"][0]
    assert float(most[first, place]) == pytest.approx(float(found["activations"][0]), abs=1e-5)
    assert (found["tokens"][0] == source.samples["tokens"][first].numpy()).all() and "made" not in found


def test_it_stays_within_what_it_may_take(deep, monkeypatch) -> None:
    """Fewer samples and steps of a network that costs more; how many is told."""
    made = deep()
    costs = maximisation.macs(made.plan.compiled, ("conv2", "y"))
    monkeypatch.setattr(maximisation, "MACS", 90 * costs)
    found, about = excites(made, "conv2", 0)
    assert about["looked"] == 90 < about["of"] and max(found["samples"]) < 90
    assert about["steps"] == 30 and len(found["course"]) == 31


def test_what_has_no_unit_is_said(deep, detector) -> None:
    made = deep()
    for question, words in (
        ({"node": "conv2", "channel": 5}, "has 5 channels, counted from 0; 5 came"),
        ({"node": "nobody"}, "no node 'nobody'"),
        ({"node": "conv2", "port": "z"}, "no output 'z'"),
        ({"node": "loss"}, "has no units"),
    ):
        with pytest.raises(Unanswerable, match=words):
            excites(made, **question)
