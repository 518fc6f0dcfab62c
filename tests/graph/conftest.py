"""Boards for tests, written briefly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from chalknet.graph.document import Document, load
from chalknet.graph.facts import Inference
from chalknet.graph.problems import Problem

Nodes = Mapping[str, "str | tuple[str, dict[str, Any]] | dict[str, Any]"]
Build = Callable[..., Document]


def level(nodes: Nodes, wires: Sequence[str]) -> dict[str, Any]:
    """Nodes (``"relu"``, ``("linear", {"units": 2})`` or whole) and wires (``"data.label > loss.target"``; their
    ids are w0, w1 …)."""
    made = {}
    for id, node in nodes.items():
        if isinstance(node, str):
            made[id] = {"type": node}
        elif isinstance(node, tuple):
            made[id] = {"type": node[0], "fields": node[1]}
        else:
            made[id] = node
    edges = {}
    for number, wire in enumerate(wires):
        start, end = wire.split(" > ")
        source, _, out = start.partition(".")
        to, _, into = end.partition(".")
        edges[f"w{number}"] = {"from": source, "out": out or "y", "to": to, "in": into or "x", "order": f"{number:03}"}
    return {"nodes": made, "edges": edges}


def board(nodes: Nodes, *wires: str, blocks: Mapping[str, Any] | None = None, **more: Any) -> Document:
    return load({**level(nodes, wires), "blocks": dict(blocks or {}), **more})


def classifier(nodes: Nodes, *wires: str, end: str, data: str = "digits", **more: Any) -> Document:
    """A board with ``data`` and a cross-entropy ``loss`` on ``end``."""
    return board(
        {"data": data, "loss": "cross_entropy", **nodes},
        *wires,
        f"{end} > loss.logits",
        "data.label > loss.target",
        **more,
    )


def errors(inference: Inference) -> list[Problem]:
    return [problem for problem in inference.problems if problem.severity == "error"]


def only(inference: Inference, code: str) -> Problem:
    """The one problem of a code."""
    (found,) = [problem for problem in inference.problems if problem.code == code]
    return found


RESIDUAL: dict[str, Any] = {
    "title": "Residual",
    **level(
        {"x": "block_input", "fc": ("linear", {"units": 2}), "add": "add", "y": "block_output"},
        ["x > fc", "fc > add", "x > add", "add > y"],
    ),
    "exposed": {"width": {"node": "fc", "field": "units"}},
}
"""x + Wx + b on a vector; ``width`` must be that of its input."""


@pytest.fixture(name="board")
def board_fixture() -> Build:
    return board


@pytest.fixture(name="classifier")
def classifier_fixture() -> Build:
    return classifier


@pytest.fixture(name="level")
def level_fixture() -> Callable[..., dict[str, Any]]:
    return level


@pytest.fixture(name="errors")
def errors_fixture() -> Callable[[Inference], list[Problem]]:
    return errors


@pytest.fixture(name="only")
def only_fixture() -> Callable[[Inference, str], Problem]:
    return only


@pytest.fixture
def residual() -> dict[str, Any]:
    return RESIDUAL
