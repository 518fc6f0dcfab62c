"""Several networks' answers to the same samples, each alone and all together (T-039, A-066, notes 3:156): the mean, the
vote, and where they disagree.

Shares [M, N, K] of M members for N samples, or, of a regression, numbers [M, N, D].
"""

from __future__ import annotations

import torch
from torch import Tensor


def vote(winners: Tensor, mean: Tensor) -> Tensor:
    """[N]: the class that most members [M, N] name; of equal ones, the one that the mean [N, K] thinks most of."""
    counts = torch.zeros_like(mean).scatter_add_(1, winners.T, torch.ones_like(winners.T, dtype=mean.dtype))
    # A mean is far less than a vote, so that it only decides between equal ones.
    return (counts + 0.5 * mean / mean.abs().amax(1, keepdim=True).clamp(min=1e-30)).argmax(1)


def accuracy(winners: Tensor, targets: Tensor) -> float:
    return float((winners == targets).double().mean())


def surprise(shares: Tensor, targets: Tensor) -> float:
    """Cross-entropy of shares [N, K], in nats."""
    right = shares.double().gather(1, targets[:, None])[:, 0]
    return float(-right.clamp(min=1e-12).log().mean())


def apart(winners: Tensor) -> Tensor:
    """[M, M]: the share of the samples for which two members name different classes."""
    return (winners[:, None] != winners[None]).double().mean(2)


def disputed(shares: Tensor) -> Tensor:
    """[N]: how much the members disagree about a sample, in nats: the entropy of the mean less the mean of each one's
    own (generalised Jensen-Shannon divergence); 0 where all say the same."""
    shares = shares.double()
    return (_entropy(shares.mean(0)) - _entropy(shares).mean(0)).clamp(min=0)


def _entropy(shares: Tensor) -> Tensor:
    return -torch.special.xlogy(shares, shares).sum(-1)


def squared(numbers: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error of every member [M], or of one answer; numbers [..., N, D]."""
    return (numbers.double() - targets.double()).square().mean((-2, -1))


def spread(numbers: Tensor) -> Tensor:
    """[N]: the members' variance around their mean, over the numbers of a sample its mean. Averaged over the samples it
    is what the mean's squared error is below the members' (Krogh and Vedelsby 1995)."""
    return numbers.double().var(0, correction=0).mean(-1)
