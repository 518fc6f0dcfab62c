"""A document as a module of PyTorch: a graph of torch.fx with one submodule a node, named after the node's path.

fx writes the forward pass as plain Python, so a compiled board costs what the same network written by hand costs.
"""

from __future__ import annotations

import hashlib
import keyword
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import fx, nn

from chalknet.datasets.base import DataSource
from chalknet.graph.document import Document
from chalknet.graph.facts import Inference
from chalknet.graph.flat import Flat
from chalknet.graph.infer import infer_flat
from chalknet.graph.problems import Problem
from chalknet.layers.base import Layer, Loss
from chalknet.layers.block import BlockPort
from chalknet.layers.first import first_weights
from chalknet.layers.over_time import StepOutput
from chalknet.training import over_time
from chalknet.training.over_time import Loop

Value = tuple[str, str]
"""What leaves a node: its path and the name of its output port."""


class Refused(Exception):
    """A board cannot be trained; ``problems`` says why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)


def refuse(code: str, message: str, *, hint: str = "", node: str | None = None, field: str | None = None) -> Refused:
    return Refused([Problem(code=code, message=message, hint=hint, node=node, field=field)])


def seed_of(seed: int, name: str) -> int:
    """A seed of its own for whatever is called ``name``, so that adding a node leaves all others' first weights
    alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:7])


_TAKEN = fx.GraphModule(nn.Module(), fx.Graph())


def _has_module(layer: Layer) -> bool:
    return layer.learned if isinstance(layer, DataSource) else not isinstance(layer, BlockPort)


def _reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name == "self"


def module_name(path: str) -> str:
    """Where a node's module stands: ``encoder/0/attention`` is ``encoder.0.attention``. A part of the path that a
    module already has as an attribute (``train``, ``forward`` …) or that the forward pass cannot use as a name
    (``class``, ``self``) gets a trailing underscore."""
    taken = (part + "_" if _reserved(part) or hasattr(_TAKEN, part) else part for part in path.split("/"))
    return ".".join(taken)


@dataclass
class Compiled:
    """A network made from a document.

    ``module`` takes the data ports in the order of ``inputs`` and returns the losses in the order of ``losses``.
    """

    flat: Flat
    facts: Inference
    module: fx.GraphModule
    inputs: tuple[Value, ...]
    losses: tuple[str, ...]
    frozen: tuple[nn.Module, ...]
    """Modules of frozen nodes that keep running statistics: they stay in evaluation mode, so nothing of them
    changes."""
    modules: dict[str, nn.Module]
    """By path: the module of every node that has one."""
    _selected: dict[tuple[Value, ...], fx.GraphModule] = field(default_factory=dict)

    def layer(self, path: str) -> Layer:
        """The layer of a node that has one. Raises KeyError."""
        layer = self.flat.nodes[path].layer
        if layer is None:
            raise KeyError(path)
        return layer

    def sources(self, path: str) -> dict[str, list[Value]]:
        """Where the wires of a node's ports come from."""
        return {
            port: [(wire.source, wire.out) for wire in wires]
            for port, wires in self.flat.wires.get(path, {}).items()
            if wires
        }

    def way(self, path: str) -> set[str]:
        """The nodes that a node depends on, itself among them."""
        found: set[str] = set()
        waiting = [path]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += [source for wires in self.sources(path).values() for source, _ in wires]
        return found

    def parameters(self, roots: Iterable[str] = ()) -> dict[str, nn.Parameter]:
        """Trainable parameters by name, shared ones once: of the nodes and blocks named, or of all."""
        within = tuple(roots)
        chosen = None
        if within:
            chosen = {
                id(parameter)
                for path, module in self.modules.items()
                if any(path == root or path.startswith(root + "/") for root in within)
                for parameter in module.parameters()
            }
        return {
            name: parameter
            for name, parameter in self.module.named_parameters()
            if parameter.requires_grad and (chosen is None or id(parameter) in chosen)
        }

    def select(self, values: Sequence[Value]) -> fx.GraphModule:
        """The part of the network that leads to these values: a module that takes all data ports and returns a tuple.

        It holds the same submodules, so it always sees the weights as they are. Ports that the values do not depend on
        may be given as None. Of a value inside a block that runs over time it gives that of the last step.
        """
        wanted = tuple(values)
        if wanted not in self._selected:
            if len(self._selected) >= 256:
                self._selected.clear()
            needed: set[str] = set()
            stack = [path for path, _ in wanted]
            while stack:
                path = stack.pop()
                if path not in needed:
                    needed.add(path)
                    stack += [source for wires in self.sources(path).values() for source, _ in wires]
                    loop = self.flat.nodes[path].loop
                    if loop:  # it runs as a whole
                        stack += self.flat.instances[loop].outputs.values()
            writer = _Writer(self.flat, self.module, {}, needed)
            self._selected[wanted] = writer.module(self.inputs, wanted)
        return self._selected[wanted]

    def learn(self) -> None:
        """Training mode, but for the running statistics of frozen nodes."""
        self.module.train()
        for module in self.frozen:
            module.eval()


def compile(document: Document, *, seed: int | None = None) -> Compiled:
    """The network of a document, on the CPU, its first weights drawn from ``seed`` (the recipe's, if None).

    The global random number generator is left as it was. Raises Refused for a board with errors.
    """
    flat, facts = infer_flat(document)
    errors = [problem for problem in facts.problems if problem.severity == "error"]
    if errors:
        raise Refused(errors)
    seed = document.recipe.seed if seed is None else seed
    root = nn.Module()
    modules: dict[str, nn.Module] = {}
    shared: dict[str, nn.Module] = {}
    frozen: list[nn.Module] = []
    inputs: list[Value] = []
    losses: list[str] = []
    loops = {path: Loop() for path, instance in flat.instances.items() if instance.over_time}
    for path, made in loops.items():
        _place(root, module_name(path), made)
    with torch.random.fork_rng(devices=[]):
        for path, node in flat.nodes.items():
            layer = node.layer
            if isinstance(layer, DataSource):
                inputs += [(path, port.name) for port in layer.outputs]
            if layer is None or not _has_module(layer):
                continue
            module = shared.get(node.weights) if node.weights else None
            if module is None:
                torch.random.default_generator.manual_seed(seed_of(seed, node.weights or path))
                module = layer.build(flat.inputs(path))
                if node.node.init.how != "torch" and not isinstance(layer, DataSource):
                    first_weights(module, node.node.init.how, node.node.init.scale)
                if node.weights:
                    shared[node.weights] = module
                if not node.trainable:
                    module.requires_grad_(False)
                    if next(module.buffers(), None) is not None:
                        frozen.append(module)
            modules[path] = module
            _place(root, module_name(path), module)
            if isinstance(layer, Loss):
                losses.append(path)
    module = _Writer(flat, root, loops).module(inputs, [(path, _first_output(flat, path)) for path in losses])
    return Compiled(
        flat=flat,
        facts=facts,
        module=module,
        inputs=tuple(inputs),
        losses=tuple(losses),
        frozen=tuple(frozen),
        modules=modules,
    )


class _Writer:
    """Writes the fx graphs of one network: of the board, and of the body of every block that runs over time.

    ``root`` holds the nodes' modules. ``loops`` are the modules of such blocks that stand there already; others are
    made as they are needed. ``needed``: the nodes that are wanted (None: all).
    """

    def __init__(self, flat: Flat, root: nn.Module, loops: dict[str, Loop], needed: set[str] | None = None) -> None:
        self.flat = flat
        self.root = root
        self.loops = loops
        self.needed = needed
        self.read = {wire.source for _, wire in flat.all_wires()} if flat.instances else set()

    def module(self, inputs: Sequence[Value], wanted: Sequence[Value], loop: str = "") -> fx.GraphModule:
        """Takes ``inputs`` and returns ``wanted``, a tuple; of the board itself, or of the body of ``loop``."""
        graph = fx.Graph()
        values: dict[Value, fx.Node] = {}
        names: set[str] = set()
        for value in inputs:
            values[value] = graph.placeholder(_identifier("_".join(value), names))
        made: dict[str, Loop] = {}
        for path, node in self.flat.nodes.items():
            layer = node.layer
            if layer is None or (self.needed is not None and path not in self.needed):
                continue
            if isinstance(layer, DataSource):
                if layer.learned and not loop:
                    self._node(graph, values, path, layer)
                continue
            if isinstance(layer, StepOutput) and self.flat.instances[node.loop].loop == loop:
                if node.loop not in made:
                    made[node.loop] = self._loop(graph, values, node.loop, wanted, loop)
            elif node.loop != loop or (path, "y") in values:
                continue
            elif isinstance(layer, BlockPort):
                (wire,) = self.flat.wires[path]["x"]
                values[path, "y"] = values[wire.source, wire.out]
            else:
                self._node(graph, values, path, layer)
        graph.output(tuple(values[value] for value in wanted))
        target = self.root
        if made and not self.loops:
            # Loops that also give what a view wants are not those that stand at the root.
            target = _Picked(self.root, graph, {module_name(path): each for path, each in made.items()})
        return fx.GraphModule(target, graph, class_name="Board")

    def _node(self, graph: fx.Graph, values: dict[Value, fx.Node], path: str, layer: Layer) -> None:
        wires = self.flat.wires.get(path, {})
        arguments: list[fx.Node | None] = []
        for port in layer.inputs:
            arriving = [values[wire.source, wire.out] for wire in wires.get(port.name, ())]
            arguments += arriving if port.many or arriving else [None]
        if isinstance(layer, DataSource):
            arguments += [values[path, port.name] for port in layer.outputs]
        made = graph.call_module(module_name(path), tuple(arguments))
        given = layer.gives(self.flat.inputs(path))
        if len(given) == 1:
            values[path, given[0].name] = made
        else:
            for place, port in enumerate(given):
                values[path, port.name] = graph.call_function(operator.getitem, (made, place))

    def _loop(
        self, graph: fx.Graph, values: dict[Value, fx.Node], path: str, wanted: Sequence[Value], loop: str
    ) -> Loop:
        """Calls a block that runs over time, and makes its body."""
        flat = self.flat
        used = self.read | {value[0] for value in wanted}
        found = over_time.ports(flat, flat.instances[path], used)
        arriving = [flat.wires.get(inner, {}).get("x", []) for inner in found.inputs]
        call = graph.call_module(
            module_name(path), tuple(values[wires[0].source, wires[0].out] if wires else None for wires in arriving)
        )
        inside = [flat.wires[output]["x"][0] for output in found.outputs]
        homes = {value: over_time.home(flat, value) for value in wanted}
        more = [value for value, home in homes.items() if home != loop and over_time.child(flat, loop, home) == path]
        for place, value in enumerate([*((output, "y") for output in found.outputs), *more]):
            values[value] = graph.call_function(operator.getitem, (call, place))
        results = [*((wire.source, wire.out) for wire in inside), *more]
        body = self.module([(inner, "y") for inner in found.inputs], results, path)
        return self.loops.get(path, Loop()).make(body, found, len(more))


class _Picked(nn.Module):
    """The modules that a graph calls, some of them replaced."""

    def __init__(self, root: nn.Module, graph: fx.Graph, instead: dict[str, Loop]) -> None:
        super().__init__()
        for node in graph.nodes:
            if node.op == "call_module":
                name = str(node.target)
                _place(self, name, instead[name] if name in instead else root.get_submodule(name))


def _identifier(text: str, taken: set[str]) -> str:
    name = re.sub(r"\W", "_", text)
    if name[0].isdigit() or _reserved(name):
        name = "_" + name
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _place(root: nn.Module, name: str, module: nn.Module) -> None:
    """Puts a module at a dotted name, making the modules on the way."""
    *way, last = name.split(".")
    for part in way:
        if part not in root._modules:
            root.add_module(part, nn.Module())
        root = root.get_submodule(part)
    root.add_module(last, module)


def _first_output(flat: Flat, path: str) -> str:
    layer = flat.nodes[path].layer
    assert layer is not None
    return layer.outputs[0].name
