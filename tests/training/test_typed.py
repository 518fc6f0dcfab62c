"""Graphs worked by hand, on a board: values, gradients and descent of numbers typed in (C-031, C-036, C-040, C-041)."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet import wire
from chalknet.graph import gallery
from chalknet.graph.document import Document, load
from chalknet.graph.infer import infer
from chalknet.training.compile import compile
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from tests.training.frames import Frame, look
from tests.training.test_optimizers import VECTORS


def drawn(nodes: dict[str, Any], *wires: str, epochs: int = 1, **optimizer: Any) -> Document:
    """A board from nodes (a number is a learned one, a text a type) and wires such as ``a > sum`` or ``a > b.target``,
    in this order at a port of several."""
    made: dict[str, Any] = {}
    for id, node in nodes.items():
        if isinstance(node, int | float):
            made[id] = {"type": "learned", "fields": {"values": f"{node}"}}
        else:
            made[id] = {"type": node} if isinstance(node, str) else node
    edges = {}
    for number, text in enumerate(wires):
        (source, _, out), (to, _, into) = (end.partition(".") for end in text.split(" > "))
        edges[f"w{number:02}"] = {
            "from": source, "out": out or "y", "to": to, "in": into or "x", "order": f"{number:02}",
        }  # fmt: skip
    phase = {"optimizer": {"type": "sgd", "fields": {"lr": 0.1, **optimizer}}}
    return load({"nodes": made, "edges": edges, "recipe": {"epochs": epochs, "phases": {"main": phase}}})


def worked(document: Document, *nodes: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values that leave nodes, and the gradients of the loss there, by autograd through the compiled board."""
    planned = plan(document, threads=1)
    compiled = planned.compiled
    (batch,) = planned.batches.epoch(0)
    wanted = [(node, "y") for node in nodes]
    *values, loss = compiled.select([*wanted, (compiled.losses[0], "loss")])(*batch)
    gradients = torch.autograd.grad(loss, values)
    return (
        {node: value[0].tolist() for node, value in zip(nodes, values, strict=True)},
        {node: gradient[0].tolist() for node, gradient in zip(nodes, gradients, strict=True)},
    )


def trained(document: Document) -> tuple[dict[str, Any], dict[str, float]]:
    """The learned numbers after a run, and what it told last."""
    planned = plan(document, threads=1)
    ended = [event for event in loop(planned) if isinstance(event, wire.End)]
    assert ended[-1].state == "finished"
    values = {name: value.detach().tolist() for name, value in planned.compiled.module.named_parameters()}
    return values, ended[-1].metrics


PRODUCT = drawn({"x": 2, "y": 1, "z": 0, "v": "add", "f": "multiply", "low": "minimise"},
                "y > v", "z > v", "x > f", "v > f", "f > low")  # fmt: skip


def test_c_040_the_product_of_a_sum() -> None:
    """C-040: f = x(y + z) at x 2, y 1, z 0: v = 1, f = 2; ∂x 1, ∂v 2, ∂y 2, ∂z 2."""
    values, gradients = worked(PRODUCT, "x", "y", "z", "v", "f")
    assert values == {"x": 2, "y": 1, "z": 0, "v": 1, "f": 2}
    assert gradients == {"x": 1, "y": 2, "z": 2, "v": 2, "f": 1}


@pytest.mark.parametrize(("b", "hidden", "slope"), [(-5.0, 0.0, 0.0), (1.0, 7.0, 1.0)])
def test_c_041_the_maximum_routes_the_gradient(b: float, hidden: float, slope: float) -> None:
    """C-041: max(w·x + b, 0) passes the gradient only where s = w·x + b is above 0: ∂w = x, ∂b = 1 there, else 0."""
    zero = {"type": "constant", "fields": {"values": "0"}}
    board = drawn(
        {"w": 2, "x": 3 if slope else 1, "b": b, "wx": "multiply", "s": "add", "zero": zero, "h": "maximum",
         "low": "minimise"},
        "w > wx", "x > wx", "wx > s", "b > s", "s > h", "zero > h", "h > low",
    )  # fmt: skip
    values, gradients = worked(board, "w", "x", "b", "s", "h")
    x = values["x"]
    assert values["h"] == hidden
    assert gradients == {"w": slope * x, "x": slope * 2, "b": slope, "s": slope, "h": 1}


def test_c_031_a_linear_prediction() -> None:
    """C-031: 5 + 10·3 = 35, and 65 where x is 6."""
    for x, y in ((3, 35), (6, 65)):
        board = drawn({"w": 10, "b": 5, "x": x, "wx": "multiply", "y": "add", "low": "minimise"},
                      "w > wx", "x > wx", "b > y", "wx > y", "y > low")  # fmt: skip
        values, gradients = worked(board, "w", "b", "y")
        assert values["y"] == y and gradients == {"w": x, "b": 1, "y": 1}


def test_c_036_a_quadratic_is_descended() -> None:
    """C-036: 10x² + 3x + 4 has its lowest place at −0.15, where it is 3.775."""
    parabola = {"type": "formula", "fields": {"text": "10*a^2 + 3*a + 4"}}
    board = drawn({"x": 1, "f": parabola, "low": "minimise"}, "x > f.a", "f > low", epochs=200, lr=0.02)
    values, metrics = trained(board)
    assert values["x.value"] == pytest.approx(-0.15, abs=1e-6)
    assert metrics["train.loss"] == pytest.approx(3.775, abs=0.1)


def test_c_038_c_078_a_bowl_of_two_numbers() -> None:
    """C-038, C-078: 2x² + 3y² at (1, 1) is 5 with the gradient [4, 6]; SGD at 0.1 goes to (.6, .4), then (.36, .16)."""
    bowl = {"type": "formula", "fields": {"text": "2*a^2 + 3*b^2"}}
    wires = ("x > f.a", "y > f.b", "f > low")
    values, gradients = worked(drawn({"x": 1, "y": 1, "f": bowl, "low": "minimise"}, *wires), "x", "y", "f")
    assert values["f"] == 5 and (gradients["x"], gradients["y"]) == (4, 6)
    for epochs, x, y in ((1, 0.6, 0.4), (2, 0.36, 0.16)):
        found, _ = trained(drawn({"x": 1, "y": 1, "f": bowl, "low": "minimise"}, *wires, epochs=epochs))
        assert found == pytest.approx({"x.value": x, "y.value": y})


@pytest.mark.parametrize("name", [*VECTORS, "adamw"])
def test_c_078_by_the_products_own_loop(name: str) -> None:
    """C-078, T-001, T-004 to T-009: each optimizer on a board of two learned numbers, after one update and after two.
    AdamW at no decay goes as Adam."""
    form, *expected = VECTORS["adam" if name == "adamw" else name]
    optimizer = {"type": "adamw" if name == "adamw" else form.type,
                 "fields": form.model_dump() | ({"weight_decay": 0} if name == "adamw" else {})}  # fmt: skip
    bowl = {"type": "formula", "fields": {"text": "2*a^2 + 3*b^2"}}
    board = drawn({"x": 1, "y": 1, "f": bowl, "low": "minimise"}, "x > f.a", "y > f.b", "f > low")
    for epochs, place in enumerate(expected, start=1):
        phases = {"main": {"optimizer": optimizer}}
        found, metrics = trained(load({**board.dump(), "recipe": {"epochs": epochs, "phases": phases}}))
        assert [found["x.value"], found["y.value"]] == pytest.approx(place, abs=6e-6)
        assert metrics["rate"] == form.lr


def test_c_042_softmax_and_cross_entropy() -> None:
    """C-042: the gradient of the scores is what the softmax gives, less 1 at the true class."""
    scores = {"type": "learned", "fields": {"values": "3.2 5.1 -1.7"}}
    truth = {"type": "constant", "fields": {"values": "0", "shape": "class", "classes": 3}}
    board = drawn({"z": scores, "t": truth, "loss": "cross_entropy"}, "z > loss.logits", "t > loss.target")
    _, gradients = worked(board, "z")
    p = torch.tensor([3.2, 5.1, -1.7]).softmax(0)
    assert gradients["z"] == pytest.approx([float(p[0]) - 1, float(p[1]), float(p[2])], abs=1e-6)


def test_a_board_of_typed_numbers_has_nothing_unseen() -> None:
    """One sample to learn from, none to validate or test on; every epoch is one step."""
    planned = plan(PRODUCT, threads=1)
    assert planned.batches.per_epoch == 1 and planned.batches.size == 1
    assert all(source.count == 0 for source in (*planned.validation.values(), *planned.test.values()))
    _, metrics = trained(PRODUCT)
    assert metrics["train.loss"] == 2 and not {"validation.loss", "test.loss"} & metrics.keys()


def test_beside_real_data_a_constant_is_the_same_for_every_sample() -> None:
    """y = w·x + b of the noisy line, drawn from single numbers: it learns what Linear learns."""
    parts: dict[str, Any] = {
        "data": {"type": "line", "fields": {"noise": 0.0, "samples": 64}},
        "x": {"type": "reduce", "fields": {"how": "sum"}},
        "t": {"type": "reduce", "fields": {"how": "sum"}},
        "w": 0,
        "b": 0,
        "wx": "multiply",
        "y": "add",
        "two": {"type": "constant", "fields": {"values": "2"}},
        "doubled": "multiply",
        "loss": "mse",
    }
    board = drawn(
        parts, "data.x > x", "data.y > t", "w > wx", "x > wx", "wx > y", "b > y", "y > doubled", "two > doubled",
        "doubled > loss.prediction", "t > loss.target", epochs=60, lr=0.05,
    )  # fmt: skip
    board = board.model_copy(update={"recipe": board.recipe.model_copy(update={"batch": 10})})
    assert not infer(board).problems
    values, metrics = trained(board)
    assert values == pytest.approx({"w.value": 0.75, "b.value": -0.25}, abs=1e-3)
    assert metrics.keys() >= {"validation.loss", "test.loss"} and metrics["test.loss"] < 1e-5


def test_a_frozen_or_shared_number() -> None:
    """Frozen it does not move; two nodes that share their weights are one number."""
    frozen = {"type": "learned", "fields": {"values": "3"}, "trainable": False}
    values, _ = trained(drawn({"a": frozen, "b": 2, "f": "multiply", "low": "minimise"}, "a > f", "b > f", "f > low"))
    assert values == pytest.approx({"a.value": 3, "b.value": 1.7})
    one = {"type": "learned", "fields": {"values": "3"}, "weights": "w"}
    shared = drawn({"a": one, "b": one, "f": "multiply", "low": "minimise"}, "a > f", "b > f", "f > low")
    assert infer(shared).parameters == 1
    values, _ = trained(shared)
    assert values == pytest.approx({"a.value": 3 - 0.1 * 6})


def test_a_number_in_a_block() -> None:
    """A block may hold its own numbers; repeated with fresh weights, each copy has its own."""
    block = {
        "nodes": {
            "x": {"type": "block_input"}, "y": {"type": "block_output"}, "f": {"type": "multiply"},
            "w": {"type": "learned", "fields": {"values": "3"}},
        },
        "edges": {"1": {"from": "x", "to": "f"}, "2": {"from": "w", "to": "f"}, "3": {"from": "f", "to": "y"}},
    }  # fmt: skip
    body = {"type": "block", "block": "gain", "mode": "repeat", "times": 2}
    plain = drawn({"a": 2, "body": body, "low": "minimise"}, "a > body.x", "body.y > low")
    board = load({**plain.dump(), "blocks": {"gain": block}})
    assert not infer(board).problems and infer(board).parameters == 3
    planned = plan(board, threads=1)
    (batch,) = planned.batches.epoch(0)
    (loss,) = planned.compiled.module(*batch)
    assert loss.item() == 18
    found = torch.autograd.grad(loss, list(planned.compiled.parameters().values()))
    assert sorted(each.item() for each in found) == [6, 6, 9]


def test_the_first_numbers_do_not_depend_on_the_seed() -> None:
    one, other = (compile(PRODUCT, seed=seed).module.state_dict() for seed in (0, 1))
    assert {name: float(value) for name, value in one.items()} == {name: float(value) for name, value in other.items()}


def looked(document: Document, *nodes: str, sample: int = 0) -> dict[str, Frame]:
    wanted = [{"view": "numbers", "node": node, "samples": [sample]} for node in nodes]
    _, frames = look(document, *wanted)
    return {frame.header.node: frame for frame in frames}


def test_c_040_c_041_numbers_are_seen_forward_and_backward() -> None:
    """C-040, V-005: what leaves every node, constants among them, and the gradient of the loss there."""
    nodes = {**{id: node.model_dump() for id, node in PRODUCT.nodes.items()},
             "y": {"type": "constant", "fields": {"values": "1"}}}  # fmt: skip
    board = load({**PRODUCT.dump(), "nodes": nodes})
    facts = infer(board).nodes
    assert all(facts[id].views[0] == "numbers" for id in ("x", "y", "v", "f", "low"))
    seen = looked(board, "x", "y", "z", "v", "f", "low", sample=3)
    values = {node: frame.arrays["values"].tolist() for node, frame in seen.items()}
    assert values == {"x": [2], "y": [1], "z": [0], "v": [1], "f": [2], "low": [2]}
    slopes = {node: frame.arrays["gradients"].tolist() for node, frame in seen.items()}
    assert slopes == {"x": [1], "y": [2], "z": [2], "v": [2], "f": [1], "low": [1]}
    assert {frame.header.samples[0] for frame in seen.values()} == {0}


def test_numbers_of_a_table_and_of_what_has_no_slope() -> None:
    table = {"type": "learned", "fields": {"values": "1 2; 3 4"}}
    board = drawn(
        {"w": table, "sum": {"type": "reduce", "fields": {"how": "sum", "axis": "T D"}}, "low": "minimise",
         "c": {"type": "constant", "fields": {"values": "5"}}, "idle": {"type": "exp"}},
        "w > sum", "sum > low", "c > idle",
    )  # fmt: skip
    seen = looked(board, "w", "idle")
    assert seen["w"].arrays["values"].tolist() == [1, 2, 3, 4] and seen["w"].about == {"sizes": [2, 2]}
    assert seen["w"].arrays["gradients"].tolist() == [1] * 4
    assert seen["idle"].arrays["values"].tolist() == pytest.approx([148.4132], rel=1e-5)
    assert "gradients" not in seen["idle"].arrays, "no loss hears of it"


def test_numbers_of_one_sample_among_many() -> None:
    """Beside real data the view is of one sample alone: its own values, and the gradient of its own loss."""
    board = drawn(
        {"data": {"type": "line", "fields": {"samples": 40}}, "fc": {"type": "linear", "fields": {"units": 1}},
         "one": {"type": "reduce", "fields": {"how": "sum"}}, "square": "power", "low": "minimise"},
        "data.x > fc", "fc > one", "one > square", "square > low",
    )  # fmt: skip
    facts = infer(board).nodes
    assert facts["one"].views == ["numbers"] and "numbers" not in facts["fc"].views
    seen = looked(board, "one", "square", sample=4)
    (y,) = seen["one"].arrays["values"].tolist()
    assert seen["square"].arrays["values"].tolist() == pytest.approx([y * y])
    assert seen["one"].arrays["gradients"].tolist() == pytest.approx([2 * y])
    assert looked(board, "one", sample=1)["one"].arrays["values"].tolist() != [y]


def test_the_plane_is_drawn_beside_numbers_typed_in() -> None:
    """A point of the plane meets the same numbers as a sample does."""
    body: dict[str, Any] = {
        "points": {"type": "points", "fields": {"samples": 40}}, "fc": {"type": "linear", "fields": {"units": 2}},
        "gain": {"type": "learned", "fields": {"values": "3"}}, "more": "multiply", "loss": "cross_entropy",
    }  # fmt: skip
    board = drawn(body, "points.x > fc", "fc > more", "gain > more", "more > loss.logits",
                  "points.label > loss.target")  # fmt: skip
    _, frames = look(board, {"view": "plane", "node": "more", "size": 8})
    assert frames[0].arrays["units"].shape == (2, 8, 8)


def test_c_040_the_gallery_s_graph_and_its_first_step() -> None:
    """C-040: the board has the notes' numbers, and one step takes it where its lesson says."""
    board = gallery.boards()["computation-graph"]
    seen = looked(board, "x", "y", "z", "v", "f")
    assert [frame.arrays["values"].item() for frame in seen.values()] == [2, 1, 0, 1, 2]
    assert [frame.arrays["gradients"].item() for frame in seen.values()] == [1, 2, 2, 2, 1]
    step = board.model_copy(update={"recipe": board.recipe.model_copy(update={"epochs": 1})})
    values, _ = trained(step)
    assert values == pytest.approx({"x.value": 1.9, "y.value": 0.8, "z.value": -0.2})


def test_the_gallery_s_logistic_step() -> None:
    """V-005: the slope that comes back to the sum is a − t; a step at a rate of 1 goes to w (0.5, 1) and b 0.5."""
    board = gallery.boards()["logistic-step"]
    seen = looked(board, "w", "b", "z", "a", "loss")
    values = {node: frame.arrays["values"].tolist() for node, frame in seen.items()}
    slopes = {node: frame.arrays["gradients"].tolist() for node, frame in seen.items()}
    assert (values["a"], values["loss"]) == ([0.5], pytest.approx([0.6931472]))
    assert slopes["z"] == slopes["b"] == pytest.approx([-0.5]) and slopes["w"] == pytest.approx([-0.5, -1])
    step = board.model_copy(update={"recipe": board.recipe.model_copy(update={"epochs": 1})})
    found, _ = trained(step)
    assert found["w.value"] == pytest.approx([0.5, 1]) and found["b.value"] == pytest.approx(0.5)
