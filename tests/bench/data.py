"""The way of samples to a network against a tuned ``DataLoader``: 32×32 pictures in colour, plain and augmented.

Both give the same batches: shuffled, as floats, changed by the same functions. The loader fetches whole batches at
once (``__getitems__``), which is several times quicker than one sample at a time; the best of 0, 1 and 2 workers
counts. They take turns, so that whatever else the machine does meets them alike; what is told is the median of the
ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from chalknet.datasets.pictures import Pictures
from chalknet.training.batches import Batches, Source

COUNT, BATCH = 8192, 128
AUGMENT = {
    "a": {"type": "flip", "order": "a"},
    "b": {"type": "shift", "order": "b"},
    "c": {"type": "colours", "order": "c"},
}


class Samples(Dataset[Any]):
    """What a person writes who knows the loader well."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __len__(self) -> int:
        return self.source.count

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        batch = {port: values[rows] for port, values in self.source.samples.items()}
        layer = self.source.layer
        assert isinstance(layer, Pictures)
        return layer.augmented(layer.prepare(batch), self.source.measured)


def source(augmented: bool) -> Source:
    drawn = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (COUNT, 3, 32, 32), generator=drawn, dtype=torch.uint8)
    layer = Pictures.model_validate({"samples": COUNT, "augment": AUGMENT if augmented else {}})
    made = Source("data", layer, {"image": image, "label": torch.arange(COUNT) % 10})
    made.measured = made.measure() if made.goes_by_measures else None
    return made


def loaded(made: Source, workers: int) -> Iterator[Any]:
    return iter(DataLoader(Samples(made), BATCH, shuffle=True, num_workers=workers, collate_fn=lambda batch: batch))


def rate(make: Callable[[], Iterator[Any]]) -> float:
    """Batches a second of one pass, the start of workers left out."""
    batches = make()
    next(batches)
    begun, count = time.perf_counter(), 0
    for _ in batches:
        count += 1
    return count / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name, augmented in (("plain", False), ("augmented", True)):
        made = source(augmented)
        ours = Batches({"data": made}, (("data", "image"), ("data", "label")), BATCH, 0)

        ratios, rates = [], []
        for number in range(chosen.rounds):
            own = rate(lambda ours=ours, number=number: ours.epoch(number))
            theirs = max(rate(lambda made=made, workers=workers: loaded(made, workers)) for workers in (0, 1, 2))
            ratios.append(own / theirs)
            rates.append(own)
        told = f"data, {name} (batches of {BATCH}, {statistics.median(rates):,.0f}/s)"
        print(f"{told} | 1.00 | {statistics.median(ratios):.2f}", flush=True)


if __name__ == "__main__":
    main()
