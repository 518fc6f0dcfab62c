"""What the palette and the gallery are drawn from, and what the list of data sets shows."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from chalknet.wire.base import Message


class FieldInfo(Message):
    """One field of a layer's form."""

    name: str
    title: str
    kind: Literal["int", "float", "bool", "choice", "text", "lines", "size", "forms"]
    """``size``: one number, or a pair (height, width); may also offer ``choices`` such as ``same``. ``forms``: a map of
    forms, each with its ``type`` (one of ``choices``), its ``order`` and its fields; they are in
    ``Catalogue.augmentations``."""
    default: JsonValue = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: list[str] = []
    labels: list[str] = []
    """A readable name for every choice, in order; empty: the choices themselves."""
    unit: str = ""
    help: str = ""


class PortInfo(Message):
    name: str
    title: str
    many: bool = False
    optional: bool = False
    spare: bool = False
    """An output that is computed only where a wire begins at it."""


class ExampleInfo(Message):
    """A small case worked by hand: numbers without the batch, by port and by parameter name."""

    says: str
    inputs: dict[str, JsonValue]
    outputs: dict[str, JsonValue]
    fields: dict[str, JsonValue] = {}
    weights: dict[str, JsonValue] = {}


class CountsInfo(Message):
    """What a layer with its usual fields makes of a usual input, and what that costs for one sample."""

    inputs: dict[str, str]
    outputs: dict[str, str]
    parameters: dict[str, list[int]] = {}
    """Shapes of the trainable tensors."""
    macs: int = 0
    operations: int = 0
    numbers: str = ""


class CurveInfo(Message):
    """An activation drawn: ``y`` and ``slope`` (f′) at every ``x``. ``saturated``: the tails where hardly any gradient
    passes, each (from, to), None where it goes on for ever."""

    x: list[float]
    y: list[float]
    slope: list[float]
    saturated: list[tuple[float | None, float | None]] = []


class RatesInfo(Message):
    """A phase's learning rate over a run that has not begun: ``rates`` at each of ``at`` (updates from 0), of about
    ``steps`` updates in all, 0 where there is no data yet."""

    steps: int
    at: list[int]
    rates: list[float]


class LayerInfo(Message):
    """A layer as palette, inspector and reference show it."""

    type: str
    title: str
    family: str
    sentence: str
    formula: str
    icon: str
    aliases: list[str] = []
    purposes: list[str] = []
    fields: list[FieldInfo] = []
    inputs: list[PortInfo] = []
    outputs: list[PortInfo] = []
    width: str | None = None
    beware: list[str] = []
    """What is often got wrong about it, set right."""
    examples: list[ExampleInfo] = []
    counts: CountsInfo | None = None
    curved: bool = False
    """One number in, one number out: its curve can be asked for."""


class FormInfo(Message):
    """An optimizer, a schedule, or an augmentation: a name and its form."""

    type: str
    title: str
    sentence: str
    formula: str = ""
    fields: list[FieldInfo] = []


class TemplateInfo(Message):
    """A block from the library: one drag inserts ``block`` and an instance of it."""

    type: str
    title: str
    sentence: str
    icon: str
    aliases: list[str] = []
    block: JsonValue
    instance: JsonValue


class FamilyInfo(Message):
    id: str
    title: str


class Catalogue(Message):
    """Answer of ``GET /api/layers``."""

    families: list[FamilyInfo]
    layers: list[LayerInfo]
    templates: list[TemplateInfo]
    optimizers: list[FormInfo]
    schedules: list[FormInfo]
    augmentations: list[FormInfo]
    recipe: list[FieldInfo]
    node: list[FieldInfo]
    """What a layer that learns has besides its own fields, by its path in the node."""


class DataSetInfo(Message):
    """A data set as a list shows it: one that somebody brought, or one that is known to the house."""

    id: str
    title: str
    kind: Literal["table", "images", "text", "arrays"]
    count: int
    """Samples; of a text, characters."""
    layer: str
    """Type of the data node that reads it, with the id in its field ``data``."""
    source: Literal["own", "built_in", "by_name"] = "own"
    mine: bool = False
    sentence: str = ""
    """Of one that is known to the house."""
    generated: bool = False
    """It was made by a rule: nobody measured it."""
    here: bool = True
    """One that is known by name has to be fetched first."""
    share: float | None = None
    """While it is fetched: how much of it is here."""
    message: str = ""
    """Why it could not be fetched."""
    bytes: int = 0
    created: float = 0
    """Seconds since 1970."""
    troubled: int = 0
    """How many rows, files or values could not be taken in."""


class GalleryCard(Message):
    """A board of the gallery, or one of one's own; ``document`` is there to draw its picture from."""

    name: str
    title: str
    section: str = ""
    """Title of the section that it stands in."""
    origin: str = ""
    """Who thought of it, and when."""
    summary: str
    tries: list[str] = []
    lesson: bool = False
    """Whether a lesson comes with it; the document holds it."""
    parameters: int
    macs: int
    data: str
    document: JsonValue
