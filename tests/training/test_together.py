"""What several runs say together, against plain torch over the weights that they saved (T-039, A-066)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training import together
from chalknet.training.answers.base import Unanswerable, registry
from chalknet.training.plan import plan


class Desk:
    cache = None


def member(number: int, document: Document, directory: Path) -> wire.Member:
    return wire.Member(name=f"Run {number}", document=json.dumps(document.dump()), directory=str(directory))


def asked(members: list[wire.Member], part: Any = "test") -> tuple[dict[str, numpy.ndarray], dict[str, Any]]:
    drawn = registry[wire.Together](Desk(), wire.Together(members=members, part=part))
    return {each.name: each.values for each in drawn.pictures}, drawn.about


def spiral_by_hand(directory: Path, x: torch.Tensor) -> torch.Tensor:
    """2-8-8-2 tanh, from the file alone."""
    saved = load_file(directory / "checkpoint.safetensors")
    for node in ("fc1", "fc2"):
        x = F.linear(x, saved[f"model.{node}.weight"], saved[f"model.{node}.bias"]).tanh()
    return F.linear(x, saved["model.out.weight"], saved["model.out.bias"])


@pytest.fixture
def three(spiral, train, tmp_path) -> list[tuple[Document, Path]]:
    """Three seeds, not trained long enough to agree."""
    made = []
    for seed in range(3):
        # The same samples in the same parts, whatever the run's seed.
        document = spiral(epochs=3, seed=seed, optimizer={"type": "adam", "fields": {"lr": 0.02}})
        train(document, directory=tmp_path / str(seed))
        made.append((document, tmp_path / str(seed)))
    return made


@pytest.mark.parametrize("part", ["test", "validation"])
def test_three_seeds_as_plain_torch_has_them(three, part: Any) -> None:
    found, about = asked([member(at + 1, *each) for at, each in enumerate(three)], part)
    made = plan(three[0][0], threads=1)
    source = getattr(made, part)["data"]
    rows = source.rows(slice(None))
    x, targets = rows["data", "x"], rows["data", "label"].long()
    shares = torch.stack([spiral_by_hand(each, x).double().softmax(1) for _, each in three])
    winners, mean = shares.argmax(2), shares.mean(0)
    assert about["count"] == about["of"] == len(targets) > 5
    for at in range(3):
        assert about["alone"][at] == pytest.approx(float((winners[at] == targets).double().mean()))
        expected = float(F.nll_loss(shares[at].log(), targets))
        assert about["loss_alone"][at] == pytest.approx(expected, rel=1e-4)
    assert about["mean"] == pytest.approx(float((mean.argmax(1) == targets).double().mean()))
    assert about["loss_mean"] == pytest.approx(float(F.nll_loss(mean.log(), targets)), rel=1e-4)
    votes = winners.mode(0).values  # of three votes for two classes one side has the most
    assert about["vote"] == pytest.approx(float((votes == targets).double().mean()))
    differ = winners.amax(0) != winners.amin(0)
    assert about["differ"] == int(differ.sum()) > 0
    assert about["differ_right"] == int((mean.argmax(1) == targets)[differ].sum())
    assert about["none_right"] == int((winners != targets).all(0).sum())
    for a in range(3):
        for b in range(3):
            assert found["apart"][a, b] == pytest.approx(float((winners[a] != winners[b]).double().mean()))
    # The samples that are disputed most come first, each with its own numbers.
    assert set(about["samples"][: about["differ"]]) == set(differ.nonzero()[:, 0].tolist()[:24])
    for place, sample in enumerate(about["samples"]):
        assert found["answers"][:, place].tolist() == winners[:, sample].tolist()
        assert found["rows"][place] == pytest.approx(source.samples["x"][sample].numpy())
        assert found["targets"][place] == targets[sample] and found["votes"][place] == votes[sample]


def test_what_each_says_alone_is_what_its_run_told(three, spiral, train, tmp_path) -> None:
    """The accuracy of each is the one that its training told at its end."""
    document = spiral(epochs=3, seed=7)
    done = train(document, directory=tmp_path / "seven")
    _, about = asked([member(1, *three[0]), member(2, document, tmp_path / "seven")])
    assert about["alone"][1] == pytest.approx(done.end.metrics["test.accuracy"])
    assert about["loss_alone"][1] == pytest.approx(done.end.metrics["test.loss"], rel=1e-4)


def test_other_networks_on_the_same_data_fit(three, board, train, tmp_path) -> None:
    """A linear classifier beside a network: what they say fits, whatever they are made of."""
    drawn = board(epochs=2)
    drawn.add("points", "points", kind="spiral", samples=200)
    drawn.add("only", "linear", "points.x", units=2)
    drawn.add("loss", "cross_entropy", "only>logits", "points.label>target")
    document = drawn.document()
    train(document, directory=tmp_path / "linear")
    _, about = asked([member(1, *three[0]), member(2, document, tmp_path / "linear")])
    saved = load_file(tmp_path / "linear" / "checkpoint.safetensors")
    rows = plan(document, threads=1).test["points"].rows(slice(None))
    scores = F.linear(rows["points", "x"], saved["model.only.weight"], saved["model.only.bias"])
    right = scores.argmax(1) == rows["points", "label"]
    assert about["alone"][1] == pytest.approx(float(right.double().mean()))


def test_numbers_have_a_mean_and_a_spread(board, train, tmp_path) -> None:
    """A-066: the mean's squared error is the members' mean less their variance (Krogh and Vedelsby 1995)."""
    members, expected = [], []
    for seed in range(3):
        drawn = board(epochs=2, seed=seed)
        drawn.add("data", "line")
        drawn.add("fc", "linear", "data.x", units=8)
        drawn.add("act", "tanh", "fc")
        drawn.add("out", "linear", "act", units=1)
        drawn.add("loss", "mse", "out>prediction", "data.y>target")
        document = drawn.document()
        train(document, directory=tmp_path / str(seed))
        members.append(member(seed + 1, document, tmp_path / str(seed)))
        saved = load_file(tmp_path / str(seed) / "checkpoint.safetensors")
        rows = plan(document, threads=1).test["data"].rows(slice(None))
        hidden = F.linear(rows["data", "x"], saved["model.fc.weight"], saved["model.fc.bias"]).tanh()
        expected.append(F.linear(hidden, saved["model.out.weight"], saved["model.out.bias"])[:, 0])
    found, about = asked(members)
    every, targets = torch.stack(expected).double(), rows["data", "y"].reshape(-1).double()
    alone = (every - targets).square().mean(1)
    assert about["alone"] == pytest.approx(alone.sqrt().tolist(), rel=1e-5)
    assert about["mean"] == pytest.approx(float((every.mean(0) - targets).square().mean().sqrt()), rel=1e-5)
    assert about["mean"] ** 2 == pytest.approx(numpy.square(about["alone"]).mean() - about["spread"] ** 2, rel=1e-5)
    assert about["spread"] > 0 and "vote" not in about
    assert about["samples"] == every.var(0).argsort(descending=True, stable=True)[:24].tolist()
    assert found["answers"] == pytest.approx(every[:, about["samples"]].float().numpy(), abs=1e-5)


def test_a_yes_or_no_is_two_classes(board, train, tmp_path) -> None:
    members = []
    for seed in (0, 1):
        drawn = board(epochs=2, seed=seed)
        drawn.add("data", "points", samples=200)
        drawn.add("out", "linear", "data.x", units=1)
        drawn.add("loss", "bce", "out>logits", "data.label>target")
        document = drawn.document()
        train(document, directory=tmp_path / str(seed))
        members.append(member(seed, document, tmp_path / str(seed)))
    _, about = asked(members)
    saved = load_file(tmp_path / "0" / "checkpoint.safetensors")
    rows = plan(document, threads=1).test["data"].rows(slice(None))
    yes = F.linear(rows["data", "x"], saved["model.out.weight"], saved["model.out.bias"])[:, 0] > 0
    assert about["kind"] == "classes" and len(about["classes"]) == 2
    assert about["alone"][0] == pytest.approx(float((yes.long() == rows["data", "label"].reshape(-1)).double().mean()))


def test_runs_that_do_not_fit_are_refused_in_words(three, spiral, pictures, words, train, tmp_path) -> None:
    first = member(1, *three[0])

    def refused(document: Document, directory: Path, match: str) -> None:
        with pytest.raises(Unanswerable, match=match):
            asked([first, member(2, document, directory)])

    digits = pictures(epochs=1)
    train(digits, directory=tmp_path / "digits")
    refused(digits, tmp_path / "digits", "Run 1 answers with 2 classes, Run 2 with 10 classes: there is no mean")
    other = spiral(epochs=1, split={"seed": 5})
    train(other, directory=tmp_path / "other")
    refused(other, tmp_path / "other", "Run 1 and Run 2 have other samples")
    refused(three[1][0], tmp_path / "nowhere", "Run 2 has kept no weights")
    refused(other, three[0][1], "The weights of Run 2 cannot be read")
    sequence = words(epochs=1)
    train(sequence, directory=tmp_path / "words")
    refused(sequence, tmp_path / "words", "Run 2 gives no row of numbers for a sample")


def test_of_equal_votes_the_mean_decides() -> None:
    winners = torch.tensor([[0, 2], [1, 2], [1, 0], [0, 1]])
    mean = torch.tensor([[0.3, 0.5, 0.2], [0.9, 0.05, 0.05]])
    assert together.vote(winners, mean).tolist() == [1, 2]


def test_all_saying_the_same_is_no_dispute() -> None:
    shares = torch.tensor([[0.2, 0.8], [1.0, 0.0]]).expand(3, 2, 2)
    assert together.disputed(shares).tolist() == pytest.approx([0, 0], abs=1e-9)
    opposed = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert float(together.disputed(opposed)) == pytest.approx(numpy.log(2))
