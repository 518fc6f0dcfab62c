"""T-065: boards of every structure do in the exported file what they do in a run: blocks, shared and frozen weights,
several data sets, losses and phases."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch

POINTS = {"type": "points", "fields": {"samples": 60}}
PAIR = {"x": {"type": "block_input"}, "y": {"type": "block_output"}}


def linear(units: int, **more: Any) -> dict[str, Any]:
    return {"type": "linear", "fields": {"units": units, **more.pop("fields", {})}, **more}


def loss(name: str = "loss") -> dict[str, Any]:
    return {name: {"type": "cross_entropy"}}


def test_a_block_in_a_block(trial: Any, board: Any, same: Any) -> None:
    """A class a block, nested; copies of one text share the class, others get their own."""
    inner = {
        "title": "Inner",
        "nodes": {**PAIR, "fc": linear(4), "act": {"type": "tanh"}},
        "edges": ["x > fc", "fc > act", "act > y"],
    }
    outer = {
        "title": "Outer",
        "nodes": {
            **PAIR,
            "one": {"type": "block", "block": "inner", "mode": "repeat", "times": 3},
            "two": {"type": "block", "block": "inner"},
        },
        "edges": ["x > one.x", "one.y > two.x", "two.y > y"],
    }
    made = trial(
        board(
            {
                "data": POINTS,
                "body": {"type": "block", "block": "outer", "mode": "repeat", "times": 2},
                "fc": linear(2),
                **loss(),
            },
            *("data.x > body.x", "body.y > fc", "fc > loss.logits", "data.label > loss.target"),
            blocks={"inner": inner, "outer": outer},
        )
    )
    same(made)
    # The first copy's first layer reads 2 numbers, the others 4.
    assert "class Inner(nn.Module)" in made.exported.text and "class Inner_2(nn.Module)" in made.exported.text


@pytest.mark.parametrize("masked", [False, True])
def test_an_input_that_may_stay_empty(masked: bool, trial: Any, board: Any, same: Any) -> None:
    """L-057, L-059: an encoder with and without a mask, its loss counted where there is a token."""
    layer = {
        "nodes": {
            **PAIR,
            "mask": {"type": "block_input", "fields": {"order": 1, "optional": True}},
            "attention": {"type": "attention", "fields": {"heads": 2, "causal": True}},
            "add": {"type": "add"},
            "norm": {"type": "layer_norm"},
        },
        "edges": ["x > attention", "mask > attention.mask", "x > add", "attention > add", "add > norm", "norm > y"],
    }
    edges = ["data.tokens > embed", "embed > place", "place > body.x", "body.y > scores", "scores > loss.logits"]
    edges += ["data.target > loss.target", *(["data.mask > body.mask", "data.mask > loss.mask"] if masked else [])]
    made = trial(
        board(
            {
                "data": {"type": "reversal", "fields": {"samples": 60, "length": 5, "symbols": 4}},
                "embed": {"type": "embedding", "fields": {"units": 8}},
                "place": {"type": "positional_encoding", "fields": {"kind": "learned"}},
                "body": {"type": "block", "block": "layer", "mode": "repeat", "times": 2},
                "scores": linear(5),
                **loss(),
            },
            *edges,
            blocks={"layer": layer},
        )
    )
    same(made)
    assert ("layer(body, mask)" if masked else "layer(body)") in made.exported.text


def test_two_outputs_and_a_second_input(trial: Any, board: Any, same: Any) -> None:
    """A repeated block hands its first output on; its other input stays, its other output is the last copy's."""
    block = {
        "nodes": {
            **PAIR,
            "side": {"type": "block_input", "fields": {"order": 1}},
            "early": {"type": "block_output", "fields": {"order": 1}},
            "fc": linear(2),
            "add": {"type": "add"},
        },
        "edges": ["x > fc", "fc > add", "side > add", "add > y", "fc > early"],
    }
    same(
        trial(
            board(
                {
                    "data": POINTS,
                    "body": {"type": "block", "block": "b", "mode": "repeat", "times": 3},
                    "sum": {"type": "multiply"},
                    **loss(),
                },
                *("data.x > body.x", "data.x > body.side", "body.y > sum", "body.early > sum", "sum > loss.logits"),
                "data.label > loss.target",
                blocks={"b": block},
            )
        )
    )


def test_shared_weights(trial: Any, board: Any, same: Any) -> None:
    """L-051: two layers, two instances and all copies of a repeated block on one set of weights each."""
    block = {"nodes": {**PAIR, "fc": linear(2), "act": {"type": "prelu"}}, "edges": ["x > fc", "fc > act", "act > y"]}
    made = trial(
        board(
            {
                "data": POINTS,
                "a": linear(2, weights="w"),
                "b": linear(2, weights="w"),
                "left": {"type": "block", "block": "b", "weights": "twin"},
                "right": {"type": "block", "block": "b", "weights": "twin"},
                "deep": {"type": "block", "block": "b", "weights": "albert", "mode": "repeat", "times": 3},
                **loss(),
            },
            *("data.x > a", "a > b", "b > left.x", "left.y > right.x", "right.y > deep.x", "deep.y > loss.logits"),
            "data.label > loss.target",
            blocks={"b": block},
        )
    )
    same(made)
    assert "self.b = self.a" in made.exported.text and "self.right = self.left" in made.exported.text
    assert sum(p.numel() for p in made.compiled.module.parameters()) == 6 + 7 + 7


def test_shared_weights_of_unequal_blocks(trial: Any, board: Any, same: Any) -> None:
    """Two different blocks under one name of weights share the layers that they both have."""
    one = {"nodes": {**PAIR, "fc": linear(2), "act": {"type": "tanh"}}, "edges": ["x > fc", "fc > act", "act > y"]}
    two = {"nodes": {**PAIR, "fc": linear(2)}, "edges": ["x > fc", "fc > y"]}
    made = trial(
        board(
            {
                "data": POINTS,
                "a": {"type": "block", "block": "one", "weights": "w"},
                "b": {"type": "block", "block": "two", "weights": "w"},
                **loss(),
            },
            *("data.x > a.x", "a.y > b.x", "b.y > loss.logits", "data.label > loss.target"),
            blocks={"one": one, "two": two},
        )
    )
    same(made)
    assert "self.b.fc = self.a.fc" in made.exported.text


def test_frozen_layers(trial: Any, board: Any, same: Any) -> None:
    """T-046, T-049: frozen weights do not move, and a frozen batch norm keeps its statistics."""
    block = {
        "nodes": {**PAIR, "fc": linear(3), "norm": {"type": "batch_norm1d"}},
        "edges": ["x > fc", "fc > norm", "norm > y"],
    }
    made = trial(
        board(
            {
                "data": POINTS,
                "body": {"type": "block", "block": "b", "mode": "repeat", "times": 2, "trainable": False},
                "fc": linear(2, trainable=False),
                "norm": {"type": "batch_norm1d"},
                "out": linear(2),
                **loss(),
            },
            *(
                "data.x > body.x",
                "body.y > fc",
                "fc > norm",
                "norm > out",
                "out > loss.logits",
                "data.label > loss.target",
            ),
            blocks={"b": block},
        )
    )
    before = {name: value for name, value in made.weights().items() if name.startswith(("body", "fc"))}
    same(made)
    after = made.run()["weights"]
    assert before and all(torch.equal(after[name], value) for name, value in before.items())


def test_several_data_sets_losses_and_phases(trial: Any, board: Any, same: Any) -> None:
    """T-055: two data sets with ports of equal names, two losses, two phases that move their own parts."""
    phases = {
        "one": {
            "order": "a",
            "losses": ["first"],
            "updates": ["fc1", "fc3"],
            "optimizer": {"type": "sgd", "fields": {"momentum": 0.9}},
        },
        "two": {
            "order": "b",
            "losses": ["second"],
            "updates": ["fc2"],
            "every": 2,
            "clip": 0.5,
            "schedule": {"type": "warmup"},
        },
    }
    made = trial(
        board(
            {
                "left": POINTS,
                "right": {"type": "points", "fields": {"samples": 60, "kind": "moons"}},
                "fc1": linear(2),
                "fc2": linear(2),
                "fc3": linear(1),
                "act": {"type": "silu"},
                "first": {"type": "bce"},
                "second": {"type": "cross_entropy", "fields": {"smoothing": 0.1}},
            },
            *("left.x > fc1", "fc1 > act", "act > fc3", "fc3 > first.logits", "left.label > first.target"),
            *("right.x > fc2", "fc2 > second.logits", "right.label > second.target"),
            recipe={"phases": phases},
        )
    )
    same(made)
    assert set(made.run()["right"]) == {"first", "second"}


def test_blocks_that_feed_each_other(trial: Any, board: Any, same: Any) -> None:
    """No circle of layers, yet a ring of blocks: it is written out in one class, each module in its place."""
    block = {
        "nodes": {
            "a": {"type": "block_input"},
            "b": {"type": "block_input", "fields": {"order": 1}},
            "c": {"type": "block_output"},
            "d": {"type": "block_output", "fields": {"order": 1}},
            "fc": linear(3),
            "gc": linear(2),
        },
        "edges": ["a > fc", "fc > c", "b > gc", "gc > d"],
    }
    made = trial(
        board(
            {"data": POINTS, "body": {"type": "block", "block": "b"}, "act": {"type": "tanh"}, **loss()},
            *("data.x > body.a", "body.c > act", "act > body.b", "body.d > loss.logits", "data.label > loss.target"),
            blocks={"b": block},
        )
    )
    same(made)
    assert "body.fc.weight" in made.weights()


def test_a_loss_inside_a_block(trial: Any, board: Any, same: Any) -> None:
    """An auxiliary head with its own loss and target inside a block, twice."""
    block = {
        "nodes": {
            **PAIR,
            "target": {"type": "block_input", "fields": {"order": 1}},
            "fc": linear(2),
            "aside": {"type": "cross_entropy"},
        },
        "edges": ["x > fc", "fc > y", "fc > aside.logits", "target > aside.target"],
    }
    made = trial(
        board(
            {"data": POINTS, "body": {"type": "block", "block": "b", "mode": "repeat", "times": 2}, **loss()},
            *("data.x > body.x", "data.label > body.target", "body.y > loss.logits", "data.label > loss.target"),
            blocks={"b": block},
        )
    )
    same(made)
    assert set(made.losses()) == {"body/0/aside", "body/1/aside", "loss"}


def test_every_layer_on_one_board(trial: Any, board: Any, same: Any) -> None:
    """L-012, L-016, L-033 to L-038: what the gallery does not use."""
    # No bias before a batch norm: its gradient is zero but for rounding, and Adam makes a full step of any rounding.
    window = {"kernel": [3, 1], "stride": [2, 1], "padding": [1, 0]}
    chain = {
        "conv": {"type": "conv2d", "fields": {"channels": 4, "bias": False, **window}},
        "norm": {"type": "batch_norm2d", "fields": {"momentum": 0.2}},
        "relu6": {"type": "relu6"},
        "depth": {
            "type": "conv2d",
            "fields": {"channels": 4, "groups": 4, "padding": "same", "dilation": 2, "bias": False},
        },
        "leaky": {"type": "leaky_relu", "fields": {"slope": 0.2}},
        "pool": {"type": "max_pool2d", "fields": {"kernel": 3, "stride": 2, "padding": 1}},
        "gelu": {"type": "gelu"},
        "average": {"type": "avg_pool2d", "fields": {"kernel": [2, 1]}},
        "shares": {"type": "softmax"},
        "images": {"type": "layer_norm", "fields": {"eps": 0.001}},
        "mean": {"type": "global_avg_pool"},
        "along": {"type": "conv1d", "fields": {"channels": 3, "kernel": 2, "bias": False}},
        "signal": {"type": "batch_norm1d"},
        "again": {"type": "conv1d", "fields": {"channels": 2, "kernel": 1}},
        "flat": {"type": "flatten"},
        "drop": {"type": "dropout", "fields": {"rate": 0}},
        "sigmoid": {"type": "sigmoid"},
    }
    ids = ["data.image", *chain]
    edges = [f"{a} > {b}" for a, b in pairwise(ids)]
    same(
        trial(
            board(
                {
                    "data": {"type": "digits", "fields": {"size": 16, "variants": 0}},
                    **chain,
                    "both": {"type": "concat"},
                    "scores": linear(10, fields={"bias": False}),
                    **loss(),
                    "guess": {"type": "mse"},
                },
                *edges,
                *("sigmoid > both", "flat > both", "both > scores", "scores > loss.logits", "data.label > loss.target"),
                *("sigmoid > guess.prediction", "flat > guess.target"),
            )
        )
    )


@pytest.mark.parametrize("how", ["mute", "bypass"])
@pytest.mark.parametrize("where", ["inside", "whole", "branch"])
def test_what_is_muted_or_bypassed_is_not_written(where: str, how: str, trial: Any, board: Any, same: Any) -> None:
    """An ablation computes the same here and there, and holds no weights of what was left out."""
    off = {"ablation": how}
    block = {
        "title": "Residual",
        "nodes": {
            **PAIR,
            "fc": linear(2, **(off if where == "inside" else {})),
            "act": {"type": "tanh"},
            "add": {"type": "add"},
        },
        "edges": ["x > fc", "fc > act", "act > add", "x > add", "add > y"],
    }
    made = trial(
        board(
            {
                "data": POINTS,
                "body": {"type": "block", "block": "res", "mode": "repeat", "times": 2},
                "more": {"type": "block", "block": "res", **(off if where == "whole" else {})},
                "side": linear(2, **(off if where == "branch" else {})),
                "sum": {"type": "add"},
                "fc": linear(2),
                **loss(),
            },
            *("data.x > body.x", "body.y > more.x", "more.y > sum", "data.x > side", "side > sum", "sum > fc"),
            *("fc > loss.logits", "data.label > loss.target"),
            blocks={"res": block},
        )
    )
    same(made)
    left = {"inside": ("body/0/fc", "body/1/fc", "more/fc"), "whole": ("more/fc",), "branch": ("side",)}[where]
    assert not set(left) & made.exported.modules.keys()
    assert not set(left) & made.compiled.modules.keys()


def number(values: str, type: str = "learned", **more: Any) -> dict[str, Any]:
    return {"type": type, "fields": {"values": values, **more}}


def test_numbers_typed_in(trial: Any, board: Any, same: Any) -> None:
    """L-080, C-040: a graph worked by hand is one sample; its learned numbers are parameters."""
    made = trial(
        board(
            {
                "x": number("2"), "y": number("1", "constant"), "f": {"type": "multiply"}, "v": {"type": "add"},
                "w": {**number("1 2; 3 4"), "trainable": False}, "all": {"type": "reduce", "fields": {"axis": "T D"}},
                "low": {"type": "minimise"},
            },
            *("x > v", "y > v", "w > all", "v > f", "all > f", "f > low"),
        )
    )  # fmt: skip
    same(made)
    assert "def divide" not in made.exported.text and "self.w.requires_grad_(False)" in made.exported.text


def test_numbers_typed_in_beside_data(trial: Any, board: Any, same: Any) -> None:
    """Also inside a block, shared by its copies; and read by a loss that stands apart."""
    gain = {"nodes": {**PAIR, "w": number("3 1"), "f": {"type": "multiply"}}, "edges": ["x > f", "w > f", "f > y"]}
    body = {"type": "block", "block": "gain", "mode": "repeat", "times": 2, "weights": "one"}
    made = trial(
        board(
            {
                "data": POINTS, "body": body, "fc": linear(2), **loss(), "aim": number("1 2", "constant"),
                "own": number("0.5 0"), "pull": {"type": "mse"},
            },
            *("data.x > body.x", "body.y > fc", "fc > loss.logits", "data.label > loss.target"),
            *("own > pull.prediction", "aim > pull.target"),
            blocks={"gain": gain},
        )
    )  # fmt: skip
    same(made)
