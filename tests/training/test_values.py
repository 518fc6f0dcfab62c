"""Any node's tensor for a sample, against the network run by hand (V-005, R-024)."""

from __future__ import annotations

import base64
import math

import numpy
import pytest
import torch

from chalknet import wire
from chalknet.training.answers.base import Unanswerable
from tests.training.desk import Answer, Desk, desk


def values(made: Desk, of: str, node: str = "data", **question: object) -> Answer:
    return made.put(wire.Values(node=node, of=of, **question))


def by_hand(made: Desk, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every node of the board ``pictures``, module by module."""
    found = {}
    y = x
    for name in ("conv1", "norm1", "act1", "pool1", "flat", "drop", "out"):
        y = made.plan.compiled.modules[name](y)
        found[name] = y[0].detach()
    return found


def test_every_nodes_tensor_of_a_sample(pictures) -> None:
    """V-005, R-024: number by number, with its shape and what is said of it."""
    made = desk(pictures())
    for name, expected in by_hand(made, made.sample(4)).items():
        found, about = values(made, name, sample=4)
        got = found["values"]
        assert got.dtype == numpy.float32 and got.shape == tuple(expected.shape)
        assert got == pytest.approx(expected.numpy(), abs=1e-5)
        assert (about["least"], about["most"]) == (got.min(), got.max()) and about["odd"] == 0
        assert about["mean"] == pytest.approx(got.astype(float).mean())
        assert about["deviation"] == pytest.approx(got.astype(float).std())
    assert values(made, "conv1")[1]["axes"] == ["C", "H", "W"] and values(made, "out")[1]["axes"] == ["D"]


def test_data_and_losses_have_tensors_too(pictures) -> None:
    made = desk(pictures())
    found, about = values(made, "data", sample=2)
    assert found["values"] == pytest.approx(made.sample(2)[0].numpy()) and about["ports"][0] == "image"
    found, about = values(made, "data", sample=2, port="label")
    label = int(made.plan.validation["data"].samples["label"][2])
    assert found["values"].dtype == numpy.int32 and int(found["values"]) == label and about["axes"] == []
    found, _ = values(made, "loss", sample=2)
    scores = by_hand(made, made.sample(2))["out"]
    expected = torch.nn.functional.cross_entropy(scores[None], torch.tensor([label]))
    assert float(found["values"]) == pytest.approx(float(expected), abs=1e-5)


def test_of_ones_own_sample(pictures) -> None:
    """What depends on its class is not known, and that is said."""
    made = desk(pictures())
    ink = bytes(range(0, 256, 4))
    question = {"sample": 3, "picture": base64.b64encode(ink).decode()}
    every = made.plan.validation["data"].samples["image"][:256]
    low, high = float(every.min()), float(every.max())
    x = (low + torch.tensor(list(ink)).float() / 255 * (high - low)).reshape(1, 1, 8, 8)
    found, _ = values(made, "act1", **question)
    assert found["values"] == pytest.approx(by_hand(made, x)["act1"].numpy(), abs=1e-5)
    with pytest.raises(Unanswerable, match="depends on the sample's 'label'"):
        values(made, "loss", **question)


def test_what_is_not_finite_is_counted(pictures) -> None:
    made = desk(pictures())
    with torch.no_grad():
        made.plan.compiled.modules["out"].bias[3] = math.inf
    found, about = values(made, "out")
    assert about["odd"] == 1 and numpy.isinf(found["values"]).sum() == 1
    assert about["most"] == found["values"][numpy.isfinite(found["values"])].max()


def test_inside_a_block(words) -> None:
    """A node inside the second copy of a repeated block; and of a mask, yes and no as 1 and 0."""
    made = desk(words())
    compiled = made.plan.compiled
    row = {port: each[5:6] for port, each in made.plan.validation["data"].samples.items()}
    path = next(path for path in compiled.flat.nodes if path.endswith("1/norm"))
    (expected,) = compiled.select([(path, "y")])(*[row[port] for _, port in compiled.inputs])
    found, about = values(made, path, sample=5)
    assert found["values"] == pytest.approx(expected[0].detach().numpy(), abs=1e-6) and about["axes"] == ["T", "D"]
    found, about = values(made, "data", sample=5, port="mask")
    assert about["element"] == "bool" and found["values"].tolist() == row["mask"][0].int().tolist()


def test_what_there_is_not_is_said(pictures, monkeypatch) -> None:
    made = desk(pictures())
    for of, port, words in (("nobody", "", "no node 'nobody'"), ("conv1", "z", "no output 'z'")):
        with pytest.raises(Unanswerable, match=words):
            values(made, of, port=port)
    with pytest.raises(Unanswerable, match="'nobody' holds no data"):
        values(made, "conv1", "nobody")
    monkeypatch.setattr(wire, "MOST_VALUES", 255)
    with pytest.raises(Unanswerable, match="256 numbers; at most 255"):
        values(made, "conv1")
