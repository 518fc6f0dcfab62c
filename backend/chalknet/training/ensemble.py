"""Several networks' answers as one (T-038 to T-040): snapshots of one run, and a picture beside its mirror image.

The mean is taken of the shares (after softmax or sigmoid), of a regression of the numbers themselves; it is what the
loss and its metrics are then computed from. Members are told beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from chalknet.layers.loss import BCE, CrossEntropy
from chalknet.layers.regression import Distance
from chalknet.training.compile import Value
from chalknet.training.evaluate import Evaluator
from chalknet.training.plan import Plan

LEAD = "member."
"""Before the names of the members' weights among a checkpoint's tensors."""
State = dict[str, Tensor]


class Ensemble:
    """The members of one run. ``wanted``: whether the recipe asks for any of it, and the losses have a mean."""

    def __init__(self, plan: Plan) -> None:
        part = plan.document.recipe.ensemble
        self.plan = plan
        self.count = part.snapshots
        self.mirror = part.mirror
        compiled = plan.compiled
        self.answers = {
            path: next(iter(compiled.sources(path)[port]))
            for path in compiled.losses
            if (port := _answer(compiled.layer(path))) in compiled.sources(path)
        }
        self.wanted = (self.count > 0 or self.mirror) and len(self.answers) == len(compiled.losses)
        self.live: State = dict(compiled.module.state_dict(keep_vars=True)) if self.wanted else {}
        self.members: dict[int, State] = {}
        """By epoch, counted from 1."""

    def see(self, epoch: int) -> None:
        """After so many epochs: the end of an equal part of the run is worth a snapshot."""
        ends = {math.ceil((place + 1) * self.plan.epochs / self.count) for place in range(self.count)}
        if self.wanted and epoch in ends:
            self.members[epoch] = {name: each.detach().to("cpu", copy=True) for name, each in self.live.items()}

    def tell(self, evaluator: Evaluator, part: Literal["validation", "test"]) -> Iterator[tuple[dict[str, float], str]]:
        """A part's values, and the same in words: of the members' mean, and of mirror images beside pictures."""
        sources = self.plan.test if part == "test" else self.plan.validation
        if not self.wanted or not any(source.count for source in sources.values()):
            return
        if len(self.members) > 1:
            last = {name: each.detach().clone() for name, each in self.live.items()}
            alone = []
            for state in self.members.values():
                self._put(state)
                alone.append(evaluator(sources, part, whole=True))
            states = list(self.members.values())
            values = evaluator(sources, f"{part}.ensemble", whole=True, computed=_Mean(self, evaluator, states))
            self._put(last)
            yield values, _words(f"Mean of {len(states)} snapshots", part, values, alone)
        if self.mirror and any(self._pictures()):
            alone = [evaluator(sources, part, whole=True)]
            values = evaluator(sources, f"{part}.mirrored", whole=True, computed=_Mean(self, evaluator, [], True))
            yield values, _words("Mean of pictures and their mirror images", part, values, alone)

    def _put(self, state: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, tensor in self.live.items():
                tensor.copy_(state[name])

    def _pictures(self) -> Iterator[Value]:
        """The data that are pictures."""
        flat = self.plan.compiled.flat
        return (value for value in self.plan.compiled.inputs if flat.types[value[0]][value[1]].is_image)

    # --- in a checkpoint ---------------------------------------------------------------------------------------------

    def kept(self) -> State:
        return {f"{LEAD}{epoch}.{name}": each for epoch, state in self.members.items() for name, each in state.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.members = {}
        for key, tensor in tensors.items():
            if key.startswith(LEAD):
                epoch, _, name = key.removeprefix(LEAD).partition(".")
                self.members.setdefault(int(epoch), {})[name] = tensor
        self.members = {
            epoch: state for epoch, state in sorted(self.members.items()) if state.keys() >= self.live.keys()
        }


class _Mean:
    """Computes a batch's values as an evaluator does, but the losses' answers are the mean of several."""

    def __init__(self, ensemble: Ensemble, evaluator: Evaluator, states: Sequence[State], mirror: bool = False) -> None:
        self.ensemble = ensemble
        self.evaluator = evaluator
        self.states = states
        self.pictures = set(ensemble._pictures()) if mirror else set()

    def __call__(self, batch: Mapping[Value, Tensor]) -> dict[Value, Tensor]:
        compiled, answers = self.ensemble.plan.compiled, self.ensemble.answers
        seen = []
        for state in self.states:
            self.ensemble._put(state)
            seen.append(self.evaluator.computed(batch))
        if self.pictures:
            turned = {value: each.flip(-1) if value in self.pictures else each for value, each in batch.items()}
            seen += [self.evaluator.computed(batch), self._back(self.evaluator.computed(turned))]
        values = dict(seen[0])
        for path, answer in answers.items():
            layer = compiled.layer(path)
            feature = compiled.flat.types[answer[0]][answer[1]].feature
            values[answer] = mean(layer, [each[answer] for each in seen], (feature or 0) + 1)
        for path in answers:
            ports = {port: values[found[0]] for port, found in compiled.sources(path).items()}
            given = [ports.get(port.name) for port in compiled.layer(path).inputs]
            values[path, compiled.layer(path).outputs[0].name] = compiled.modules[path](*given)
        return values

    def _back(self, values: dict[Value, Tensor]) -> dict[Value, Tensor]:
        """Of mirror images: answers that are pictures themselves are turned back."""
        types = self.ensemble.plan.compiled.flat.types
        for path, port in self.ensemble.answers.values():
            if types[path][port].is_image:
                values[path, port] = values[path, port].flip(-1)
        return values


def mean(layer: object, answers: Sequence[Tensor], axis: int) -> Tensor:
    """The mean of several answers, given back as the loss takes it: scores whose shares are the mean of the shares."""
    stacked = torch.stack(list(answers))
    if isinstance(layer, CrossEntropy):
        return stacked.log_softmax(axis + 1).logsumexp(0) - math.log(len(answers))
    if isinstance(layer, BCE):
        return stacked.double().sigmoid().mean(0).logit(1e-12).to(stacked.dtype)
    return stacked.mean(0)


def _answer(layer: object) -> str:
    """The port of a loss where the network's answer arrives, where several have a mean; empty otherwise."""
    if isinstance(layer, CrossEntropy | BCE):
        return "logits"
    return "prediction" if isinstance(layer, Distance) else ""


def _words(what: str, part: str, values: Mapping[str, float], alone: Sequence[Mapping[str, float]]) -> str:
    def told(of: Mapping[str, float], name: str) -> str:
        value = next((each for key, each in of.items() if key.rpartition(".")[2] == name), math.nan)
        return f"{value:.2%}" if name == "accuracy" else f"{value:.4g}"

    name = "accuracy" if any(key.endswith(".accuracy") for key in values) else "loss"
    return f"{what}: {part} {name} {told(values, name)}; alone {', '.join(told(each, name) for each in alone)}"
