"""What large weights cost, precision, and clipping, against plain torch (T-035, T-077)."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.training.compile import compile, seed_of
from tests.training.test_typed import drawn, trained

SGD = {"type": "sgd", "fields": {"lr": 0.1}}


@pytest.fixture
def plain(board):
    """A classifier with a batch norm, whose phase holds more."""

    def make(**phase: Any):
        new = board(epochs=1)
        new.add("data", "points", samples=120)
        new.add("fc", "linear", "data.x", units=6)
        new.add("norm", "batch_norm1d", "fc")
        new.add("act", "relu", "norm")
        new.add("out", "linear", "act", units=2)
        new.add("loss", "cross_entropy", "out>logits", "data.label>target")
        return new.document(phases={"main": {"optimizer": SGD, **phase}})

    return make


def by_hand(done, extra) -> dict[str, torch.Tensor]:
    """The same run in plain torch. ``extra(named parameters)`` is added to the loss, or changes the gradients."""
    compiled = compile(done.plan.document)
    named = dict(compiled.module.named_parameters())
    optimizer = torch.optim.SGD(named.values(), lr=0.1)
    (source,) = done.plan.train.values()
    compiled.module.train()
    for rows in done.plan.batches.order(source, 0).split(10):
        batch = source.rows(rows)
        (loss,) = compiled.module(*[batch[each] for each in compiled.inputs])
        optimizer.zero_grad()
        more = extra(named, before=True)
        (loss if more is None else loss + more).backward()
        extra(named, before=False)
        optimizer.step()
    return compiled.module.state_dict()


@pytest.mark.parametrize("biases", [False, True])
def test_a_penalty_is_minimised_beside_the_loss(biases, plain, train) -> None:
    """T-035: λ₁ Σ|w| + λ₂/2 Σw² in autograd, of weights and of biases only where asked; the loss is told apart."""
    penalty = {"l1": 0.01, "l2": 0.05, "biases": biases}
    done = train(plain(penalty=penalty))

    def cost(named, before):
        if not before:
            return None
        weights = [each for name, each in named.items() if biases or not name.endswith("bias")]
        return sum(0.01 * w.abs().sum() + 0.025 * w.square().sum() for w in weights)

    expected = by_hand(done, cost)
    for name, value in expected.items():
        assert torch.allclose(done.weights[name], value, atol=1e-5), name
    named = {name: each for name, each in done.weights.items() if name in dict(done.plan.compiled.parameters())}
    assert done.end.metrics["train.penalty"] == pytest.approx(float(cost(named, True)), rel=1e-4)
    assert any(not torch.allclose(done.weights[n], each, atol=1e-3) for n, each in train(plain()).weights.items())


def test_the_data_loss_and_the_penalty_are_two_curves(plain, train) -> None:
    """T-035: the first training loss is that without a penalty."""
    with_it, without = train(plain(penalty={"l2": 0.5})), train(plain())
    first = [next(c.values for c in done.curves if "train.loss" in c.values) for done in (with_it, without)]
    assert first[0]["train.loss"] == first[1]["train.loss"]
    assert "train.penalty" in first[0] and "train.penalty" not in first[1]


def test_weight_decay_has_a_curve_where_it_is_a_penalty(plain, train) -> None:
    """T-035: added to the gradient, λ is that of λ/2 Σw² of all weights; AdamW's is no part of what is minimised."""
    done = train(plain(optimizer={"type": "sgd", "fields": {"lr": 0.1, "weight_decay": 0.01}}))
    squares = sum(float(each.detach().square().sum()) for each in done.plan.compiled.parameters().values())
    assert done.end.metrics["train.penalty"] == pytest.approx(0.005 * squares, rel=1e-5)
    apart = train(plain(optimizer={"type": "adamw", "fields": {"weight_decay": 0.01}}))
    assert "train.penalty" not in apart.end.metrics


def test_c_046_spread_weights_cost_less() -> None:
    """C-046: L2 prefers (.5, .5) to (1, 0), which L1 finds equally good: 0.5 < 1, and 1 = 1."""
    for values, l1, l2 in (("0.5 0.5", 1.0, 0.25), ("1 0", 1.0, 0.5)):
        told = {}
        for kind in ("l1", "l2"):
            total = {"type": "reduce", "fields": {"how": "sum"}}
            board = drawn({"w": {"type": "learned", "fields": {"values": values}}, "sum": total, "low": "minimise"},
                          "w > sum", "sum > low", lr=1e-9)  # fmt: skip
            phases = board.recipe.phases["main"].model_dump() | {"penalty": {kind: 1.0}}
            recipe = board.recipe.model_validate({**board.recipe.model_dump(), "phases": {"main": phases}})
            told[kind] = trained(board.model_copy(update={"recipe": recipe}))[1]["train.penalty"]
        assert told == pytest.approx({"l1": l1, "l2": l2})


def test_clipping_each_slope_then_the_norm_is_torchs(plain, train) -> None:
    """T-077: torch's clip_grad_value_, then its clip_grad_norm_."""
    done = train(plain(clip_value=0.01, clip=0.05, penalty={"l2": 0.1}))

    def clipped(named, before):
        if before:
            return sum(0.05 * w.square().sum() for name, w in named.items() if not name.endswith("bias"))
        torch.nn.utils.clip_grad_value_(named.values(), 0.01)
        torch.nn.utils.clip_grad_norm_(named.values(), 0.05)
        return None

    for name, value in by_hand(done, clipped).items():
        assert torch.allclose(done.weights[name], value, atol=1e-6), name


def test_bf16_is_autocast(pictures, train) -> None:
    """Forward in bf16 by torch.autocast, the loss of 32-bit scores, 32-bit weights: by hand it comes out the same."""
    document = pictures(epochs=1, precision="bf16")
    done = train(document)
    assert all(each.dtype == torch.float32 for each in done.plan.compiled.parameters().values())
    compiled = compile(document)
    modules = compiled.modules
    optimizer = torch.optim.Adam(compiled.module.parameters(), lr=0.001, fused=True)
    (source,) = done.plan.train.values()
    compiled.module.train()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(seed_of(document.recipe.seed, "training"))
    for rows in done.plan.batches.order(source, 0).split(64):
        batch = source.rows(rows)
        with torch.autocast("cpu", torch.bfloat16):
            x = batch["data", "image"]
            for name in ("conv1", "norm1", "act1", "pool1", "flat", "drop", "out"):
                x = modules[name](x)
        assert x.dtype == torch.bfloat16
        loss = modules["loss"](x.float(), batch["data", "label"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.set_num_threads(threads)
    for name, value in compiled.module.state_dict().items():
        assert torch.allclose(done.weights[name], value, atol=1e-5), name
    full = train(pictures(epochs=1))
    assert full.end.metrics["test.loss"] == pytest.approx(done.end.metrics["test.loss"], rel=0.1)
    assert full.end.metrics["test.loss"] != done.end.metrics["test.loss"]


@pytest.mark.parametrize("name", ["words", "detector"])
def test_bf16_trains_attention_and_a_detector(name, request, train) -> None:
    document = request.getfixturevalue(name)(epochs=2)
    rough = document.model_copy(update={"recipe": document.recipe.model_copy(update={"precision": "bf16"})})
    full, half = train(document), train(rough)
    assert half.end.state == "finished"
    assert half.end.metrics["test.loss"] == pytest.approx(full.end.metrics["test.loss"], rel=0.1)


def test_a_frozen_layer_has_no_penalty(plain, train) -> None:
    """T-048, T-035: what does not learn costs nothing."""
    document = plain(penalty={"l2": 0.5})
    nodes = {**document.nodes, "fc": document.nodes["fc"].model_copy(update={"trainable": False})}
    done = train(document.model_copy(update={"nodes": nodes}))
    squares = sum(
        float(each.detach().square().sum())
        for name, each in done.plan.compiled.parameters().items()
        if "bias" not in name
    )
    assert done.end.metrics["train.penalty"] == pytest.approx(0.25 * squares, rel=1e-5)
