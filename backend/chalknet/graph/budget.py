"""What a board may cost: told where it costs more, with the node that most of it sits in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalknet.graph import recipe
from chalknet.graph.complaints import OVER_BUDGET, Complaint
from chalknet.graph.document import Document
from chalknet.graph.judge import Judged, Totals
from chalknet.graph.sight import Sight


def complaints(document: Document, judged: Judged) -> Iterator[Complaint]:
    """One for every budget that is exceeded."""
    budget = document.recipe.budget
    totals = judged.totals
    for name, (words, of) in _measures(document).items():
        most = getattr(budget, name)
        if most is not None and of(totals) > most:
            yield _over(judged, name, words, of, most)
    if budget.receptive_field is not None:
        yield from _short_sighted(judged, budget.receptive_field)


def _measures(document: Document) -> dict[str, tuple[str, Callable[[Totals], int]]]:
    """By name in the budget, what a sum is called, and how it is told."""
    batch, slots = document.recipe.batch, recipe.state_slots(document)
    return {
        "parameters": ("parameters", lambda each: each.parameters),
        "macs": ("multiply-adds a sample", lambda each: each.macs),
        "memory": ("bytes to train", lambda each: each.training_bytes(batch, slots)),
    }


def reached(document: Document, judged: Judged, name: str, path: str) -> int:
    """What the board takes of a part of the budget; of the receptive field, what a unit at ``path`` sees."""
    if name in (measures := _measures(document)):
        return measures[name][1](judged.totals)
    sight = judged.sights[path]
    return min(sight.size) if sight is not None else 1


def share(document: Document, judged: Judged, name: str, path: str) -> int:
    """What one node takes of a part of the budget that is a sum."""
    return _share(judged, _measures(document)[name][1], path)


def narrowest(judged: Judged) -> str:
    """Of what arrives at the losses, the node whose units see least of the picture; empty where there is none that has
    places, as with points."""
    seeing = [(sight, path) for path, sight in _arriving(judged)]
    return min(seeing, key=lambda each: (each[0].whole, min(each[0].size)), default=(None, ""))[1]


def _arriving(judged: Judged) -> Iterator[tuple[str, Sight]]:
    """Nodes that a loss looks at, with what their units see; data themselves are left out."""
    for path in judged.ends.losses:
        wires = [wire for at_port in judged.flat.wires.get(path, {}).values() for wire in at_port]
        for source in dict.fromkeys(wire.source for wire in wires):
            sight = judged.sights.get(source)
            if sight is not None and not sight.source:
                yield source, sight


def _share(judged: Judged, of: Callable[[Totals], int], path: str) -> int:
    totals, node = Totals(), judged.flat.nodes[path]
    totals.add(node, judged.rules[path], judged.times(node.loop))
    return of(totals)


def _over(judged: Judged, name: str, words: str, of: Callable[[Totals], int], most: int) -> Complaint:
    path = max(judged.flat.types, key=lambda each: _share(judged, of, each))
    node = judged.flat.nodes[path]
    return Complaint(
        OVER_BUDGET,
        f"The board has {of(judged.totals):,} {words}; its budget is {most:,}. "
        f"Most sit in {node.label} ({_share(judged, of, path):,}).",
        path,
        node.block,
        node.id,
        field=f"budget.{name}",
        hint="Make that layer smaller, or raise the budget in the recipe.",
        severity="warning",
    )


def _short_sighted(judged: Judged, least: int) -> Iterator[Complaint]:
    """What arrives at a loss is to see enough of the picture."""
    for path, sight in _arriving(judged):
        if sight.whole or min(sight.size) >= least:
            continue
        seen = judged.flat.nodes[path]
        yield Complaint(
            OVER_BUDGET,
            f"{seen.label}: a unit sees {sight.size[0]}×{sight.size[1]} pixels; expected at least {least}×{least}.",
            path,
            seen.block,
            seen.id,
            field="budget.receptive_field",
            hint="Larger kernels, strides, pooling or more layers see more.",
            severity="warning",
        )
