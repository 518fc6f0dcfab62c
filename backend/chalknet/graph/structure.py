"""What is wrong with how a board hangs together: circles, loose ends, no data, no loss, nothing to learn."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalknet.datasets.base import DataSource
from chalknet.graph.complaints import CYCLE, DANGLING, NO_DATA, NO_LOSS, NO_SLOPE, Complaint, listed
from chalknet.graph.flat import Flat, Wire, is_data, is_loss
from chalknet.layers.base import registry
from chalknet.layers.dense import Linear

MOST_CYCLES = 20


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a board begins and ends: its data, its losses, and the nodes whose outputs nothing uses, in order; and its
    Linear layers, which are looked at in pairs."""

    data: Collection[str] = ()
    losses: Collection[str] = ()
    loose: Collection[str] = ()
    linears: Collection[str] = ()


def ends(flat: Flat) -> Ends:
    used = {wire.source for _, wire in flat.all_wires()}
    return Ends(
        [path for path, node in flat.nodes.items() if is_data(node)],
        [path for path, node in flat.nodes.items() if is_loss(node)],
        [path for path in flat.nodes if path not in used],
        [path for path, node in flat.nodes.items() if node.node.type == Linear.type],
    )


def complaints(flat: Flat, ends: Ends, parameters: Mapping[str, int]) -> Iterator[Complaint]:
    """Needs little more than the wires, so that it also holds where types are not known. ``parameters``: how many each
    node has, where that is known."""
    yield from _cycles(flat)
    if not ends.data:
        yield Complaint(
            NO_DATA,
            "The board has no data: there is nothing to learn from.",
            hint="Drag a data source onto the board.",
        )
    if not ends.losses:
        yield Complaint(
            NO_LOSS,
            "The board has no loss: nothing says what the network should get right.",
            hint="Drag a loss onto the board, and wire the network's output and the data's target to it.",
        )
        return
    yield from _dangling(flat, ends, parameters)
    yield from _nothing_to_learn(flat, ends.losses, parameters)


# --- circles -----


def _cycles(flat: Flat) -> Iterator[Complaint]:
    if not flat.cyclic:
        return
    depth = _depths(flat)
    for circle in circles(flat):
        # The wire back is the one that ends nearest to the data.
        at = min(range(len(circle)), key=lambda i: (depth.get(circle[i][0], len(flat.nodes)), i))
        ordered = [*circle[at:], *circle[:at]]
        names = [_shown(flat, path) for path, _ in ordered]
        names = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
        # A link between copies cannot be cut; another wire of the circle can.
        cut = next((wire for _, wire in ordered if wire.edge), None)
        node = flat.nodes[ordered[0][0]]
        length = len(names)
        inside = (
            " → ".join(names)
            if length <= 8
            else f"{' → '.join(names[:4])} → … ({length - 7:,} more) → {' → '.join(names[-3:])}"
        )
        yield Complaint(
            CYCLE,
            f"{node.label}: {inside} → {names[0]} is a circle; a network computes in one direction.",
            node.path,
            cut.block if cut is not None else node.block,
            node.id,
            edge=cut.edge if cut is not None else None,
            hint="Cut one of its wires.",
        )


def circles(flat: Flat) -> list[list[tuple[str, Wire]]]:
    """Circles among the cyclic nodes, no node in two of them: nodes in order, each with the wire that ends at it."""
    wires = {
        path: [wire for at_port in flat.wires[path].values() for wire in at_port if wire.source in flat.cyclic]
        for path in flat.nodes
        if path in flat.cyclic
    }
    done: set[str] = set()
    found: list[list[tuple[str, Wire]]] = []
    for start in wires:
        # Each cyclic node has a wire from another one, so walking back from it must come to a node twice.
        place: dict[str, int] = {}
        trail: list[tuple[str, Wire]] = []
        path = start
        while path not in done and path not in place:
            place[path] = len(trail)
            wire = wires[path][0]
            trail.append((path, wire))
            path = wire.source
        done.update(place)
        if path in place:
            found.append(trail[place[path] :][::-1])
            if len(found) == MOST_CYCLES:
                break
    return found


def _depths(flat: Flat) -> dict[str, int]:
    """How many wires every node is from the nearest node without inputs."""
    consumers = flat.consumers()
    depth = {path: 0 for path in flat.nodes if not any(flat.wires.get(path, {}).values())}
    queue = deque(depth)
    while queue:
        path = queue.popleft()
        for follower in consumers[path]:
            if follower not in depth:
                depth[follower] = depth[path] + 1
                queue.append(follower)
    return depth


def _shown(flat: Flat, path: str) -> str:
    """A block's port is called as its instance in a sentence."""
    node = flat.nodes[path]
    if node.node.type in ("block_input", "block_output") and node.parent in flat.instances:
        return flat.instances[node.parent].label
    return node.label


# --- loose ends -----


def upstream(flat: Flat, ends: Iterable[str]) -> set[str]:
    """The given nodes and all that leads to them."""
    seen = set(ends)
    queue = deque(seen)
    while queue:
        for at_port in flat.wires.get(queue.popleft(), {}).values():
            for wire in at_port:
                if wire.source not in seen:
                    seen.add(wire.source)
                    queue.append(wire.source)
    return seen


def _dangling(flat: Flat, ends: Ends, parameters: Mapping[str, int]) -> Iterator[Complaint]:
    """Ends that are no losses. What leads to them only is not told again; of an answer that is drawn to be looked at,
    nothing is said."""
    used: set[str] | None = None
    told: set[str] = set()
    for path in ends.loose:
        node = flat.nodes[path]
        if is_loss(node) or path in flat.silenced or path in flat.cyclic:
            continue
        if node.node.type == "block_input" or node.node.type not in registry:
            continue  # told where it matters: the block does not use its port; the type is unknown
        if node.node.type == "block_output" and node.parent in flat.instances:
            instance = flat.instances[node.parent]
            outputs = instance.outputs
            if len(outputs) > 1 and used is None:
                used = upstream(flat, ends.losses)
            if instance.path in told or (used is not None and used.intersection(outputs.values())):
                continue
            told.add(instance.path)
            unused = {flat.nodes[each].id for each in ends.loose if flat.nodes[each].parent == instance.path}
            port = next(port for port in outputs if port in unused)
            yield _dangles(instance.label, instance.path, instance.block, instance.id, port=port)
            continue
        if node.layer is not None and node.layer.answers:
            used = upstream(flat, ends.losses) if used is None else used
            if _is_read(flat, path, used, parameters):
                continue
        kind = registry[node.node.type]
        what = "nothing learns from it" if issubclass(kind, DataSource) and not kind.learned else ""
        yield _dangles(node.label, path, node.block, node.id, what=what)


def _is_read(flat: Flat, end: str, used: Collection[str], parameters: Mapping[str, int]) -> bool:
    """Whether an end says what a network says that learns from a loss (``used``: all that leads to one), and nothing
    stands between that would have to learn itself."""
    waiting, seen, learns = [end], {end}, False
    while waiting:
        path = waiting.pop()
        if parameters.get(path, 0):
            return False
        for at_port in flat.wires.get(path, {}).values():
            for source in {wire.source for wire in at_port} - seen:
                seen.add(source)
                learns |= source in used and not is_data(flat.nodes[source])
                if source not in used:
                    waiting.append(source)
    return learns


def _dangles(name: str, path: str, block: str, id: str, port: str = "y", what: str = "") -> Complaint:
    return Complaint(
        DANGLING,
        f"{name}: {what or 'its output leads to no loss, so it is computed for nothing and never learns'}.",
        path,
        block,
        id,
        port=port,
        hint="Wire it on, or delete it.",
        severity="warning",
    )


def _nothing_to_learn(flat: Flat, losses: Iterable[str], parameters: Mapping[str, int]) -> Iterator[Complaint]:
    """A loss that no trainable node leads to has no gradient, and training would fail on it."""

    def learns(path: str) -> bool:
        # Where a type is not known, neither are its parameters: something else is told of it.
        return flat.nodes[path].trainable and (path not in flat.types or bool(parameters.get(path)))

    for path in losses:
        if path not in flat.types or any(learns(each) for each in slopes(flat, path)):
            continue
        before = upstream(flat, [path])
        trainable = {each for each in before if learns(each)}
        if trainable:
            yield _no_slope(flat, path, trainable)
            continue
        frozen = any(not flat.nodes[each].trainable for each in before if parameters.get(each))
        node = flat.nodes[path]
        yield Complaint(
            "nothing_to_learn",
            f"{node.label}: "
            + (
                "every layer that leads to it is frozen, so nothing could learn from it."
                if frozen
                else f"no layer with parameters leads to it ({_named(flat, before - {path})})."
            ),
            path,
            node.block,
            node.id,
            hint="Make a layer before it trainable."
            if frozen
            else "Let one of its constants learn, or put a layer that learns before it."
            if any(flat.nodes[each].node.type == "constant" for each in before)
            else "Put a layer that learns before it, such as Linear.",
        )


def slopes(flat: Flat, end: str) -> Iterator[str]:
    """The nodes that a gradient from ``end`` reaches, the nearest first: what leads to it without a layer that has no
    slope."""
    seen = {end}
    queue = deque(seen)
    while queue:
        path = queue.popleft()
        yield path
        for at_port in flat.wires.get(path, {}).values():
            for wire in at_port:
                layer = flat.nodes[wire.source].layer
                if wire.source not in seen and (layer is None or layer.differentiable):
                    seen.add(wire.source)
                    queue.append(wire.source)


def _no_slope(flat: Flat, loss: str, trainable: set[str]) -> Complaint:
    """Told at the last layer without a slope on the way from what could learn to the loss."""
    reached = dict.fromkeys(slopes(flat, loss))
    path, port = next(
        (wire.source, wire.out)
        for each in reached
        for at_port in flat.wires.get(each, {}).values()
        for wire in at_port
        if wire.source not in reached and upstream(flat, [wire.source]) & trainable
    )
    node = flat.nodes[path]
    assert node.layer is not None
    return Complaint(
        NO_SLOPE,
        f"{node.label}: {node.layer.title} has no slope, so nothing before it could learn from "
        f"{flat.nodes[loss].label}.",
        path,
        node.block,
        node.id,
        port=port,
        hint="Give the loss the numbers that arrive here.",
    )


def _named(flat: Flat, paths: Iterable[str]) -> str:
    return listed(sorted(flat.nodes[path].label for path in paths))
