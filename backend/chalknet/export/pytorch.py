"""A board as one readable file of PyTorch that runs on its own: data, network, losses, training loop.

Every person's name in it is made harmless; the text is never executed here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from chalknet.datasets.readied import Readied
from chalknet.export import data, recipe
from chalknet.export.names import Names, literal, quoted
from chalknet.export.network import Network, Writer, argument_names, called
from chalknet.export.text import IMPORTS, imports, of_class
from chalknet.export.wiring import Value, Wiring
from chalknet.graph.document import Document
from chalknet.graph.infer import infer_flat
from chalknet.graph.problems import Problem
from chalknet.layers.base import Layer, Source

# Names of the file's own functions, constants and variables.
OWN = frozenset(
    """
    SEED BATCH EPOCHS DEVICE MEASURED Tensors accuracy batch batches count divide epoch evaluate found load loss losses
    made model average first_weights order parts pull ready right rows samples size step steps sums told train training
    """.split()  # noqa: SIM905
)


class Refused(ValueError):
    """A board cannot be exported; ``problems`` says why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Exported:
    """``modules`` tells where each node's module stands in the file's network: ``encoder/0/attention`` is
    ``encoder.0.attention``, the name that it has in a run too, where ids are Python names. ``data`` is what each port
    of the data is called, ``inputs`` and ``outputs`` what the network takes and gives."""

    text: str
    network: str
    modules: dict[str, str]
    data: dict[Value, str]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


def export(document: Document, *, tidy: bool = True) -> str:
    """The text of the file. Raises Refused for a board with errors.

    ``tidy``: format it by ruff if that is installed; it is readable without.
    """
    return write(document, tidy=tidy).text


def write(document: Document, *, tidy: bool = True) -> Exported:
    """The same, with what is where."""
    flat, facts = infer_flat(document)
    errors = [problem for problem in facts.problems if problem.severity == "error"]
    if errors:
        raise Refused(errors)
    wiring = Wiring(flat)
    if any(instance.over_time for instance in flat.instances.values()) and any(
        wiring.order(prefix) is None for prefix in wiring.levels
    ):
        message = "Blocks of this board feed each other in a ring, and one runs over time: that is not written as text."
        raise Refused([Problem(code="ring_over_time", message=message, hint="Take one of the blocks apart.")])
    names = Names(Names().taken | OWN | IMPORTS.keys() | _defined(wiring))
    variables = data.name_data(wiring, names)
    outside = wiring.outside()
    network = Writer(document, wiring, variables, outside, names).write()
    losses = _Losses(wiring, network, variables, outside, names)
    made = data.write(document, wiring, variables)
    steps = recipe.write(document, wiring, network.modules, losses.keys, names)
    averaging = document.recipe.averaging if document.recipe.averaging.kind != "none" else None
    averages = averaging is not None and averaging.kind == "mean"
    context = {
        "title": quoted(document.title) or "A board",
        "summary": "\n".join(textwrap.wrap(quoted(document.about.summary), 110, break_on_hyphens=False)),
        "parameters": f"{facts.parameters:,}",
        "macs": f"{facts.macs:,}",
        "seed": document.recipe.seed,
        "batch": document.recipe.batch,
        "epochs": document.recipe.epochs,
        "data": made,
        "needs": "torch and scikit-learn" if any("sklearn" in text for text in made.functions) else "torch",
        "network": network.name,
        "classes": [
            *network.functions,
            *(of_class(cls, name) for name, cls in network.defined.items()),
            *map(str.rstrip, network.classes),
        ],
        "loss_classes": [of_class(cls, name) for name, cls in losses.defined.items() if name not in network.defined],
        "criteria": losses.criteria,
        "forward": losses.forward,
        "locked": made.parted and document.recipe.test == "locked",
        "mixed": document.recipe.precision == "bf16",
        "full": losses.full,
        "found": losses.found,
        "right": losses.right,
        "accuracy": bool(losses.right),
        "recipe": steps,
        "averaging": averaging,
        "scored": "scored" if averaging else "model",
        "stopping": document.recipe.stopping if document.recipe.stopping.patience and made.parted else None,
        "plateaus": any(phase.plateau for phase in steps.phases) and made.parted,
        "monitored": " + ".join(f"values[{literal(key)}]" for key in losses.keys.values()),
        "scheduled": averages or any(phase.schedule for phase in steps.phases),
        "counted": averaging is not None or any(phase.every > 1 for phase in steps.phases),
    }
    # What is to be imported is known once the rest is written.
    text = _template().render(context, imports="")
    text = _template().render(context, imports=imports(text))
    return Exported(
        _formatted(text, tidy),
        network.name,
        network.modules,
        variables,
        tuple(network.inputs),
        tuple(network.outputs),
    )


def _defined(wiring: Wiring) -> set[str]:
    """Names of the classes and functions of ours that the file will hold."""
    found: set[str] = set()
    for path in wiring.flat.nodes:
        spoken = [wiring.layer(path).source(wiring.flat.inputs(path))]
        if path in wiring.learned:
            spoken.append(wiring.source(path))
        layer = wiring.layer(path)
        if isinstance(layer, Readied):
            spoken.append(Source(functions=tuple(layer.functions())))
        for source in spoken:
            found |= {*source.classes, *(function.__name__ for function in source.functions)}
    return found


class _Losses:
    """The losses as lines: those apart from the network, and those that it gives itself."""

    def __init__(
        self, wiring: Wiring, network: Network, variables: dict[Value, str], outside: list[str], names: Names
    ) -> None:
        self.wiring = wiring
        self.criteria: list[str] = []
        self.found: list[tuple[str, str]] = []
        self.right: list[tuple[str, str]] = []
        self.keys: dict[str, str] = {}
        self.defined: dict[str, type[Layer]] = {}
        local = Names(names.taken)
        values = {value: f"batch[{literal(name)}]" for value, name in variables.items()}
        call = f"model({', '.join(values[value] for value in network.inputs)})"
        made: list[str] = []
        for path, port in network.outputs:
            values[path, port] = local(path.rpartition("/")[2] if path not in outside else "loss")
            made.append(values[path, port])
        self.forward = [f"{', '.join(made)} = {call}"] if made else []
        types = wiring.flat.types
        self.full = [values[path, port] for path, port in network.outputs if types[path][port].element == "float"]
        """What the network gives that has a precision."""
        for path, port in wiring.losses:
            key = self.keys[path] = path
            if path not in outside:
                self.found.append((literal(key), values[path, port]))
                continue
            self.found.append((literal(key), self._apart(path, values, names)))

    def _apart(self, path: str, values: dict[Value, str], names: Names) -> str:
        """The expression of a loss outside of the network."""
        layer, inputs = self.wiring.layer(path), self.wiring.flat.inputs(path)
        source = layer.source(inputs)
        self.defined |= {name: type(layer) for name in source.classes}
        wires = {
            port: [self.wiring.value(wire) for wire in wires]
            for port, wires in self.wiring.flat.wires.get(path, {}).items()
        }
        arguments = argument_names(layer, wires, values)
        module = names(layer.type)
        if source.init is not None:
            self.criteria.append(f"{module} = {source.init}")
        if source.answer is not None:
            scored = dict(zip((port.name for port in layer.inputs), arguments, strict=True))
            counted = scored.get("mask", "None")
            more = f", {counted}" if counted != "None" else ""
            answer = source.answer.format(*arguments)
            self.right.append((literal(path), f"accuracy({answer}, {scored['target']}{more})"))
        return called(source.call, module, arguments)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,
    )
    return environment.get_template("board.py.jinja")


def _formatted(text: str, tidy: bool) -> str:
    """Formatted by ruff where it is installed; as it is where it is not, or takes more than two seconds."""
    text = re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"
    ruff = shutil.which("ruff") if tidy else None
    if ruff is None:
        return text
    try:
        done = subprocess.run(
            [ruff, "format", "--no-cache", "--isolated", "--line-length", "120", "-"],
            input=text,
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return text
    return done.stdout if done.returncode == 0 and done.stdout else text
