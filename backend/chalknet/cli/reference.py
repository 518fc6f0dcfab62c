"""The reference of all layers as Markdown, made from the catalogue alone."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from chalknet.wire import Catalogue, CountsInfo, ExampleInfo, FieldInfo, LayerInfo, PortInfo

HEAD = """# Layers

Made by `chalknet layers --markdown` from the layers themselves; a test fails when the two differ. The same text, with
pictures that one can play with, is in the app under `/layers`.
"""


def markdown(catalogue: Catalogue) -> str:
    """Families with their layers: sentence, formula, fields, ports, what is got wrong, worked examples, counts."""
    parts = [HEAD]
    families = [
        (family, [layer for layer in catalogue.layers if layer.family == family.id]) for family in catalogue.families
    ]
    parts.append(
        "\n".join(
            f"- **{family.title}**: {', '.join(f'[{layer.title}](#{anchor(layer.title)})' for layer in layers)}"
            for family, layers in families
        )
        + "\n"
    )
    for family, layers in families:
        parts.append(f"## {family.title}\n")
        parts += [_layer(layer) for layer in layers]
    return "\n".join(parts)


def anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _layer(layer: LayerInfo) -> str:
    return "\n\n".join(_paragraphs(layer)) + "\n"


def _paragraphs(layer: LayerInfo) -> Iterator[str]:
    yield f"### {layer.title}"
    yield layer.sentence
    if layer.formula:
        yield f"$$\n{layer.formula}\n$$"
    names = [f"type `{layer.type}`"]
    if layer.aliases:
        names.append(f"also called {', '.join(layer.aliases)}")
    if layer.purposes:
        names.append(f"for: {', '.join(layer.purposes)}")
    yield f"{'; '.join(names).capitalize()}."
    if layer.fields:
        rows = ["| field | default | range | what it is |", "|---|---|---|---|", *map(_field, layer.fields)]
        yield "\n".join(rows)
    ports = [f"in {_ports(layer.inputs)}"] if layer.inputs else []
    ports += [f"out {_ports(layer.outputs)}"] if layer.outputs else []
    if ports:
        yield f"Ports: {'; '.join(ports)}."
    if counts := layer.counts:
        gets = ", ".join(f"`{each}`" for each in counts.inputs.values())
        gives = ", ".join(f"`{each}`" for each in counts.outputs.values())
        yield f"With the usual fields, {gets} becomes {gives}: {_cost(counts)}."
    for each in layer.beware:
        yield f"> **Often got wrong.** {each}"
    for example in layer.examples:
        yield _example(example)


def _cost(counts: CountsInfo) -> str:
    shapes = ", ".join(f"{name} {'×'.join(map(str, shape)) or '1'}" for name, shape in counts.parameters.items())
    total = sum(math.prod(shape) for shape in counts.parameters.values())
    held = f"{total:,} parameters ({shapes})" if shapes else "no parameters"
    return f"{held}, {counts.macs:,} multiply-adds, {counts.operations:,} other operations"


def _field(field: FieldInfo) -> str:
    title = f"{field.title} (`{field.name}`)"
    words = field.labels or field.choices
    return f"| {title} | {_value(field.default)} | {_range(field, words)} | {field.help} |"


def _range(field: FieldInfo, words: list[str]) -> str:
    low, high = field.minimum, field.maximum
    unit = f" {field.unit}" if field.unit else ""
    parts = []
    if low is not None and high is not None:
        parts.append(f"{_number(low)} to {_number(high)}{unit}")
    elif low is not None:
        parts.append(f"at least {_number(low)}{unit}")
    elif high is not None:
        parts.append(f"at most {_number(high)}{unit}")
    elif field.kind in ("int", "float"):
        parts.append(f"any number{unit}")
    if field.kind == "bool":
        parts.append("yes or no")
    if words:
        parts.append(", ".join(words))
    return " or ".join(parts) or "text"


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:g}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _ports(ports: list[PortInfo]) -> str:
    return ", ".join(
        f"`{port.name}`{' (several wires)' if port.many else ''}{' (may stay empty)' if port.optional else ''}"
        for port in ports
    )


def _example(example: ExampleInfo) -> str:
    lines = [f"**Worked by hand.** {example.says}", ""]
    given = {
        "fields": example.fields,
        "inputs": example.inputs,
        "weights": example.weights,
        "outputs": example.outputs,
    }
    for title, values in given.items():
        if values:
            shown = "; ".join(f"{name} = `{json.dumps(value, ensure_ascii=False)}`" for name, value in values.items())
            lines.append(f"- {title}: {shown}")
    return "\n".join(lines)
