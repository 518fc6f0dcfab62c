"""Every problem that the source can raise, raised: it has a way out or a reason why there is none, every way out that
is offered helps without a worse problem in its place, and costs what inference says afterwards."""

from __future__ import annotations

import ast
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

import chalknet
from chalknet.graph import rules
from chalknet.graph.document import Document, load
from chalknet.graph.edits import apply
from chalknet.graph.facts import Inference
from chalknet.graph.infer import infer
from chalknet.graph.problems import Problem
from chalknet.layers.base import Severity, TensorType, registry
from tests.graph.conftest import board, classifier, level
from tests.graph.test_over_time import step, words

ROOMS = ("layers", "datasets", "graph")
SPEAKING = {"Fault": 0, "Warn": 0, "Complaint": 0, "because": 0, "_refuse": 0, "_complain": 2}
"""What raises a problem, and which argument is its code."""


def raised() -> set[str]:
    """Every code in the source, names of constants resolved; one that is handed on is counted where it is written."""
    trees = [ast.parse(path.read_text()) for room in ROOMS for path in sorted(folder(room).rglob("*.py"))]
    named = {
        target.id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if not isinstance(node, ast.Call):
            continue
        at = SPEAKING.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
        if at is not None and len(node.args) > at:
            found |= set(texts(node.args[at], named))
    return found


def folder(room: str) -> Path:
    return Path(chalknet.__file__).parent / room


def texts(node: ast.expr, named: dict[str, Any]) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*texts(node.body, named), *texts(node.orelse, named)]
    known = named.get(node.id) if isinstance(node, ast.Name) else None
    return [known] if isinstance(known, str) else []


# --- boards -----


def picture(*row: Any, data: Any = "digits") -> Document:
    """Layers in a row on an image, and a classifier behind them."""
    nodes = {f"l{number}": each for number, each in enumerate(row)}
    ways = ["data.image", *nodes, "flat", "fc"]
    nodes |= {"flat": "flatten", "fc": ("linear", {"units": 10})}
    return classifier(nodes, *(f"{a} > {b}" for a, b in pairwise(ways)), end="fc", data=data)


def plane(*row: Any, last: Any = ("linear", {"units": 2}), **more: Any) -> Document:
    """Layers in a row on points of the plane, and a classifier behind them."""
    nodes = {f"l{number}": each for number, each in enumerate(row)} | {"fc": last}
    ways = ["data.x", *nodes]
    return classifier(nodes, *(f"{a} > {b}" for a, b in pairwise(ways)), end="fc", data="points", **more)


def line(*row: Any) -> Document:
    """Layers in a row for a regression."""
    nodes = {f"l{number}": each for number, each in enumerate(row)}
    ways = ["d.x", *nodes, "loss.prediction"]
    wires = [f"{a} > {b}" for a, b in pairwise(ways)]
    return board({"d": "line", **nodes, "loss": "mse"}, *wires, "d.y > loss.target")


def tokens(*row: Any, **more: Any) -> Document:
    """Layers in a row on embedded tokens."""
    nodes = {f"l{number}": each for number, each in enumerate(row)}
    ways = ["data.tokens", "e", *nodes, "fc", "loss.logits"]
    nodes |= {
        "data": "reversal",
        "e": ("embedding", {"units": 6}),
        "fc": ("linear", {"units": 11}),
        "loss": "cross_entropy",
    }
    wires = [f"{a} > {b}" for a, b in pairwise(ways)]
    return board(nodes, *wires, "data.target > loss.target", **more)


def rows(units: int = 3, **fields: Any) -> Document:
    """A classifier on a table."""
    nodes = {"d": ("own_table", fields), "fc": ("linear", {"units": units}), "loss": "cross_entropy"}
    return board(nodes, "d.x > fc.x", "fc > loss.logits", "d.y > loss.target")


def unpooled(pooling: dict[str, Any], places: str = "p.indices > u.indices", deeper: Any = "relu") -> Document:
    """An image pooled, something else, and put back to where it was."""
    nodes = {"d": "digits", "p": ("max_pool2d", pooling), "r": deeper, "u": "max_unpool2d"}
    return board(nodes, "d.image > p", "p > r", "r > u", places)


def instance(block: str = "b", **more: Any) -> dict[str, Any]:
    return {"type": "block", "block": block, **more}


def inside(**blocks: Any) -> dict[str, Any]:
    return {name: level(*each) for name, each in blocks.items()}


PASSING = ({"x": "block_input", "r": "relu", "y": "block_output"}, ["x > r", "r > y"])
DEEP = {
    f"b{number}": level(
        {"x": "block_input", "in": instance(f"b{number + 1}") if number < 17 else "relu", "y": "block_output"},
        ["x > in.x", "in.y > y"],
    )
    for number in range(18)
}
TWO = {"d": "points", "a": ("linear", {"units": 3}), "b": ("linear", {"units": 4})}
SHARED = {"type": "linear", "fields": {"units": 3}, "weights": "w"}
BOARDS: dict[str, list[Document]] = {
    "batch_of_one": [plane(("linear", {"units": 4}), "batch_norm1d", recipe={"batch": 1})],
    "alone": [picture(("conv2d", {"channels": 8, "kernel": 32}), ("group_norm", {"groups": 8}))],
    "axes": [
        plane(("reduce", {"axis": "C"}), last=("linear", {"units": 2})),
        plane(("reshape", {"to": "nonsense"})),
        tokens(("stack", {"axis": "T"})),
    ],
    "column": [
        rows(target="nonsense"),
        rows(features="species; nonsense"),
        rows(features="species"),
        rows(target="species; petal width (cm)"),
        rows(task="numbers"),
        board({"d": ("own_table", {"data": "diabetes", "task": "classes"})}),
    ],
    "too_short": [board({"d": ("own_text", {"length": 500})})],
    "data_missing": [rows(data="2" * 20), rows(data="digits"), rows(data="mnist"), rows(data="")],
    "bad_field": [picture(("conv2d", {"kernel": 0})), plane(("linear", {"units": "many"}))],
    "bad_recipe": [
        plane(recipe={"phases": {"main": {"optimizer": {"type": "magic"}}}}),
        plane(recipe={"phases": {"main": {"schedule": {"type": "one_cycle", "fields": {"warmup": 3}}}}}),
    ],
    "bounded_head": [line(("linear", {"units": 1}), "sigmoid")],
    "cannot_bypass": [plane({"type": "linear", "fields": {"units": 5}, "ablation": "bypass"})],
    "cannot_mute": [plane({"type": "linear", "ablation": "mute"})],
    "block_too_large": [picture(("hog", {"cell": 8, "block": 8}))],
    "crop_too_large": [picture(("crop", {"size": 40}))],
    "offset_too_large": [picture(("crop", {"size": 8, "place": "offset", "offset": 30}))],
    "cell_too_large": [picture(("hog", {"cell": 40}))],
    "classes": [plane(last=("linear", {"units": 7})),
        board({"d": "points", "fc": ("linear", {"units": 3}), "l": "bce"},
              "d.x > fc", "fc > l.logits", "d.label > l.target"),
    ],
    "cycle": [board({"d": "points", "a": "add", "r": "relu"}, "d.x > a", "a > r", "r > a")],
    "doubtful_rate": [
        plane(recipe={"phases": {"main": {"optimizer": {"fields": {"lr": 5}}}}}),
        plane(recipe={"phases": {"a": {"optimizer": {"type": "sgd", "fields": {"lr": 1e-8}}}}}),
    ],
    "dropped_answer": [plane(("linear", {"units": 2}), last=("dropout", {"rate": 0.3}))],
    "heavy_penalty": [
        plane(recipe={"phases": {"main": {"penalty": {"l1": 1.0}}}}),
        plane(recipe={"phases": {"main": {"penalty": {"l2": 2.0}}}}),
        plane(recipe={"phases": {"main": {"optimizer": {"fields": {"weight_decay": 3.0}}}}}),
    ],
    "long_warm_up": [
        plane(recipe={"phases": {"main": {"schedule": {"type": "warmup", "fields": {"steps": 99_999}}}}}),
    ],
    "squared_classes": [
        board({"d": "points", "fc": ("linear", {"units": 2}), "s": "softmax", "o": "one_hot", "l": "mse"},
              "d.x > fc", "fc > s", "s > l.prediction", "d.label > o", "o > l.target"),
    ],
    "zero_weights": [plane({"type": "linear", "fields": {"units": 4}, "init": {"how": "zeros"}}, "tanh")],
    "dangling": [
        board({"d": "points", "fc": ("linear", {"units": 2}), "r": "relu", "loss": "cross_entropy"},
              "d.x > fc", "fc > loss.logits", "d.label > loss.target", "fc > r"),
    ],
    "data_size": [board({"d": ("shapes", {"size": 256, "samples": 20_000}), "c": "conv2d"}, "d.image > c")],
    "double_softmax": [plane(("linear", {"units": 2}), last="softmax")],
    "empty_range": [plane(("clamp", {"low": 2.0, "high": 1.0}))],
    "empty_slice": [plane(("slice", {"first": 7})), tokens(("position", {"place": 40}))],
    "extra_wire": [board({"d": "points", "r": "relu", "s": "relu"}, "d.x > r", "d.x > s", "s > r")],
    "fading_gradient": [plane(*[part for _ in range(4) for part in (("linear", {"units": 8}), "sigmoid")])],
    "formula": [
        board({"d": "points", "f": ("formula", {"text": text})}, "d.x > f.a") for text in ("a +", "a + b", "a + z")
    ],
    "groups": [picture(("conv2d", {"channels": 6}), ("conv2d", {"channels": 8, "groups": 4}))],
    "heads": [tokens(("attention", {"heads": 4}))],
    "inner_sizes": [
        board({"d": "reversal", "a": ("embedding", {"units": 6}), "m": "matmul"}, "d.tokens > a", "a > m.a", "a > m.b")
    ],
    "inside_over_time": [words(step(d={"type": "points"}))],
    "keeps_all": [plane(("k_sparse", {"k": 2}))],
    "kernel_too_large": [picture(("conv2d", {"kernel": 40})), picture(("max_pool2d", {"kernel": 50}))],
    "kind": [
        picture(("linear", {"units": 3})),
        plane(("conv2d", {"channels": 3})),
        board({"d": "reversal", "fc": "linear"}, "d.tokens > fc"),
        board({"d": "points", "l": "mse", "fc": ("linear", {"units": 2})},
              "d.x > fc", "fc > l.prediction", "d.label > l.target"),
        board({"d": "shapes", "c": "conv2d"}, "d.boxes > c"),
    ],
    "large_kernel": [
        picture(("conv2d", {"channels": 8, "kernel": 5, "padding": 2}), ("conv2d", {"channels": 8, "kernel": 5})),
    ],
    "loose_wire": [board({"d": "points"}, "d.x > gone")],
    "memory": [picture(("conv2d", {"channels": 4096, "padding": "same"}), ("conv2d", {"channels": 4096, "kernel": 9}))],
    "missing_input": [
        board({"d": "points", "fc": "linear"}),
        board({"d": "points", "a": instance()}, blocks=inside(b=PASSING)),
    ],
    "no_data": [board({"fc": ("linear", {"units": 2}), "l": "cross_entropy"}, "fc > l.logits")],
    "no_dropout": [tokens(("lstm", {"dropout": 0.3}))],
    "no_loss": [board({"d": "points", "fc": ("linear", {"units": 2})}, "d.x > fc")],
    "no_phase": [plane(recipe={"phases": {}})],
    "no_validation": [
        plane(recipe={"stopping": {"patience": 3}, "split": {"validation": 0}}),
        plane(recipe={"phases": {"main": {"schedule": {"type": "plateau"}}}, "split": {"validation": 0}}),
    ],
    "no_sequence": [
        words({"h": {"type": "block_input", "fields": {"state": "y", "units": 4}}, "y": {"type": "block_output"}},
              ("h > y",)),
    ],
    "no_slope": [
        plane(("linear", {"units": 2}), "argmax", last="one_hot"),
        plane(("linear", {"units": 2}), ("scale", {"factor": 0.0})),
    ],
    "not_between_0_and_1": [
        board({"d": "points", "fc": ("linear", {"units": 2}), "s": "kl_sparsity"}, "d.x > fc", "fc > s"),
    ],
    "nothing_left": [picture(("conv_transpose2d", {"kernel": 2, "stride": 1, "padding": 30}))],
    "nothing_to_learn": [
        plane({"type": "linear", "fields": {"units": 4}, "trainable": False},
              last={"type": "linear", "fields": {"units": 2}, "trainable": False}),
        plane(last="relu"),
        plane(recipe={"phases": {"main": {"updates": ["data"]}}}),
    ],
    "output_padding": [picture(("conv_transpose2d", {"kernel": 2, "stride": 2, "output_padding": 4}))],
    "one_linear": [
        plane(("linear", {"units": 8}), ("linear", {"units": 4}), "relu"),
        plane(("linear", {"units": 8}), ("linear", {"units": 4, "bias": False}), "tanh"),
        tokens(("linear", {"units": 9}), ("linear", {"units": 7}), "relu"),
    ],
    "outside_block": [board({"x": "block_input", "d": "points"})],
    "over_budget": [plane(recipe={"budget": {"parameters": 3}})],
    "overlapping_windows": [unpooled({"kernel": 3, "stride": 2})],
    "padding_too_large": [picture(("max_pool2d", {"kernel": 2, "padding": 2})),
                          picture(("pad", {"top": 40, "kind": "mirror"})),
                          ],
    "places": [classifier({"c": ("conv2d", {"channels": 10})}, "data.image > c", end="c")],
    "rank_one": [picture(("image_filter", {"filter": "custom", "kernel": "1 2 1; 2 4 2; 1 2 1"}))],
    "recursive_block": [board({"a": instance()}, blocks=inside(b=({"again": instance()}, [])))],
    "same_with_stride": [picture(("conv2d", {"padding": "same", "stride": 2}))],
    "single_place": [picture(("conv2d", {"kernel": 32}), "instance_norm2d")],
    "single_wire": [plane("add")],
    "sizes": [plane(("reshape", {"to": "T 3, D -1"}))],
    "skips_input": [
        picture(("conv2d", {"kernel": 2, "stride": 3})), picture(("max_pool2d", {"kernel": 2, "stride": 4})),
    ],
    "state_differs": [words(step(fc={"type": "linear", "fields": {"units": 9}}))],
    "too_deep": [board({"a": instance("b0")}, blocks=DEEP)],
    "too_few_features": [plane(("k_sparse", {"k": 8}))],
    "too_many_nodes": [
        board({"a": instance(mode="repeat", times=1000)}, blocks=inside(b=({f"n{i}": "relu" for i in range(20)}, []))),
    ],
    "unequal_length": [
        board({"d": "reversal", "e": "embedding", "s": ("slice", {"axis": "T", "end": 5}), "a": "attention"},
              "d.tokens > e", "e > s", "s > a", "d.mask > a.mask"),
    ],
    "unequal_shapes": [
        board({**TWO, "s": "add"},
              "d.x > a", "d.x > b", "a > s", "b > s"),
        board({**TWO, "s": "subtract"},
              "d.x > a", "d.x > b", "a > s.a", "b > s.b"),
        board({**TWO, "s": ("formula", {"text": "a*b"})},
              "d.x > a", "d.x > b", "a > s.a", "b > s.b"),
        line(("linear", {"units": 3})),
    ],
    "unequal_width": [
        board({"d": "reversal", "e": ("embedding", {"units": 8}), "f": ("embedding", {"units": 4}), "a": "attention"},
              "d.tokens > e", "d.tokens > f", "e > a", "f > a.memory"),
    ],
    "uneven_padding": [picture(("conv2d", {"padding": "same", "kernel": 4}))],
    "unpaired": [
        unpooled({"kernel": 2}, "d.image > u.indices"),
        unpooled({"kernel": 2}, "p.indices > u.indices", deeper=("max_pool2d", {"kernel": 2})),
    ],
    "unknown_block": [board({"a": instance("gone"), "d": "points"})],
    "unknown_field": [
        plane(("linear", {"outputs": 3})),
        board({"d": "points", "a": instance(fields={"width": 3})}, "d.x > a.x", blocks=inside(b=PASSING)),
    ],
    "unknown_in_phase": [
        plane(recipe={"phases": {"main": {"losses": ["nothing"]}}}),
        plane(recipe={"phases": {"main": {"updates": ["nothing", "fc"]}}}),
    ],
    "unknown_layer": [board({"a": "teleport", "d": "points"})],
    "unknown_port": [
        board({"d": "points", "fc": "linear"}, "d.picture > fc"),
        board({"d": "points", "fc": "linear"}, "d.x > fc.inlet"),
    ],
    "unknown_state": [words(step(h={"type": "block_input", "fields": {"order": 1, "state": "gone", "units": 6}}))],
    "rows": [board({"d": ("rows", {"table": "1 2; 3 4", "wanted": 2})})],
    "typed": [board({"d": ("constant", {"values": "1 2 3", "shape": "number"})})],
    "unscaled": [rows(data="wine", scaling="none")],
    "weights_differ": [plane(SHARED, SHARED)],
}  # fmt: skip

WITHOUT: dict[str, str] = {}
"""Problems that no edit can help, and why."""
ELSEWHERE = {"varying_length", "tuned_on_test"}
"""Of types that no data source gives so far (below, one is made to), and of what became of a board (``test_guard``)."""


def boards() -> list[Any]:
    return [
        pytest.param(code, document, id=f"{code}-{number}")
        for code, documents in BOARDS.items()
        for number, document in enumerate(documents)
    ]


def test_every_code_of_the_source_has_a_board() -> None:
    assert raised() == BOARDS.keys() | ELSEWHERE


def about(problem: Problem) -> tuple[Any, ...]:
    return problem.code, problem.node, problem.edge, problem.field


def known(inference: Inference, path: str) -> bool:
    facts = inference.nodes.get(path)
    return facts is None or bool(facts.outputs)


@pytest.mark.parametrize(("code", "document"), boards())
def test_a_problem_has_ways_out_that_help(code: str, document: Document) -> None:
    before = infer(document)
    found = [problem for problem in before.problems if problem.code == code]
    assert found, [problem.code for problem in before.problems]
    for problem in found:
        assert bool(problem.fixes) != (code in WITHOUT), problem
        for fix in problem.fixes:
            after = infer(apply(document, fix.edits))
            assert about(problem) not in map(about, after.problems), fix.title
            new = {about(each): each for each in after.problems}
            for old in before.problems:
                new.pop(about(old), None)
            grave = get_args(Severity).index
            assert all(grave(each.severity) >= grave(problem.severity) for each in new.values()), (fix.title, new)
            leaves = [path for path, facts in after.nodes.items() if facts.type != "block" and not known(before, path)]
            revealed = [after.nodes[path] for path in leaves]
            assert fix.adds_parameters == after.parameters - before.parameters - sum(
                facts.parameters for facts in revealed
            ), fix.title
            assert fix.adds_macs is not None
            assert 2 * fix.adds_macs == after.flops - before.flops - sum(facts.flops for facts in revealed), fix.title


def test_lengths_that_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = registry["reversal"]
    really = kind.schema

    def varying(self: Any) -> dict[str, TensorType]:
        return {
            port: replace(type, axes=tuple(replace(axis, varies=True) for axis in type.axes))
            for port, type in really(self).items()
        }

    rules.forget()
    monkeypatch.setattr(kind, "schema", varying)
    try:
        for layer in ("flatten", ("slice", {"axis": "T", "end": 5}), ("reshape", {"to": "D 72"})):
            test_a_problem_has_ways_out_that_help("varying_length", tokens(layer))
    finally:
        rules.forget()


def test_what_is_read_again_raises_the_same() -> None:
    """The boards are documents as they are kept."""
    for documents in BOARDS.values():
        for document in documents:
            assert load(document.dump()) == document
