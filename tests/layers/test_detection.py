"""The grid of YOLO: its loss against the same written with loops, and boxes there and back."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from chalknet.layers.base import Axis, Inputs, TensorType, boxes, image, registry

S, BOXES, CLASSES = 4, 2, 3


def build(**fields: Any) -> Any:
    grid = TensorType(axes=(Axis("H", S), Axis("W", S), Axis("P", 5 * BOXES + CLASSES)))
    return registry["yolo_loss"](**fields).build(Inputs({"grid": [grid], "target": [boxes(CLASSES, 3)]}))


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def iou(a: list[float], b: list[float]) -> float:
    """Of (x0, y0, x1, y1), by the definition."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def corners(x: float, y: float, w: float, h: float) -> list[float]:
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def by_loops(grid: Tensor, target: Tensor, coordinates: float, empty: float) -> dict[str, float]:
    """The five terms, cell by cell and box by box."""
    sums = dict.fromkeys(("centre", "size", "object", "empty", "class"), 0.0)
    sigmoid = torch.sigmoid
    for picture, rows in zip(grid, target, strict=True):
        owner: dict[tuple[int, int], Tensor] = {}
        for row in rows:
            if row[0] >= 0:
                owner.setdefault((int(row[2] * S), int(row[1] * S)), row)
        count = max(1, len(owner))
        for i in range(S):
            for j in range(S):
                cell = picture[i, j]
                proposals = []
                for b in range(BOXES):
                    raw = cell[5 * b : 5 * b + 5]
                    x, y = (sigmoid(raw[0]) + j) / S, (sigmoid(raw[1]) + i) / S
                    proposals.append([v.item() for v in (x, y, sigmoid(raw[2]) ** 2, sigmoid(raw[3]) ** 2)])
                row = owner.get((i, j))
                best = None
                if row is not None:
                    truth = [v.item() for v in row[1:]]
                    overlaps = [iou(corners(*proposal), corners(*truth)) for proposal in proposals]
                    best = overlaps.index(max(overlaps))
                    x, y, w, h = proposals[best]
                    sums["centre"] += coordinates * S**2 * ((x - truth[0]) ** 2 + (y - truth[1]) ** 2) / count
                    roots = (w**0.5 - truth[2] ** 0.5) ** 2 + (h**0.5 - truth[3] ** 0.5) ** 2
                    sums["size"] += coordinates * roots / count
                    sure = sigmoid(cell[5 * best + 4]).item()
                    entropy = overlaps[best] * math.log(sure) + (1 - overlaps[best]) * math.log(1 - sure)
                    sums["object"] -= entropy / count
                    sums["class"] -= cell[5 * BOXES :].log_softmax(0)[int(row[0])].item() / count
                for b in range(BOXES):
                    if b != best:
                        sums["empty"] -= empty * math.log(1 - sigmoid(cell[5 * b + 4]).item()) / count
    return {name: value / len(grid) for name, value in sums.items()}


@pytest.mark.parametrize("seed", range(5))
def test_loss_equals_the_loops(seed: int) -> None:
    """T-032, L-070: five terms as Redmon et al. 2016 add them up, empty rows and shared cells included."""
    torch.manual_seed(seed)
    module = build(coordinates=3.0, empty=0.25)
    grid = torch.randn(4, S, S, 5 * BOXES + CLASSES)
    target = torch.cat([torch.randint(-1, CLASSES, (4, 3, 1)).float(), 0.1 + 0.8 * torch.rand(4, 3, 4)], 2)
    target[0, 1, 1:3] = target[0, 0, 1:3]
    target[3, :, 0] = -1
    terms = {name: value.item() for name, value in module.terms(grid, target).items()}
    assert terms == pytest.approx(by_loops(grid, target, 3.0, 0.25), rel=1e-4, abs=1e-6)
    assert module(grid, target).item() == pytest.approx(sum(terms.values()), rel=1e-5)


def test_overlap() -> None:
    """C-048: (0, 0, 2, 2) and (1, 1, 3, 3) → 1/7; apart → 0; the same → 1."""
    module = build()
    a = torch.tensor([1.0, 1, 2, 2])
    others = torch.tensor([[2.0, 2, 2, 2], [9, 9, 2, 2], [1, 1, 2, 2]])
    assert module.overlap(a, others).tolist() == pytest.approx([1 / 7, 0, 1])
    assert module.overlap(torch.zeros(4), torch.zeros(4)).item() == 0


def perfect(target: Tensor) -> Tensor:
    """The grid that says exactly what the target says."""
    grid = torch.full((len(target), S, S, 5 * BOXES + CLASSES), -12.0)
    for n, rows in enumerate(target):
        for kind, x, y, w, h in rows.tolist():
            if kind < 0:
                continue
            i, j = int(y * S), int(x * S)
            raw = [logit(x * S - j), logit(y * S - i), logit(w**0.5), logit(h**0.5), 12.0]
            grid[n, i, j, :5] = torch.tensor(raw)
            grid[n, i, j, 5 * BOXES + int(kind)] = 12
    return grid


TRUTH = torch.tensor([[[0, 0.3, 0.4, 0.2, 0.3], [2, 0.8, 0.6, 0.5, 0.25], [-1, 0, 0, 0, 0]], [[-1.0, 0, 0, 0, 0]] * 3])


def test_a_perfect_grid_costs_nothing() -> None:
    module = build()
    loss = module(perfect(TRUTH), TRUTH)
    assert loss.item() < 1e-3


def test_decode_gives_the_boxes_back() -> None:
    """L-070, V-012: corners from 0 to 1, best first, score = confidence × share of the class."""
    found = build().decode(perfect(TRUTH))
    assert found.shape == (2, S * S * BOXES, 6)
    assert torch.equal(found[..., 4], found[..., 4].sort(1, descending=True).values)
    first = {int(row[5]): row for row in found[0, :2]}
    for kind, x, y, w, h in TRUTH[0, :2].tolist():
        row = first[int(kind)]
        inside = [min(max(edge, 0), 1) for edge in corners(x, y, w, h)]
        assert row[:4].tolist() == pytest.approx(inside, abs=1e-4)
        assert row[4].item() > 0.99
    assert found[1, :, 4].max().item() < 1e-3
    assert found[..., :4].min() >= 0 and found[..., :4].max() <= 1


def test_decode_keeps_the_hundred_best() -> None:
    grid = TensorType(axes=(Axis("H", 16), Axis("W", 16), Axis("P", 13)))
    module = registry["yolo_loss"]().build(Inputs({"grid": [grid], "target": [boxes(3, 6)]}))
    assert module.decode(torch.randn(2, 16, 16, 13)).shape == (2, 100, 6)


def test_gradients_stay_finite_at_the_edges() -> None:
    """T-076: saturated grids, boxes on the border and boxes without a size leave no NaN."""
    for scale in (1.0, 100.0):
        grid = (scale * torch.randn(2, S, S, 5 * BOXES + CLASSES)).requires_grad_()
        target = torch.tensor([[[0, 1.0, 1.0, 0, 0], [1, 0, 0, 1, 1], [2, 0.5, 0.5, 1e-9, 1]]] * 2)
        loss = build()(grid, target)
        loss.backward()
        assert torch.isfinite(loss) and torch.isfinite(grid.grad).all()


def test_a_head_learns_one_picture() -> None:
    """L-070: a linear head on random features finds its objects in a few hundred steps."""
    torch.manual_seed(0)
    features = torch.randn(1, 32, S, S)
    head = registry["yolo_head"]().build(Inputs({"x": [image(32, S, S)]}))
    loss = build()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        loss(head(features), TRUTH[:1]).backward()
        optimizer.step()
    found = loss.decode(head(features))[0]
    for kind, *box in TRUTH[0, :2].tolist():
        near = [row for row in found[:4].tolist() if row[5] == kind]
        assert max(iou(row[:4], corners(*box)) for row in near) > 0.8
    assert found[2:, 4].max().item() < 0.3 < found[1, 4].item()


def test_an_untrained_head_expects_little() -> None:
    """Most cells are empty: the first confidence is small."""
    head = registry["yolo_head"](boxes=2).build(Inputs({"x": [image(8, S, S)]}))
    confidence = head(torch.zeros(1, 8, S, S))[..., [4, 9]].sigmoid()
    assert confidence.max().item() < 0.06
