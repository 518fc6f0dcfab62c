"""The house stands as drawn: who may import whom, what each layer says of itself, what the files are called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "backend" / "chalknet"

ARROWS: dict[str, set[str]] = {
    "layers": set(),
    "datasets": {"layers"},
    "intake": {"datasets", "runtime"},
    "graph": {"layers", "datasets"},
    "wire": {"graph"},
    "catalogue": {"graph", "layers", "datasets", "wire"},
    "training": {"graph", "layers", "datasets", "wire"},
    "export": {"graph", "layers", "datasets"},
    "runtime": {"wire"},
    "live": {"wire"},
    "store": {"graph", "wire"},
    "boards": {"graph", "wire", "store"},
    "classes": {"graph", "layers", "wire", "store", "boards"},
    "server": {
        "graph",
        "layers",
        "datasets",
        "intake",
        "wire",
        "catalogue",
        "export",
        "runtime",
        "live",
        "store",
        "boards",
        "classes",
    },
}
"""What a room may import of ours, besides itself. The command line may import all."""


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, top_level_only: bool = False) -> set[str]:
    """Modules that a file imports, whole names."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import of {node.module}"
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_arrows(path: Path) -> None:
    here = room(path)
    if here in {"__init__", "cli", "__main__"}:
        return
    assert here in ARROWS, f"{here} is no room of the house"
    allowed = ARROWS[here] | {here}
    reached = {name.split(".")[1] for name in imports(path) if name.startswith("chalknet.")}
    assert reached <= allowed, f"{here} must not import {sorted(reached - allowed)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_torch_stays_in_training(path: Path) -> None:
    """At import time, only training/ may bring torch in: the web process never pays for it."""
    if room(path) == "training":
        return
    heavy = {"torch", "sklearn", "faster_coco_eval"}
    assert not heavy & {name.split(".")[0] for name in imports(path, top_level_only=True)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_names_are_nouns_of_the_field(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def test_the_web_process_never_imports_torch() -> None:
    code = "import sys, chalknet.server.app; print([m for m in ('torch', 'sklearn', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_layer_says_what_it_is() -> None:
    import chalknet.datasets
    import chalknet.layers  # noqa: F401
    from chalknet.layers.base import registry

    assert registry
    for name, layer in registry.items():
        assert name == layer.type and name.isidentifier() and name == name.lower()
        assert layer.title and layer.icon, name
        assert layer.sentence.endswith("."), name
        if layer.family not in {"data", "block"}:
            assert layer.formula, name
        for field, info in layer.model_fields.items():
            assert info.title and info.description, f"{name}.{field} has no title or no help"


def test_every_icon_is_shipped_with_the_page() -> None:
    """One that is not listed there makes the page load all of them."""
    import chalknet.datasets
    import chalknet.layers  # noqa: F401
    from chalknet.graph.templates import TEMPLATES
    from chalknet.layers.base import registry

    shipped = (ROOT / "frontend" / "src" / "editor" / "icons.ts").read_text().split("const near", 1)[1]
    known = set(re.findall(r"^  (\w+),$", shipped, re.MULTILINE))
    asked = {kind.icon for kind in registry.values()} | {template.icon for template in TEMPLATES}
    late = {icon for icon in asked if "".join(part[:1].upper() + part[1:] for part in icon.split("-")) not in known}
    assert not late


def test_every_layer_is_used() -> None:
    """A gallery board, a library block or a test names every layer."""
    import chalknet.datasets
    import chalknet.layers  # noqa: F401
    from chalknet.layers.base import registry

    places = [*(ROOT / "models").glob("*.json"), PACKAGE / "graph" / "templates.py"]
    places += [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    text = "\n".join(path.read_text() for path in places)
    unused = [name for name in registry if f'"{name}"' not in text]
    assert not unused
