"""Fields as a document holds them → checked instances, and what is wrong with them in words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from chalknet.layers.base import Layer, registry

F = TypeVar("F", bound=BaseModel)


class Form(BaseModel):
    """Base of what has a name and fields but is no layer. Field metadata is that of a layer's fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    type: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    formula: ClassVar[str]
    """KaTeX."""


MOST_REMEMBERED = 20_000
MOST_KEY = 500
"""Longer field values are checked anew each time, so that hostile ones do not fill the memory."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that a form does not take. ``bound``: the nearest value that it would take, None where unknown."""

    field: str
    message: str
    unknown: bool = False
    bound: int | float | None = None


_layers: dict[tuple[str, str], Layer | tuple[FieldFault, ...]] = {}


def layer(type: str, fields: Mapping[str, Any]) -> Layer | tuple[FieldFault, ...]:
    """The layer with these fields, or what is wrong with them. Equal arguments give the same object.

    ``type`` must be registered.
    """
    # repr tells 1 from True and 1.0, which are equal as keys.
    text = repr(sorted(fields.items())) if fields else ""
    if len(text) > MOST_KEY:
        return fill(registry[type], fields)
    known = _layers.get((type, text))
    if known is None:
        if len(_layers) >= MOST_REMEMBERED:
            _layers.clear()
        known = _layers[type, text] = fill(registry[type], fields)
    return known


def forget() -> None:
    """Empties the memory (to measure the time without it)."""
    _layers.clear()


def fill(form: type[F], fields: Mapping[str, Any]) -> F | tuple[FieldFault, ...]:
    """A form's instance from plain JSON values, or what is wrong with them."""
    try:
        return form.model_validate(dict(fields))
    except ValidationError as error:
        return _faults(form, error)


def _faults(form: type[BaseModel], error: ValidationError) -> tuple[FieldFault, ...]:
    """One fault a field. A field of several kinds (a number, a pair, "same") fails once for each kind: the failure that
    says most, that of a value of the right kind, is kept."""
    found: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(str(detail["loc"][0]) if detail["loc"] else "", []).append(detail)
    return tuple(_fault(form, field, details) for field, details in found.items())


def _fault(form: type[BaseModel], field: str, details: list[ErrorDetails]) -> FieldFault:
    detail = min(details, key=lambda each: _KINDS.get(each["type"], (0, ""))[0])
    received = _received(details[0]["input"])
    if detail["type"] == "extra_forbidden":
        names = ", ".join(form.model_fields) or "none"
        return FieldFault(field, f"there is no field {field!r}; the fields are: {names}", unknown=True)
    if detail["type"] == "value_error" and not field:
        return FieldFault(field, str(detail["ctx"]["error"]))
    name = title(form, field)
    if inside := _inside(form, detail):
        # Of one entry of a map of forms.
        return FieldFault(field, f"{name}: {inside} must be {_expected(detail)}. Received: {received}")
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        words = str(context["error"])
        words = words if words.lower().startswith(name.lower()) else f"{name} {words}"
        return FieldFault(field, f"{words}. Received: {received}")
    if len({each["type"] for each in details}) > 1 and detail["type"] in _OF_KIND:
        kinds = [_expected(each) for each in details]
        return FieldFault(field, f"{name} must be {', or '.join(dict.fromkeys(kinds))}. Received: {received}")
    return FieldFault(field, f"{name} must be {_expected(detail)}. Received: {received}", bound=_bound(detail))


def _inside(form: type[BaseModel], detail: ErrorDetails) -> str:
    """What a failure is about inside a map of forms: the last part of its place; empty where it is about no such
    map."""
    field, *place = [str(part) for part in detail["loc"]] or [""]
    info = form.model_fields.get(field)
    extra = info.json_schema_extra if info else None
    within = isinstance(extra, dict) and extra.get("kind") == "forms" and place
    return place[-1].replace("_", " ") if within else ""


# How much each of pydantic's failures says (least first), and its words.
_KINDS: dict[str, tuple[int, str]] = {
    "greater_than_equal": (0, "at least {ge}"),
    "less_than_equal": (0, "at most {le}"),
    "greater_than": (0, "more than {gt}"),
    "less_than": (0, "less than {lt}"),
    "finite_number": (0, "a finite number"),
    "value_error": (1, ""),
    "multiple_of": (1, "a multiple of {multiple_of}"),
    "string_too_long": (1, "at most {max_length} characters long"),
    "too_short": (1, "given as at least {min_length} values"),
    "too_long": (1, "given as at most {max_length} values"),
    "int_from_float": (2, "a whole number"),
    "missing": (3, "given"),
    "literal_error": (4, "one of {expected}"),
    "union_tag_invalid": (4, "of one of the types {expected_tags}"),
    "union_tag_not_found": (4, "given with its type"),
    "dict_type": (4, "a map"),
    "int_type": (4, "a whole number"),
    "int_parsing": (4, "a whole number"),
    "int_parsing_size": (4, "a whole number of fewer digits"),
    "float_type": (4, "a number"),
    "float_parsing": (4, "a number"),
    "bool_type": (4, "true or false"),
    "bool_parsing": (4, "true or false"),
    "string_type": (4, "a text"),
    "tuple_type": (4, "a pair of numbers"),
    "list_type": (4, "a list"),
}
_OF_KIND = frozenset(kind for kind, (rank, _) in _KINDS.items() if rank == 4)


def _expected(detail: ErrorDetails) -> str:
    _, words = _KINDS.get(detail["type"], (0, ""))
    if not words:
        return detail["msg"][:1].lower() + detail["msg"][1:]
    context = {name: f"{each:g}" if isinstance(each, float) else each for name, each in detail.get("ctx", {}).items()}
    return words.format(**context)


def _bound(detail: ErrorDetails) -> int | float | None:
    context = detail.get("ctx", {})
    bound = context.get("ge", context.get("le"))
    return bound if isinstance(bound, int | float) else None


def _received(value: object) -> str:
    """A received value, briefly: as JSON where it is JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinity" if value > 0 else "−infinity"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 40 else text[:39] + "…"


@lru_cache(maxsize=4096)
def title(form: type[BaseModel], field: str) -> str:
    """What a message calls a field: its title, not capitalised unless it is an abbreviation."""
    info = form.model_fields.get(field)
    words = (info.title if info else None) or field.replace("_", " ")
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
