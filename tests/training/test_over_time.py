"""Blocks that run over time: a loop with the same weights at every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training.compile import Compiled, compile
from chalknet.training.over_time import Loop
from chalknet.training.plan import plan
from chalknet.training.probe import Probe

UNITS = 5


def port(type: str, **fields: Any) -> dict[str, Any]:
    return {"type": type, "fields": fields}


def by_hand() -> dict[str, Any]:
    """An LSTM cell of Linear, Sigmoid, Tanh, Multiply and Add."""
    nodes: dict[str, Any] = {
        "x": port("block_input", order=0),
        "h": port("block_input", order=1, state="next_h", units=UNITS),
        "c": port("block_input", order=2, state="next_c", units=UNITS),
        "both": port("concat"),
        "keep": port("multiply"),
        "write": port("multiply"),
        "cell": port("add"),
        "bent": port("tanh"),
        "told": port("multiply"),
        "y": port("block_output", order=0),
        "next_h": port("block_output", order=1),
        "next_c": port("block_output", order=2, give="last"),
    }
    wires = ["x>both:a", "h>both:b"]
    for gate in ("i", "f", "g", "o"):
        nodes[f"{gate}_sum"] = port("linear", units=UNITS)
        nodes[gate] = port("tanh" if gate == "g" else "sigmoid")
        wires += [f"both>{gate}_sum", f"{gate}_sum>{gate}"]
    wires += ["f>keep:a", "c>keep:b", "i>write:a", "g>write:b", "keep>cell:a", "write>cell:b", "cell>bent"]
    wires += ["o>told:a", "bent>told:b", "told>y", "told>next_h", "cell>next_c"]
    edges = {}
    for number, each in enumerate(wires):
        start, end = each.split(">")
        to, _, order = end.partition(":")
        edges[f"w{number:02}"] = {"from": start, "to": to, "order": order}
    return {"title": "LSTM by hand", "nodes": nodes, "edges": edges}


def words(board: Any, block: dict[str, Any], *after: str, **more: Any) -> Any:
    """A board whose tokens run through a block, step by step."""
    drawn = board()
    drawn.blocks["cell"] = block
    drawn.add("data", "reversal", length=6, symbols=4, samples=200)
    drawn.add("embed", "embedding", "data.tokens", units=3)
    drawn.nodes["loop"] = {"type": "block", "block": "cell", "mode": "over_time", **more}
    drawn.wire("loop", "embed>x", *after)
    drawn.add("out", "linear", "loop.y", units=5)
    drawn.add("loss", "cross_entropy", "out>logits", "data.target>target", "data.mask>mask")
    return drawn


@pytest.fixture
def lstm_by_hand(board: Any) -> Callable[..., Document]:
    return lambda *after, **more: words(board, by_hand(), *after, **more).document()


def like_torchs(compiled: Compiled, prefix: str = "loop") -> torch.nn.LSTM:
    """Torch's LSTM with the weights of the one by hand."""
    other = torch.nn.LSTM(3, UNITS, batch_first=True)
    modules = compiled.modules
    with torch.no_grad():
        sums = [modules[f"{prefix}/{gate}_sum"] for gate in "ifgo"]
        other.weight_ih_l0.copy_(torch.cat([each.weight[:, :3] for each in sums]))
        other.weight_hh_l0.copy_(torch.cat([each.weight[:, 3:] for each in sums]))
        other.bias_ih_l0.copy_(torch.cat([each.bias for each in sums]))
        other.bias_hh_l0.zero_()
    return other


def values(compiled: Compiled, tokens: torch.Tensor, *wanted: tuple[str, str]) -> tuple[torch.Tensor, ...]:
    given = {("data", "tokens"): tokens}
    return compiled.select(wanted)(*[given.get(value) for value in compiled.inputs])


@pytest.mark.parametrize("length", [1, 4, 6])
def test_an_lstm_by_hand_is_torchs(lstm_by_hand: Any, length: int) -> None:
    """L-046, L-048: Linear, Sigmoid, Multiply and Add in a block over time, at any length: outputs and states."""
    compiled = compile(lstm_by_hand())
    tokens = torch.randint(5, (2, length))
    x, y, h, c = values(compiled, tokens, ("embed", "y"), ("loop/y", "y"), ("loop/next_h", "y"), ("loop/next_c", "y"))
    expected, (last, cell) = like_torchs(compiled)(x)
    assert y.shape == h.shape == (2, length, UNITS) and c.shape == (2, UNITS)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(h[:, -1], last[0])
    torch.testing.assert_close(c, cell[0])


def test_gradients_flow_through_time(lstm_by_hand: Any) -> None:
    """T-051: the same gradients as torch's, summed over the steps."""
    compiled = compile(lstm_by_hand())
    x, y = values(compiled, torch.randint(5, (3, 6)), ("embed", "y"), ("loop/y", "y"))
    y.square().sum().backward()
    other = like_torchs(compiled)
    other(x.detach())[0].square().sum().backward()
    mine = torch.cat([compiled.modules[f"loop/{gate}_sum"].weight.grad for gate in "ifgo"])
    torch.testing.assert_close(mine, torch.cat([other.weight_ih_l0.grad, other.weight_hh_l0.grad], 1))


def test_weights_stand_once_and_under_the_names_of_a_block(lstm_by_hand: Any) -> None:
    """One loop, not six copies."""
    document = lstm_by_hand()
    compiled = compile(document)
    names = [name for name in compiled.module.state_dict() if name.startswith("loop")]
    assert sorted(names) == sorted(f"loop.{g}_sum.{part}" for g in "ifgo" for part in ("weight", "bias"))
    counted = sum(parameter.numel() for parameter in compiled.module.parameters())
    assert counted == compiled.facts.parameters
    assert len([node for node in compiled.module.graph.nodes if node.op == "call_module"]) == 4


def test_macs_are_those_of_all_steps(lstm_by_hand: Any) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    compiled = compile(lstm_by_hand())
    with FlopCounterMode(display=False) as counter:
        compiled.module(
            *[torch.ones(1, 6, dtype=torch.bool if out == "mask" else torch.long) for _, out in compiled.inputs]
        )
    assert counter.get_total_flops() == compiled.facts.flops
    assert compiled.facts.nodes["loop"].macs == 6 * 4 * UNITS * (3 + UNITS)


def test_a_state_may_be_wired(board: Any) -> None:
    """Its first value comes from outside, as of an encoder."""
    drawn = words(board, by_hand(), "start.h>h", "start.c>c")
    drawn.add("start", "lstm", "embed", units=UNITS)
    compiled = compile(drawn.document())
    x, y, h, c = values(
        compiled, torch.randint(5, (2, 6)), ("embed", "y"), ("loop/y", "y"), ("start", "h"), ("start", "c")
    )
    torch.testing.assert_close(y, like_torchs(compiled)(x, (h[None], c[None]))[0])


def test_a_loop_in_a_repeated_block_and_a_repeated_block_in_a_loop(board: Any) -> None:
    """Every copy has weights of its own, every step the same."""
    deep = {
        "nodes": {
            "x": port("block_input"),
            "narrow": port("linear", units=3),
            "loop": {"type": "block", "block": "cell", "mode": "over_time"},
            "y": port("block_output"),
        },
        "edges": {
            "a": {"from": "x", "to": "narrow"},
            "b": {"from": "narrow", "to": "loop", "in": "x"},
            "c": {"from": "loop", "to": "y"},
        },
    }
    drawn = words(board, by_hand())
    drawn.blocks["deep"] = deep
    drawn.nodes["loop"] = {"type": "block", "block": "deep", "mode": "repeat", "times": 2}
    compiled = compile(drawn.document())
    tokens = torch.randint(5, (2, 6))
    for copy in "01":
        x, y = values(compiled, tokens, (f"loop/{copy}/narrow", "y"), (f"loop/{copy}/loop/y", "y"))
        torch.testing.assert_close(y, like_torchs(compiled, f"loop/{copy}/loop")(x)[0])
    within = {
        "nodes": {
            "x": port("block_input"),
            "s": port("block_input", order=1, state="y", units=3),
            "sum": port("add"),
            "stack": {"type": "block", "block": "step", "mode": "repeat", "times": 3},
            "y": port("block_output"),
        },
        "edges": {
            "a": {"from": "x", "to": "sum", "order": "a"},
            "b": {"from": "s", "to": "sum", "order": "b"},
            "c": {"from": "sum", "to": "stack", "in": "x"},
            "d": {"from": "stack", "to": "y"},
        },
    }
    drawn = words(board, within)
    drawn.blocks["step"] = {
        "nodes": {"x": port("block_input"), "w": port("linear", units=3), "y": port("block_output")},
        "edges": {"a": {"from": "x", "to": "w"}, "b": {"from": "w", "to": "y"}},
    }
    compiled = compile(drawn.document())
    x, y = values(compiled, tokens, ("embed", "y"), ("loop/y", "y"))
    state = torch.zeros(2, 3)
    for step in range(6):
        state = state + x[:, step]
        for copy in range(3):
            state = compiled.modules[f"loop/stack/{copy}/w"](state)
        torch.testing.assert_close(y[:, step], state)


def test_a_loop_in_a_loop(board: Any) -> None:
    """Every step of the outer one looks at a whole memory, step by step."""
    inner = {
        "nodes": {
            "x": port("block_input"),
            "q": port("block_input", order=1),
            "s": port("block_input", order=2, state="y", units=3),
            "times": port("multiply"),
            "sum": port("add"),
            "y": port("block_output", give="last"),
        },
        "edges": {
            "a": {"from": "x", "to": "times", "order": "a"},
            "b": {"from": "q", "to": "times", "order": "b"},
            "c": {"from": "times", "to": "sum", "order": "a"},
            "d": {"from": "s", "to": "sum", "order": "b"},
            "e": {"from": "sum", "to": "y"},
        },
    }
    outer = {
        "nodes": {
            "x": port("block_input"),
            "memory": port("block_input", order=1),
            "look": {"type": "block", "block": "inner", "mode": "over_time"},
            "y": port("block_output"),
        },
        "edges": {
            "a": {"from": "memory", "to": "look", "in": "x"},
            "b": {"from": "x", "to": "look", "in": "q"},
            "c": {"from": "look", "to": "y"},
        },
    }
    drawn = words(board, outer, "embed>memory")
    drawn.blocks["inner"] = inner
    compiled = compile(drawn.document())
    x, y, last = values(compiled, torch.randint(5, (2, 6)), ("embed", "y"), ("loop/y", "y"), ("loop/look/times", "y"))
    torch.testing.assert_close(y, x * x.sum(1, keepdim=True))
    torch.testing.assert_close(last, x[:, -1] * x[:, -1], msg="inside, what is seen is the last step")


def test_inner_nodes_are_shown_at_the_last_step(lstm_by_hand: Any) -> None:
    """V-010: a view of a node inside does not disturb the loop."""
    made = plan(lstm_by_hand(), threads=1)
    probe = Probe(made)
    nodes = ["loop/f", "loop/x", "loop/next_h", "embed"]
    probe.watch([wire.Subscription(view="maps", node=node, samples=[0, 1]) for node in nodes])
    frames = list(probe.frames(1, 0.0))
    shapes = {wire.unpack(frame)[0].node: wire.unpack(frame)[0].arrays[0].shape for frame in frames}
    assert shapes == {
        "loop/f": [2, 1, 1, UNITS],
        "loop/x": [2, 1, 1, 3],
        "loop/next_h": [2, 1, 6, UNITS],
        "embed": [2, 1, 6, 3],
    }
    tokens = made.validation["data"].rows([0, 1])["data", "tokens"]
    h, o, c = values(made.compiled, tokens, ("loop/next_h", "y"), ("loop/o", "y"), ("loop/cell", "y"))
    torch.testing.assert_close(o * c.tanh(), h[:, -1])


@pytest.mark.parametrize("inner", ["loop/x", "loop/h", "loop/f", "loop/bent"])
def test_a_node_inside_can_be_looked_at_alone(lstm_by_hand: Any, inner: str) -> None:
    compiled = compile(lstm_by_hand())
    (found,) = values(compiled, torch.randint(5, (2, 6)), (inner, "y"))
    assert found.shape == (2, 3 if inner == "loop/x" else UNITS)


def test_a_state_whose_source_is_muted_stays_as_it_was(board: Any) -> None:
    """Ablation inside a loop: nothing comes back, so every step is the first."""
    block = by_hand()
    block["nodes"]["back"] = {**port("tanh"), "ablation": "mute"}
    block["edges"]["w99"] = {"from": "told", "to": "back", "order": ""}
    (id,) = [id for id, edge in block["edges"].items() if edge["to"] == "next_h"]
    block["edges"][id]["from"] = "back"
    compiled = compile(words(board, block).document())
    x, y, c = values(compiled, torch.randint(5, (2, 6)), ("embed", "y"), ("loop/y", "y"), ("loop/next_c", "y"))
    other = like_torchs(compiled)
    torch.nn.init.zeros_(other.weight_hh_l0)
    expected, (_, cell) = other(x)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(c, cell[0])


def test_it_learns(board: Any) -> None:
    """T-050: the loss falls as it does with torch's layer."""
    drawn = words(board, by_hand())
    optimizer = {"type": "adam", "fields": {"lr": 0.03}}
    made = plan(drawn.document(batch=150, phases={"main": {"optimizer": optimizer}}), threads=1)
    made.compiled.learn()
    batch = next(iter(made.batches.epoch(0)))
    (phase,) = made.phases
    losses = [float(phase.step(batch, 0)[0]) for _ in range(80)]
    assert losses[-1] < 0.8 * losses[0]


def test_a_number_that_is_none_is_found_in_the_block(board: Any) -> None:
    """NaN inside a loop is told of the block that it runs in."""
    from chalknet.training import checkpoint, nonfinite

    drawn = words(board, by_hand())
    made = plan(drawn.document(), threads=1)
    with torch.no_grad():
        made.compiled.modules["loop/f_sum"].weight.fill_(float("nan"))
    threads = torch.get_num_threads()
    try:
        problem = nonfinite.find(made, checkpoint.take(made, 0, {}), 0, 0).problem
    finally:
        torch.set_num_threads(threads)  # which the loop does round it
    assert problem.node == "loop" and problem.message.startswith("Loop: its ")


# Padded sequences -----


def masked(**mask: Any) -> dict[str, Any]:
    """The LSTM by hand with a port for a mask, and what it gives at the last step."""
    block = by_hand()
    block["nodes"]["mask"] = port("block_input", order=3, mask=True, **mask)
    block["nodes"]["end"] = port("block_output", order=3, give="last")
    block["edges"]["end"] = {"from": "told", "to": "end"}
    return block


def padded(compiled: Compiled, lengths: list[int]) -> tuple[torch.Tensor, ...]:
    """Tokens of several lengths through the loop: what is embedded, then y, next_h, next_c and end."""
    steps = max(lengths)
    mask = torch.arange(steps)[None] < torch.tensor(lengths)[:, None]
    tokens = torch.randint(4, (len(lengths), steps)) * mask
    given = {("data", "tokens"): tokens, ("data", "mask"): mask}
    wanted = [("embed", "y"), *((f"loop/{name}", "y") for name in ("y", "next_h", "next_c", "end"))]
    return compiled.select(wanted)(*[given.get(value) for value in compiled.inputs])


def the_loop(compiled: Compiled) -> Loop:
    (found,) = (each for each in compiled.module.modules() if isinstance(each, Loop))
    return found


@pytest.mark.parametrize("lengths", [[6, 4, 1], [2, 6], [3, 3]], ids=str)
def test_padded_steps_keep_the_state_as_in_torchs_packed_sequences(board: Any, lengths: list[int]) -> None:
    """L-046, D-049: outputs, last states and gradients of variable lengths are those of torch's packed sequences."""
    compiled = compile(words(board, masked(), "data.mask>mask").document())
    x, y, h, c, end = padded(compiled, lengths)
    other = like_torchs(compiled)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x.detach(), torch.tensor(lengths), True, enforce_sorted=False)
    result, (last, cell) = other(packed)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(result, batch_first=True)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(h, expected)
    torch.testing.assert_close(c, cell[0])
    torch.testing.assert_close(end, last[0])

    (y.square().sum() + c.sum()).backward()
    (expected.square().sum() + cell.sum()).backward()
    mine = torch.cat([compiled.modules[f"loop/{gate}_sum"].weight.grad for gate in "ifgo"])
    torch.testing.assert_close(mine, torch.cat([other.weight_ih_l0.grad, other.weight_hh_l0.grad], 1))


def test_where_no_step_counts_the_first_state_stays(board: Any) -> None:
    """A sequence of padding only: its outputs are 0, its state is the one that was wired to it."""
    loop = the_loop(compile(words(board, masked(), "data.mask>mask").document()))
    mask = torch.tensor([[True, True, False], [False, False, False]])
    x, first = torch.randn(2, 3, 3), torch.randn(2, UNITS)
    y, _, _, end = loop(x, mask, first, None)
    h, c = loop.states(x, mask, first, None)
    assert not y[1].any() and not end[1].any() and y[0, 1].any()
    torch.testing.assert_close(h[1], first[1].expand(4, -1))
    assert not c[1].any()
    torch.testing.assert_close(h[0, 3], h[0, 2])
    torch.testing.assert_close(end[0], h[0, 2])


def test_a_mask_may_stay_empty(board: Any) -> None:
    """Then every step counts."""
    with_port = compile(words(board, masked(optional=True)).document())
    x, y, c = values(with_port, torch.randint(5, (2, 6)), ("embed", "y"), ("loop/y", "y"), ("loop/next_c", "y"))
    expected, (_, cell) = like_torchs(with_port)(x)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(c, cell[0])


def test_two_masks_count_together(board: Any) -> None:
    """A step counts where both say so."""
    block = masked()
    block["nodes"]["other"] = port("block_input", order=4, mask=True)
    drawn = words(board, block, "data.mask>mask", "data.mask>other")
    compiled = compile(drawn.document())
    loop = the_loop(compiled)
    x = torch.randn(2, 4, 3)
    one, two = torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]]).bool(), torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1]]).bool()
    states = loop.states(x, one, two, None, None)
    both = loop.states(x, one & two, one & two, None, None)
    for mine, expected in zip(states, both, strict=True):
        torch.testing.assert_close(mine, expected)
    torch.testing.assert_close(states[0][0, 4], states[0][0, 2])
