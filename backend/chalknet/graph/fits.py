"""What fits where a wire was dropped on the empty canvas: every layer and every library block is really tried there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from chalknet.graph import blocks, expand, forms
from chalknet.graph.connect import arriving_with, key_of, outputs
from chalknet.graph.document import Document, Node
from chalknet.graph.edits import Level
from chalknet.graph.facts import Fit
from chalknet.graph.flat import Flat, is_data
from chalknet.graph.judge import Judged, judge, judge_node
from chalknet.graph.rules import rule
from chalknet.graph.template import Template
from chalknet.graph.templates import TEMPLATES
from chalknet.layers.base import Fault, Layer, Loss, TensorType, Widen, registry

ORDER = (
    "loss",
    "convolution",
    "attention",
    "dense",
    "activation",
    "pooling",
    "normalisation",
    "combine",
    "shape",
    "arithmetic",
    "head",
    "data",
    "block",
)
"""Families by how often they are what is meant. A loss fits only where the shape is just right, so it comes first."""
MOST_TYPES = 12
"""Types on the board that are tried as the input of a new layer before an input."""


def fits(document: Document, block: str, node: str, port: str) -> list[Fit]:
    """Layers and library blocks for a wire from an output of a node, or into one of its inputs, likeliest first.

    ``block`` is the block that the node stands in, empty for the board itself. Where the wire's type is not known,
    nothing is known to fit. An unknown node or port gives an empty list.
    """
    if block and block not in document.blocks:
        return []
    level = Level(document, block)
    if node not in level.nodes:
        return []
    judged, order = judge(document), list(ORDER)
    prefix = _prefix(judged.flat, block, node)
    if prefix is None:
        return []
    offered = outputs(judged.flat, level, prefix)
    arriving = next((each.type for each in offered if (each.node, each.port) == (node, port)), None)
    if arriving is not None:
        others = [each.type for each in offered if each.node != node or each.port != port]
        found = _behind(arriving, others)
        if block or (is_data(judged.flat.nodes[node]) and arriving.element == "float"):
            # What comes straight from the data is not yet an answer; a loss hardly ever stands in a block.
            order = [*ORDER[1:], ORDER[0]]
    else:
        types = list(dict.fromkeys(each.type for each in offered if each.node != node))[:MOST_TYPES]
        found = _before(judged, prefix + node, port, types)
    # Sorting is stable: within a family, the palette's order.
    ranked = sorted(found, key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    return [fit for _, fit in ranked]


def _prefix(flat: Flat, block: str, node: str) -> str | None:
    """Where on the flat graph the first copy of a block's level is; None for a block that is nowhere used."""
    if not block:
        return ""
    for path, flat_node in flat.nodes.items():
        if flat_node.block == block:
            return path[: len(path) - len(flat_node.id)]
    return None


# --- behind an output -----


def _behind(arriving: TensorType, others: Iterable[TensorType]) -> Iterator[tuple[str, Fit]]:
    """What takes a type. Ports that a layer needs besides get, as a try, the other types there are."""
    there = list(dict.fromkeys(others))
    for type, kind in registry.items():
        layer = forms.layer(type, {})
        if kind.family in ("data", "block") or not isinstance(layer, Layer):
            continue
        for port in kind.inputs:
            if port.shape_only:
                continue  # nothing of what arrives would go on
            output = _taken(layer, port.name, arriving, there)
            if output is not None:
                yield kind.family, Fit(type=type, title=kind.title, output=_shown(layer, output), port=port.name)
                break
    for template in TEMPLATES:
        fit = _template(template, arriving, there)
        if fit is not None:
            yield "block", fit


def _taken(layer: Layer, port: str, arriving: TensorType, there: list[TensorType]) -> dict[str, TensorType] | None:
    """The outputs of a layer with a type at one port; None if it does not take it there."""
    required = [each.name for each in layer.inputs if not each.optional and each.name != port]
    if len(required) > 1:
        return None
    for other in there if required else [None]:
        types = {port: (arriving,)}
        if other is not None:
            types[required[0]] = (other,)
        found = rule(layer, key_of(layer, types))
        if found.fault is None:
            return found.outputs
    return None


def _template(template: Template, arriving: TensorType, there: list[TensorType]) -> Fit | None:
    """A library block behind a type, made as wide as what arrives where its own width does not fit."""
    inputs = blocks.ports(template.block.nodes, blocks.BLOCK_INPUT)
    required = [port for port in inputs if template.block.nodes[port].fields.get("optional") is not True]
    tries: list[dict[str, JsonValue]] = [{}]
    if "width" in template.block.exposed and arriving.feature is not None:
        tries.append({"width": arriving.sizes[arriving.feature]})
    for fields in tries:
        # A second stream, such as the memory of a decoder, is tried with what there is, else with a twin of the first.
        for other in [*there, arriving] if len(required) > 1 else [arriving]:
            types = {port: arriving if number == 0 else other for number, port in enumerate(required)}
            output = _through(template, fields, types)
            if output is not None:
                return Fit(
                    type=template.type, title=template.title, output=str(output), port=required[0], fields=fields
                )
    return None


def _through(template: Template, fields: Mapping[str, JsonValue], types: Mapping[str, TensorType]) -> TensorType | None:
    """The first output of a library block with these types at its inputs; None if it does not take them."""
    instance = Node(type=blocks.INSTANCE, block=template.instance.block, fields=dict(fields))
    flat = expand.expand(Document(nodes={"new": instance}, blocks={template.instance.block: template.block}))
    # Its ports are not wired here: what would arrive is put behind them.
    judged = Judged(flat)
    for path, node in flat.nodes.items():
        if node.node.type == blocks.BLOCK_INPUT:
            if node.id in types:
                flat.types[path] = {"y": types[node.id]}
        elif node.layer is not None:
            judge_node(judged, path, node)
    if any(complaint.severity == "error" for complaint in judged.complaints):
        return None
    end = next(iter(flat.instances["new"].outputs.values()))
    return flat.types.get(end, {}).get("y")


# --- before an input -----


def _before(judged: Judged, path: str, port: str, types: list[TensorType]) -> Iterator[tuple[str, Fit]]:
    """What could feed an input: layers behind one of the types there are, whose output the input takes."""
    instance = judged.flat.instances.get(path)
    if instance is not None:
        if port not in instance.inputs:
            return
        entry, entry_port = instance.inputs[port][0], "x"
    else:
        entry, entry_port = path, port
    target = judged.flat.nodes.get(entry)
    if target is None or target.layer is None or all(each.name != entry_port for each in target.layer.inputs):
        return
    for type, kind in registry.items():
        layer = forms.layer(type, {})
        if kind.family in ("loss", "block") or not isinstance(layer, Layer):
            continue
        fit = _feeding(judged.flat, layer, entry, entry_port, types)
        if fit is not None:
            yield kind.family, fit


def _feeding(flat: Flat, layer: Layer, entry: str, port: str, types: list[TensorType]) -> Fit | None:
    """A layer whose output an input takes, as wide as the input wants it."""
    required = [each.name for each in layer.inputs if not each.optional]
    if len(required) > 1:
        return None
    for arriving in [{required[0]: (type,)} for type in types] if required else [{}]:
        found = rule(layer, key_of(layer, arriving))
        for out, output in found.outputs.items():
            faults = _refusals(flat, entry, port, output, types)
            if not faults:
                continue
            if None in faults:
                return Fit(type=layer.type, title=layer.title, output=str(output), port=out)
            sizes = [
                r.size for fault in faults if fault for r in fault.remedies if isinstance(r, Widen) and r.port == port
            ]
            if sizes and layer.width is not None:
                fields: dict[str, JsonValue] = {layer.width: sizes[0]}
                wider = forms.layer(layer.type, fields)
                widened = rule(wider, key_of(wider, arriving)).outputs.get(out) if isinstance(wider, Layer) else None
                if widened is not None and None in _refusals(flat, entry, port, widened, types):
                    return Fit(type=layer.type, title=layer.title, output=str(widened), port=out, fields=fields)
    return None


def _refusals(flat: Flat, entry: str, port: str, type: TensorType, there: list[TensorType]) -> list[Fault | None]:
    """What an input says to a type, None where it takes it. Where another port is still empty, once for every type that
    could come to it; empty where it cannot be told."""
    layer = flat.nodes[entry].layer
    arriving = arriving_with(flat, entry, port, type)
    if layer is None or arriving is None:
        return []
    empty = [each.name for each in layer.inputs if not each.optional and not arriving.get(each.name)]
    if len(empty) > 1:
        return []
    tries = [{**arriving, empty[0]: (other,)} for other in there] if empty else [arriving]
    return [rule(layer, key_of(layer, each)).fault for each in tries]


def _shown(layer: Layer, outputs: Mapping[str, TensorType]) -> str:
    """The type of the first output; empty for a loss, whose output is wired to nothing."""
    return "" if isinstance(layer, Loss) else str(next(iter(outputs.values())))
