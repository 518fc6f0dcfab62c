"""What a recurrent layer remembers, step by step: its hidden states over time (L-045, L-046, L-047, L-049)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from chalknet.training import over_time
from chalknet.training.compile import module_name
from chalknet.training.over_time import Loop
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, as_bytes, register
from chalknet.training.views.matrix import Asked
from chalknet.wire import Subscription

MOST_STEPS = 64
MOST_UNITS = 64

State = tuple[Tensor, ...]
"""h of every sample (B, units), with c behind it where there is one."""


def _cell(module: nn.RNNBase, weights: Sequence[Tensor | None]) -> Callable[[Tensor, State], State]:
    """One step of a layer in one direction, by torch's own cells."""
    if isinstance(module, nn.LSTM):
        return lambda x, state: torch.lstm_cell(x, list(state), *weights)  # type: ignore[arg-type]
    if isinstance(module, nn.GRU):
        return lambda x, state: (torch.gru_cell(x, *state, *weights),)  # type: ignore[arg-type]
    one = torch.rnn_relu_cell if getattr(module, "nonlinearity", "tanh") == "relu" else torch.rnn_tanh_cell
    return lambda x, state: (one(x, *state, *weights),)  # type: ignore[arg-type]


def unroll(module: nn.RNNBase, x: Tensor, begun: Sequence[Tensor], mask: Tensor | None) -> list[State]:
    """For every layer and direction its states in order of time, (B, T + 1, units) each.

    ``begun``: the first states (layers·n, B, units), h and then c. Read forwards the first row is what it begins
    with; read backwards the last. Steps without a token leave the state as it is.
    """
    ways = 2 if module.bidirectional else 1
    lanes: list[State] = []
    for layer in range(module.num_layers):
        outputs = []
        for way in range(ways):
            lane = layer * ways + way
            cell = _cell(module, [*module.all_weights[lane], None, None][:4])
            state: State = tuple(each[lane] for each in begun)
            rows = [state]
            order = range(x.shape[1] - 1, -1, -1) if way else range(x.shape[1])
            for step in order:
                new = cell(x[:, step], state)
                if mask is not None:
                    kept = mask[:, step, None]
                    new = tuple(torch.where(kept, after, before) for after, before in zip(new, state, strict=True))
                state = new
                rows.append(state)
            rows = rows[::-1] if way else rows
            found = tuple(torch.stack(each, 1) for each in zip(*rows, strict=True))
            lanes.append(found)
            outputs.append(found[0][:, :-1] if way else found[0][:, 1:])
        x = torch.cat(outputs, 2)
    return lanes


class _OfLayer(Asked):
    """A recurrent layer."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        super().__init__(scene, wanted)
        module = self.module
        assert isinstance(module, nn.RNNBase)
        self.recurrent = module
        self.names = ["h", "c"] if isinstance(module, nn.LSTM) else ["h"]
        ways = 2 if module.bidirectional else 1
        self.lanes: list[dict[str, Any]] = [
            {"name": name, "layer": layer + 1, "backwards": bool(way)}
            for layer in range(module.num_layers)
            for way in range(ways)
            for name in self.names
        ]
        self.rows = self.tokens(scene, self.ports["x"])
        self.steps = scene.type(self.ports["x"]).sizes[0]

    def states(self, values: Values) -> list[Tensor]:
        given = dict(zip(self.order, self.arguments(values), strict=True))
        x = given["x"]
        assert x is not None
        begin: Any = self.recurrent.begin
        begun = [begin(x, given.get(f"{name}0")) for name in self.names]
        lanes = unroll(self.recurrent, x, begun, given.get("mask"))
        return [state for lane in lanes for state in lane]


class _OfBlock:
    """A block that runs over time."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        flat = scene.compiled.flat
        instance = flat.instances[wanted.node]
        loop = scene.compiled.module.get_submodule(module_name(wanted.node))
        if instance.loop or not instance.states or not isinstance(loop, Loop):
            raise Unwatchable(f"{wanted.node!r} runs inside another loop, or keeps no state")
        self.loop = loop
        ports = over_time.ports(flat, instance, ())
        arriving = [flat.wires.get(inner, {}).get("x", []) for inner in ports.inputs]
        self.given = [(wires[0].source, wires[0].out) if wires else None for wires in arriving]
        self.values = tuple(dict.fromkeys(each for each in self.given if each is not None))
        self.samples = scene.chosen(wanted)
        self.lanes: list[dict[str, Any]] = [
            {"name": flat.nodes[path].node.name or flat.nodes[path].id, "layer": 1, "backwards": False}
            for path in ports.states
        ]
        cut = self.given[0]
        assert cut is not None
        self.steps = scene.type(cut).sizes[0]
        self.rows = Asked.named(scene, cut, self.samples)

    def states(self, values: Values) -> list[Tensor]:
        return self.loop.states(*[None if each is None else values[each] for each in self.given])


@register
class States(View):
    """Arrays ``0``, ``1`` …, one a lane: uint8 [n, T + 1, units], each sample with a scale of its own, in order of
    time: what it begins with, then the state after every step; read backwards, what it begins with comes last.

    At most 64 steps and 64 units (``size``) are drawn; about {lanes: name, layer, backwards and units of each, steps:
    how many there are, tokens: what the steps are called, by sample}.
    """

    name = "states"
    over = "samples"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        if wanted.node in scene.compiled.flat.instances:
            self.of: _OfLayer | _OfBlock = _OfBlock(scene, wanted)
        elif isinstance(scene.compiled.modules.get(wanted.node), nn.RNNBase):
            self.of = _OfLayer(scene, wanted)
        else:
            scene.layer(wanted.node)
            raise Unwatchable(f"{wanted.node!r} remembers nothing")
        self.values = self.of.values
        self.samples = self.of.samples
        self.most = wanted.size or MOST_UNITS

    def draw(self, values: Values) -> Drawn:
        found = [(lane, state) for lane, state in zip(self.of.lanes, self.of.states(values), strict=True)]
        pictures = []
        for number, (_, state) in enumerate(found):
            rows = state.flatten(2)[:, : MOST_STEPS + 1, : self.most]
            pictures.append(Picture(str(number), *as_bytes(rows, 1)))
        return Drawn(
            pictures,
            {
                "lanes": [{**lane, "units": state.flatten(2).shape[2]} for lane, state in found],
                "steps": self.of.steps,
                "tokens": [row[:MOST_STEPS] for row in self.of.rows],
            },
            list(self.samples),
        )
