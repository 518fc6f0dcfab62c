"""The training samples, in memory on the device, in the order in which an epoch goes through them.

Each epoch's order is drawn by a generator of its own from (seed, epoch), so that a resumed run, or one that jumps to an
epoch, sees the same batches, and nothing else that draws random numbers can disturb them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from chalknet.datasets.base import DataSource
from chalknet.datasets.readied import Readied, measure
from chalknet.training.compile import Value, seed_of

CHUNK_BYTES = 16 * 2**20
"""How much of an epoch is laid in order at a time: one copy for many batches, that are then slices of it."""
AT_ONCE = 1024
"""Samples that are measured at a time."""


@dataclass
class Source:
    """One data node with its samples of one part: a tensor a port."""

    path: str
    layer: DataSource
    samples: dict[str, Tensor]
    measured: Tensor | None = None
    """What was measured of the training samples, where the layer goes by it (``readied.measure``)."""
    strength: float = 1.0
    """How much of its augmentation is done, from 0 to 1."""

    @property
    def count(self) -> int:
        return len(next(iter(self.samples.values())))

    def none(self) -> Source:
        """The same node without samples."""
        empty = {port: values[:0] for port, values in self.samples.items()}
        return Source(self.path, self.layer, empty, self.measured, self.strength)

    @property
    def device(self) -> torch.device:
        return next(iter(self.samples.values())).device

    def rows(self, chosen: Tensor | slice) -> dict[Value, Tensor]:
        """These samples as the network wants them, as they are."""
        batch = self.ready({port: values[chosen] for port, values in self.samples.items()})
        return {(self.path, port): values for port, values in batch.items()}

    def ready(self, batch: Mapping[str, Tensor], seed: int | None = None) -> dict[str, Tensor]:
        """Samples, a tensor a port, as the network wants them; with a ``seed`` as they are trained on, changed at
        random. The random numbers depend on the seed alone."""
        layer = self.layer
        made = layer.prepare(batch)
        if not isinstance(layer, Readied):
            return made
        if seed is not None and layer.augment and self.strength > 0:
            generator = torch.Generator(self.device).manual_seed(seed)
            made = layer.augmented(made, self.measured, generator, self.strength)
        return layer.scaled(made, self.measured)

    def plain(self, port: str, values: Tensor) -> Tensor:
        """[n, …] of a port as the network is given them, in the data's own units."""
        if not isinstance(self.layer, Readied) or port != self.layer.measured:
            return values
        # Scaling is a factor and an offset for each channel or column.
        none, one = (self.layer.scaled({port: each}, self.measured)[port] for each in (values * 0, values * 0 + 1))
        return (values - none) / (one - none)

    @property
    def goes_by_measures(self) -> bool:
        """Whether its training samples must be measured before any can be made ready."""
        return isinstance(self.layer, Readied) and self.layer.measures()

    def measure(self) -> Tensor:
        """What was measured of these samples, as ``prepare`` gives them, on their device."""
        assert isinstance(self.layer, Readied)
        return measure(
            self.layer.prepare({port: values[first : first + AT_ONCE] for port, values in self.samples.items()})[
                self.layer.measured
            ]
            for first in range(0, self.count, AT_ONCE)
        )


class Batches:
    """Batches of the training samples, each a list of tensors in the order of ``inputs``, augmented where their source
    says so: by random numbers of (seed, epoch, batch), so that every batch is the same whenever it is made.

    Where several data nodes hold different numbers of samples, an epoch is one pass through the largest; the others
    begin again. A last batch of a single sample is left out, because no batch statistics can be taken of it.
    """

    def __init__(self, sources: Mapping[str, Source], inputs: tuple[Value, ...], size: int, seed: int) -> None:
        self.sources = sources
        self.inputs = inputs
        self.count = max(source.count for source in sources.values())
        self.size = min(size, self.count)
        self.seed = seed
        whole, rest = divmod(self.count, self.size)
        self.per_epoch = whole + (1 if rest > 1 or (rest and self.size == 1) else 0)
        row = sum(
            values[:1].numel() * values.element_size()
            for source in sources.values()
            for values in source.samples.values()
        )
        self.per_chunk = max(1, CHUNK_BYTES // max(1, row * self.size))

    def order(self, source: Source, epoch: int) -> Tensor:
        """Row numbers of an epoch, int64 [count], on the samples' device."""
        if source.count == 1:
            return torch.zeros(self.count, dtype=torch.int64, device=source.device)
        generator = torch.Generator().manual_seed(seed_of(self.seed, f"order/{source.path}/{epoch}"))
        rounds = -(-self.count // source.count)
        drawn = [torch.randperm(source.count, generator=generator) for _ in range(rounds)]
        order = drawn[0] if rounds == 1 else torch.cat(drawn)[: self.count]
        return order.to(source.device)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[list[Tensor]]:
        """The batches of an epoch from number ``start`` on.

        Chunks always begin at the same batches, wherever ``start`` is, so that a slice has the same place in memory and
        with it the same rounding.
        """
        augmented = {
            path: isinstance(source.layer, Readied) and bool(source.layer.augment)
            for path, source in self.sources.items()
        }
        orders = {path: self.order(source, epoch) for path, source in self.sources.items()}
        for first in range(start // self.per_chunk * self.per_chunk, self.per_epoch, self.per_chunk):
            last = min(first + self.per_chunk, self.per_epoch)
            chunk: dict[str, dict[str, tuple[Tensor, ...]]] = {}
            for path, source in self.sources.items():
                chosen = orders[path][first * self.size : last * self.size]
                chunk[path] = {port: values[chosen].split(self.size) for port, values in source.samples.items()}
            for number in range(max(first, start), last):
                batch: dict[Value, Tensor] = {}
                for path, source in self.sources.items():
                    rows = {port: split[number - first] for port, split in chunk[path].items()}
                    seed = seed_of(self.seed, f"augment/{path}/{epoch}/{number}") if augmented[path] else None
                    for port, values in source.ready(rows, seed).items():
                        batch[path, port] = values
                yield [batch[value] for value in self.inputs]
