"""One shape for every complaint: what is wrong, in words and numbers, and ranked ways out, each an edit with its
cost."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue

from chalknet.layers.base import Severity


class Edit(BaseModel):
    """Set or remove the value at a path of the document's keyed maps, e.g. ``["nodes", "conv1", "fields",
    "stride"]``."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    path: list[str]
    value: JsonValue = None
    remove: bool = False


class Fix(BaseModel):
    """A way out that one click applies. The costs are what it adds to the board: new layers, and the change of those
    whose cost was known before; None where unknown."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    title: str
    adds_parameters: int | None = None
    adds_macs: int | None = None
    edits: list[Edit]


class Problem(BaseModel):
    """A complaint. ``node`` is the path of the node (``encoder/0/attention``), None for the board as a whole;
    ``edge`` is the edge to be drawn red, at the same level as the node."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    code: str
    severity: Severity = "error"
    node: str | None = None
    edge: str | None = None
    field: str | None = None
    message: str
    hint: str = ""
    fixes: list[Fix] = []
