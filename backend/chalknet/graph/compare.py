"""Two boards side by side, layer by layer, with what they differ in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from chalknet.graph.document import Document
from chalknet.graph.facts import Inference, NodeFacts, ReceptiveField
from chalknet.graph.flat import Flat
from chalknet.graph.infer import infer_flat

TYPE, FAMILY, NAME = 4, 2, 1
"""How much it says that two layers are of one type, that they are of one family only (a ReLU and a GELU), and that they
have one name besides. A name never outweighs an order in which more layers find their like."""
MOST_COMPARED = 4_000_000
"""Pairs of layers that are weighed against each other: two boards of 2,000 layers."""

Change = Literal["same", "changed", "added", "removed"]
"""What became of a layer from a to b."""


class TooLong(Exception):
    """Two boards of more layers than are aligned."""


class Costs(BaseModel):
    """For one sample; as a difference, what b has more."""

    model_config = ConfigDict(extra="forbid")
    parameters: int
    macs: int
    operations: int
    activation_bytes: int


class Totals(Costs):
    """Of a whole board."""

    training_bytes: int


class Side(Costs):
    """A layer on one of the boards."""

    path: str
    type: str
    family: str
    name: str
    title: str
    """What it was named, else what its layer is called."""
    summary: str
    output: str
    receptive_field: ReceptiveField | None


class Pair(BaseModel):
    """A layer of each board that stand for each other; None where the other board has none."""

    model_config = ConfigDict(extra="forbid")
    a: Side | None
    b: Side | None
    change: Change
    more: Costs


class Comparison(BaseModel):
    """``more``: what b has more than a. ``ratios``: those of b by those of a; None where a has none of it. ``changes``:
    how many pairs there are of each kind."""

    model_config = ConfigDict(extra="forbid")
    titles: tuple[str, str]
    a: Totals
    b: Totals
    more: Totals
    ratios: dict[str, float | None]
    changes: dict[Change, int]
    pairs: list[Pair]


def compare(a: Document, b: Document) -> Comparison:
    """Every layer of both, in the order in which data flow; blocks are unrolled."""
    (flat_a, facts_a), (flat_b, facts_b) = infer_flat(a), infer_flat(b)
    left, right = _sides(flat_a, facts_a.nodes), _sides(flat_b, facts_b.nodes)
    keys_a, keys_b = ([(side.type, side.name) for side in sides] for sides in (left, right))
    families = {side.type: side.family for side in (*left, *right) if side.family}
    totals = _totals(facts_a), _totals(facts_b)
    pairs = [
        _pair(left[i] if i is not None else None, right[j] if j is not None else None)
        for i, j in align(keys_a, keys_b, families)
    ]
    found = Counter(pair.change for pair in pairs)
    return Comparison(
        titles=(a.title, b.title),
        a=totals[0],
        b=totals[1],
        more=_more(Totals, *totals),
        ratios={name: _ratio(getattr(totals[1], name), getattr(totals[0], name)) for name in Totals.model_fields},
        changes={change: found[change] for change in get_args(Change)},
        pairs=pairs,
    )


def _pair(a: Side | None, b: Side | None) -> Pair:
    change: Change
    if a is None or b is None:
        change = "added" if a is None else "removed"
    else:
        # What it sees follows from the layers before it, and a name changes nothing.
        apart = {"path", "name", "title", "receptive_field"}
        change = "same" if a.model_dump(exclude=apart) == b.model_dump(exclude=apart) else "changed"
    return Pair(a=a, b=b, change=change, more=_more(Costs, a, b))


C = TypeVar("C", bound=Costs)


def _more(kind: type[C], a: Costs | None, b: Costs | None) -> C:
    """What b has more than a; none of either counts as nothing."""
    return kind(**{name: getattr(b, name, 0) - getattr(a, name, 0) for name in kind.model_fields})


def align(
    a: Sequence[tuple[str, str]], b: Sequence[tuple[str, str]], families: Mapping[str, str] | None = None
) -> list[tuple[int | None, int | None]]:
    """Places of (type, name) pairs that stand for each other, in order: the longest common subsequence of types, in
    which those of one family count for less, where ``families`` names them by type, and equal names for more. Raises
    TooLong."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rows, columns = len(a) - start, len(b) - start
    if rows * columns > MOST_COMPARED:
        raise TooLong(f"Boards of {len(a):,} and {len(b):,} layers are too long to be compared layer by layer.")
    known = families or {}
    ours, theirs = a[start:], b[start:]
    family = [known.get(type, type) for type, _ in theirs]
    # best[i][j]: the most that a[start + i:] and b[start + j:] have in common.
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        like, here, below = known.get(ours[i][0], ours[i][0]), best[i], best[i + 1]
        for j in range(columns - 1, -1, -1):
            most = below[j] if below[j] > here[j + 1] else here[j + 1]
            if family[j] == like:
                most = max(most, below[j + 1] + _worth(ours[i], theirs[j]))
            here[j] = most
    found: list[tuple[int | None, int | None]] = [(at, at) for at in range(start)]
    i = j = 0
    while i < rows or j < columns:
        together = i < rows and j < columns and family[j] == known.get(ours[i][0], ours[i][0])
        if together and best[i][j] == best[i + 1][j + 1] + _worth(ours[i], theirs[j]):
            found.append((start + i, start + j))
            i, j = i + 1, j + 1
        elif j == columns or (i < rows and best[i][j] == best[i + 1][j]):
            found.append((start + i, None))
            i += 1
        else:
            found.append((None, start + j))
            j += 1
    return found


def _worth(ours: tuple[str, str], theirs: tuple[str, str]) -> int:
    """Of two layers of one family."""
    return (TYPE if ours[0] == theirs[0] else FAMILY) + NAME * (ours[1] == theirs[1])


def _sides(flat: Flat, facts: dict[str, NodeFacts]) -> list[Side]:
    return [
        Side(
            path=path,
            type=node.node.type,
            family=node.layer.family if node.layer is not None else "",
            name=node.node.name or node.id,
            title=node.node.name or (node.layer.title if node.layer is not None else node.node.type),
            summary=facts[path].summary,
            output=next(iter(facts[path].outputs.values()), ""),
            receptive_field=facts[path].receptive_field,
            **{cost: getattr(facts[path], cost) for cost in Costs.model_fields},
        )
        for path, node in flat.nodes.items()
        if node.layer is None or node.layer.family != "block"
    ]


def _totals(inference: Inference) -> Totals:
    return Totals(**{name: getattr(inference, name) for name in Totals.model_fields})


def _ratio(b: int, a: int) -> float | None:
    return round(b / a, 4) if a else None
