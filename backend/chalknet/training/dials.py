"""What can be set otherwise while a run lasts, besides the learning rate: weight decay, penalties, dropout, how much
samples are augmented.

What holds is a function of the commands so far, and stands in every checkpoint, so that a run that was interrupted goes
on exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from torch import nn

from chalknet import wire
from chalknet.datasets.readied import Readied
from chalknet.layers.noise import Drop
from chalknet.training.batches import Source
from chalknet.training.compile import Compiled
from chalknet.training.phases import Phase

NAMES: dict[wire.Dial, str] = {
    "decay": "weight decay",
    "l1": "L1",
    "l2": "L2",
    "dropout": "dropout",
    "augment": "augmentation",
}
MOST: dict[wire.Dial, float] = {"dropout": 0.99, "augment": 1.0}


class Dials:
    """The dials of one run. A setting's key is ``decay/main`` for a phase, ``dropout/encoder/0/drop`` for a node."""

    def __init__(self, compiled: Compiled, phases: Sequence[Phase], sources: Mapping[str, Source]) -> None:
        self.phases = phases
        self.augmented = {
            path: source
            for path, source in sources.items()
            if isinstance(source.layer, Readied) and source.layer.augment
        }
        self.drops: dict[str, nn.Module] = {
            path: module
            for path, module in compiled.modules.items()
            if isinstance(compiled.flat.nodes[path].layer, Drop)
        }
        self.first = self._all()

    @property
    def changed(self) -> dict[str, float]:
        """What is not as the recipe and the layers say."""
        return {key: value for key, value in self._all().items() if value != self.first[key]}

    def told(self) -> dict[wire.Dial, float]:
        """What each dial of the run stands at: of several phases or layers the first's."""
        found: dict[wire.Dial, float] = {}
        for key, value in self._all().items():
            found.setdefault(_dial(key), value)
        return found

    def turn(self, command: wire.Turn) -> Iterator[str]:
        """Sets a dial; yields in words what changed."""
        value = min(command.value, MOST.get(command.dial, command.value))
        wanted = {
            key: before
            for key, before in self._all().items()
            if _dial(key) == command.dial and command.of in ("", key.partition("/")[2]) and before != value
        }
        for key in wanted:
            self._set(key, value)
        # Those that went the same way are told of once.
        for before in dict.fromkeys(wanted.values()):
            of = [key.partition("/")[2] for key, was in wanted.items() if was == before]
            text = f"{NAMES[command.dial]} {before:g} → {value:g}"
            several = len(of) < sum(_dial(key) == command.dial for key in self.first)
            yield f"{', '.join(of)}: {text}" if several else text[0].upper() + text[1:]

    def restore(self, changed: Mapping[str, float]) -> None:
        """Takes over what held at a checkpoint."""
        for key, value in self.first.items():
            self._set(key, changed.get(key, value))

    def _all(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for phase in self.phases:
            found[f"decay/{phase.id}"] = phase.optimizer.decay
            found |= {f"l1/{phase.id}": phase.penalty.l1, f"l2/{phase.id}": phase.penalty.l2}
        found |= {f"augment/{path}": source.strength for path, source in self.augmented.items()}
        for path, module in self.drops.items():
            found[f"dropout/{path}"] = float(getattr(module, _attribute(module)))
        return found

    def _set(self, key: str, value: float) -> None:
        dial, _, of = key.partition("/")
        if dial == "dropout":
            module = self.drops[of]
            setattr(module, _attribute(module), value)
            return
        if dial == "augment":
            self.augmented[of].strength = value
            return
        phase = next(each for each in self.phases if each.id == of)
        if dial == "decay":
            phase.optimizer.decay = value
        else:
            phase.punish(dial, value)


def _dial(key: str) -> wire.Dial:
    dial: wire.Dial = key.partition("/")[0]  # type: ignore[assignment]
    return dial


def _attribute(module: nn.Module) -> str:
    """Where torch's modules and ours hold their rate."""
    return "p" if hasattr(module, "p") else "rate"
