"""What several runs say of the same samples, each alone and all together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic_core
import torch
from torch import Tensor

from chalknet import wire
from chalknet.graph.document import load
from chalknet.training import checkpoint, explained, together
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.batches import Source
from chalknet.training.compile import Compiled, Refused, Value
from chalknet.training.evaluate import BATCH_BYTES, MOST, rows, untouched
from chalknet.training.plan import Plan, plan
from chalknet.training.views.base import Drawn, Picture, as_bytes, numbers

SHOWN = 24
"""Samples that are told of one by one: those that are disputed most."""
AT_ONCE = 50_000_000
"""Numbers of all answers together; of more samples than that allows the first are asked about."""


@dataclass(frozen=True)
class Said:
    """What one run says. ``shares`` [N, K] of classes, or numbers [N, D]; ``targets`` int64 [N] or float [N, D].
    ``scored``: the shares are shares; else scores of which the largest wins."""

    name: str
    shares: Tensor
    targets: Tensor
    classes: list[str] | None
    scored: bool

    @property
    def kind(self) -> str:
        width = self.shares.shape[1]
        return f"{width} classes" if self.classes is not None else f"{width} number{'s' * (width != 1)}"


@answers(wire.Together)
def ask(desk: Desk, question: wire.Together) -> Drawn:
    said: list[Said] = []
    about: dict[str, Any] = {}
    for member in question.members:
        made = _opened(member, desk)
        compiled = made.compiled
        loss, score, target = _judged(compiled, member.name)
        part = made.test if question.part == "test" else made.validation
        count = min((source.count for source in part.values()), default=0)
        if count == 0:
            raise Unanswerable(f"{member.name} has no samples in the {question.part} part.")
        width = math.prod(compiled.flat.types[score[0]][score[1]].sizes)
        most = max(1, AT_ONCE // (max(2, width) * len(question.members)))
        now = _says(compiled, part, loss, score, target, min(count, most), member.name)
        _check(said, now)
        said.append(now)
        about |= {"count": len(now.targets), "of": count}
    shown = _disputed(said).argsort(descending=True, stable=True)[:SHOWN]
    return _told(said, shown, _samples(made, part, score, shown, about), about)


def _opened(member: wire.Member, desk: Desk) -> Plan:
    """A run's network with the weights that it ended with. Raises Unanswerable."""
    try:
        made = plan(load(pydantic_core.from_json(member.document)), device="cpu", threads=1, cache=desk.cache)
    except Refused as refused:
        raise Unanswerable(f"{member.name} cannot be opened: {refused.problems[0].message}") from None
    path = checkpoint.nearest(Path(member.directory), wire.NOW)
    if path is None:
        raise Unanswerable(f"{member.name} has kept no weights.")
    try:
        checkpoint.show(path, made)
    except (OSError, ValueError) as error:
        raise Unanswerable(f"The weights of {member.name} cannot be read: {error}") from None
    return made


def _judged(compiled: Compiled, name: str) -> tuple[str, Value, Value]:
    """The first loss that judges a row of numbers a sample, what it judges, and by what. Raises Unanswerable."""
    for path in compiled.losses:
        wires = compiled.sources(path)
        score = wires.get(compiled.layer(path).inputs[0].name, [])
        target = wires.get("target", [])
        if score and target and target[0] in compiled.inputs:
            type = compiled.flat.types[score[0][0]][score[0][1]]
            if type.is_vector or (type.element == "float" and not type.axes):
                return path, score[0], target[0]
    raise Unanswerable(
        f"{name} gives no row of numbers for a sample with a known target, of which a mean could be taken."
    )


def _says(
    compiled: Compiled, part: dict[str, Source], loss: str, score: Value, target: Value, count: int, name: str
) -> Said:
    module = compiled.modules[loss]
    scored = hasattr(module, "scores")
    size = max(1, min(MOST, BATCH_BYTES // max(1, compiled.facts.activation_bytes)))
    found, wanted = [], []
    with untouched(compiled):
        for first in range(0, count, size):
            batch = rows(part, first, min(first + size, count))
            (values,) = explained.forward(compiled, batch, score)
            values = module.scores(values) if scored else values
            found.append(values if values.dim() > 1 else values[:, None])
            wanted.append(batch[target])
    shares, targets = torch.cat(found), torch.cat(wanted)
    if shares.dim() > 2 or (targets.dim() > 1 and scored and targets[0].numel() > 1):
        raise Unanswerable(f"{name} gives several answers a sample; here each sample has one.")
    classes = None
    if scored or not targets.is_floating_point():
        layer = part[target[0]].layer
        names = layer.class_names()
        classes = [names[each] if each < len(names) else str(each) for each in range(shares.shape[1])]
        targets = targets.reshape(-1).long()
    else:
        targets = targets.reshape(len(targets), -1)
    return Said(name, shares, targets, classes, scored)


def _check(before: Sequence[Said], now: Said) -> None:
    """Raises Unanswerable where a run's answers are not of the same samples, or of another kind."""
    if not before:
        return
    first = before[0]
    if first.kind != now.kind or first.scored != now.scored:
        raise Unanswerable(
            f"{first.name} answers with {first.kind}, {now.name} with {now.kind}"
            f"{'' if first.kind != now.kind else ', but not as shares'}: there is no mean of the two."
        )
    if first.targets.shape != now.targets.shape or not torch.equal(first.targets, now.targets):
        raise Unanswerable(
            f"{first.name} and {now.name} have other samples: {len(first.targets):,} and {len(now.targets):,}. "
            "Only runs with the same data, the same split and the same split's seed can be asked together."
        )
    if first.classes != now.classes:
        raise Unanswerable(f"{first.name} and {now.name} know their classes by other names.")


def _disputed(said: Sequence[Said]) -> Tensor:
    every = torch.stack([each.shares for each in said])
    if said[0].classes is None:
        return together.spread(every)
    if said[0].scored:
        # First those that the members name different classes for.
        winners = every.argmax(2)
        return together.disputed(every) + (winners != winners[0]).any(0)
    winners = every.argmax(2)
    return (winners != winners[0]).double().mean(0)


def _samples(made: Plan, part: dict[str, Source], score: Value, shown: Tensor, about: dict[str, Any]) -> list[Picture]:
    """The shown samples as a person reads them: ``images`` or ``rows``; nothing where they are neither."""
    for path, source in part.items():
        if path not in made.compiled.way(score[0]):
            continue
        plain = source.layer.prepare({port: values[shown] for port, values in source.samples.items()})
        for port, type in source.layer.schema().items():
            if type.is_image:
                return [Picture("images", as_bytes(plain[port].unsqueeze(0), 1)[0][0])]
            if type.is_vector:
                about["columns"] = source.layer.column_names()
                return [Picture("rows", numbers(plain[port]))]
    return []


def _told(said: Sequence[Said], shown: Tensor, samples: list[Picture], about: dict[str, Any]) -> Drawn:
    targets = said[0].targets
    every = torch.stack([each.shares for each in said])
    mean = every.double().mean(0)
    about |= {"names": [each.name for each in said], "samples": shown.tolist()}
    if said[0].classes is None:
        alone = together.squared(every, targets)
        whole = float(together.squared(mean, targets))
        about |= {"kind": "numbers", "alone": alone.sqrt().tolist(), "mean": whole**0.5}
        about |= {"spread": float(together.spread(every).mean()) ** 0.5, "width": mean.shape[1]}
        pictures = [
            Picture("answers", numbers(every[:, shown, 0])),
            Picture("means", numbers(mean[shown, 0])),
            Picture("targets", numbers(targets[shown, 0])),
        ]
        return Drawn([*pictures, *samples], about)
    winners, of_mean = every.argmax(2), mean.argmax(1)
    voted = together.vote(winners, mean)
    differ = (winners != winners[0]).any(0)
    about |= {
        "kind": "classes",
        "classes": said[0].classes,
        "alone": [together.accuracy(each, targets) for each in winners],
        "mean": together.accuracy(of_mean, targets),
        "vote": together.accuracy(voted, targets),
        "differ": int(differ.sum()),
        "differ_right": int((of_mean == targets)[differ].sum()),
        "none_right": int((winners != targets).all(0).sum()),
    }
    if said[0].scored:
        about["loss_alone"] = [together.surprise(each, targets) for each in every]
        about["loss_mean"] = together.surprise(mean, targets)
    pictures = [
        Picture("answers", winners[:, shown].to(torch.int32).numpy()),
        Picture("means", of_mean[shown].to(torch.int32).numpy()),
        Picture("votes", voted[shown].to(torch.int32).numpy()),
        Picture("targets", targets[shown].to(torch.int32).numpy()),
        Picture("apart", numbers(together.apart(winners))),
    ]
    return Drawn([*pictures, *samples], about)
