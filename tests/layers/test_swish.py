"""Swish-β, the layer that shows what a new one takes: a file of its own and this one."""

from __future__ import annotations

import torch
from torch.nn import functional

from chalknet.layers.base import Inputs, image, registry, sequence, vector


def test_swish_with_beta_1_is_silu_and_learns_its_betas() -> None:
    """L-089's family: at β = 1 it is SiLU; one β a channel, whose gradient is x²·σ′(βx) summed over the channel."""
    layer, inputs = registry["swish_beta"](), Inputs({"x": [image(3, 4, 5)]})
    assert layer.infer(inputs) == {"y": image(3, 4, 5)}
    assert layer.parameters(inputs) == {"beta": (3,)}
    module = layer.build(inputs)
    x = torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(module(x), functional.silu(x))
    module(x).sum().backward()
    share = torch.sigmoid(x)
    torch.testing.assert_close(module.get_parameter("beta").grad, (x**2 * share * (1 - share)).sum((0, 2, 3)))


def test_swish_with_beta_0_halves_what_comes_in() -> None:
    for x in (vector(4), sequence(5, 4), image(4, 2, 2)):
        layer, inputs = registry["swish_beta"](init=0), Inputs({"x": [x]})
        assert layer.parameters(inputs) == {"beta": (4,)}, "the channels of a sequence are its last axis"
        sample = torch.randn(3, *x.shape)
        torch.testing.assert_close(layer.build(inputs)(sample), sample / 2)
