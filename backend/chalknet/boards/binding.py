"""Document ⇄ shared document: every JSON object is a map of its own, lists and scalars are values replaced whole.

Reading is tolerant. Two people who edit at once can leave an edge that ends at a node the other has deleted, or a node
half made; the piece is left out, said, and the rest of the board lives on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import pydantic_core
from pycrdt import Doc, Map
from pydantic import BaseModel, TypeAdapter, ValidationError

from chalknet.boards import traces
from chalknet.boards.update import ROOTS
from chalknet.graph import document as documents
from chalknet.graph.document import (
    About,
    Block,
    Comment,
    Document,
    Drawing,
    Edge,
    Id,
    Node,
    Point,
    Recipe,
    Unreadable,
)
from chalknet.graph.problems import Edit, Fix, Problem

MOST_TITLE = 120
_id: TypeAdapter[str] = TypeAdapter(Id)
Piece = TypeVar("Piece", bound=BaseModel)


def new_doc() -> Doc:
    """A shared document with its (empty) roots."""
    doc: Doc = Doc()
    for root in ROOTS:
        doc.get(root, type=Map)
    return doc


def write(doc: Doc, document: Document) -> None:
    """Fills the roots of an empty shared document. Maps that are still empty are there too: of two people who each made
    the same map for a first entry, one would lose theirs."""
    value = document.dump()
    for part in (value, *value.get("blocks", {}).values()):
        for node in part.setdefault("nodes", {}).values():
            node.setdefault("fields", {})
        part.setdefault("edges", {})
    for block in value.get("blocks", {}).values():
        block.setdefault("exposed", {})
    recipe = value.setdefault("recipe", {})
    recipe.setdefault("split", {})
    recipe.setdefault("budget", {})
    for phase in recipe.setdefault("phases", {"main": {}}).values():
        for form in ("optimizer", "schedule"):
            phase.setdefault(form, {}).setdefault("fields", {})
    for kind in ("positions", "comments"):
        value.setdefault("drawing", {}).setdefault(kind, {})
    value["meta"] = {"title": value.pop("title", Document().title), "version": value.pop("version")}
    with doc.transaction():
        for root in ROOTS:
            part = value.get(root, {})
            target = doc.get(root, type=Map)
            for key, item in part.items():
                _put(target, key, item)


def state(document: Document) -> bytes:
    """A document as the first update of a board."""
    doc = new_doc()
    write(doc, document)
    return doc.get_update()


def _put(target: Map, key: str, value: Any) -> None:
    if isinstance(value, dict):
        inner: Map = Map()
        target[key] = inner
        for name, item in value.items():
            _put(inner, name, item)
    else:
        target[key] = value


def text(doc: Doc) -> bytes:
    """The document as JSON text, whole numbers without a fraction. May hold pieces that ``read`` leaves out; what has
    moved on is not in it."""
    parts = {root: str(doc.get(root, type=Map)) for root in ROOTS if root not in ("meta", traces.ROOT)}
    meta = pydantic_core.from_json(str(doc.get("meta", type=Map)))
    head = {
        "version": meta.get("version", documents.VERSION),
        "title": meta.get("title", Document().title),
    }
    inner = ",".join(f'"{name}":{part}' for name, part in parts.items())
    whole = pydantic_core.to_json(head)[:-1] + b"," + inner.encode() + b"}"
    moved = traces.out_of_sight(doc)
    if not moved:
        return whole
    value = pydantic_core.from_json(whole)
    traces.hide(value, moved)
    return pydantic_core.to_json(value)


def read(raw: bytes) -> tuple[Document, list[Problem]]:
    """The board in a JSON text, without what cannot be understood, and a problem for each piece left out."""
    document, problems = _read(raw)
    lost = set(_dangling(document))
    if not lost:
        return document, problems
    blocks = {
        name: block.model_copy(update={"edges": {e: x for e, x in block.edges.items() if (name, e) not in lost}})
        for name, block in document.blocks.items()
    }
    kept = {name: edge for name, edge in document.edges.items() if (None, name) not in lost}
    return document.model_copy(update={"edges": kept, "blocks": blocks}), problems


def dangling(raw: bytes) -> list[tuple[str | None, str]]:
    """(block or None, edge) of every edge that begins or ends at a node that is not there."""
    return list(_dangling(_read(raw)[0]))


def edges(doc: Doc, block: str | None) -> Map:
    """The shared map of the edges of a block, or of the board itself."""
    root = doc.get("edges", type=Map) if block is None else doc.get("blocks", type=Map)[block]["edges"]
    assert isinstance(root, Map)
    return root


def _dangling(document: Document) -> Iterator[tuple[str | None, str]]:
    for block, part in ((None, document), *document.blocks.items()):
        for name, edge in part.edges.items():
            if edge.source not in part.nodes or edge.to not in part.nodes:
                yield block, name


def _read(raw: bytes) -> tuple[Document, list[Problem]]:
    value = pydantic_core.from_json(raw)
    try:
        return documents.load(value), []
    except Unreadable:
        return _salvage(value)


def _salvage(value: dict[str, Any]) -> tuple[Document, list[Problem]]:
    """Every piece that can be read on its own."""
    version = value.get("version", documents.VERSION)
    if version != documents.VERSION:
        return Document(), [_problem(f"The board has version {version!r}; this Chalknet reads up to 1.", [])]
    parts = (value, *map(_mapping, _mapping(value.get("blocks")).values()))
    count = sum(len(_mapping(part.get("nodes"))) for part in parts)
    if count > documents.MOST_NODES:
        return Document(), [_problem(f"The board has {count:,} nodes; at most {documents.MOST_NODES:,} are read.", [])]
    problems: list[Problem] = []
    blocks = {}
    for name, raw in _mapping(value.get("blocks")).items():
        inner = _mapping(raw)
        head = {key: item for key, item in inner.items() if key not in ("nodes", "edges")}
        block = _piece(Block, head, ["blocks", name], problems)
        if block is not None:
            graph = {
                "nodes": _pieces(Node, inner.get("nodes"), ["blocks", name, "nodes"], problems),
                "edges": _pieces(Edge, inner.get("edges"), ["blocks", name, "edges"], problems),
            }
            blocks[name] = block.model_copy(update=graph)
    title = value.get("title")
    drawing = _mapping(value.get("drawing"))
    # Where something stands is no mistake to complain of: a place that cannot be read is left out without a word.
    unsaid: list[Problem] = []
    positions = {
        name: point
        for name, raw in _mapping(drawing.get("positions")).items()
        if (point := _piece(Point, raw, ["drawing"], unsaid)) is not None
    }
    document = Document(
        title=title[:MOST_TITLE] if isinstance(title, str) else Document().title,
        about=_piece(About, value.get("about", {}), ["about"], unsaid) or About(),
        nodes=_pieces(Node, value.get("nodes"), ["nodes"], problems),
        edges=_pieces(Edge, value.get("edges"), ["edges"], problems),
        blocks=blocks,
        recipe=_piece(Recipe, value.get("recipe", {}), ["recipe"], problems) or Recipe(),
        drawing=Drawing(positions=positions, comments=_pieces(Comment, drawing.get("comments"), ["drawing"], unsaid)),
    )
    return document, problems


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _pieces(model: type[Piece], raw: object, path: list[str], problems: list[Problem]) -> dict[str, Piece]:
    """The entries of a keyed map that can be read."""
    found = {}
    for name, value in _mapping(raw).items():
        piece = _piece(model, value, [*path, name], problems)
        if piece is not None:
            found[name] = piece
    return found


def _piece(model: type[Piece], raw: object, path: list[str], problems: list[Problem]) -> Piece | None:
    """One piece, or None and a problem. Raises nothing: whatever stands there, the rest of the board goes on."""
    try:
        if len(path) > 1:
            _id.validate_python(path[-1])
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = " › ".join([*path, *map(str, first["loc"])])
        problems.append(_problem(f"{where}: {first['msg'].lower()}.", path))
        return None


def _problem(message: str, path: list[str]) -> Problem:
    """``path`` of what was left out; empty for the board as a whole."""
    top_level = len(path) == 2
    return Problem(
        code="unreadable",
        node=path[1] if top_level and path[0] == "nodes" else None,
        edge=path[1] if top_level and path[0] == "edges" else None,
        message=message,
        hint="It is left out until it is put right or removed.",
        fixes=[Fix(title="Remove it", edits=[Edit(path=path, remove=True)])] if path else [],
    )
