"""Facts of whole boards: counts, memory, receptive field, views, types on wires."""

from __future__ import annotations

import pytest

from chalknet.graph.gallery import boards
from chalknet.graph.infer import infer, infer_flat


def image_chain(classifier, *layers, size=32):
    """A board whose layers n0, n1 … stand one behind another on a digits picture."""
    nodes = {"data": ("digits", {"size": size}), **{f"n{i}": layer for i, layer in enumerate(layers)}}
    wires = ["data.image > n0", *(f"n{i} > n{i + 1}" for i in range(len(layers) - 1))]
    return infer(classifier(nodes, *wires, end=f"n{len(layers) - 1}"))


# --- costs of convolutions (C-001 … C-013) -----


@pytest.mark.parametrize(
    ("kernel", "fields", "out"),
    [(5, {}, 28), (5, {"padding": 2}, 32), (3, {"padding": "same"}, 32), (3, {"stride": 2}, 15)],
)
def test_output_size_of_a_convolution(classifier, kernel, fields, out):
    """C-001, C-002: ⌊(I−K+2P)/S⌋+1."""
    found = image_chain(classifier, ("conv2d", {"channels": 4, "kernel": kernel, **fields}))
    assert found.nodes["n0"].outputs == {"y": f"float[C 4, H {out}, W {out}]"}


def test_dilation_spreads_a_kernel_and_costs_nothing(classifier):
    """C-006, L-021."""
    dilated = {"channels": 4, "kernel": 3, "dilation": 2, "padding": 2}
    facts = image_chain(classifier, ("conv2d", dilated)).nodes["n0"]
    assert facts.outputs == {"y": "float[C 4, H 32, W 32]"}
    assert facts.parameters == 4 * (9 + 1)
    assert facts.receptive_field.size == (5, 5)


def test_pooling_keeps_the_depth(classifier):
    """C-003."""
    facts = image_chain(classifier, ("conv2d", {"channels": 6, "kernel": 5}), "max_pool2d").nodes["n1"]
    assert (facts.outputs, facts.parameters, facts.macs) == ({"y": "float[C 6, H 14, W 14]"}, 0, 0)


def test_the_cost_of_a_convolution_is_shown_in_macs_and_flops(board):
    """C-007, C-008, C-009: 3×32×32, 10 filters 5×5, padding 2: 760 parameters, 768,000 MACs, 1,536,000 FLOPs."""
    nodes = {"data": ("shapes", {"size": 32}), "c": ("conv2d", {"channels": 10, "kernel": 5, "padding": 2})}
    facts = infer(board(nodes, "data.image > c")).nodes["c"]
    assert facts.inputs == {"x": ["float[C 3, H 32, W 32]"]}
    assert facts.outputs == {"y": "float[C 10, H 32, W 32]"}
    assert (facts.parameters, facts.macs, facts.flops) == (760, 768_000, 1_536_000)


def test_other_operations_are_listed_apart_and_are_no_flops():
    """VGG-16 by hand: a comparison for each number of 13 convolutions and two Linears, three for each pooled one."""
    rectified = 2 * 64 * 224**2 + 2 * 128 * 112**2 + 3 * (256 * 56**2 + 512 * 28**2 + 512 * 14**2) + 2 * 4096
    pooled = 64 * 112**2 + 128 * 56**2 + 256 * 28**2 + 512 * 14**2 + 512 * 7**2
    found = infer(boards()["vgg-16"])
    assert found.operations == rectified + 3 * pooled == 18_146_816
    assert (found.macs, found.flops) == (15_470_264_320, 2 * 15_470_264_320)
    assert found.operations == sum(each.operations for path, each in found.nodes.items() if each.type != "block")


def test_small_convolutions(board):
    """C-010, C-011, C-012."""
    nodes = {
        "gray": "digits",
        "color": ("shapes", {"size": 32}),
        "one": ("conv2d", {"channels": 1, "kernel": 5}),
        "two": ("conv2d", {"channels": 2, "kernel": 5}),
        "again": ("conv2d", {"channels": 2, "kernel": 5}),
    }
    facts = infer(board(nodes, "gray.image > one", "color.image > two", "two > again")).nodes
    assert (facts["one"].parameters, facts["one"].macs) == (26, 19_600)
    assert (facts["two"].parameters, facts["two"].macs) == (152, 117_600)
    assert facts["again"].outputs["y"] == "float[C 2, H 24, W 24]"


def test_a_large_linear_layer(board):
    """C-014: 9216 → 4096 is 37,752,832 parameters."""
    nodes = {"data": ("shapes", {"size": 32}), "f": "flatten", "a": ("linear", {"units": 9216})}
    found = infer(board({**nodes, "fc": ("linear", {"units": 4096})}, "data.image > f", "f > a", "a > fc"))
    assert found.nodes["fc"].parameters == 37_752_832


def test_groups_divide_weights_and_macs(board):
    """C-028, L-016."""
    nodes = {"data": "digits", "c": ("conv2d", {"channels": 8, "kernel": 1, "bias": False})}
    for groups in (1, 2, 4):
        conv = ("conv2d", {"channels": 8, "padding": 1, "groups": groups, "bias": False})
        facts = infer(board({**nodes, "g": conv}, "data.image > c", "c > g")).nodes["g"]
        assert (facts.parameters, facts.macs) == (8 * 8 * 9 // groups, 8 * 8 * 9 * 32 * 32 // groups)


def test_lenet(classifier):
    """A-010: 61,706 parameters at 32×32."""
    found = image_chain(
        classifier,
        *(("conv2d", {"channels": 6, "kernel": 5}), "tanh", "avg_pool2d"),
        *(("conv2d", {"channels": 16, "kernel": 5}), "tanh", "avg_pool2d", "flatten"),
        *(("linear", {"units": 120}), "tanh", ("linear", {"units": 84}), "tanh", ("linear", {"units": 10})),
    )
    assert found.problems == []
    assert found.parameters == found.trainable_parameters == 61_706
    assert found.macs == 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 840
    assert found.flops == 2 * found.macs


# --- memory (C-015, C-016) -----


@pytest.mark.parametrize(("type", "fields", "slots"), [("sgd", {}, 0), ("sgd", {"momentum": 0.9}, 1), ("adam", {}, 2)])
def test_memory_to_train(classifier, type, fields, slots):
    """C-015, C-016: parameters, gradients and optimizer state at 4 bytes, and the outputs of a batch."""
    document = classifier(
        {"fc": ("linear", {"units": 2})},
        "data.x > fc",
        end="fc",
        data="points",
        recipe={"batch": 10, "phases": {"main": {"optimizer": {"type": type, "fields": fields}}}},
    )
    found = infer(document)
    assert found.parameters == 6
    # points: two floats and one index of 8 bytes; two outputs; one loss.
    assert found.activation_bytes == (2 * 4 + 8) + 2 * 4 + 4
    assert found.training_bytes == 4 * 6 * (2 + slots) + 10 * found.activation_bytes


def test_frozen_parameters_have_no_gradient(classifier):
    """T-046."""
    nodes = {"a": {"type": "linear", "trainable": False}, "fc": ("linear", {"units": 2})}
    found = infer(classifier(nodes, "data.x > a", "a > fc", end="fc", data="points"))
    assert found.parameters == 48 + 34
    assert found.trainable_parameters == 34
    assert found.nodes["a"].trainable_parameters == 0
    assert found.training_bytes == 4 * (82 + 34 * 3) + 32 * found.activation_bytes


def test_shared_parameters_are_counted_once(classifier):
    """L-051: on the board once, on each node that has them in full."""
    shared = {"type": "linear", "fields": {"units": 2}, "weights": "w"}
    found = infer(classifier({"a": shared, "b": shared}, "data.x > a", "a > b", end="b", data="points"))
    assert (found.parameters, found.nodes["a"].parameters, found.nodes["b"].parameters) == (6, 6, 6)
    assert found.macs == 8
    assert found.problems == []


# --- receptive field (C-023, C-024) -----


@pytest.mark.parametrize(("layers", "size"), [(1, 3), (2, 5), (3, 7)])
def test_receptive_field_of_3x3_stacks(classifier, layers, size):
    """C-023, C-024: 1 + L(K − 1)."""
    found = image_chain(classifier, *[("conv2d", {"channels": 1, "kernel": 3})] * layers)
    assert found.nodes[f"n{layers - 1}"].receptive_field.size == (size, size)


def test_receptive_field_with_strides_and_dilation(classifier):
    """C-023: rf += (k − 1)·d·Πs."""
    found = image_chain(
        classifier,
        ("conv2d", {"kernel": 5, "stride": 2}),
        "relu",
        ("max_pool2d", {"kernel": 2}),
        ("conv2d", {"kernel": [3, 1], "dilation": 2}),
    )
    # height: 1 + 4 = 5, then + 1·2 = 7, then + 2·2·4 = 23; width: 5, 7, 7.
    assert found.nodes["n3"].receptive_field.size == (23, 7)
    assert found.nodes["n3"].receptive_field.stride == (4, 4)


def test_receptive_field_of_branches_is_that_of_the_larger(classifier):
    """C-023."""
    found = infer(
        classifier(
            {
                "wide": ("conv2d", {"channels": 4, "kernel": 5, "padding": 2}),
                "narrow": ("conv2d", {"channels": 4, "kernel": 1}),
                "add": "add",
            },
            *("data.image > wide", "data.image > narrow", "wide > add", "narrow > add"),
            end="add",
        )
    )
    assert found.nodes["add"].receptive_field.size == (5, 5)


def test_layers_that_see_everything(classifier):
    """C-023: behind a Linear or a global average, every pixel counts."""
    found = image_chain(classifier, "conv2d", "global_avg_pool", ("linear", {"units": 10}))
    assert not found.nodes["n0"].receptive_field.whole
    assert found.nodes["n1"].receptive_field.whole and found.nodes["n2"].receptive_field.whole
    assert found.nodes["loss"].receptive_field is None


def test_points_and_labels_have_no_receptive_field(classifier):
    found = infer(classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points"))
    assert found.nodes["data"].receptive_field is None and found.nodes["fc"].receptive_field is None
    tokens = infer(classifier({"e": "embedding"}, "data.label > e", end="e"))
    assert tokens.nodes["data"].receptive_field is not None
    assert tokens.nodes["e"].receptive_field is None


def test_stacking_small_kernels_is_cheaper(classifier):
    """C-024, L-084: two 3×3 see as much as one 5×5 with 18C² < 25C² weights."""
    small = {"channels": 8, "kernel": 3, "padding": 1, "bias": False}
    large = {"channels": 8, "kernel": 5, "padding": 2, "bias": False}
    first = ("conv2d", {"channels": 8, "kernel": 1})
    stack = image_chain(classifier, first, ("conv2d", small), ("conv2d", small)).nodes
    one = image_chain(classifier, first, ("conv2d", large)).nodes
    assert stack["n2"].receptive_field == one["n1"].receptive_field
    assert stack["n1"].parameters + stack["n2"].parameters == 18 * 64 < one["n1"].parameters == 25 * 64


def test_vgg_doubles_channels_where_it_halves_the_picture(classifier):
    """C-025: memory halves, parameters × 4, MACs equal."""

    def conv(channels):
        return ("conv2d", {"channels": channels, "padding": 1, "bias": False})

    nodes = image_chain(classifier, conv(16), conv(16), "max_pool2d", conv(32), conv(32)).nodes
    before, after = nodes["n1"], nodes["n4"]
    assert after.activation_bytes * 2 == before.activation_bytes
    assert after.parameters == 4 * before.parameters
    assert after.macs == before.macs


# --- blocks -----


def test_an_instance_has_the_sums_of_what_is_inside(classifier, residual):
    found = infer(
        classifier(
            {"res": {"type": "block", "block": "res", "mode": "repeat", "times": 3}},
            "data.x > res",
            end="res",
            data="points",
            blocks={"res": residual},
        )
    )
    facts = found.nodes["res"]
    assert (facts.type, facts.parameters, facts.macs) == ("block", 18, 12)
    assert facts.activation_bytes == sum(
        found.nodes[f"res/{i}/{n}"].activation_bytes for i in range(3) for n in ("fc", "add")
    )
    assert facts.inputs == {"x": ["float[D 2]"]} and facts.outputs == {"y": "float[D 2]"}
    assert facts.summary == "× 3"
    assert found.parameters == 18
    assert found.nodes["res/1/fc"].parameters == 6


def test_an_instance_counts_what_its_copies_share_once(classifier, residual):
    """L-051."""
    repeat = {"type": "block", "block": "res", "mode": "repeat", "times": 3, "weights": "same"}
    found = infer(classifier({"res": repeat}, "data.x > res", end="res", data="points", blocks={"res": residual}))
    assert found.nodes["res"].parameters == found.parameters == 6
    assert found.nodes["res"].macs == 12


# --- types, views, texts -----


def test_the_compiler_gets_the_types(classifier):
    flat, _ = infer_flat(classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points"))
    assert str(flat.inputs("fc")["x"]) == "float[D 2]"
    assert str(flat.inputs("loss")["target"]) == "index<2>[]"
    assert flat.inputs("loss").get("mask") is None


def test_facts_name_types_formula_and_summary(classifier):
    facts = image_chain(classifier, ("conv2d", {"channels": 6, "kernel": 5})).nodes["n0"]
    assert facts.summary == "5×5, 6"
    assert "156" in facts.numbers


def test_views_on_a_board_of_points(classifier):
    found = infer(classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points"))
    assert found.nodes["data"].views == ["samples"]
    assert found.nodes["fc"].views == ["plane", "maps"]
    assert found.nodes["loss"].views == ["plane", "matrix", "threshold", "terrain"]


def test_views_on_a_board_of_pictures(classifier):
    nodes = image_chain(classifier, "conv2d", "flatten", ("linear", {"units": 10})).nodes
    assert set(nodes["n0"].views) == {"filters", "maps"}
    assert nodes["n2"].views == ["maps", "filters"], "its weights are templates of the image"
    assert nodes["loss"].views == ["matrix", "terrain"]


def test_views_of_attention_and_boxes(board):
    tokens = infer(board({"d": "reversal", "e": "embedding", "a": "attention"}, "d.tokens > e", "e > a"))
    assert set(tokens.nodes["a"].views) == {"matrix", "maps"}
    boxes = infer(
        board(
            {"d": ("shapes", {"size": 32}), "h": "yolo_head", "l": "yolo_loss"},
            *("d.image > h", "h.grid > l.grid", "d.boxes > l.target"),
        )
    )
    assert "boxes" in boxes.nodes["l"].views


def test_a_board_with_a_fault_shows_everything_above_it(classifier, errors):
    found = image_chain(classifier, ("conv2d", {"channels": 6}), ("linear", {"units": 10}), "relu")
    assert found.nodes["n0"].parameters == 60
    assert found.nodes["n1"].inputs == {"x": ["float[C 6, H 30, W 30]"]}
    assert found.nodes["n1"].outputs == {} and found.nodes["n2"].outputs == {}
    assert [problem.node for problem in errors(found)] == ["n1"], "nothing downstream repeats it"


def test_an_empty_board(board):
    found = infer(board({}))
    assert [problem.code for problem in found.problems] == ["no_data", "no_loss"]
    assert (found.parameters, found.macs, found.nodes) == (0, 0, {})


def test_the_answer_is_the_same_with_rules_remembered(classifier):
    from chalknet.graph import forms, rules

    document = classifier(
        {"s": "softmax", "f": "flatten", "fc": "linear"}, "data.image > f", "f > fc", "fc > s", end="s"
    )
    warm = [infer(document) for _ in range(2)][1]
    rules.forget()
    forms.forget()
    assert infer(document) == warm


def test_equal_types_with_other_meanings_are_not_mixed_up(classifier, only):
    """L-009: a softmax before the loss is seen although its type equals that of the plain scores."""
    plain = classifier({"f": "flatten", "fc": ("linear", {"units": 10})}, "data.image > f", "f > fc", end="fc")
    assert infer(plain).problems == []
    doubled = classifier(
        {"f": "flatten", "fc": ("linear", {"units": 10}), "s": "softmax"}, "data.image > f", "f > fc", "fc > s", end="s"
    )
    problem = only(infer(doubled), "double_softmax")
    assert problem.severity == "warning"
    assert [fix.title for fix in problem.fixes] == ["Take the one before it away"]


# --- what multiply-adds and memory are spent on (C-015, C-016) -----


def test_training_memory_adds_up(classifier):
    """C-015: parameters × 4 B, as much again for gradients, twice for Adam; outputs × 4 B × batch."""
    found = infer(
        classifier(
            {"flat": "flatten", "fc": ("linear", {"units": 10})},
            *("data.image > flat", "flat > fc"),
            end="fc",
            recipe={"batch": 7, "phases": {"main": {"optimizer": {"type": "adam"}}}},
        )
    )
    memory = found.memory
    assert memory.parameters == memory.gradients == 4 * found.parameters
    assert memory.optimizer == 2 * memory.parameters
    assert memory.activations == 7 * found.activation_bytes
    assert found.training_bytes == memory.parameters + memory.gradients + memory.optimizer + memory.activations
    for part in type(memory).model_fields:
        assert sum(getattr(facts.memory, part) for facts in found.nodes.values()) == getattr(memory, part)


def test_frozen_parameters_have_no_gradients(classifier):
    """C-015."""
    nodes = {"flat": "flatten", "fc": {"type": "linear", "fields": {"units": 10}, "trainable": False}}
    memory = infer(classifier(nodes, "data.image > flat", "flat > fc", end="fc")).nodes["fc"].memory
    assert memory.parameters > 0 == memory.gradients == memory.optimizer


def test_multiply_adds_by_kind(classifier):
    """C-016: convolution and linear apart from the others, on nodes and in total."""
    found = infer(
        classifier(
            {
                "e": ("embedding", {"units": 8}),
                "att": ("attention", {"heads": 2}),
                "rnn": ("gru", {"units": 6}),
                "table": "matmul",
                "fc": ("linear", {"units": 12}),
            },
            *("data.tokens > e", "e > att", "att > rnn", "rnn > table.a", "rnn > table.b", "rnn > fc"),
            end="fc",
            data="reversal",
        )
    )
    kinds = {path: list(facts.macs_by_kind) for path, facts in found.nodes.items() if facts.macs}
    assert kinds["att"] == ["attention"] and kinds["rnn"] == ["recurrent"] and kinds["fc"] == ["linear"]
    for kind, macs in found.macs_by_kind.items():
        assert macs == sum(facts.macs_by_kind.get(kind, 0) for facts in found.nodes.values()) > 0
    assert sum(found.macs_by_kind.values()) == found.macs
    convolution = image_chain(classifier, ("conv2d", {"channels": 2}))
    assert convolution.macs_by_kind == {"convolution": convolution.macs}
