"""First weights: how they are drawn (T-045, C-065)."""

from __future__ import annotations

import math

import pytest
import torch

from chalknet.training.compile import compile


def weights(board, how: str, **more) -> dict[str, torch.Tensor]:
    new = board()
    new.add("data", "points", samples=40)
    new.add("wide", "linear", "data.x", units=100)
    new.add("fc", "linear", "wide", units=50, more={"init": {"how": how, **more}})
    new.add("out", "linear", "fc", units=2)
    new.add("loss", "cross_entropy", "out>logits", "data.label>target")
    return compile(new.document()).module.state_dict()


@pytest.mark.parametrize(("how", "std"), [("he", 0.1414), ("xavier", 0.1155), ("normal", 0.3), ("zeros", 0.0)])
def test_c_065_spreads(how, std, board) -> None:
    """C-065, T-045: 100 → 50: He √(2/100) = .1414, Xavier √(2/150) = .1155; normal as asked; zeros are 0."""
    found = weights(board, how, scale=0.3)
    assert float(found["fc.weight"].std()) == pytest.approx(std, rel=0.03)
    assert not found["fc.bias"].any()
    usual = weights(board, "torch")
    assert torch.equal(usual["out.weight"], found["out.weight"]), "nobody else's first weights change"
    assert usual["fc.bias"].any()


def test_uniform_and_orthogonal(board) -> None:
    """T-045: between ± scale; rows at right angles, of length 1."""
    flat = weights(board, "uniform", scale=0.2)["fc.weight"]
    assert float(flat.abs().max()) <= 0.2 and float(flat.std()) == pytest.approx(0.2 / math.sqrt(3), rel=0.03)
    square = weights(board, "orthogonal")["fc.weight"]
    assert torch.allclose(square @ square.T, torch.eye(50), atol=1e-5)


def test_norms_keep_their_ones_and_typed_numbers_what_was_typed(board) -> None:
    new = board()
    new.add("data", "points", samples=40)
    new.add("fc", "linear", "data.x", units=2)
    new.add("norm", "batch_norm1d", "fc", more={"init": {"how": "zeros"}})
    new.add("gain", "learned", values="3", more={"init": {"how": "zeros"}})
    new.add("more", "multiply", "norm", "gain")
    new.add("loss", "cross_entropy", "more>logits", "data.label>target")
    found = compile(new.document()).module.state_dict()
    assert found["norm.weight"].tolist() == [1, 1] and float(found["gain.value"]) == 3
