"""Looking at a board, and what a frame says."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from chalknet import wire
from chalknet.training.plan import plan
from chalknet.training.probe import Probe


class Frame:
    """A frame taken apart: ``arrays`` by name, as numbers where they are bytes with a scale."""

    def __init__(self, raw: bytes) -> None:
        self.header, payload = wire.unpack(raw)
        self.raw: dict[str, np.ndarray] = {}
        self.arrays: dict[str, np.ndarray] = {}
        for array in self.header.arrays:
            count = int(np.prod(array.shape))
            values = np.frombuffer(payload, array.dtype, count, array.offset).reshape(array.shape)
            self.raw[array.name] = values
            if array.lo:
                leading = values.shape[: values.ndim - len(values.shape)]
                lo, hi = np.array(array.lo), np.array(array.hi)
                axes = 0
                while int(np.prod(values.shape[:axes])) != len(lo):
                    axes += 1
                leading = (*values.shape[:axes], *[1] * (values.ndim - axes))
                lo, hi = lo.reshape(leading), hi.reshape(leading)
                self.arrays[array.name] = lo + values / 255 * (hi - lo)
            else:
                self.arrays[array.name] = values

    @property
    def about(self) -> dict[str, Any]:
        return self.header.about


def look(document: Any, *wanted: dict[str, Any]) -> tuple[Any, list[Frame]]:
    """The frames of subscriptions on an untrained board whose BatchNorm has seen something."""
    made = plan(document, threads=1)
    made.compiled.learn()
    with torch.no_grad():
        for batch in made.batches.epoch(0):
            made.compiled.module(*batch)
    probe = Probe(made)
    probe.watch([wire.Subscription(**each) for each in wanted])
    return made, [Frame(raw) for raw in probe.frames(5, 0.5)]


def value(made: Any, node: str, port: str = "y", rows: list[int] | None = None) -> torch.Tensor:
    """A node's value for validation samples, in evaluation mode, one sample at a time."""
    compiled = made.compiled
    compiled.module.eval()
    found = []
    with torch.no_grad():
        for row in rows or [0]:
            batch = {k: v for source in made.validation.values() for k, v in source.rows(slice(row, row + 1)).items()}
            found += compiled.select([(node, port)])(*[batch[each] for each in compiled.inputs])
    return torch.cat(found)


def close(a: np.ndarray, b: torch.Tensor, scale: float | None = None) -> bool:
    """Equal but for the rounding to 255 steps of the range."""
    reach = scale if scale is not None else float(b.max() - b.min())
    return a.shape == tuple(b.shape) and bool(np.abs(a - b.numpy()).max() <= 0.51 * reach / 255 + 1e-5)
