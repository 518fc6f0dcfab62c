"""Worked examples of the notes, stepped through on a board: what the step shows against formulas, not autograd."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training.compile import compile
from chalknet.training.plan import plan
from tests.training.test_stages import WHOLE, Stepped
from tests.training.test_typed import drawn, worked


def stepped(document: Document, node: str, part: wire.StepPart = "update") -> Stepped:
    it = Stepped(plan(document, threads=1), WHOLE, wire.Subscription(view="parts", node=node, rate=30))
    it.to(part)
    it.run.close()
    return it


def slopes(it: Stepped) -> dict[str, float]:
    """The mean slope at every node's output."""
    frame = it.frames["stage|"]
    return {node: float(row[0]) for (node, _), row in zip(frame.about["ports"], frame.arrays["slopes"], strict=True)}


def test_c_034_a_share_is_no_softmax() -> None:
    """C-034, C-035: of (21, 8, 11) the shares are .525, .2 and .275."""
    for name, share in (("a", 0.525), ("b", 0.2), ("c", 0.275)):
        share_of = {"type": "formula", "fields": {"text": f"{name}/(a+b+c)"}}
        board = drawn({"a": 21, "b": 8, "c": 11, "f": share_of, "low": "minimise"},
                      "a > f.a", "b > f.b", "c > f.c", "f > low")  # fmt: skip
        values, _ = worked(board, "f")
        assert values["f"] == pytest.approx(share)


def test_c_039_a_centred_difference_agrees() -> None:
    """C-039, T-013: (f(x + h) − f(x − h)) / 2h of the board itself is the slope that Backward shows: 4 and 6."""
    bowl = {"type": "formula", "fields": {"text": "2*a^2 + 3*b^2"}}

    def at(x: float, y: float) -> Document:
        return drawn({"x": x, "y": y, "f": bowl, "low": "minimise"}, "x > f.a", "y > f.b", "f > low")

    def height(x: float, y: float) -> float:
        return worked(at(x, y), "f")[0]["f"]

    h = 0.01
    found = slopes(stepped(at(1, 1), "f", "backward"))
    assert found["x"] == pytest.approx((height(1 + h, 1) - height(1 - h, 1)) / (2 * h), rel=1e-3) == 4
    assert found["y"] == pytest.approx((height(1, 1 + h) - height(1, 1 - h)) / (2 * h), rel=1e-3) == 6


def test_c_043_a_whole_step_of_a_softmax_classifier() -> None:
    """C-042, C-043: scores W·x + b; the slope of W is (p − 1ₖ) xᵀ, the step W − η·that."""
    x, truth, eta = np.array([1.0, -2.0, 0.5]), 1, 0.1
    target = {"type": "constant", "fields": {"values": str(truth), "shape": "class", "classes": 2}}
    given = {"type": "constant", "fields": {"values": "1 -2 0.5"}}
    board = drawn({"x": given, "fc": {"type": "linear", "fields": {"units": 2}}, "t": target,
                   "loss": "cross_entropy"}, "x > fc", "fc > loss.logits", "t > loss.target", lr=eta)  # fmt: skip
    first = {name: each.detach().double().numpy() for name, each in compile(board).module.named_parameters()}
    scores = first["fc.weight"] @ x + first["fc.bias"]
    p = np.exp(scores) / np.exp(scores).sum()
    error = p - np.eye(2)[truth]
    frame = stepped(board, "fc").frames["parts|fc"]
    at = {each["name"]: i for i, each in enumerate(frame.about["parameters"])}
    assert frame.arrays["values"] == pytest.approx(scores, abs=1e-6)
    assert frame.arrays["slopes"] == pytest.approx(error, abs=1e-6)
    w, b = at["weight"], at["bias"]
    assert frame.arrays[f"gradient.{w}"] == pytest.approx(np.outer(error, x).ravel(), abs=1e-6)
    assert frame.arrays[f"gradient.{b}"] == pytest.approx(error, abs=1e-6)
    assert frame.arrays[f"after.{w}"] == pytest.approx(
        (first["fc.weight"] - eta * np.outer(error, x)).ravel(), abs=1e-6
    )


def test_c_044_backprop_through_two_layers() -> None:
    """C-044: δ₂ = y − t, δ₁ = W₂ᵀδ₂ where s > 0, and each layer's slope is its δ times what it was given."""
    x, t = np.array([2.0, -1.0]), np.array([0.5])
    nodes = {
        "x": {"type": "constant", "fields": {"values": "2 -1"}},
        "one": {"type": "linear", "fields": {"units": 4}},
        "act": "relu",
        "two": {"type": "linear", "fields": {"units": 1}},
        "t": {"type": "constant", "fields": {"values": "0.5", "shape": "vector"}},
        "loss": "half_squared",
    }
    board = drawn(nodes, "x > one", "one > act", "act > two", "two > loss.prediction", "t > loss.target")
    w = {name: each.detach().double().numpy() for name, each in compile(board).module.named_parameters()}
    s = w["one.weight"] @ x + w["one.bias"]
    a = np.maximum(s, 0)
    y = w["two.weight"] @ a + w["two.bias"]
    late = y - t
    early = (w["two.weight"].T @ late) * (s > 0)
    for node, delta, given in (("one", early, x), ("two", late, a)):
        frame = stepped(board, node, "backward").frames[f"parts|{node}"]
        (at,) = [i for i, each in enumerate(frame.about["parameters"]) if each["name"] == "weight"]
        assert frame.arrays["slopes"] == pytest.approx(delta, abs=1e-6)
        assert frame.arrays[f"gradient.{at}"] == pytest.approx(np.outer(delta, given).ravel(), abs=1e-6)


def test_c_045_half_a_square_behind_a_sigmoid() -> None:
    """C-045: of ½(σ(z) − t)² the slope at z is (σ − t) σ (1 − σ)."""
    z = {"type": "learned", "fields": {"values": "0.8", "shape": "vector"}}
    target = {"type": "constant", "fields": {"values": "1", "shape": "vector"}}
    nodes = {"z": z, "s": "sigmoid", "t": target, "loss": "half_squared"}
    board = drawn(nodes, "z > s", "s > loss.prediction", "t > loss.target")
    sigma = 1 / (1 + np.exp(-0.8))
    assert slopes(stepped(board, "s", "backward"))["z"] == pytest.approx((sigma - 1) * sigma * (1 - sigma), rel=1e-5)


def test_c_066_four_sigmoids_pass_on_hardly_anything() -> None:
    """C-066: each passes on at most 1/4, so four of them at most (1/4)⁴ of the slope."""
    chain = ["x", "a", "b", "c", "d", "low"]
    board = drawn({"x": 0, **dict.fromkeys("abcd", "sigmoid"), "low": "minimise"},
                  *(f"{one} > {other}" for one, other in pairwise(chain)))  # fmt: skip
    found = slopes(stepped(board, "a", "backward"))
    assert found["d"] == 1 and 0 < found["x"] <= 0.25**4
    product, value = 1.0, 0.0
    for _ in range(4):
        value = 1 / (1 + np.exp(-value))
        product *= value * (1 - value)
    assert found["x"] == pytest.approx(product, rel=1e-4)


@pytest.mark.parametrize(("batch", "updates"), [(1000, 1), (1, 140), (32, 5)])
def test_batch_stochastic_and_mini_batch_descent(batch: int, updates: int, spiral) -> None:
    """T-001 to T-003: of 140 training points one update an epoch, one for each point, and ⌈140/32⌉."""
    made = plan(spiral(epochs=1, batch=batch), threads=1)
    assert made.batches.per_epoch == updates
    seen = [len(each[0]) for each in made.batches.epoch(0)]
    assert sum(seen) == 140 and max(seen) == min(batch, 140)
