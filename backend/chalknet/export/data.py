"""The data as text: how samples are made, parted and made ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalknet.datasets.base import DataSource
from chalknet.datasets.readied import Readied
from chalknet.export.names import Names, literal
from chalknet.export.text import of_function
from chalknet.export.wiring import Value, Wiring
from chalknet.graph.document import Document
from chalknet.layers.base import Inputs


@dataclass(frozen=True)
class Data:
    """``load`` are the lines that give ``parts``, ``ready`` those that make a batch ready (none: it is). ``parted``:
    some of the data are unseen in training."""

    functions: list[str]
    load: list[str]
    ready: list[str]
    parted: bool = True
    measured: Mapping[str, str] = field(default_factory=dict)
    """By what a port is called: the expression of its numbers in ``rows`` of the training samples, before they are
    scaled."""
    augmented: bool = False
    """Whether a batch is made ready in another way for training."""


def name_data(wiring: Wiring, names: Names) -> dict[Value, str]:
    """What each port of the data is called all over the file: its own name, behind its node's where two share it."""
    ports = [port for _, port in wiring.data]
    return {value: names(_wish(wiring, value, ports.count(value[1]) == 1)) for value in wiring.data}


def _wish(wiring: Wiring, value: Value, alone: bool) -> str:
    """``alone``: no other port of the data has this name."""
    (path, port), layer = value, wiring.layer(value[0])
    if isinstance(layer, DataSource) and not layer.parted:
        return f"{path.rpartition('/')[2]}{'_start' if layer.learned else ''}"
    return port if alone else f"{path}_{port}"


def write(document: Document, wiring: Wiring, variables: dict[Value, str]) -> Data:
    split = document.recipe.split
    functions: dict[str, None] = {}
    load: list[str] = []
    ready: list[str] = []
    measured: dict[str, str] = {}
    sources = {path: node.layer for path, node in wiring.flat.nodes.items() if isinstance(node.layer, DataSource)}
    if sources and not any(layer.parted for layer in sources.values()):
        return _typed(sources, variables)
    for path, layer in sources.items():
        source = layer.source(Inputs({}))
        more = layer.functions() if isinstance(layer, Readied) else []
        functions |= {of_function(function): None for function in (*source.functions, *more)}
        keys = {port.name: variables[path, port.name] for port in layer.outputs}
        load.append(f"samples = {source.init}")
        if not layer.parted:
            load.append("for found in parts.values():")
            load += [f"    found[{literal(key)}] = samples[{literal(port)}]" for port, key in keys.items()]
            continue
        how = f", drawn={split.drawn!r}" if split.drawn != "classes" else ""
        if (fill := layer.fill()) is not None:
            how += f", fill={fill!r}"
        parts = f"divide(samples, validation={split.validation!r}, test={split.test!r}, seed={split.seed}{how})"
        plain = len(sources) == 1 and all(port == key for port, key in keys.items())
        if plain:
            load.append(f"return {parts}")
        else:
            renamed = ", ".join(f"{literal(key)}: found[{literal(port)}]" for port, key in keys.items())
            load += [f"for part, found in {parts}.items():", f"    parts[part] |= {{{renamed}}}"]
        call = source.call or "{0}"
        if isinstance(layer, Readied) and layer.measures():
            rows = ", ".join(f"{literal(port)}: parts['train'][{literal(key)}][rows]" for port, key in keys.items())
            measured[keys[layer.measured]] = f"{call.format(f'{{{rows}}}')}[{literal(layer.measured)}]"
        changed = _changed(layer, keys, "batch" if plain else "made")
        if source.call is None and not changed:
            continue
        if plain and changed:
            ready += [f"batch = {source.call.format('batch')}"] if source.call else []
            ready += [*changed, "return batch"]
        elif plain:
            ready.append(f"return {call.format('batch')}")
        else:
            own = ", ".join(f"{literal(port)}: batch[{literal(key)}]" for port, key in keys.items())
            back = ", ".join(f"{literal(key)}: made[{literal(port)}]" for port, key in keys.items())
            ready += [f"made = {call.format(f'{{{own}}}')}", *changed, f"batch |= {{{back}}}"]
    if not load[-1].startswith("return"):
        load = [
            'parts: dict[str, Tensors] = {"train": {}, "validation": {}, "test": {}}',
            *load,
            "return parts",
        ]
        ready = [*ready, "return batch"] if ready else []
    augmented = any(isinstance(layer, Readied) and layer.augment for layer in sources.values())
    return Data(list(functions), load, ready, measured=measured, augmented=augmented)


def _changed(layer: DataSource, keys: Mapping[str, str], made: str) -> list[str]:
    """The lines that change a batch for training and scale it; ``made``: what it is called."""
    if not isinstance(layer, Readied):
        return []
    lines = []
    values = f"MEASURED[{literal(keys[layer.measured])}]"
    for each in layer.augmentations():
        given = [f"{name}={value!r}" for name, value in each.arguments().items()]
        given += [f"measured={values}"] if each.measures else []
        lines.append(f"    {made} = {type(each).function.__name__}({', '.join([made, *given])})")
    if lines:
        lines.insert(0, "if training:")
    if layer.scaling != "none":
        port = literal(layer.measured)
        lines.append(f"{made} = {{**{made}, {port}: scaled({made}[{port}], {values}, {layer.scaling!r})}}")
    return lines


def _typed(sources: Mapping[str, DataSource], variables: dict[Value, str]) -> Data:
    """Numbers that were typed in are all there is: there is nothing to validate or to test on."""
    functions: dict[str, None] = {}
    load = []
    for path, layer in sources.items():
        source = layer.source(Inputs({}))
        functions |= {of_function(function): None for function in source.functions}
        for port in layer.outputs:
            load.append(f"    {literal(variables[path, port.name])}: {source.init}[{literal(port.name)}],")
    return Data(list(functions), ["samples = {", *load, "}", 'return {"train": samples}'], [], parted=False)
