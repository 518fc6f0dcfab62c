"""Edits that reach a node at a place which it has left.

To group nodes into a block, or to take a block apart, is to move nodes. A shared document cannot move a map: the mover
makes the node anew at its new place. So that nobody's edit is lost who did not know of it yet, the old map is not
deleted but put out of sight: the root ``moved`` says of its place where the node went, and how it stood when it left.
Whatever differs from that later was written by somebody who saw it at its old place; it is carried to the new one, here
on the server, which sees every edit in one order. A node that is gone from its old place was deleted by such a person,
and goes from its new place too; wires and positions that still name the old place are brought along.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from pycrdt import Doc, Map

from chalknet.boards import traces
from chalknet.boards.traces import ROOT, Scope, Target, Trace, out_of_sight, place, split

MOST_MOVES: Final = 16
"""How often one wire, or what was written at one place, is carried on after one update: traces may lead in a ring."""

_ABSENT: Final = object()


class Moves:
    """Notes what changes in a shared document, and brings along what changed at a place that a node has left."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._moved: Map = doc.get(ROOT, type=Map)
        self._known = out_of_sight(doc)
        """As of the last look; an observer must not read the document."""
        self._wrote = False
        self._nodes: dict[str, None] = {}
        """Places to look at, in the order in which they were touched."""
        self._edges: dict[tuple[Scope, str], None] = {}
        self._scopes: dict[Scope, None] = {}
        """Of which every wire and every node is to be looked at."""
        self._positions: dict[str, None] = {}

    def note(self, root: str, events: list[Any]) -> None:
        """What an update changed. Cheap while nothing is out of sight."""
        self._wrote = True
        if root == ROOT:
            for event in events:
                for key in event.keys:
                    self._known.add(key)
                    self._nodes[key] = None
                    self._positions[key] = None
                    self._scopes[split(key)[1] if key.startswith("/") else split(key)[0]] = None
            return
        if not self._known:
            return
        for event in events:
            path = [root, *map(str, event.path)]
            for key in event.keys:
                self._touch([*path, str(key)])

    def _touch(self, path: list[str]) -> None:
        if path[:2] == ["drawing", "positions"]:
            if len(path) > 2 and path[2] in self._known:
                self._positions[path[2]] = None
            return
        scope = ""
        if path[0] == "blocks":
            scope, path = path[1], path[2:]
            if len(path) < 2:  # the block as a whole, or all its nodes
                self._scopes[scope] = None
                self._nodes.update(dict.fromkeys(at for at in self._known if split(at)[0] == scope))
                return
        if len(path) < 2:
            return
        if path[0] == "nodes":
            if place(scope, path[1]) in self._known:
                self._nodes[place(scope, path[1])] = None
            elif f"/{scope}" in self._known:
                self._scopes[scope] = None
        elif path[0] == "edges":
            self._edges[scope, path[1]] = None

    @property
    def is_due(self) -> bool:
        """Something was touched that has moved."""
        return bool(self._nodes or self._scopes or self._edges or self._positions)

    def follow(self) -> bool:
        """Carries everything that was touched to where it belongs; whether that changed anything."""
        self._wrote = False
        looked: Counter[object] = Counter()
        while self._known and self.is_due:
            queues: tuple[tuple[dict[Any, None], Callable[[Any], None]], ...] = (
                (self._nodes, self._node),
                (self._scopes, self._scope),
                (self._edges, self._edge),
                (self._positions, self._position),
            )
            for touched, look in queues:
                if touched:
                    key = next(iter(touched))
                    del touched[key]
                    looked[look, key] += 1
                    if looked[look, key] <= MOST_MOVES:
                        look(key)
                    break
        self._forget()
        self._known &= out_of_sight(self._doc)
        return self._wrote

    def _forget(self) -> None:
        for touched in (self._nodes, self._scopes, self._edges, self._positions):
            touched.clear()

    # --- one thing each -----------------------------------------------------------------------------------------------

    def trace(self, at: str) -> Trace | None:
        """Where the node of a place went; None where it stands there still, or where what is said makes no sense."""
        return traces.read(self._moved.get(at))

    def _node(self, at: str) -> None:
        if at not in self._moved or at.startswith("/"):
            return
        trace = self.trace(at)
        if trace is None:
            del self._moved[at]
            return
        node = self._find(*split(at))
        with self._doc.transaction():
            if node is None:
                for target in trace.to:
                    self._delete(target)
                del self._moved[at]
                return
            now = node.to_py() or {}
            changes = list(_changes(trace.base, now))
            for target in trace.to:
                found = self._find(target.scope, target.node)
                if found is not None:
                    for keys, before, after in changes:
                        _carry(found, target, keys, before, after)
            if changes:
                self._moved[at] = trace.model_copy(update={"base": now}).model_dump_json(exclude_defaults=True)

    def _scope(self, scope: Scope) -> None:
        """A part of the board from which nodes have moved: nodes that came into a block taken apart, and wires."""
        nodes = self._part(scope, "nodes")
        trace = self.trace(f"/{scope}") if scope else None
        if trace is not None and trace.to and nodes is not None:
            for node in list(nodes):
                found = nodes[node]
                if place(scope, node) in self._moved or not isinstance(found, Map):
                    continue
                if found.get("type") not in ("block_input", "block_output"):
                    self._bring_out(scope, node, found, trace.to[0])
        edges = self._part(scope, "edges")
        for edge in list(edges or ()):
            self._edges[scope, edge] = None

    def _bring_out(self, scope: Scope, node: str, found: Map, to: Target) -> None:
        """A node that somebody put into a block while another took it apart: it goes where the parts went."""
        there = self._part(to.scope, "nodes")
        if there is None:
            return
        base = found.to_py() or {}
        name = _free(node, there)
        trace = Trace(to=[Target(scope=to.scope, node=name, x=to.x, y=to.y)], base=base, at=time.time())
        with self._doc.transaction():
            there[name] = maps(base)
            self._moved[place(scope, node)] = trace.model_dump_json(exclude_defaults=True)

    def _position(self, at: str) -> None:
        """A card that somebody dragged at its old place."""
        trace = self.trace(at)
        positions = self._positions_map()
        if trace is None or positions is None or at not in positions:
            return
        point = positions[at].to_py() if isinstance(positions[at], Map) else None
        with self._doc.transaction():
            del positions[at]
            for target in trace.to if point else ():
                if target.fields is None and self._find(target.scope, target.node) is not None:
                    x, y = (float(point.get(axis) or 0) for axis in "xy")
                    positions[target.place] = maps({"x": x + target.x, "y": y + target.y})

    def _edge(self, at: tuple[Scope, str]) -> None:
        """A wire that somebody drew to a node at its old place."""
        scope, edge = at
        edges = self._part(scope, "edges")
        wire = edges.get(edge) if edges is not None else None
        if edges is None or not isinstance(wire, Map):
            return
        value = wire.to_py() or {}
        ends = [self._went(scope, value.get(end)) for end in ("from", "to")]
        source, target = ends
        if source is None and target is None:
            return
        there = source.scope if source is not None else target.scope if target is not None else ""
        with self._doc.transaction():
            del edges[edge]
            if source is not None and target is not None:
                other = self._part(source.scope, "edges")
                if source.scope == target.scope and other is not None:
                    name = edge if edge not in other else _free(edge, other)
                    other[name] = maps({**value, "from": source.node, "to": target.node})
                return
            instance = self._instance(scope, there)
            if instance is not None:
                self._through_port(scope, edge, value, instance, there, source, target)

    def _through_port(
        self,
        scope: Scope,
        edge: str,
        value: dict[str, Any],
        instance: str,
        block: str,
        source: Target | None,
        target: Target | None,
    ) -> None:
        """A wire that now crosses a block's border: through the port that carries the same value, or through a new
        one."""
        outside, inside = self._part(scope, "edges"), self._part(block, "edges")
        nodes = self._part(block, "nodes")
        if outside is None or inside is None or nodes is None:
            return
        if target is not None:
            begin = (value.get("from"), value.get("out", "y"))
            for each in _values(outside):
                if each.get("to") == instance and (each.get("from"), each.get("out", "y")) == begin:
                    port = str(each.get("in", "x"))
                    break
            else:
                port = _free("x", nodes)
                nodes[port] = maps({"type": "block_input", "fields": {"order": _behind(nodes, "block_input")}})
                outside[_free(f"{edge}_in", outside)] = maps(
                    {"from": begin[0], "out": begin[1], "to": instance, "in": port}
                )
                self._put_beside(block, port, target.node, -280)
            inside[_free(edge, inside)] = maps({**value, "from": port, "out": "y", "to": target.node})
        elif source is not None:
            begin = (source.node, value.get("out", "y"))
            for each in _values(inside):
                to = nodes.get(str(each.get("to")))
                leaves = isinstance(to, Map) and to.get("type") == "block_output"
                if leaves and (each.get("from"), each.get("out", "y")) == begin:
                    port = str(each.get("to"))
                    break
            else:
                port = _free("y", nodes)
                nodes[port] = maps({"type": "block_output", "fields": {"order": _behind(nodes, "block_output")}})
                inside[_free(f"{edge}_out", inside)] = maps({"from": begin[0], "out": begin[1], "to": port, "in": "x"})
                self._put_beside(block, port, source.node, 280)
            outside[_free(edge, outside)] = maps({**value, "from": instance, "out": port})

    def _put_beside(self, block: str, port: str, node: str, dx: float) -> None:
        positions = self._positions_map()
        point = positions.get(place(block, node)) if positions is not None else None
        if positions is not None and isinstance(point, Map):
            x, y = (float(point.get(axis) or 0) for axis in "xy")
            positions[place(block, port)] = maps({"x": x + dx, "y": y})

    def _delete(self, target: Target) -> None:
        """A node with its wires and its place in the drawing."""
        nodes = self._part(target.scope, "nodes")
        if nodes is None or target.node not in nodes:
            return
        del nodes[target.node]
        edges = self._part(target.scope, "edges")
        for edge in list(edges or ()):
            wire = edges[edge] if edges is not None else None
            if edges is not None and isinstance(wire, Map) and target.node in (wire.get("from"), wire.get("to")):
                del edges[edge]
        positions = self._positions_map()
        if positions is not None and target.place in positions:
            del positions[target.place]

    # --- where things stand -------------------------------------------------------------------------------------------

    def _part(self, scope: Scope, kind: str) -> Map | None:
        """The nodes or the edges of a scope."""
        if not scope:
            return self._doc.get(kind, type=Map)
        block = self._doc.get("blocks", type=Map).get(scope)
        part = block.get(kind) if isinstance(block, Map) else None
        return part if isinstance(part, Map) else None

    def _find(self, scope: Scope, node: str) -> Map | None:
        nodes = self._part(scope, "nodes")
        found = nodes.get(node) if nodes is not None else None
        return found if isinstance(found, Map) else None

    def _positions_map(self) -> Map | None:
        found = self._doc.get("drawing", type=Map).get("positions")
        return found if isinstance(found, Map) else None

    def _went(self, scope: Scope, node: object) -> Target | None:
        """The first place that a node went to which is itself still in sight."""
        trace = self.trace(place(scope, node)) if isinstance(node, str) else None
        for target in trace.to if trace is not None else ():
            if target.fields is None and self._find(target.scope, target.node) is not None:
                return target
        return None

    def _instance(self, scope: Scope, block: str) -> str | None:
        """A node in a scope that is an instance of a block."""
        nodes = self._part(scope, "nodes")
        for id in list(nodes or ()):
            node = self._find(scope, id)
            if node is not None and node.get("block") == block and place(scope, id) not in self._moved:
                return str(id)
        return None

    # --- the end of it ------------------------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Deletes what has been out of sight for long, for good."""
        blocks = self._doc.get("blocks", type=Map)
        for at in list(self._moved):
            if not traces.is_old(self.trace(at), now):
                continue
            scope, node = split(at)
            with self._doc.transaction():
                del self._moved[at]
                nodes = blocks if at.startswith("/") else self._part(scope, "nodes")
                if nodes is not None and node in nodes:
                    del nodes[node]
        self._forget()
        self._known = out_of_sight(self._doc)


def _changes(base: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[list[str], Any, Any]]:
    """Where a node differs from what it was: the path in it, what stood there, what stands there; every field by
    itself."""
    for key in sorted({*base, *now} - {"fields"}):
        if base.get(key, _ABSENT) != now.get(key, _ABSENT):
            yield [key], base.get(key, _ABSENT), now.get(key, _ABSENT)
    before, after = (each.get("fields") if isinstance(each.get("fields"), dict) else {} for each in (base, now))
    for key in sorted({*before, *after}):
        if before.get(key, _ABSENT) != after.get(key, _ABSENT):
            yield ["fields", key], before.get(key, _ABSENT), after.get(key, _ABSENT)


def _carry(node: Map, target: Target, keys: list[str], before: Any, after: Any) -> None:
    """Makes one change at a node's new place, unless somebody has written there since it moved."""
    if target.fields is None:
        _write(node, keys, before, after)
    elif keys[0] == "fields" and after is not _ABSENT:
        for field in target.fields.get(keys[1], ()):
            # Where the instance said nothing, the part keeps the value that stood inside.
            fields = node.get("fields")
            known = fields.get(field, _ABSENT) if isinstance(fields, Map) else _ABSENT
            _write(node, ["fields", field], known if before is _ABSENT else before, after)


def _write(node: Map, keys: list[str], before: Any, after: Any) -> None:
    for key in keys[:-1]:
        if not isinstance(node.get(key), Map):
            node[key] = Map()
        node = node[key]
    last = keys[-1]
    now = node.get(last, _ABSENT)
    now = now.to_py() if isinstance(now, Map) else now
    if now != before or now == after:
        return
    if after is _ABSENT:
        del node[last]
    else:
        node[last] = maps(after)


def maps(value: Any) -> Any:
    """A JSON value with every object a map of its own."""
    return Map({key: maps(item) for key, item in value.items()}) if isinstance(value, dict) else value


def _values(part: Map) -> list[dict[str, Any]]:
    return [value for each in list(part) if isinstance(value := part[each].to_py(), dict)]


def _free(stem: str, taken: Map) -> str:
    if stem not in taken:
        return stem
    return next(name for count in range(2, len(taken) + 3) if (name := f"{stem[:56]}_{count}") not in taken)


def _behind(nodes: Map, type: str) -> int:
    """A place behind every port of a side."""
    orders = [each.get("fields", {}).get("order") or 0 for each in _values(nodes) if each.get("type") == type]
    return int(max(orders, default=-1)) + 1
