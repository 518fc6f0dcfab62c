"""Non-maximum suppression (L-066): of boxes that overlap much and name one class, the surest stays."""

from __future__ import annotations

import torch
from torch import Tensor


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union (C-048) of boxes (x0, y0, x1, y1): [..., n, 4] and [..., m, 4] → [..., n, m]."""
    low = torch.maximum(a[..., :, None, :2], b[..., None, :, :2])
    high = torch.minimum(a[..., :, None, 2:4], b[..., None, :, 2:4])
    both = (high - low).clamp(min=0).prod(-1)
    area_a = (a[..., 2:4] - a[..., :2]).clamp(min=0).prod(-1)
    area_b = (b[..., 2:4] - b[..., :2]).clamp(min=0).prod(-1)
    return both / (area_a[..., :, None] + area_b[..., None, :] - both).clamp(min=1e-9)


def kept(boxes: Tensor, most: float = 0.5) -> Tensor:
    """Which boxes stay, bool [n, M]. ``boxes`` [n, M, 6] are rows (x0, y0, x1, y1, score, class), best first.

    A box is taken away by a better one of its class that stays and overlaps it by more than ``most``. Whether a box
    stays depends on better ones only, so repeating the rule for all boxes at once comes to rest at the greedy answer,
    after as many rounds as the longest chain of boxes that decide over each other.
    """
    rivals = (overlap(boxes, boxes) > most) & (boxes[..., :, None, 5] == boxes[..., None, :, 5])
    better = rivals.triu(1)  # [n, better, worse]
    stay = torch.ones(boxes.shape[:-1], dtype=torch.bool, device=boxes.device)
    while True:
        again = ~(better & stay[..., :, None]).any(-2)
        if torch.equal(again, stay):
            return stay
        stay = again
