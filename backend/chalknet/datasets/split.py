"""Dividing samples into training, validation and test; the text stands alone, because exported files carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def divide(
    samples: dict[str, Tensor],
    validation: float,
    test: float,
    seed: int,
    drawn: str = "classes",
    fill: tuple[str, list[int]] = ("mean", []),
) -> dict[str, dict[str, Tensor]]:
    """The samples in three parts, drawn by ``seed`` alone; with a class label, every part has each class's share.

    ``samples`` holds a tensor a port, first axis the samples. Test is drawn first, so that another validation share
    leaves the test samples as they were. ``copy_of`` is no port: it says of which row a sample is a distorted copy
    (-1: of none). Copies go where their original goes if that is training, and nowhere else. However small a class
    is, one of it is left to train on. ``tested`` is no port either: where some samples are marked in it, they are the
    test part.

    A number that is missing (NaN) becomes the mean of the training samples there. ``fill`` says otherwise: "median" or
    "frequent", and how many columns stand for one thing, in their order. Of one column it is the median or the most
    frequent number, the least of several; of more, one of which is 1, the most frequent of those.

    ``drawn``: "classes" rounds each class's share by itself; "exact" rounds them so that they add up to the share of
    all, the largest remainders up; "chance" asks for no class.
    """
    import numpy
    import torch

    count = len(next(iter(samples.values())))
    copy_of = samples["copy_of"].numpy() if "copy_of" in samples else numpy.full(count, -1)
    given = samples["tested"].numpy() if "tested" in samples else numpy.zeros(count, bool)
    target = next((samples[port] for port in ("label", "y") if port in samples), torch.zeros(0))
    originals = numpy.flatnonzero((copy_of < 0) & ~given)
    labelled = drawn != "chance" and target.dtype == torch.int64 and target.dim() == 1
    classes = target.numpy()[originals] if labelled else numpy.zeros(len(originals))
    rng = numpy.random.default_rng(seed)
    rows_of = {"train": [], "validation": [], "test": [numpy.flatnonzero(given)]}
    test = 0 if given.any() else test
    groups = [rng.permutation(originals[classes == each]) for each in numpy.unique(classes)]
    free = [len(group) - 1 for group in groups]
    taken = []
    for share in (test, validation):
        wanted = [share * len(group) for group in groups]
        if drawn == "exact":
            # Each class whole ones first; what is left goes to the largest remainders, as far as there is room.
            counts = [min(int(each + 1e-9), room) for each, room in zip(wanted, free, strict=True)]
            missing = round(sum(wanted)) - sum(counts)
            while missing > 0 and any(count < room for count, room in zip(counts, free, strict=True)):
                for at in sorted(range(len(groups)), key=lambda at: counts[at] - wanted[at]):
                    if missing > 0 and counts[at] < free[at]:
                        counts[at], missing = counts[at] + 1, missing - 1
        else:
            counts = [min(round(each), room) for each, room in zip(wanted, free, strict=True)]
        free = [room - count for room, count in zip(free, counts, strict=True)]
        taken.append(counts)
    for group, tested, validated in zip(groups, *taken, strict=True):
        rows_of["test"].append(group[:tested])
        rows_of["validation"].append(group[tested : tested + validated])
        rows_of["train"].append(group[tested + validated :])
    parts = {}
    for part, groups in rows_of.items():
        rows = numpy.sort(numpy.concatenate(groups))
        if part == "train":
            rows = numpy.concatenate([rows, numpy.flatnonzero(numpy.isin(copy_of, rows))])
        chosen = torch.from_numpy(rows)
        parts[part] = {port: values[chosen] for port, values in samples.items() if port not in ("copy_of", "tested")}
    for port, values in parts["train"].items():
        if values.is_floating_point() and any(found[port].isnan().any() for found in parts.values()):
            if fill[0] == "mean" or values.dim() != 2 or sum(fill[1]) != values.shape[1]:
                known = values.nanmean(0).nan_to_num()
            else:
                known, at = torch.zeros(values.shape[1]), 0
                for width in fill[1]:
                    there = values[:, at : at + width]
                    there = there[~there.isnan().any(1)].numpy()
                    if len(there) and width == 1 and fill[0] == "median":
                        known[at] = float(numpy.median(there))
                    elif len(there):
                        options, counts = numpy.unique(there, axis=0, return_counts=True)
                        # Of a category the first of its values comes first, which stands last in this order.
                        best = counts.argmax() if width == 1 else len(counts) - 1 - counts[::-1].argmax()
                        known[at : at + width] = torch.from_numpy(options[best])
                    at += width
            for found in parts.values():
                found[port] = torch.where(found[port].isnan(), known, found[port])
    return parts
