"""The boards of published architectures: their totals, and training at a small size by changing the data node alone."""

from __future__ import annotations

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chalknet import wire
from chalknet.graph import gallery
from chalknet.graph.document import Document
from chalknet.graph.facts import Inference
from chalknet.graph.infer import infer
from chalknet.training.compile import compile
from chalknet.training.loop import loop
from chalknet.training.plan import plan

TOTALS: dict[str, tuple[int, int | None]] = {
    "lenet-5": (61_706, None),
    "lenet-relu": (431_080, None),
    "alexnet": (61_100_840, 714_188_480),
    "alexnet-2012": (60_965_224, None),
    "vgg-16": (138_357_544, 15_470_264_320),
    "vgg-19": (143_667_240, 19_632_062_464),
    "googlenet": (6_998_552, None),
    "resnet-18": (11_689_512, None),
    "resnet-34": (21_797_672, None),
    "resnet-50": (25_557_032, None),
    "resnet-101": (44_549_160, None),
    "resnet-152": (60_192_808, None),
    "resnext-50-32x4d": (25_028_904, None),
    "densenet-121": (7_978_856, None),
    "mobilenet-v1": (4_231_976, None),
}
"""Parameters, and multiply-adds of convolutions and linear layers, as published (A-010…A-018)."""
BILLIONS = {
    "googlenet": "1.583",
    "resnext-50-32x4d": "4.230",
    "resnet-18": "1.814",
    "resnet-34": "3.664",
    "resnet-50": "4.089",
    "resnet-101": "7.801",
    "resnet-152": "11.514",
    "mobilenet-v1": "0.569",
}
"""Multiply-adds in 10⁹ (C-019…C-022)."""
NAMES = [name for name, board in gallery.boards().items() if board.about.section in ("cnn", "depth")]
FIXED = {"alexnet-2012": "pool5"}
"""Boards that a picture may be too small for, and the layer that says so (R-005)."""


def sized(document: Document, size: int) -> Document:
    """The board with pictures of another size: nothing else is changed."""
    data = document.nodes["data"]
    changed = data.model_copy(update={"fields": {**data.fields, "size": size}})
    return document.model_copy(update={"nodes": {**document.nodes, "data": changed}})


@pytest.mark.parametrize("name", list(TOTALS))
def test_totals(name: str) -> None:
    """A-010…A-014, A-016…A-018, C-018…C-022."""
    board = gallery.boards()[name]
    facts = infer(board)
    parameters, macs = TOTALS[name]
    assert facts.parameters == parameters == board.about.declared["parameters"]
    assert macs in (None, facts.macs)
    if name in BILLIONS:
        assert f"{facts.macs / 1e9:.3f}" == BILLIONS[name]


@pytest.mark.parametrize("name", list(gallery.boards()))
def test_torch_counts_the_same_multiply_adds(name: str) -> None:
    """Those of the whole compiled module, run on the meta device."""
    board = gallery.boards()[name]
    with torch.device("meta"):
        compiled = compile(board)
        compiled.module.eval()
        batch = []
        for path, port in compiled.inputs:
            type = compiled.flat.types[path][port]
            dtype = {"float": torch.float32, "boxes": torch.float32, "index": torch.int64, "bool": torch.bool}
            batch.append(torch.zeros((1, *type.shape), dtype=dtype[type.element]))
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            compiled.module(*batch)
    assert counter.get_total_flops() == 2 * infer(board).macs


def by(facts: Inference, *types: str) -> tuple[int, int]:
    """Parameters and multiply-adds of the layers of these types."""
    chosen = [node for node in facts.nodes.values() if node.type in types]
    return sum(node.parameters for node in chosen), sum(node.macs for node in chosen)


@pytest.mark.parametrize("name", NAMES)
def test_multiply_adds_are_those_of_convolutions_and_linear_layers(name: str) -> None:
    facts = infer(gallery.boards()[name])
    assert facts.macs == by(facts, "conv2d", "linear")[1]


@pytest.mark.parametrize("name", list(gallery.boards()))
def test_a_board_shows_at_most_60_nodes(name: str) -> None:
    board = gallery.boards()[name]
    assert all(len(part.nodes) <= 60 for part in (board, *board.blocks.values()))


def test_where_alexnet_s_cost_sits() -> None:
    """C-016, C-017: full layers hold the parameters, convolutions do the work, conv1 has the largest map."""
    facts = infer(gallery.boards()["alexnet"])
    rows = {
        "conv1": ("float[C 64, H 55, W 55]", 23_296, 70_276_800),
        "conv2": ("float[C 192, H 27, W 27]", 307_392, 223_948_800),
        "conv3": ("float[C 384, H 13, W 13]", 663_936, 112_140_288),
        "conv4": ("float[C 256, H 13, W 13]", 884_992, 149_520_384),
        "conv5": ("float[C 256, H 13, W 13]", 590_080, 99_680_256),
        "fc6": ("float[D 4096]", 37_752_832, 37_748_736),
        "fc7": ("float[D 4096]", 16_781_312, 16_777_216),
        "fc8": ("float[D 1000]", 4_097_000, 4_096_000),
    }
    found = {
        name: (facts.nodes[name].outputs["y"], facts.nodes[name].parameters, facts.nodes[name].macs) for name in rows
    }
    assert found == rows
    assert f"{by(facts, 'linear')[0] / facts.parameters:.2%}" == "95.96%"
    assert f"{by(facts, 'conv2d')[1] / facts.macs:.1%}" == "91.8%"
    layers = {path: node.activation_bytes for path, node in facts.nodes.items() if node.type != "pictures"}
    assert max(layers, key=lambda path: layers[path]) in ("conv1", "relu1")
    assert layers["conv1"] == 4 * 64 * 55 * 55


def test_inception_3a() -> None:
    """C-026: 163,696 parameters and 128,049,152 multiply-adds; its 5×5 goes through 16 channels."""
    facts = infer(gallery.boards()["googlenet"])
    module = facts.nodes["inception3a"]
    assert (module.parameters, module.macs) == (163_696, 128_049_152)
    assert module.outputs["y"] == "float[C 256, H 28, W 28]"
    through = facts.nodes["inception3a/b3_reduce"].macs + facts.nodes["inception3a/b3"].macs
    assert through == 12_443_648
    board = gallery.boards()["googlenet"]
    inception = board.blocks["inception"]
    edges = {id: edge for id, edge in inception.edges.items() if edge.to != "b3"}
    edges["straight"] = inception.edges[next(iter(edges))].model_copy(update={"source": "x", "to": "b3", "into": "x"})
    changed = inception.model_copy(update={"edges": edges})
    wide = board.model_copy(update={"blocks": {**board.blocks, "inception": changed}})
    assert infer(wide).nodes["inception3a/b3"].macs == 120_422_400


def test_vgg_s_doubling() -> None:
    """C-023…C-025: three 3×3 see 7×7; from stage to stage memory halves, parameters grow fourfold, work stays."""
    facts = infer(gallery.boards()["vgg-16"])
    first = facts.nodes["conv3_1"].receptive_field
    third = facts.nodes["conv3_3"].receptive_field
    before = facts.nodes["pool2"].receptive_field
    assert first and third and before
    assert (third.size[0] - before.size[0]) / before.stride[0] + 1 == 7
    (a, b, c) = (facts.nodes[f"{conv}/conv"] for conv in ("conv2_2", "conv3_2", "conv4_2"))
    assert a.macs == b.macs == c.macs == 1_849_688_064
    assert a.activation_bytes == 2 * b.activation_bytes == 4 * c.activation_bytes
    weights = [node.parameters - channels for node, channels in ((a, 128), (b, 256), (c, 512))]
    assert weights[1] == 4 * weights[0] and weights[2] == 4 * weights[1]


DEPTH = [name for name in NAMES if gallery.boards()[name].about.section == "depth"]


@pytest.mark.parametrize("name", DEPTH)
def test_layers_are_as_many_as_the_name_says(name: str) -> None:
    facts = infer(gallery.boards()[name])
    weighty = [path for path, node in facts.nodes.items() if node.type in ("conv2d", "linear")]
    assert len([path for path in weighty if "projection" not in path]) == int(name.rpartition("-")[2])


@pytest.mark.parametrize("name", ["resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152", "densenet-121"])
def test_published_depth(name: str) -> None:
    facts = infer(gallery.boards()[name])
    weighty = [path for path, node in facts.nodes.items() if node.type in ("conv2d", "linear")]
    assert len([path for path in weighty if "projection" not in path]) == int(name.rpartition("-")[2])


@pytest.mark.parametrize("name", NAMES)
def test_any_size_fits_or_the_layer_that_fixes_it_is_named(name: str) -> None:
    """R-005: with global or adaptive pooling any size of 64 or more is taken; else a layer says why not."""
    board = gallery.boards()[name]
    problems = infer(sized(board, 64)).problems
    assert [problem.node for problem in problems] == ([FIXED[name]] if name in FIXED else [])
    if name in FIXED:
        assert "larger than its" in problems[0].message and problems[0].fixes


@pytest.mark.parametrize("name", ["vgg-16", "vgg-19"])
def test_a_first_full_layer_is_another_at_another_size(name: str) -> None:
    """R-005: fc6 alone changes, and with it weights that were learned at the published size do not fit."""
    board = gallery.boards()[name]
    whole, small = infer(board), infer(sized(board, 32))
    changed = [path for path, node in whole.nodes.items() if node.parameters != small.nodes[path].parameters]
    assert changed == ["fc6"]
    assert small.nodes["fc6"].parameters == 4096 * 513


def test_parameters_of_an_mlp_and_a_cnn_on_one_picture() -> None:
    """R-010: a full layer grows with the picture, a convolution does not."""
    boards = gallery.boards()
    mlp, cnn = boards["mlp"], boards["lenet-relu"]
    assert mlp.nodes["data"].fields == cnn.nodes["data"].fields == {"size": 28}
    for board, layer, small, large in ((mlp, "hidden1", 100_480, 401_536), (cnn, "conv1", 520, 520)):
        assert infer(board).nodes[layer].parameters == small
        assert infer(sized(board, 56)).nodes[layer].parameters == large


STEPS = {"alexnet-2012": 67}
"""Sizes of pictures to take a step at, where 32 is too small."""


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_a_step_at_a_small_size(name: str) -> None:
    """With its classes, by changing the data node alone."""
    size = STEPS.get(name, 64 if name == "alexnet" else 32)
    board = sized(gallery.boards()[name], size)
    data = board.nodes["data"]
    few = data.model_copy(update={"fields": {**data.fields, "samples": 20}})
    recipe = board.recipe.model_copy(update={"batch": 2})
    board = board.model_copy(update={"nodes": {**board.nodes, "data": few}, "recipe": recipe})
    planned = plan(board, epochs=1, threads=1, device="cpu")
    before = {path: values.clone() for path, values in planned.compiled.parameters().items()}
    losses: list[float] = []
    running = loop(planned)
    for event in running:
        if isinstance(event, wire.Metrics):
            losses += [point.values["train.loss"] for point in event.points if "train.loss" in point.values]
        if losses:
            break
    running.close()
    assert losses and all(math.isfinite(loss) for loss in losses)
    unmoved = [p for p, values in planned.compiled.parameters().items() if torch.equal(values, before[p])]
    assert not unmoved, "some parameters learn nothing"
