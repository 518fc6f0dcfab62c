"""What modules of our own compute."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chalknet.layers.base import Axis, Inputs, TensorType, image, index, registry, sequence, vector


def attention(width: int, length: int = 5, memory: int | None = None, **fields: Any) -> Any:
    wires = {"x": [sequence(length, width)]}
    if memory is not None:
        wires["memory"] = [sequence(memory, width)]
    torch.manual_seed(0)
    return registry["attention"](**fields).build(Inputs(wires))


def reference(
    module: Any, heads: int, x: Tensor, memory: Tensor, mask: Tensor | None, causal: bool
) -> tuple[Tensor, Tensor]:
    """torch.nn.MultiheadAttention with the same weights: output and weights per head."""
    torchs = nn.MultiheadAttention(x.shape[2], heads, batch_first=True)
    torchs.load_state_dict(module.state_dict())
    later = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool).triu(1) if causal else None
    hidden = None if mask is None else ~mask
    return torchs(x, memory, memory, key_padding_mask=hidden, attn_mask=later, average_attn_weights=False)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_attention_equals_torchs(causal: bool, cross: bool, masked: bool) -> None:
    """L-053 to L-057: self- and cross-attention, causal and masked, outputs and weights."""
    module = attention(8, heads=2, causal=causal, memory=7 if cross else None)
    x = torch.randn(3, 5, 8)
    memory = torch.randn(3, 7, 8) if cross else x
    mask = None
    if masked:
        mask = torch.arange(memory.shape[1]) < torch.tensor([[1], [3], [memory.shape[1]]])
    y, weights = reference(module, 2, x, memory, mask, causal)
    arguments = (x, memory if cross else None, mask)
    assert torch.allclose(module(*arguments), y, atol=1e-6)
    assert torch.allclose(module.weights(*arguments), weights, atol=1e-6)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_dot_attention_equals_torchs(causal: bool, masked: bool) -> None:
    """L-053, L-054, L-057: queries, keys and values apart; the causal upper triangle is 0; whoever may look at nobody
    gets nothing."""
    wires = {"x": [sequence(5, 4)], "keys": [sequence(5, 4)], "values": [sequence(5, 3)]}
    module = registry["dot_attention"](causal=causal).build(Inputs(wires))
    q, k, v = torch.randn(2, 5, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 3)
    mask = torch.tensor([[True] * 5, [True, True, False, False, False]]) if masked else None
    weights = module.weights(q, k, v, mask)
    seen = torch.ones(2, 1, 5, 5, dtype=torch.bool)
    seen = seen.tril() if causal else seen
    seen = seen & mask[:, None, None] if mask is not None else seen
    assert not weights[~seen].any() and torch.allclose(weights.sum(3), torch.ones(2, 1, 5))
    torch.testing.assert_close(module(q, k, v, mask), weights[:, 0] @ v)
    expected = F.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, 0])
    torch.testing.assert_close(module(q, k, v, mask), expected)
    nobody = torch.zeros(2, 5, dtype=torch.bool)
    assert not module.weights(q, k, v, nobody).any() and not module(q, k, v, nobody).any()


def test_additive_attention_by_the_formula() -> None:
    """L-052: e = v tanh(W x + U m); one query gives what it gives among several; padding gets no weight."""
    wires = {"x": [sequence(3, 2)], "memory": [sequence(4, 5)]}
    module = registry["additive_attention"](units=6).build(Inputs(wires))
    x, memory = torch.randn(2, 3, 2), torch.randn(2, 4, 5)
    mask = torch.tensor([[True] * 4, [True, False, False, True]])
    w, u, v = module.query.weight, module.memory.weight, module.score.weight[0]
    for sample in range(2):
        for t in range(3):
            kept = memory[sample, mask[sample]]
            scores = torch.stack([v @ (w @ x[sample, t] + u @ each).tanh() for each in kept])
            expected = scores.softmax(0) @ kept
            torch.testing.assert_close(module(x, memory, mask)[sample, t], expected)
            torch.testing.assert_close(module(x[:, t], memory, mask)[sample], expected)
    assert not module.weights(x, memory, mask)[1, 0, :, 1:3].any()
    assert not module(x, memory, torch.zeros(2, 4, dtype=torch.bool)).any()


def test_attention_by_hand() -> None:
    """C-068, L-053: q [1, 0], K = I, V = 10·I: scaled by √2 the weights are .6698 and .3302."""
    module = attention(2, length=2, heads=1)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([torch.eye(2), torch.eye(2), 10 * torch.eye(2)]))
        module.in_proj_bias.zero_()
        module.out_proj.weight.copy_(torch.eye(2))
        module.out_proj.bias.zero_()
    x = torch.eye(2)[None]
    assert module.weights(x)[0, 0, 0].tolist() == pytest.approx([0.6698, 0.3302], abs=1e-4)
    assert module(x)[0, 0].tolist() == pytest.approx([6.698, 3.302], abs=1e-3)


def test_causal_attention_sees_no_future() -> None:
    """L-057: the upper triangle is exactly 0."""
    weights = attention(8, heads=4, causal=True).weights(torch.randn(2, 5, 8))
    assert torch.equal(weights.triu(1), torch.zeros_like(weights))
    assert torch.allclose(weights.sum(3), torch.ones(2, 4, 5))


def test_attention_without_a_single_token() -> None:
    """A sample whose mask is empty gives neither NaN nor a NaN gradient."""
    module = attention(8, heads=2)
    x = torch.randn(2, 5, 8, requires_grad=True)
    mask = torch.tensor([[False] * 5, [True] * 5])
    y = module(x, None, mask)
    y.sum().backward()
    assert torch.isfinite(y).all() and torch.isfinite(x.grad).all()
    assert torch.equal(module.weights(x, None, mask)[0], torch.zeros(2, 5, 5))


def test_learned_positions_shorten_with_the_batch() -> None:
    """L-058: a batch shorter than the longest sequence takes the first places."""
    module = registry["positional_encoding"](kind="learned").build(Inputs({"x": [sequence(6, 4, varies=True)]}))
    assert torch.equal(module(torch.zeros(1, 3, 4))[0], module.weight[:3])


def test_cross_entropy_counts_what_the_mask_shows() -> None:
    """T-021: padding has no part in the mean."""
    time = Axis("T", 4)
    wires = {"logits": [sequence(4, 3)], "target": [index(3, time)], "mask": [TensorType("bool", (time,))]}
    module = registry["cross_entropy"](smoothing=0.1).build(Inputs(wires))
    logits, target = torch.randn(2, 4, 3), torch.randint(3, (2, 4))
    mask = torch.tensor([[True, True, False, False], [True, False, False, False]])
    expected = F.cross_entropy(logits[mask], target[mask], label_smoothing=0.1)
    assert torch.allclose(module(logits, target, mask), expected)
    assert module(logits, target, torch.zeros_like(mask)).item() == 0


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (vector(5), index(5)),
        (sequence(4, 5), index(5, Axis("T", 4))),
        (image(5, 3, 2), index(5, Axis("H", 3), Axis("W", 2))),
    ],
)
def test_cross_entropy_wherever_the_classes_stand(kind: TensorType, target: TensorType) -> None:
    """T-021, T-022: last in a sequence, first in an image; ``scores`` puts them first and they add up to 1."""
    inputs = Inputs({"logits": [kind], "target": [target]})
    module = registry["cross_entropy"]().build(inputs)
    logits, truth = torch.randn(2, *kind.shape), torch.randint(5, (2, *target.shape))
    assert kind.feature is not None
    first = logits.movedim(kind.feature + 1, 1)
    assert torch.allclose(module(logits, truth), F.cross_entropy(first, truth))
    assert module.scores(logits).shape == (2, 5, *target.shape)
    assert torch.allclose(module.scores(logits).sum(1), torch.ones(2, *target.shape))
    answer = registry["cross_entropy"]().source(inputs).answer
    assert torch.equal(eval(answer.format("logits"), {"logits": logits}), module.scores(logits).argmax(1))


def test_binary_cross_entropy_on_classes_and_on_shares() -> None:
    """T-020: scores of one number for classes 0 and 1; or two tensors of one shape."""
    inputs = Inputs({"logits": [vector(1)], "target": [index(2)]})
    module = registry["bce"]().build(inputs)
    logits, truth = torch.tensor([[2.0], [-1.0], [0.5]]), torch.tensor([1, 0, 0])
    shares = torch.stack([1 - logits[:, 0].sigmoid(), logits[:, 0].sigmoid()], 1)
    assert torch.allclose(module.scores(logits), shares)
    assert torch.allclose(module(logits, truth), F.nll_loss(shares.log(), truth))
    answer = registry["bce"]().source(inputs).answer
    assert eval(answer.format("logits"), {"logits": logits}).tolist() == [1, 0, 1]
    both = registry["bce"]().build(Inputs({"logits": [vector(3)], "target": [vector(3)]}))
    a, b = torch.randn(2, 3), torch.rand(2, 3)
    assert torch.allclose(both(a, b), F.binary_cross_entropy(a.sigmoid(), b))
