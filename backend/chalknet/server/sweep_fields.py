"""Fields of a board that a sweep may set: those of its recipe and of its layers, with ranges that make sense."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pydantic_core
from pydantic import BaseModel, ConfigDict, JsonValue

from chalknet import catalogue
from chalknet.graph.descent import OPTIMIZERS
from chalknet.graph.document import Document
from chalknet.graph.rates import SCHEDULES
from chalknet.layers.base import registry
from chalknet.wire import FieldInfo

SPAN = 10.0
"""A range without bounds of its own is offered from a tenth of the present value to ten times it."""
COUNTS = 4.0
"""A count, from a quarter to four times."""


class SweepField(BaseModel):
    """A field with the value that it has now, and the range that is offered first."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    path: list[str]
    title: str
    where: str
    """Whose field it is: the recipe, or a layer by its name."""
    kind: str
    """``number``, ``choice`` or ``switch``."""
    value: JsonValue
    choices: list[str] = []
    labels: list[str] = []
    least: float = 0
    most: float = 0
    minimum: float | None = None
    maximum: float | None = None
    log: bool = False
    whole: bool = False
    unit: str = ""


def sweepable(document: Document) -> list[SweepField]:
    """The recipe's first, then the layers' in the order of the document. Text, sizes and lists are not swept."""
    return [*_recipe(document), *_nodes(document)]


def _recipe(document: Document) -> Iterator[SweepField]:
    known = catalogue.describe()
    recipe = document.recipe.model_dump(mode="json")
    phases = document.recipe.phases
    kinds: tuple[tuple[str, dict[str, type[BaseModel]], list[catalogue.FormInfo]], ...] = (
        ("optimizer", dict(OPTIMIZERS), known.optimizers),
        ("schedule", dict(SCHEDULES), known.schedules),
    )
    for name in phases:
        where = f"Phase {name}" if len(phases) > 1 else "Recipe"
        for part, forms, infos in kinds:
            chosen = recipe["phases"][name][part]
            info = next((each for each in infos if each.type == chosen["type"]), None)
            for field in info.fields if info is not None else []:
                value = chosen["fields"].get(field.name, field.default)
                log = _log(forms[chosen["type"]], field.name)
                yield from _field(field, ["recipe", "phases", name, part, "fields", field.name], where, value, log)
    for field in known.recipe:
        steps = field.name.split(".")
        if steps[0] in ("budget", "stepwise", "test"):
            continue
        if steps[0] != "phase":
            yield from _field(field, ["recipe", *steps], "Recipe", _at(recipe, steps), False)
            continue
        for name in phases:
            where = f"Phase {name}" if len(phases) > 1 else "Recipe"
            value = _at(recipe["phases"][name], steps[1:])
            yield from _field(field, ["recipe", "phases", name, *steps[1:]], where, value, False)


def _nodes(document: Document) -> Iterator[SweepField]:
    layers = {layer.type: layer for layer in catalogue.describe().layers}
    for id, node in document.nodes.items():
        layer = layers.get(node.type)
        for field in layer.fields if layer is not None else []:
            value = node.fields.get(field.name, field.default)
            log = _log(registry[node.type], field.name)
            yield from _field(field, ["nodes", id, "fields", field.name], node.name or id, value, log)


def _field(field: FieldInfo, path: list[str], where: str, value: JsonValue, log: bool) -> Iterator[SweepField]:
    def made(kind: str, **more: object) -> SweepField:
        return SweepField.model_validate(
            {"path": path, "title": field.title, "where": where, "kind": kind, "value": value, "unit": field.unit}
            | more
        )

    if field.kind == "bool":
        yield made("switch")
    elif field.kind == "choice":
        yield made("choice", choices=field.choices, labels=field.labels or field.choices)
    elif field.kind in ("int", "float") and not isinstance(value, str | list | dict | bool):
        whole = field.kind == "int"
        least, most = _range(field, value, whole, log)
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        yield made("number", least=least, most=most, log=log and least > 0, whole=whole, **bounds)


def _range(field: FieldInfo, value: float | None, whole: bool, log: bool) -> tuple[float, float]:
    present = float(value or 0)
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and high - low <= 1 and not log:
        return low, high if high < 1 else min(high, max(0.9, present))
    span = COUNTS if whole else SPAN
    if present > 0:
        least, most = present / span, present * span
    else:
        least, most = (1e-5, 0.1) if log else (0.0, 1.0 if not whole else 4.0)
    if whole:
        least, most = max(1.0, round(least)) if present > 0 else 0.0, round(most)
    least = max(least, low) if low is not None else least
    most = min(most, high) if high is not None else most
    return float(f"{least:.6g}"), float(f"{max(least, most):.6g}")


def _log(form: type[BaseModel], name: str) -> bool:
    info = form.model_fields.get(name)
    extra = info.json_schema_extra if info is not None else None
    return isinstance(extra, dict) and bool(extra.get("log"))


def _at(value: JsonValue, steps: list[str]) -> JsonValue:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


# --- what differs between runs ------------------------------------------------------------------------------------

MOST_DIFFERENT = 40
"""Columns that a table of runs is offered, of those that differ."""
LARGE = 200_000
"""Bytes of a board above which only its recipe is read."""


def differing(documents: list[bytes]) -> list[dict[str, JsonValue]]:
    """For each of these boards the values of the fields in which they are not all alike, by path; None where a board
    has no such field."""
    known: dict[bytes, dict[str, JsonValue]] = {}
    for text in documents:
        if text not in known:
            known[text] = _flat(text)
    flats = [known[text] for text in documents]
    names = list(dict.fromkeys(name for flat in known.values() for name in flat))
    apart = [
        name for name in names if len({json.dumps(flat.get(name), sort_keys=True) for flat in known.values()}) > 1
    ][:MOST_DIFFERENT]
    return [{name: flat.get(name) for name in apart} for flat in flats]


def _flat(text: bytes) -> dict[str, JsonValue]:
    whole = pydantic_core.from_json(text)
    document = Document.model_validate(whole if len(text) <= LARGE else {"recipe": whole.get("recipe", {})})
    return {".".join(field.path): field.value for field in sweepable(document)}
