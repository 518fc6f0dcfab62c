"""Losses and metrics of a part of the data, without leaving a trace in the run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from chalknet.layers.base import Loss
from chalknet.training import metrics
from chalknet.training.batches import Source
from chalknet.training.compile import Compiled, Value

BATCH_BYTES = 256 * 2**20
"""Activations of one batch of an evaluation."""
MOST = 1024


@contextmanager
def untouched(compiled: Compiled) -> Iterator[None]:
    """Evaluation mode without gradients. Afterwards modes and random numbers are as they were."""
    learning = [module for module in compiled.module.modules() if module.training]
    cuda = torch.cuda.is_initialized()
    state = torch.get_rng_state()
    cuda_state = torch.cuda.get_rng_state() if cuda else None
    for module in learning:
        module.training = False
    try:
        with torch.no_grad():
            yield
    finally:
        for module in learning:
            module.training = True
        torch.set_rng_state(state)
        if cuda_state is not None:
            torch.cuda.set_rng_state(cuda_state)


def rows(sources: Mapping[str, Source], first: int, last: int) -> dict[Value, Tensor]:
    """Samples ``first`` to ``last`` of every data node, as the network wants them; one that holds fewer begins
    again."""
    batch: dict[Value, Tensor] = {}
    for source in sources.values():
        if last <= source.count:
            batch |= source.rows(slice(first, last))
        else:
            batch |= source.rows(torch.arange(first, last, device=source.device) % source.count)
    return batch


def most(sources: Mapping[str, Source]) -> int:
    """How many samples a part has: as many as its largest data node holds; none where one of them is empty."""
    counts = [source.count for source in sources.values()]
    return max(counts) if counts and min(counts) else 0


class Evaluator:
    """Computes the losses and metrics of a part. What it reads besides the losses is computed in the same forward
    pass."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._ports: dict[str, dict[str, Value]] = {
            path: {port: values[0] for port, values in compiled.sources(path).items()} for path in compiled.losses
        }
        losses = [(path, compiled.layer(path).outputs[0].name) for path in compiled.losses]
        read = [value for ports in self._ports.values() for value in ports.values()]
        self._values = list(dict.fromkeys([*losses, *read]))
        self._graph = compiled.select(self._values)
        self._size = max(1, min(MOST, BATCH_BYTES // max(1, compiled.facts.activation_bytes)))

    def ports(self, path: str, values: Mapping[Value, Tensor]) -> dict[str, Tensor]:
        """What arrives at a loss's ports, by name."""
        return {port: values[value] for port, value in self._ports[path].items()}

    def each(
        self,
        sources: Mapping[str, Source],
        computed: Callable[[Mapping[Value, Tensor]], dict[Value, Tensor]] | None = None,
    ) -> Iterator[tuple[int, int, dict[Value, Tensor]]]:
        """(first, last, values) of a part, batch by batch; nothing where the part is empty."""
        count = most(sources)
        for first in range(0, count, self._size):
            last = min(first + self._size, count)
            yield first, last, (computed or self.computed)(rows(sources, first, last))

    def computed(self, batch: Mapping[Value, Tensor]) -> dict[Value, Tensor]:
        """All that is read of a batch."""
        found = self._graph.forward(*[batch[value] for value in self.compiled.inputs])
        return dict(zip(self._values, found, strict=True))

    def __call__(
        self,
        sources: Mapping[str, Source],
        part: str,
        *,
        whole: bool = False,
        computed: Callable[[Mapping[Value, Tensor]], dict[Value, Tensor]] | None = None,
    ) -> dict[str, float]:
        """``{"validation.loss": …, "validation.accuracy": …}`` of a part; empty where the part is.

        ``whole``: every metric is taken of all samples, also one that is content with fewer while a run goes on.
        ``computed``: what gives the values of a batch in the network's place.
        """
        count = most(sources)
        if count == 0:
            return {}
        compiled = self.compiled
        gathered = {path: self._metrics(path) for path in compiled.losses}
        sums: dict[str, list[Tensor]] = {path: [] for path in compiled.losses}
        with untouched(compiled):
            for first, last, values in self.each(sources, computed):
                for path in compiled.losses:
                    sums[path].append(values[path, compiled.layer(path).outputs[0].name].double() * (last - first))
                    ports = self.ports(path, values)
                    for metric in gathered[path]:
                        if whole or metric.limit is None or first < metric.limit:
                            metric.add(ports)
            losses = {path: float(sum(each)) / count for path, each in sums.items()}
            measured = {
                path: {name: value for metric in each for name, value in metric.values().items()}
                for path, each in gathered.items()
            }
        return finite(named(part, losses, measured))

    def _metrics(self, path: str) -> list[metrics.Metric]:
        layer = self.compiled.layer(path)
        assert isinstance(layer, Loss)
        return metrics.of(layer, self.compiled.flat.inputs(path), self.compiled.modules[path])


def named(part: str, losses: Mapping[str, float], measured: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Values by the names of their series. With several losses each has its own beside their sum, and a metric that
    several have is told apart by the loss's path."""
    found = {f"{part}.loss": sum(losses.values())}
    if len(losses) > 1:
        found |= {series(f"{part}.loss", path): value for path, value in losses.items()}
    names = [name for values in measured.values() for name in values]
    for path, values in measured.items():
        for name, value in values.items():
            found[f"{part}.{name}" if names.count(name) == 1 else series(f"{part}.{name}", path)] = value
    return found


def series(name: str, path: str) -> str:
    """A series of one node, within the length that the wire allows; of a long path its end is kept, which is the
    node."""
    return f"{name}.{path[-(159 - len(name)) :]}"


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Only what is a number: the wire carries no NaN."""
    return {name: value for name, value in values.items() if math.isfinite(value)}
