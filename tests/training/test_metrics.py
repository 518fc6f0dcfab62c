"""Metrics against other people's, and suppression by hand."""

from __future__ import annotations

import pytest
import torch

from chalknet.layers.base import Axis, Inputs, TensorType, boxes, registry
from chalknet.training import metrics
from chalknet.training.metrics import MeanAveragePrecision
from chalknet.training.suppression import kept, overlap


def test_every_metric_that_a_loss_names_is_there() -> None:
    for kind in registry.values():
        for name in getattr(kind, "metrics", ()):
            assert name in metrics.metrics, f"{kind.type} names {name}"


def test_overlap_of_c048() -> None:
    """C-048: (0,0,2,2) and (1,1,3,3) share 1/7."""
    a, b = torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[1.0, 1, 3, 3], [5, 5, 6, 6], [0, 0, 2, 2]])
    assert overlap(a, b)[0].tolist() == pytest.approx([1 / 7, 0, 1])


def test_suppression_of_c049() -> None:
    """C-049, L-066: the best stays, what overlaps it goes, what overlapped only what went stays; classes apart."""
    rows = torch.tensor(
        [
            [0.0, 0, 10, 10, 0.9, 0],
            [1, 0, 11, 10, 0.8, 0],  # overlaps the first: 9/11
            [4, 0, 14, 10, 0.7, 0],  # overlaps the second (7/13), the first too little (6/14)
            [0, 0, 10, 10, 0.6, 1],  # another class
            [30, 30, 40, 40, 0.5, 0],
        ]
    )
    assert kept(rows[None])[0].tolist() == [True, False, True, True, True]


def greedy(rows: torch.Tensor, most: float) -> list[bool]:
    """Suppression as it is written in every course: best first, take away what overlaps."""
    stay = [True] * len(rows)
    for i, row in enumerate(rows):
        if stay[i]:
            for j in range(i + 1, len(rows)):
                if rows[j, 5] == row[5] and float(overlap(row[None], rows[j][None])) > most:
                    stay[j] = False
    return stay


@pytest.mark.parametrize("most", [0.3, 0.5, 0.7])
def test_suppression_is_the_greedy_one(most: float) -> None:
    """L-066: on crowded random boxes, several pictures at once."""
    generator = torch.Generator().manual_seed(1)
    corner = torch.rand(4, 60, 2, generator=generator)
    size = 0.1 + 0.4 * torch.rand(4, 60, 2, generator=generator)
    score = torch.rand(4, 60, 1, generator=generator).sort(1, descending=True).values
    kind = torch.randint(0, 2, (4, 60, 1), generator=generator).float()
    rows = torch.cat([corner, corner + size, score, kind], 2)
    found = kept(rows, most)
    assert found.tolist() == [greedy(each, most) for each in rows]
    assert not found.all()


class Detector:
    """Stands for a YOLO loss's module: its grid is the boxes themselves."""

    def decode(self, grid: torch.Tensor) -> torch.Tensor:
        return grid


def precision(found: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    layer = registry["yolo_loss"]()
    grid = TensorType(axes=(Axis("H", 4), Axis("W", 4), Axis("P", 13)))
    metric = MeanAveragePrecision(layer, Inputs({"grid": [grid], "target": [boxes(3, 2)]}), Detector())
    # In two batches: numbers of pictures go on.
    for part in (slice(0, 1), slice(1, None)):
        metric.add({"grid": found[part], "target": truth[part]})
    return metric.values()


def test_average_precision_by_hand(capfd: pytest.CaptureFixture[str]) -> None:
    """C-056: two pictures, one class: right, wrong, right at scores .9, .8, .7 of two objects → 1 up to half, then
    2/3."""
    truth = torch.tensor([[[0, 0.3, 0.3, 0.2, 0.2]], [[0, 0.6, 0.6, 0.2, 0.2]]])
    hit = [0.2, 0.2, 0.4, 0.4]
    found = torch.tensor(
        [[[*hit, 0.9, 0], [0.7, 0.7, 0.9, 0.9, 0.8, 0]], [[0.5, 0.5, 0.7, 0.7, 0.7, 0], [0, 0, 0, 0, 0, 0]]]
    )
    values = precision(found, truth)
    # COCO reads precision at 101 recalls: 51 up to and with 0.5, 50 above.
    assert values["map50"] == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)
    assert values["map"] == pytest.approx(values["map50"]), "the boxes are exact, so the overlap asked for is no matter"
    told = capfd.readouterr()
    assert told.out == told.err == "", "the library speaks to nobody"


def test_average_precision_counts_how_well_boxes_fit() -> None:
    """A box with an overlap of 0.62 is found at 0.5, 0.55 and 0.6, and not at the seven above."""
    truth = torch.tensor([[[1, 0.5, 0.5, 0.4, 0.4]]] * 2)
    width = 0.4 * 0.62
    box = [0.3, 0.3, 0.3 + width, 0.7, 0.9, 1]
    values = precision(torch.tensor([[box]] * 2), truth)
    assert values == {"map50": pytest.approx(1), "map": pytest.approx(0.3)}


def test_doubled_boxes_are_counted_once() -> None:
    truth = torch.tensor([[[0, 0.5, 0.5, 0.4, 0.4], [-1, 0, 0, 0, 0]]])
    box = [0.3, 0.3, 0.7, 0.7]
    values = precision(torch.tensor([[[*box, 0.9, 0], [*box, 0.8, 0]]]), truth)
    assert values == {"map50": pytest.approx(1), "map": pytest.approx(1)}


def test_nothing_found_is_nothing() -> None:
    truth = torch.tensor([[[0, 0.5, 0.5, 0.4, 0.4]]])
    assert precision(torch.zeros(1, 1, 6), truth) == {"map50": 0, "map": 0}


def test_no_objects_have_no_precision() -> None:
    assert precision(torch.zeros(1, 1, 6), torch.full((1, 1, 5), -1.0)) == {}


def test_accuracy_of_yes_and_no() -> None:
    """A single score means yes above 0."""
    layer = registry["bce"]()
    types = Inputs({"logits": [TensorType(axes=(Axis("D", 1),))], "target": [TensorType("index", (), 2)]})
    metric = metrics.Accuracy(layer, types, layer.build(types))
    metric.add({"logits": torch.tensor([[2.0], [-1.0], [3.0]]), "target": torch.tensor([1, 0, 0])})
    metric.add({"logits": torch.tensor([[-2.0]]), "target": torch.tensor([0])})
    assert metric.values() == {"accuracy": 0.75}


def test_errors_of_numbers() -> None:
    """C-058: mean squared and mean absolute error."""
    layer = registry["mse"]()
    types = Inputs({})
    for kind, expected in ((metrics.MeanSquaredError, 2.5), (metrics.MeanAbsoluteError, 1.5)):
        metric = kind(layer, types, torch.nn.Identity())
        metric.add({"prediction": torch.tensor([[1.0], [2.0]]), "target": torch.tensor([[2.0], [4.0]])})
        assert metric.values() == {metric.names[0]: expected}
        assert kind(layer, types, torch.nn.Identity()).values() == {}
