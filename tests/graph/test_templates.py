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
        for id in (exposed.node, *exposed.others):
            assert exposed.field in registry[template.block.nodes[id].type].model_fields
        assert exposed.title
