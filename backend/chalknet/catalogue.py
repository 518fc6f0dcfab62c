"""What palette, inspector and gallery are drawn from, made from the registry alone."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, JsonValue, ValidationError
from pydantic.fields import FieldInfo as ModelField

import chalknet.datasets
import chalknet.layers  # noqa: F401 — both fill the registry
from chalknet.datasets.augmentation import AUGMENTATIONS, Augmentation
from chalknet.datasets.base import Split
from chalknet.graph import gallery as boards
from chalknet.graph import recipe
from chalknet.graph.descent import OPTIMIZERS
from chalknet.graph.document import Averaging, Budget, Document, Ensemble, Init, Penalty, Phase, Recipe, Stopping
from chalknet.graph.expand import expand
from chalknet.graph.fits import fits as fits
from chalknet.graph.flat import is_data
from chalknet.graph.forms import Form
from chalknet.graph.infer import infer_flat
from chalknet.graph.rates import SCHEDULES, course
from chalknet.graph.templates import TEMPLATES
from chalknet.layers.base import (
    Axis,
    Fault,
    Inputs,
    Layer,
    Port,
    TensorType,
    image,
    index,
    registry,
    sequence,
    signal,
    vector,
)
from chalknet.wire import (
    Catalogue,
    CountsInfo,
    CurveInfo,
    ExampleInfo,
    FamilyInfo,
    FieldInfo,
    FormInfo,
    GalleryCard,
    LayerInfo,
    PortInfo,
    RatesInfo,
    TemplateInfo,
)

FAMILIES: dict[str, str] = {
    "data": "Data",
    "dense": "Dense",
    "convolution": "Convolution",
    "pooling": "Pooling",
    "activation": "Activation",
    "normalisation": "Normalisation",
    "attention": "Attention",
    "recurrent": "Recurrent",
    "combine": "Combine",
    "arithmetic": "Arithmetic",
    "shape": "Shape",
    "head": "Heads",
    "loss": "Losses",
    "block": "Blocks",
}
"""Titles of the families, in the palette's order."""


@cache
def describe() -> Catalogue:
    """Everything that can be dragged onto a board, and the forms of the recipe."""
    used = {kind.family for kind in registry.values()}
    return Catalogue(
        families=[FamilyInfo(id=id, title=title) for id, title in FAMILIES.items() if id in used],
        layers=[_layer(kind) for kind in sorted(registry.values(), key=lambda kind: list(FAMILIES).index(kind.family))],
        templates=[
            TemplateInfo(
                type=template.type,
                title=template.title,
                sentence=template.sentence,
                icon=template.icon,
                aliases=list(template.aliases),
                block=template.block.model_dump(mode="json", by_alias=True, exclude_defaults=True),
                instance=template.instance.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            )
            for template in TEMPLATES
        ],
        optimizers=[_form(form) for form in OPTIMIZERS.values()],
        schedules=[_form(form) for form in SCHEDULES.values()],
        augmentations=[
            FormInfo(
                type=form.model_fields["type"].default,
                title=form.title,
                sentence=form.sentence,
                fields=_fields(form, only=[name for name in form.model_fields if name not in ("type", "order")]),
            )
            for form in AUGMENTATIONS
        ],
        recipe=[
            *_fields(Recipe, only=("batch", "epochs", "seed", "precision", "stepwise")),
            *_fields(Split, lead="split."),
            *_fields(Recipe, only=("test",)),
            *_fields(Stopping, lead="stopping."),
            *_fields(Averaging, lead="averaging."),
            *_fields(Ensemble, lead="ensemble."),
            *_fields(Budget, lead="budget."),
            *_fields(Phase, lead="phase.", only=("clip", "clip_value", "every")),
            *_fields(Penalty, lead="phase.penalty."),
        ],
        node=_fields(Init, lead="init."),
    )


def _layer(kind: type[Layer]) -> LayerInfo:
    return LayerInfo(
        type=kind.type,
        title=kind.title,
        family=kind.family,
        sentence=kind.sentence,
        formula=kind.formula,
        icon=kind.icon,
        aliases=list(kind.aliases),
        purposes=list(kind.purposes),
        fields=_fields(kind),
        inputs=_ports(kind.inputs),
        outputs=_ports(kind.outputs),
        width=kind.width,
        beware=list(kind.beware),
        examples=[
            ExampleInfo(
                says=each.says,
                inputs=dict(each.inputs),
                outputs=dict(each.outputs),
                fields=dict(each.fields),
                weights=dict(each.weights),
            )
            for each in kind.examples
        ],
        counts=_counts(kind),
        curved=curve(kind.type, {}) is not None,
    )


def curve(type: str, fields: Mapping[str, Any]) -> CurveInfo | None:
    """f and f′ of a layer that answers every number alone; None for all others, and for fields that it cannot have."""
    kind = registry.get(type)
    if kind is None or not hasattr(kind, "curve"):
        return None
    try:
        drawn = kind.model_validate(fields).curve()
    except ValidationError:
        return None
    if drawn is None:
        return None
    return CurveInfo(x=list(drawn.x), y=list(drawn.y), slope=list(drawn.slope), saturated=list(drawn.saturated))


def rates(document: Document) -> dict[str, RatesInfo]:
    """The learning rate of every phase, drawn before it runs; without those whose recipe cannot be read."""
    steps = recipe.steps(document, expand(document))
    found = {}
    for id, phase in document.recipe.phases.items():
        optimizer, schedule = recipe.optimizer(phase.optimizer), recipe.schedule(phase.schedule)
        if not isinstance(optimizer, str) and not isinstance(schedule, str):
            # Without data the run is drawn as one of a hundred updates.
            at, values = course(schedule, optimizer.lr, steps or 100)
            found[id] = RatesInfo(steps=steps, at=at, rates=values)
    return found


USUAL: tuple[TensorType, ...] = (
    image(3, 32, 32),
    signal(3, 64),
    vector(64),
    sequence(12, 64),
    index(10),
    index(64, Axis("T", 12)),
)
"""Inputs on which the reference counts, in the order in which they are tried."""


def _counts(kind: type[Layer]) -> CountsInfo | None:
    """The first usual inputs that a layer accepts with its usual fields, and what it then costs."""
    needed = [port for port in kind.inputs if not port.optional]
    if not 1 <= len(needed) <= 3 or any(info.is_required() for info in kind.model_fields.values()):
        return None
    layer = kind()
    for types_ in product(USUAL, repeat=len(needed)):
        wires = {port.name: [type_] * (2 if port.many else 1) for port, type_ in zip(needed, types_, strict=True)}
        inputs = Inputs(wires)
        try:
            outputs = layer.infer(inputs)
        except Fault:
            continue
        return CountsInfo(
            inputs={port: str(each[0]) for port, each in wires.items()},
            outputs={port.name: str(outputs[port.name]) for port in kind.gives(inputs)},
            parameters={name: list(shape) for name, shape in layer.parameters(inputs).items()},
            macs=layer.macs(inputs, outputs),
            operations=layer.operations(inputs, outputs),
            numbers=layer.numbers(inputs, outputs),
        )
    return None


def _ports(ports: Iterable[Port]) -> list[PortInfo]:
    return [
        PortInfo(name=port.name, title=port.title, many=port.many, optional=port.optional, spare=port.spare)
        for port in ports
    ]


def _form(form: type[Form]) -> FormInfo:
    return FormInfo(
        type=form.type, title=form.title, sentence=form.sentence, formula=form.formula, fields=_fields(form)
    )


def _fields(form: type[BaseModel], lead: str = "", only: Iterable[str] | None = None) -> list[FieldInfo]:
    """The fields of a form, those that say so last. ``lead`` stands before their names: ``split.seed``."""
    names = list(form.model_fields if only is None else only)
    names.sort(key=lambda name: "late" in (form.model_fields[name].json_schema_extra or {}))
    return [_field(lead + name, form.model_fields[name]) for name in names]


def _field(name: str, field: ModelField) -> FieldInfo:
    extra: Mapping[str, Any] = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    annotation, metadata = _plain(field.annotation, list(field.metadata))
    choices = [str(choice) for choice in get_args(annotation)] if get_origin(annotation) is Literal else []
    if extra.get("kind") == "forms":
        choices = _types(get_args(annotation)[1])
    default: JsonValue = None if field.is_required() else field.get_default(call_default_factory=True)
    return FieldInfo(
        name=name,
        title=field.title or name.rpartition(".")[2].replace("_", " ").capitalize(),
        kind=extra.get("kind") or ("choice" if choices else _KINDS[annotation]),
        default=list(default) if isinstance(default, tuple) else default,
        required=field.is_required(),
        minimum=extra.get("minimum", _bound(metadata, "ge", "gt")),
        maximum=extra.get("maximum", _bound(metadata, "le", "lt")),
        step=extra.get("step"),
        choices=extra.get("choices") or choices,
        labels=extra.get("labels") or [],
        unit=extra.get("unit", ""),
        help=field.description or "",
    )


def _types(annotation: Any) -> list[str]:
    """Names of the augmentations that a map may hold."""
    annotation, _ = _plain(annotation, [])
    kinds: tuple[type[Augmentation], ...] = get_args(annotation) or (annotation,)
    return [kind.model_fields["type"].default for kind in kinds]


_KINDS: dict[Any, Literal["int", "float", "bool", "text", "size"]] = {
    int: "int",
    float: "float",
    bool: "bool",
    str: "text",
}


def _plain(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    """An annotation without ``Annotated`` and ``| None``, and the constraints found on the way."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata += more
        elif get_origin(annotation) in (Union, types.UnionType):
            kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
            if len(kinds) != 1:
                return annotation, metadata
            annotation = kinds[0]
        else:
            return annotation, metadata


def _bound(metadata: Iterable[Any], *names: str) -> float | None:
    for each in metadata:
        for name in names:
            if isinstance(each, annotated_types.Ge | annotated_types.Gt | annotated_types.Le | annotated_types.Lt):
                bound = getattr(each, name, None)
                if bound is not None:
                    return float(bound)
    return None


@cache
def gallery() -> list[GalleryCard]:
    """The boards of the gallery with what a card shows of them."""
    cards = []
    for name, document in boards.boards().items():
        flat, inference = infer_flat(document)
        data = [node.layer.title for node in flat.nodes.values() if is_data(node) and node.layer is not None]
        cards.append(
            GalleryCard(
                name=name,
                title=document.title,
                section=boards.SECTIONS.get(document.about.section, ""),
                origin=document.about.origin,
                summary=document.about.summary,
                tries=document.about.tries,
                lesson=bool(document.about.lesson),
                parameters=inference.parameters,
                macs=inference.macs,
                data=", ".join(dict.fromkeys(data)),
                document=document.dump(),
            )
        )
    return cards
