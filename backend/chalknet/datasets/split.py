"""Dividing samples into training, validation and test; the text stands alone, because exported files carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def divide(samples: dict[str, Tensor], validation: float, test: float, seed: int) -> dict[str, dict[str, Tensor]]:
    """The samples in three parts, drawn by ``seed`` alone; with a class label, every part has each class's share.

    ``samples`` holds a tensor a port, first axis the samples. Test is drawn first, so that another validation share
    leaves the test samples as they were.
    """
    import numpy
    import torch

    count = len(next(iter(samples.values())))
    rng = numpy.random.default_rng(seed)
    label = samples.get("label")
    if label is None:
        groups = [rng.permutation(count)]
    else:
        classes = label.numpy()
        groups = [rng.permutation(numpy.flatnonzero(classes == c)) for c in numpy.unique(classes)]
    chosen = {"train": [], "validation": [], "test": []}
    for group in groups:
        tested = round(test * len(group))
        validated = tested + round(validation * len(group))
        chosen["test"].append(group[:tested])
        chosen["validation"].append(group[tested:validated])
        chosen["train"].append(group[validated:])
    parts = {}
    for part, rows in chosen.items():
        order = torch.from_numpy(numpy.sort(numpy.concatenate(rows)))
        parts[part] = {port: values[order] for port, values in samples.items()}
    return parts
