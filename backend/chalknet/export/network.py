"""The network of a board as classes of PyTorch: one for every block, one for the board itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chalknet.datasets.base import DataSource
from chalknet.export.lines import Body, access, commented, listed, module_class, shape
from chalknet.export.names import Names, attribute, class_name, quoted, words
from chalknet.export.steps import over_time
from chalknet.export.text import of_function
from chalknet.export.wiring import Value, Wiring, above
from chalknet.graph.document import Document
from chalknet.graph.flat import FlatNode, Instance
from chalknet.layers.base import Layer, Loss
from chalknet.layers.block import BlockPort
from chalknet.layers.first import first_weights
from chalknet.layers.normalisation import BatchNorm


@dataclass
class Network:
    """``inputs`` are the data that the network takes, ``outputs`` what it gives."""

    name: str
    functions: list[str]
    classes: list[str]
    inputs: list[Value]
    outputs: list[Value]
    modules: dict[str, str]
    """Where each node's module stands, by the node's path: ``encoder.0.attention``."""
    defined: dict[str, type[Layer]]
    """Our own module classes that are used, each with the layer that defines it."""


@dataclass
class _Level:
    """The board or one copy of a block while its class is written."""

    values: dict[Value, str]
    """What each value is called."""
    names: Names
    body: Body = field(default_factory=Body)
    attributes: Names = field(default_factory=lambda: Names(frozenset()))
    shared: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The attribute that first holds shared weights."""


@dataclass(frozen=True)
class _Copy:
    """A copy of a block: its class, the ports that it takes, the data and the losses inside it."""

    kind: str
    ports: tuple[str, ...]
    data: tuple[Value, ...]
    losses: tuple[Value, ...]


class Writer:
    """Writes the classes of one board. ``variables`` names the data, ``outside`` are the losses that stand apart."""

    def __init__(
        self, document: Document, wiring: Wiring, variables: dict[Value, str], outside: Iterable[str], names: Names
    ) -> None:
        self.document = document
        self.wiring = wiring
        self.flat = wiring.flat
        self.variables = variables
        self.outside = frozenset(outside)
        self.names = names
        self.classes: list[str] = []
        self.known: dict[tuple[str, str], str] = {}
        self.modules: dict[str, str] = {}
        self.defined: dict[str, type[Layer]] = {}
        self.aliased: set[str] = set()
        self.draws = False
        """Whether first weights are drawn otherwise than PyTorch does."""

    def write(self) -> Network:
        inputs, outputs = self.wiring.border(self.outside)
        name = self.names(class_name(self.document.title, "Network"))
        level = _Level(dict(self.variables), Names(self.names.taken))
        level.body.arguments = [level.values[value] for value in inputs]
        if all(self.wiring.order(prefix) is not None for prefix in self.wiring.levels):
            self._fill(level, "")
        else:
            self._fill_flat(level)
        for path, other in self._not_yet_shared():
            level.body.init.append(f"self.{access(self.modules[path])} = self.{access(self.modules[other])}")
        level.body.returned = [level.values[value] for value in outputs]
        about = f"{quoted(self.document.title)}: {self._types(inputs)} → {self._types(outputs)}."
        self.classes.append(module_class(name, about, level.body, self._train_method(name)))
        functions = [of_function(first_weights)] if self.draws else []
        return Network(name, functions, self.classes, inputs, outputs, self.modules, self.defined)

    def _types(self, values: Iterable[Value]) -> str:
        return ", ".join(shape(self.flat.types[path][port]) for path, port in values) or "nothing"

    def _fill(self, level: _Level, prefix: str) -> None:
        """The lines of the board itself, or of a copy of a block."""
        for path in self.wiring.order(prefix) or ():
            if path in self.flat.instances:
                self._instance(level, self.flat.instances[path])
            elif self._has_module(path):
                own = level.attributes(attribute(self.flat.nodes[path].id))
                self._node(level, self.flat.nodes[path], own, self._place(path, own))
            else:
                self._pass(level, path)

    # --- layers -----

    def _has_module(self, path: str) -> bool:
        apart = path in self.outside or self.wiring.is_data(path)
        return not apart and not isinstance(self.wiring.layer(path), BlockPort)

    def _pass(self, level: _Level, path: str) -> None:
        """A block's port is no more than another name of what arrives."""
        if isinstance(self.wiring.layer(path), BlockPort) and (path, "y") not in level.values:
            (wire,) = self.flat.wires[path]["x"]
            level.values[path, "y"] = level.values[wire.source, wire.out]

    def _node(self, level: _Level, node: FlatNode, own: str, place: str) -> None:
        """``own`` is where the module stands in this class, ``place`` where it stands in the whole."""
        layer, inputs = self.wiring.layer(node.path), self.flat.inputs(node.path)
        self.modules[node.path] = place
        wish = own.rpartition(".")[2]
        source = self.wiring.source(node.path)
        self.defined |= {name: type(layer) for name in source.classes}
        module = f"self.{access(own)}"
        if source.init is not None:
            first = level.shared.setdefault(("node", node.weights), own) if node.weights else own
            if first != own:
                self.aliased.add(node.path)
            made = self._drawn(node, source.init) if first == own else f"self.{access(first)}"
            level.body.init.append(commented(f"{module} = {made}", words(node.node.name)))
            if not node.node.trainable and layer.parameters(inputs):
                level.body.init.append(f"{module}.requires_grad_(False)")
        arguments = argument_names(layer, self._wires(node.path), level.values)
        if isinstance(layer, DataSource):
            arguments += [level.values[node.path, port.name] for port in layer.outputs]
        given = layer.gives(inputs)
        results = [level.names(wish if len(given) == 1 else f"{wish}_{port.name}") for port in given]
        level.values |= {(node.path, port.name): name for port, name in zip(given, results, strict=True)}
        shapes = "" if isinstance(layer, Loss) else self._types((node.path, port.name) for port in given)
        line = f"{', '.join(results)} = {called(source.call, module, arguments)}"
        level.body.forward.append(commented(line, shapes))

    def _drawn(self, node: FlatNode, made: str) -> str:
        """The expression of a module whose first weights are drawn as its node says."""
        init = node.node.init
        if init.how == "torch" or self.wiring.is_data(node.path):
            return made
        self.draws = True
        return f"{first_weights.__name__}({made}, {init.how!r}, {init.scale!r})"

    def _wires(self, path: str) -> dict[str, list[Value]]:
        return {
            port: [(wire.source, wire.out) for wire in wires] for port, wires in self.flat.wires.get(path, {}).items()
        }

    def _place(self, path: str, own: str) -> str:
        holder = self.modules.get(above(path), "")
        return f"{holder}.{own}" if holder else own

    # --- blocks -----

    def _instance(self, level: _Level, instance: Instance) -> None:
        own = level.attributes(attribute(instance.id))
        repeated = instance.node.mode == "repeat"
        place = self.modules[instance.path] = self._place(instance.path, own)
        prefixes = [f"{instance.path}/{i}" for i in range(instance.copies)] if repeated else [instance.path]
        for number, prefix in enumerate(prefixes):
            self.modules[prefix] = f"{place}.{number}" if repeated else place
        copies = [self._copy(instance, prefix) for prefix in prefixes]
        self._construct(level, instance, own, copies, prefixes)
        results = [level.names(own if len(instance.outputs) == 1 else f"{own}_{port}") for port in instance.outputs]
        arriving = self._arriving(level, instance)
        if instance.over_time:
            level.body.forward += over_time(self.wiring, instance, own, results, arriving, level.names)
            level.values |= {(path, "y"): name for path, name in zip(instance.outputs.values(), results, strict=True)}
            return
        chained = next(iter(instance.inputs), None) if instance.outputs else None
        alike = len(set(copies)) == 1 and not copies[0].data and not copies[0].losses
        if len(copies) > 1 and alike and chained in arriving:
            turn = level.names("layer")
            given = [results[0] if port == chained else arriving[port] for port in copies[0].ports]
            level.body.forward += [
                f"{results[0]} = {arriving[chained]}",
                f"for {turn} in self.{own}:",
                commented(f"    {', '.join(results)} = {turn}({', '.join(given)})", self._shapes(instance)),
            ]
        else:
            for number, copy in enumerate(copies):
                given = [results[0] if port == chained and number else arriving[port] for port in copy.ports]
                target = f"self.{own}[{number}]" if repeated else f"self.{own}"
                self._call(level, instance, copy, target, given, results)
        outputs = [(path, "y") for path in instance.outputs.values()]
        level.values |= dict(zip(outputs, results, strict=True))

    def _arriving(self, level: _Level, instance: Instance) -> dict[str, str]:
        """What stands at an instance's ports."""
        return {
            port: level.values[wire.source, wire.out]
            for port, inner in instance.inputs.items()
            if inner[0] in self.flat.nodes
            for wire in self.flat.wires.get(inner[0], {}).get("x", ())
        }

    def _call(
        self, level: _Level, instance: Instance, copy: _Copy, target: str, given: Sequence[str], results: Sequence[str]
    ) -> None:
        for path, port in copy.losses:
            level.values[path, port] = level.names(path.rpartition("/")[2])
        left = [*results, *(level.values[loss] for loss in copy.losses)]
        call = f"{target}({', '.join([*given, *(level.values[value] for value in copy.data)])})"
        line = f"{', '.join(left)} = {call}" if left else call
        level.body.forward.append(commented(line, "" if copy.losses else self._shapes(instance)))

    def _shapes(self, instance: Instance) -> str:
        return ", ".join(shape(self.flat.types[path]["y"]) for path in instance.outputs.values())

    def _construct(
        self, level: _Level, instance: Instance, own: str, copies: Sequence[_Copy], prefixes: Sequence[str]
    ) -> None:
        """The lines that make an instance's module."""
        weights = instance.node.weights
        kinds = [copy.kind for copy in copies]
        one = len(set(kinds)) == 1
        if instance.node.mode != "repeat":
            made = f"{kinds[0]}()"
        elif weights and one:
            made = f"nn.ModuleList([{kinds[0]}()] * {len(kinds)})"
            self._alias(prefixes[1:])
        elif one:
            made = f"nn.ModuleList([{kinds[0]}() for _ in range({len(kinds)})])"
        else:
            made = ""
        first = level.shared.setdefault((instance.node.mode, weights, *kinds), own) if weights else own
        if first != own:
            made = f"self.{first}"
            self._alias(prefixes)
        name = words(instance.node.name)
        if made:
            level.body.init.append(commented(f"self.{own} = {made}", name))
        else:
            level.body.init += listed(f"self.{own}", [f"{kind}()" for kind in kinds], name)
        if not instance.node.trainable:
            level.body.init.append(f"self.{own}.requires_grad_(False)")

    def _alias(self, prefixes: Iterable[str]) -> None:
        heads = tuple(f"{prefix}/" for prefix in prefixes)
        self.aliased.update(path for path in self.flat.nodes if path.startswith(heads))

    def _copy(self, instance: Instance, prefix: str) -> _Copy:
        """The class of a copy; copies that read the same share it."""
        name = instance.node.block
        block = self.document.blocks[name]
        ports = tuple(port for port in instance.inputs if f"{prefix}/{port}" in self.flat.nodes)
        data = tuple(value for value in self.wiring.data if value[0].startswith(f"{prefix}/"))
        losses = tuple(value for value in self.wiring.losses if value[0].startswith(f"{prefix}/"))
        level = _Level({}, Names())
        for port in ports:
            level.values[f"{prefix}/{port}", "y"] = level.names(port)
        for path, port in data:
            level.values[path, port] = level.names(f"{path.rpartition('/')[2]}_{port}")
        level.body.arguments = list(level.values.values())
        outputs = [(f"{prefix}/{port}", "y") for port in instance.outputs]
        self._fill(level, prefix)
        level.body.returned = [level.values[value] for value in (*outputs, *losses)]
        title = block.title or name
        taken = self._types((f"{prefix}/{port}", "y") for port in ports)
        given = [(wire.source, wire.out) for path, _ in outputs for wire in self.flat.wires[path]["x"]]
        about = f"{quoted(title)}: {taken} → {self._types(given)}."
        text = module_class("?", about, level.body)
        kind = self.known.get((name, text))
        if kind is None:
            kind = self.known[name, text] = self.names(class_name(title, class_name(name, "Block")))
            self.classes.append(text.replace("?", kind, 1))
        return _Copy(kind, ports, data, losses)

    # --- the odd cases -----

    def _fill_flat(self, level: _Level) -> None:
        """Every layer in one class, for blocks that feed each other in a ring; empty modules keep each in its place."""
        attributes: dict[str, Names] = {}

        def own(path: str, id: str) -> str:
            return self._place(path, attributes.setdefault(above(path), Names(frozenset()))(attribute(id)))

        for path, instance in sorted(self.flat.instances.items(), key=lambda item: item[0].count("/")):
            place = self.modules[path] = own(path, instance.id)
            repeated = instance.node.mode == "repeat"
            made = f"nn.ModuleList([nn.Module() for _ in range({instance.copies})])" if repeated else "nn.Module()"
            level.body.init.append(f"self.{access(place)} = {made}")
            for number in range(instance.copies if repeated else 0):
                self.modules[f"{path}/{number}"] = f"{place}.{number}"
        for path, node in self.flat.nodes.items():
            if self._has_module(path):
                place = own(path, node.id)
                self._node(level, node, place, place)
            else:
                self._pass(level, path)
        for path, instance in self.flat.instances.items():
            if not instance.node.trainable:
                level.body.init.append(f"self.{access(self.modules[path])}.requires_grad_(False)")

    def _not_yet_shared(self) -> list[tuple[str, str]]:
        """Nodes that share another's weights and do not yet, each with that other."""
        first: dict[str, str] = {}
        found = []
        for path, node in self.flat.nodes.items():
            if not node.weights or path in self.aliased or not self._has_module(path):
                continue
            if self.wiring.source(path).init is None:
                continue
            if first.setdefault(node.weights, path) != path:
                found.append((path, first[node.weights]))
        return found

    def _train_method(self, name: str) -> list[str]:
        """Frozen layers with running statistics keep them, as they do in a run."""
        frozen = [
            self.modules[path]
            for path, node in self.flat.nodes.items()
            if not node.trainable and isinstance(node.layer, BatchNorm)
        ]
        if not frozen:
            return []
        return [
            "",
            f"    def train(self, mode: bool = True) -> {name}:",
            "        super().train(mode)",
            *(f"        self.{access(place)}.eval()  # frozen: its statistics stay" for place in frozen),
            "        return self",
        ]


def argument_names(layer: Layer, wires: dict[str, list[Value]], values: dict[Value, str]) -> list[str]:
    """What a layer is called with: a name a wire, ``None`` for an empty optional port."""
    given: list[str] = []
    for port in layer.inputs:
        arriving = [values[value] for value in wires.get(port.name, ())]
        given += arriving if port.many or arriving else ["None"]
    return given


def called(call: str | None, module: str, arguments: Sequence[str]) -> str:
    """The expression of a layer's output, as ``Source.call`` gives it."""
    if call is not None:
        return call.format(*arguments, all=", ".join(arguments), self=module)
    given = list(arguments)
    while given and given[-1] == "None":
        given.pop()
    return f"{module}({', '.join(given)})"
