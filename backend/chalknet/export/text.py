"""Our own classes and functions as text, read from where they are written, so that nothing is kept twice."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from chalknet.layers.base import Layer

IMPORTS = {
    "copy": "import copy",
    "math": "import math",
    "sys": "import sys",
    "Iterable": "from collections.abc import Iterable",
    "Callable": "from collections.abc import Callable",
    "Iterator": "from collections.abc import Iterator",
    "Any": "from typing import Any",
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "Tensor": "from torch import Tensor",
    "nn": "from torch import nn",
}
"""What the text of classes and functions may take for granted, and what makes it so."""


@cache
def of_class(layer: type[Layer], name: str) -> str:
    """The text of a module class that is defined inside a layer's ``build``."""
    source = textwrap.dedent(inspect.getsource(layer.build))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return _lines(source, node)
    raise LookupError(f"{layer.__name__}.build defines no class {name}")


@cache
def of_function(function: Callable[..., Any]) -> str:
    """The text of a function, without the imports that the file has at its top."""
    text = textwrap.dedent(inspect.getsource(function)).rstrip()
    for line in IMPORTS.values():
        text = re.sub(rf"^ +{re.escape(line)}\n", "", text, flags=re.MULTILINE)
    # Where only imports stood between the docstring and the body, one blank line is enough.
    return re.sub(r"\n\n\n+", "\n\n", text)


def of_method(cls: type[Any], method: str, values: Mapping[str, Any], name: str, about: str) -> str:
    """A method as a function of its other arguments, every ``self.x`` replaced by its value."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(cls, method))))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.name = name
    function.args.args = function.args.args[1:]
    if ast.get_docstring(function) is None:
        function.body.insert(0, ast.Expr(ast.Constant(about)))
    return ast.unparse(ast.fix_missing_locations(_Filled(values).visit(tree)))


class _Filled(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return ast.copy_location(ast.Constant(self.values[node.attr]), node)
        return self.generic_visit(node)


def imports(text: str) -> str:
    """The import lines that a text needs, sorted as is the custom."""
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    plain = [line for name, line in IMPORTS.items() if name in used and line.startswith("import")]
    taken: dict[str, list[str]] = {}
    for name, line in IMPORTS.items():
        if name in used and line.startswith("from"):
            taken.setdefault(line.split()[1], []).append(name)
    lines = [*plain, *(f"from {module} import {', '.join(sorted(names))}" for module, names in taken.items())]
    standard = [line for line in lines if "torch" not in line]
    return "\n".join([*standard, *([""] if standard else []), *(line for line in lines if "torch" in line)])


def _lines(source: str, node: ast.ClassDef) -> str:
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))
