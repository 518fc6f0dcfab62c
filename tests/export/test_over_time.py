"""T-065: blocks that run over time, as loops of the exported text: same outputs, same weights after one step."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalknet.export.pytorch import Refused, write

DATA = {"type": "reversal", "fields": {"samples": 60, "length": 5, "symbols": 4}}
LOSS = {"loss": {"type": "cross_entropy"}}


def node(type: str, **fields: Any) -> dict[str, Any]:
    return {"type": type, "fields": fields}


def over_time(block: str, **more: Any) -> dict[str, Any]:
    return {"type": "block", "block": block, "mode": "over_time", **more}


STEP = {
    "title": "Step",
    "nodes": {
        "x": node("block_input"),
        "s": node("block_input", order=1, state="next", units=6),
        "both": node("concat"),
        "fc": node("linear", units=6),
        "bent": node("tanh"),
        "y": node("block_output"),
        "next": node("block_output", order=1),
        "end": node("block_output", order=2, give="last"),
    },
    "edges": ["x > both", "s > both", "both > fc", "fc > bent", "bent > y", "bent > next", "fc > end"],
}


READ = {
    "data": DATA,
    "embed": node("embedding", units=4),
    "read": over_time("step"),
    "long": node("repeat"),
    "sum": node("add"),
    "scores": node("linear", units=5),
    **LOSS,
}
"""Every step's output and the last one's, added."""
READ_WIRES = (
    *("data.tokens > embed", "embed > read.x", "read.end > long", "data.tokens > long.like"),
    *("read.y > sum", "long > sum", "sum > scores", "scores > loss.logits", "data.target > loss.target"),
)


def test_a_loop_with_a_state(trial: Any, board: Any, same: Any) -> None:
    """Outputs of every step and of the last, the state begins with zeros; what nobody reads is not collected."""
    made = trial(
        board(
            READ,
            *READ_WIRES,
            blocks={"step": STEP},
        )
    )
    same(made)
    text = made.exported.text
    assert re.search(r"for read_x in embed\.unbind\(1\):\n", text)
    assert "read_s = torch.zeros(len(embed), 6, device=embed.device)" in text
    assert text.count("torch.stack(") == 1


def test_a_wired_state_and_a_second_sequence(trial: Any, board: Any, same: Any) -> None:
    """L-050, L-052: a decoder: its state begins with the encoder's, its targets are cut too, and at every step it asks
    what was read."""
    block = {
        "title": "Decoder step",
        "nodes": {
            "x": node("block_input"),
            "place": node("block_input", order=1, cut=True),
            "memory": node("block_input", order=2),
            "mask": node("block_input", order=3, optional=True),
            "h": node("block_input", order=4, state="next"),
            "ask": node("additive_attention", units=3),
            "both": node("concat"),
            "cell": node("gru_cell", units=6),
            "y": node("block_output"),
            "next": node("block_output", order=1),
        },
        "edges": [
            *("h > ask", "memory > ask.memory", "mask > ask.mask", "x > both", "place > both", "ask > both"),
            *("both > cell", "h > cell.h", "cell.next > y", "cell.next > next"),
        ],
    }
    made = trial(
        board(
            {
                "data": DATA,
                "embed": node("embedding", units=4),
                "where": node("positional_encoding", kind="learned"),
                "read": node("gru", units=6),
                "write": over_time("step"),
                "scores": node("linear", units=5),
                **LOSS,
            },
            *("data.tokens > embed", "embed > where", "embed > read", "data.mask > read.mask"),
            *("embed > write.x", "where > write.place", "read.y > write.memory", "data.mask > write.mask"),
            *("read.h > write.h", "write.y > scores", "scores > loss.logits", "data.target > loss.target"),
            blocks={"step": block},
        )
    )
    same(made)
    assert "in zip(embed.unbind(1), where.unbind(1)):" in made.exported.text


def test_loops_inside_and_round_other_blocks(trial: Any, board: Any, same: Any) -> None:
    """A loop in a repeated block, a repeated block in a loop, and two instances on one set of weights."""
    plain = {"x": node("block_input"), "y": node("block_output")}
    blocks = {
        "step": STEP,
        "deep": {
            "nodes": {**plain, "narrow": node("linear", units=4), "read": over_time("step")},
            "edges": ["x > narrow", "narrow > read.x", "read.y > y"],
        },
        "wide": {"nodes": {**plain, "fc": node("linear", units=6)}, "edges": ["x > fc", "fc > y"]},
        "round": {
            "nodes": {
                **plain,
                "s": node("block_input", order=1, state="y", units=6),
                "sum": node("add"),
                "stack": {"type": "block", "block": "wide", "mode": "repeat", "times": 3},
            },
            "edges": ["x > sum", "s > sum", "sum > stack.x", "stack.y > y"],
        },
    }
    made = trial(
        board(
            {
                "data": DATA,
                "embed": node("embedding", units=4),
                "deep": {"type": "block", "block": "deep", "mode": "repeat", "times": 2},
                "round": over_time("round", weights="w"),
                "again": over_time("round", weights="w"),
                "scores": node("linear", units=5),
                **LOSS,
            },
            *("data.tokens > embed", "embed > deep.x", "deep.y > round.x", "round.y > again.x", "again.y > scores"),
            *("scores > loss.logits", "data.target > loss.target"),
            blocks=blocks,
        )
    )
    same(made)
    assert "self.again = self.round" in made.exported.text


@pytest.mark.parametrize("both", [False, True])
def test_recurrent_layers_with_masks(both: bool, trial: Any, board: Any, same: Any) -> None:
    """L-045 to L-049: padded sequences through each of the layers, states handed on."""
    made = trial(
        board(
            {
                "data": DATA,
                "embed": node("embedding", units=4),
                "rnn": node("rnn", units=3, bidirectional=both, nonlinearity="relu"),
                "lstm": node("lstm", units=3, bidirectional=both, layers=2),
                "gru": node("gru", units=3, bidirectional=both, layers=2),
                "scores": node("linear", units=5),
                **LOSS,
            },
            *("data.tokens > embed", "embed > rnn", "rnn.y > lstm", "lstm.y > gru", "lstm.h > gru.h0"),
            *(f"data.mask > {name}.mask" for name in ("rnn", "lstm", "gru", "loss")),
            *("gru.y > scores", "scores > loss.logits", "data.target > loss.target"),
        )
    )
    same(made)


@pytest.mark.parametrize("optional", [False, True], ids=["wired", "left empty"])
def test_a_loop_over_padded_sequences(optional: bool, trial: Any, board: Any, same: Any) -> None:
    """D-049: where a step does not count the states stay, outputs are 0, and the last step is the last that counts."""
    block = {
        **STEP,
        "nodes": {
            **STEP["nodes"],
            "mask": node("block_input", order=3, mask=True, optional=optional),
            "class": node("argmax"),
            "said": node("block_output", order=3, give="last"),
        },
        "edges": [*STEP["edges"], "bent > class", "class > said"],
    }
    made = trial(
        board(
            {
                **READ,
                "known": node("embedding", units=6),
                "again": node("repeat"),
            },
            *READ_WIRES,
            *(() if optional else ("data.mask > read.mask",)),
            *("read.said > known", "known > again", "data.tokens > again.like", "again > sum"),
            blocks={"step": block},
        )
    )
    same(made)
    text = made.exported.text
    kept = [line for line in text.splitlines() if "torch.where(" in line and "mask" in line]
    assert bool(kept) is not optional, "a step that does not count keeps what was before it"
    assert ("for read_x, read_mask in zip(" in text) is not optional


def test_a_ring_of_blocks_with_one_over_time_is_refused(board: Any) -> None:
    """Two blocks that feed each other are written in one class, where a loop has no place."""
    two = {
        "nodes": {
            "a": node("block_input"),
            "b": node("block_input", order=1),
            "fa": node("linear", units=4),
            "fb": node("linear", units=4),
            "p": node("block_output"),
            "q": node("block_output", order=1),
        },
        "edges": ["a > fa", "fa > p", "b > fb", "fb > q"],
    }
    document = board(
        {
            "data": DATA,
            "embed": node("embedding", units=4),
            "one": {"type": "block", "block": "two"},
            "other": {"type": "block", "block": "two"},
            "read": over_time("step"),
            "scores": node("linear", units=5),
            **LOSS,
        },
        *("data.tokens > embed", "embed > one.a", "one.p > other.a", "other.p > one.b", "one.q > other.b"),
        *("other.q > read.x", "read.y > scores", "scores > loss.logits", "data.target > loss.target"),
        blocks={"two": two, "step": STEP},
    )
    with pytest.raises(Refused, match="feed each other in a ring"):
        write(document)
