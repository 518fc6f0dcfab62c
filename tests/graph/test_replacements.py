"""L-084: a large kernel is replaced by small ones in one click, with its cost before and after."""

from __future__ import annotations

import math
import random

import pytest
import torch

from chalknet import wire
from chalknet.graph import gallery
from chalknet.graph.document import load
from chalknet.graph.fixes import apply
from chalknet.graph.infer import infer
from chalknet.layers.base import Fault, Inputs, Layer, Replace, Warn, image, registry
from chalknet.training.loop import loop
from chalknet.training.plan import plan


def convolution(**fields):
    return registry["conv2d"].model_validate(fields)


def idea(layer: Layer, x, code="large_kernel") -> Warn | None:
    inputs = Inputs({"x": [x]})
    layer.infer(inputs)
    return next((warn for warn in layer.check(inputs) if warn.code == code), None)


def cost(layers, x):
    """Output type, parameters, multiply-adds and receptive field of layers in a row."""
    parameters = macs = 0
    reach, step = 1, 1
    for layer in layers:
        inputs = Inputs({"x": [x]})
        outputs = layer.infer(inputs)
        parameters += sum(math.prod(shape) for shape in layer.parameters(inputs).values())
        macs += layer.macs(inputs, outputs)
        window = layer.window(inputs)
        reach, step = reach + (window.kernel[0] - 1) * step, step * window.stride[0]
        x = outputs["y"]
    return x, parameters, macs, reach


def chain(remedy):
    return [registry[type].model_validate(dict(fields)) for type, fields in remedy.chain]


def test_every_chain_leaves_the_same_shape_for_less():
    """C-024: whatever the stride, padding and channels, it is offered only where it saves both, as its message says."""
    rng = random.Random(0)
    offered = 0
    for _ in range(3000):
        fields = {
            "channels": rng.choice([1, 2, 8, 32]),
            "kernel": rng.choice([5, 7, [5, 5], [5, 7], 3, 9]),
            "stride": rng.choice([1, 1, 2, [1, 2]]),
            "padding": rng.choice(["same", 0, 1, 2, 3, 4, 6, [2, 0], [3, 6]]),
            "dilation": rng.choice([1, 1, 1, 2]),
            "groups": rng.choice([1, 1, 1, 2]),
            "bias": rng.random() < 0.5,
            "flip": rng.random() < 0.2,
        }
        layer, x = convolution(**fields), image(rng.choice([2, 16, 64]), rng.randint(1, 40), rng.randint(1, 40))
        try:
            warn = idea(layer, x)
        except Fault:
            continue
        if warn is None:
            continue
        offered += 1
        assert warn.severity == "info" and layer.groups == 1 and layer.dilation == 1
        shape, parameters, macs, reach = cost([layer], x)
        for remedy in warn.remedies:
            assert isinstance(remedy, Replace)
            after = chain(remedy)
            small, fewer, less, same_reach = cost(after, x)
            assert small == shape and same_reach == reach, (fields, x)
            assert fewer < parameters and less < macs, (fields, x)
            for number in (parameters, macs, fewer, less):
                assert f"{number:,}" in warn.message
            kernels = [each for each in after if each.type == "conv2d"]
            assert {(k.channels, k.bias, k.flip) for k in kernels} == {(layer.channels, layer.bias, layer.flip)}
            assert [k.stride for k in kernels] == [1] * (len(kernels) - 1) + [layer.stride]
        bent, plain = (chain(remedy) for remedy in warn.remedies)
        assert [each for each in bent if each.type != "relu"] == plain and bent[1].type == "relu"
    assert offered > 100


@pytest.mark.parametrize(("kernel", "old", "new"), [(5, 25, 18), (7, 49, 27)])
def test_c_024_weights(kernel, old, new):
    """C-024: with C channels kept, two 3×3 have 18·C² weights, not 25·C²; three 27·C², not 49·C²."""
    layer, x = convolution(channels=16, kernel=kernel, padding="same", bias=False), image(16, 20, 20)
    warn = idea(layer, x)
    assert warn is not None and f"same {kernel}×{kernel} " in warn.message
    assert cost([layer], x)[1] == old * 16**2
    assert cost(chain(warn.remedies[0]), x)[1:] == (new * 16**2, new * 16**2 * 400, kernel)


@pytest.mark.parametrize(
    ("fields", "channels"),
    [
        ({"channels": 16, "kernel": 5}, 6),  # LeNet's second
        ({"channels": 192, "kernel": 5, "padding": 2}, 64),  # AlexNet's second
        ({"channels": 64, "kernel": 7, "stride": 2, "padding": 3}, 3),  # ResNet's first
        ({"channels": 16, "kernel": 5, "padding": 1}, 16),  # its padding cannot be shared
        ({"channels": 16, "kernel": 5, "stride": 2, "padding": 2}, 16),  # the first 3×3 is at full size: more to do
    ],
)
def test_where_nothing_is_saved_nothing_is_said(fields, channels):
    assert idea(convolution(**fields), image(channels, 28, 28)) is None


@pytest.mark.parametrize("name", sorted(gallery.boards()))
def test_boards_of_the_gallery_stay_as_their_papers_have_them(name):
    """An idea is no complaint, but a board that is a reference should have none about its kernels."""
    assert not [p for p in infer(gallery.boards()[name]).problems if p.code == "large_kernel"]


# --- one click -----


def large(classifier, kernel=5, **more):
    return classifier(
        {
            "a": ("conv2d", {"channels": 8, "kernel": 3, "padding": 1}),
            "c": {"type": "conv2d", "name": "Seer", "fields": {"channels": 8, "kernel": kernel, "padding": "same"}}
            | more.pop("node", {}),
            "p": "global_avg_pool",
            "fc": ("linear", {"units": 10}),
        },
        *("data.image > a", "a > c", "c > p", "p > fc"),
        end="fc",
        drawing={"positions": {"a": {"x": 0, "y": 0}, "c": {"x": 400, "y": 40}}},
        **more,
    )


@pytest.mark.parametrize(("kernel", "many"), [(5, 2), (7, 3)])
@pytest.mark.parametrize("way", [0, 1])
def test_one_click(classifier, only, kernel, many, way):
    """L-084: the node stays, with its name and what hangs on it; the board compiles, and its network takes a step."""
    document = large(classifier, kernel)
    before = infer(document)
    problem = only(before, "large_kernel")
    assert problem.severity == "info" and problem.field == "kernel"
    fix = problem.fixes[way]
    after = apply(document, fix.edits)
    found = infer(after)
    assert found.problems == []
    weights, small = kernel**2 * 64, many * 9 * 64
    assert fix.adds_parameters == small - weights + (many - 1) * 8 == found.parameters - before.parameters
    assert fix.adds_macs == (small - weights) * 32**2 == found.macs - before.macs
    assert after.nodes["c"].name == "Seer" and dict(after.edges["w2"]) == dict(document.edges["w2"])
    assert found.nodes["c"].outputs == before.nodes["c"].outputs
    new = [id for id in after.nodes if id not in document.nodes]
    assert [after.nodes[id].type for id in new] == (
        ["conv2d", "relu"] * (many - 1) if way == 0 else ["conv2d"] * (many - 1)
    )
    places = [after.drawing.positions[id].x for id in new]
    assert places == sorted(set(places)) and places[0] > 0 and places[-1] < 400
    small_document = after.model_copy(update={"recipe": load({"recipe": {"batch": 8}}).recipe})
    planned = plan(small_document, epochs=1, threads=1, device="cpu")
    start = {path: values.clone() for path, values in planned.compiled.parameters().items()}
    running = loop(planned)
    losses: list[float] = []
    for event in running:
        if isinstance(event, wire.Metrics):
            losses += [point.values["train.loss"] for point in event.points if "train.loss" in point.values]
        if losses:
            break
    running.close()
    assert losses and all(math.isfinite(loss) for loss in losses)
    assert not [path for path, values in planned.compiled.parameters().items() if torch.equal(values, start[path])]


def test_what_is_frozen_stays_frozen(classifier, only):
    document = large(classifier, node={"trainable": False})
    fix = only(infer(document), "large_kernel").fixes[0]
    after = apply(document, fix.edits)
    assert not after.nodes["conv2d"].trainable and not after.nodes["c"].trainable


def test_a_phase_that_updates_the_layer_updates_what_comes_beside_it(classifier, only):
    recipe = {"phases": {"main": {"updates": ["c", "fc"]}}}
    document = large(classifier, recipe=recipe)
    after = apply(document, only(infer(document), "large_kernel").fixes[0].edits)
    assert after.recipe.phases["main"].updates == ["c", "conv2d", "relu", "fc"]


def test_shared_weights_are_left_alone(classifier, only):
    document = large(classifier, node={"weights": "w"})
    assert only(infer(document), "large_kernel").fixes == []


def test_in_a_block(classifier, level, only):
    """Once for all its copies; not where an instance sets a field of it."""
    block = {
        "title": "Seer",
        **level(
            {"x": "block_input", "c": ("conv2d", {"channels": 4, "kernel": 5, "padding": 2}), "y": "block_output"},
            ["x > c", "c > y"],
        ),
    }
    nodes = {
        "a": ("conv2d", {"channels": 4, "padding": 1}),
        "b": {"type": "block", "block": "b", "mode": "repeat", "times": 2},
        "p": "global_avg_pool",
        "fc": ("linear", {"units": 10}),
    }
    wires = ("data.image > a", "a > b", "b > p", "p > fc")
    document = classifier(nodes, *wires, end="fc", blocks={"b": block})
    fix = only(infer(document), "large_kernel").fixes[0]
    assert fix.adds_parameters == 2 * (2 * (9 * 16 + 4) - (25 * 16 + 4))
    assert infer(apply(document, fix.edits)).problems == []
    exposing = {**block, "exposed": {"width": {"node": "c", "field": "channels"}}}
    document = classifier(nodes, *wires, end="fc", blocks={"b": exposing})
    assert only(infer(document), "large_kernel").fixes == []


# --- a fixed kernel of rank 1 -----


@pytest.mark.parametrize(
    "kernel", ["-1 0 1; -2 0 2; -1 0 1", "1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9", "0 0 0 0; 1 2 3 4; 0.5 1 1.5 2"]
)
def test_a_kernel_of_rank_one_is_a_column_and_a_row(classifier, only, kernel):
    """L-020: exactly, with the border repeated outwards, and with an even side."""
    document = classifier(
        {
            "f": ("image_filter", {"filter": "custom", "kernel": kernel}),
            "p": "flatten",
            "fc": ("linear", {"units": 10}),
        },
        *("data.image > f", "f > p", "p > fc"),
        end="fc",
    )
    before = infer(document)
    problem = only(before, "rank_one")
    assert problem.severity == "info"
    (fix,) = problem.fixes
    after = apply(document, fix.edits)
    found = infer(after)
    assert found.problems == [] and found.macs - before.macs == fix.adds_macs < 0 == fix.adds_parameters
    inputs = Inputs({"x": [image(2, 9, 11)]})
    x = torch.randn(3, 2, 9, 11)
    whole, *thin = (
        registry["image_filter"].model_validate(dict(board.nodes[id].fields)).build(inputs)
        for board, id in ((document, "f"), (after, "image_filter"), (after, "f"))
    )
    torch.testing.assert_close(thin[1](thin[0](x)), whole(x), rtol=1e-5, atol=1e-5)


def test_a_kernel_that_two_thin_ones_do_not_make_cheaper_is_left():
    layer = registry["image_filter"].model_validate({"filter": "custom", "kernel": "1 2; 2 4"})
    assert idea(layer, image(1, 8, 8), "rank_one") is None


def test_a_factor_beyond_what_a_kernel_may_hold_is_told_but_not_offered():
    layer = registry["image_filter"].model_validate(
        {"filter": "custom", "kernel": "1 2 3; 1/3000001 2/3000001 3/3000001"}
    )
    warn = idea(layer, image(1, 8, 8), "rank_one")
    assert warn is not None and warn.remedies == ()
