"""Library blocks."""

from __future__ import annotations

import pytest

from chalknet.graph.document import Document, Edge, Node
from chalknet.graph.edits import apply
from chalknet.graph.infer import infer
from chalknet.graph.templates import TEMPLATES


def sequence(template, wide, **fields):
    """A board whose tokens, ``wide`` numbers each, run through a library block."""
    nodes = {
        "data": Node(type="reversal"),
        "embed": Node(type="embedding", fields={"units": wide}),
        "block": template.instance.model_copy(update={"fields": fields}),
        "head": Node(type="linear", fields={"units": 11}),
        "loss": Node(type="cross_entropy"),
    }
    edges = {
        "a": Edge(source="data", out="tokens", to="embed"),
        "b": Edge(source="embed", to="block"),
        "c": Edge(source="block", to="head"),
        "d": Edge(source="head", to="loss", into="logits"),
        "e": Edge(source="data", out="target", to="loss", into="target"),
    }
    if "memory" in template.block.nodes:
        edges["f"] = Edge(source="embed", to="block", into="memory")
    return Document(nodes=nodes, edges=edges, blocks={template.instance.block: template.block})


def masked(document):
    wire = Edge(source="data", out="mask", to="block", into="mask")
    return document.model_copy(update={"edges": {**document.edges, "mask": wire}})


by_type = {template.type: template for template in TEMPLATES}
transformers = [template for template in TEMPLATES if "heads" in template.block.exposed]


@pytest.mark.parametrize("template", transformers, ids=lambda template: template.type)
def test_transformer_layers_take_a_sequence_with_and_without_a_mask(template):
    """L-059, L-060."""
    document = sequence(template, 64)
    assert infer(document).problems == []
    found = infer(masked(document))
    assert found.problems == []
    assert found.nodes["block"].outputs["y"].endswith("D 64]")


@pytest.mark.parametrize("name", ["encoder_layer", "encoder_layer_pre_norm"])
def test_the_encoder_layer_of_the_notes(name):
    """C-030, L-059: d 512, inner 2048: attention 1,050,624, feed-forward 2,099,712, norms 2,048; 3,152,384 in all."""
    found = infer(sequence(by_type[name], 512, width=512, inner=2048, heads=8))
    assert found.problems == []
    assert found.nodes["block"].parameters == 3_152_384
    assert found.nodes["block/attention"].parameters == 1_050_624
    assert found.nodes["block/inner"].parameters + found.nodes["block/outer"].parameters == 2_099_712
    assert found.nodes["block/norm1"].parameters + found.nodes["block/norm2"].parameters == 2_048


@pytest.mark.parametrize("name", ["decoder_layer", "decoder_layer_pre_norm"])
def test_the_decoder_layer_has_masked_self_attention_too(name):
    """L-060 (the notes leave it out, 4:737)."""
    found = infer(sequence(by_type[name], 512, width=512, inner=2048, heads=8))
    assert found.problems == []
    assert found.nodes["block"].parameters == 2 * 1_050_624 + 2_099_712 + 3 * 1_024
    assert by_type[name].block.nodes["self_attention"].fields["causal"] is True


def test_one_dropout_rate_sets_all_of_them():
    from chalknet.graph.expand import expand

    flat = expand(sequence(by_type["decoder_layer"], 64, dropout=0.3))
    rates = {node.layer.rate for path, node in flat.nodes.items() if "dropout" in path}
    assert rates == {0.3}


def test_a_width_that_does_not_fit_offers_to_set_it():
    document = sequence(by_type["encoder_layer"], 48)
    (problem,) = infer(document).problems
    fix = next(
        fix
        for fix in problem.fixes
        if fix.edits[0].path == ["blocks", "encoder_layer", "nodes", "outer", "fields", "units"]
    )
    assert fix.edits[0].value == 48
    assert infer(apply(document, fix.edits)).problems == []


@pytest.mark.parametrize("stride", [1, 2])
def test_residual_block(stride):
    """L-040."""
    template = by_type["residual"]
    document = Document(
        nodes={
            "data": Node(type="digits"),
            "block": template.instance.model_copy(update={"fields": {"channels": 8, "stride": stride}}),
            "pool": Node(type="global_avg_pool"),
            "fc": Node(type="linear", fields={"units": 10}),
            "loss": Node(type="cross_entropy"),
        },
        edges={
            "a": Edge(source="data", out="image", to="block"),
            "b": Edge(source="block", to="pool"),
            "c": Edge(source="pool", to="fc"),
            "d": Edge(source="fc", to="loss", into="logits"),
            "e": Edge(source="data", out="label", to="loss", into="target"),
        },
        blocks={"residual": template.block},
    )
    found = infer(document)
    assert [problem for problem in found.problems if problem.severity == "error"] == []
    assert found.nodes["block"].outputs == {"y": f"float[C 8, H {32 // stride}, W {32 // stride}]"}
    assert found.nodes["block"].parameters == 8 * 9 + 64 * 9 + 8 + 2 * 16
    assert found.nodes["block"].receptive_field.size == (5 if stride == 1 else 7,) * 2


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.type)
def test_every_exposed_field_leads_to_fields_that_are_there(template):
    from chalknet.layers.base import registry

    for exposed in template.block.exposed.values():
        for id, field in exposed.targets():
            assert field in registry[template.block.nodes[id].type].model_fields
        assert exposed.title


def images(template, arriving, **fields):
    """A board whose images, taken to ``arriving`` maps of 32×32 each, run through a library block."""
    return Document(
        nodes={
            "data": Node(type="digits"),
            "stem": Node(type="conv2d", fields={"channels": arriving, "kernel": 1}),
            "block": template.instance.model_copy(update={"fields": fields}),
            "pool": Node(type="global_avg_pool"),
            "fc": Node(type="linear", fields={"units": 10}),
            "loss": Node(type="cross_entropy"),
        },
        edges={
            "a": Edge(source="data", out="image", to="stem"),
            "b": Edge(source="stem", to="block"),
            "c": Edge(source="block", to="pool"),
            "d": Edge(source="pool", to="fc"),
            "e": Edge(source="fc", to="loss", into="logits"),
            "f": Edge(source="data", out="label", to="loss", into="target"),
        },
        blocks={template.instance.block: template.block},
    )


CASES = [
    ("conv_norm_activation", 3, {}, 3 * 9 * 16 + 32, "C 16, H 32, W 32"),
    (
        "conv_norm_activation",
        3,
        {"channels": 8, "kernel": 5, "padding": 2, "stride": 2},
        75 * 8 + 16,
        "C 8, H 16, W 16",
    ),
    ("residual_identity", 16, {}, 2 * (9 * 256 + 32), "C 16, H 32, W 32"),
    ("residual_identity", 8, {"width": 8}, 2 * (9 * 64 + 16), "C 8, H 32, W 32"),
    ("residual", 4, {"channels": 8, "stride": 2}, 4 * 72 + 8 * 72 + 32 + 32, "C 8, H 16, W 16"),
    ("bottleneck_identity", 64, {}, 64 * 16 + 9 * 256 + 16 * 64 + 2 * (16 + 16 + 64), "C 64, H 32, W 32"),
    ("bottleneck", 64, {"inner": 64, "channels": 256}, 75_008, "C 256, H 32, W 32"),
    ("bottleneck", 8, {"inner": 4, "channels": 16, "stride": 2}, 32 + 144 + 64 + 128 + 2 * 40, "C 16, H 16, W 16"),
    ("inception", 192, {}, 163_696, "C 256, H 32, W 32"),
    (
        "inception",
        4,
        {"one": 2, "three_in": 2, "three": 3, "five_in": 1, "five": 2, "pooled": 1},
        10 + 10 + 57 + 5 + 52 + 5,
        "C 8, H 32, W 32",
    ),
    # Four layers: 8, 20, 32, 44 channels arrive.
    ("dense_block", 8, {}, 2 * 104 + 48 * 104 + 4 * (96 + 12 * 9 * 48), "C 56, H 32, W 32"),
    ("dense_block", 4, {"growth": 2, "inner": 4}, 2 * 28 + 4 * 28 + 4 * (8 + 2 * 36), "C 12, H 32, W 32"),
    ("transition", 8, {"channels": 4}, 16 + 32, "C 4, H 16, W 16"),
    ("squeeze_excite", 16, {}, 2 * 16 * 4 + 4 + 16, "C 16, H 32, W 32"),
    ("squeeze_excite", 6, {"width": 6, "squeezed": 2}, 2 * 6 * 2 + 2 + 6, "C 6, H 32, W 32"),
    ("depthwise_separable", 16, {}, 144 + 32 + 512 + 64, "C 32, H 32, W 32"),
    ("depthwise_separable", 6, {"width": 6, "channels": 4, "stride": 2}, 54 + 12 + 24 + 8, "C 4, H 16, W 16"),
]
"""Type, channels that arrive, fields, parameters by hand, what comes out."""


@pytest.mark.parametrize(("name", "arriving", "fields", "parameters", "output"), CASES)
def test_blocks_for_images(name, arriving, fields, parameters, output):
    """L-039…L-042: parameters counted by hand, and what torch holds once it is built; a step changes all of it."""
    import torch

    from chalknet.training.compile import compile

    document = images(by_type[name], arriving, **fields)
    found = infer(document)
    assert [problem for problem in found.problems if problem.severity == "error"] == []
    assert found.nodes["block"].parameters == parameters
    assert found.nodes["block"].outputs == {"y": f"float[{output}]"}
    compiled = compile(document)
    held = compiled.parameters(["block"])
    assert sum(each.numel() for each in held.values()) == parameters
    (loss,) = compiled.module(torch.randn(4, 1, 32, 32), torch.arange(4))
    loss.backward()
    assert all(each.grad is not None and torch.isfinite(each.grad).all() for each in held.values())


def test_every_block_for_images_is_tried():
    assert {name for name, *_ in CASES} == {template.type for template in TEMPLATES if template not in transformers}


def test_a_residual_sum_that_does_not_fit_offers_a_projection(errors):
    """L-039: 8 channels arrive where 16 are added."""
    document = images(by_type["residual_identity"], 8)
    (problem,) = errors(infer(document))
    fix = next(fix for fix in problem.fixes if "1×1" in fix.title)
    assert errors(infer(apply(document, fix.edits))) == []
