"""What layers refuse, in which words, and that their remedies help."""

from __future__ import annotations

from typing import Any

import pytest

from chalknet.layers.base import (
    Axis,
    Fault,
    Inputs,
    Insert,
    Remove,
    SetField,
    TensorType,
    Widen,
    boxes,
    image,
    index,
    registry,
    scalar,
    sequence,
    vector,
)


def refusal(type_: str, wires: dict[str, list[TensorType]] | list[TensorType], **fields: Any) -> Fault:
    layer = registry[type_](**fields)
    given = wires if isinstance(wires, dict) else {layer.inputs[0].name: wires}
    with pytest.raises(Fault) as caught:
        layer.infer(Inputs(given))
    return caught.value


def titles(fault: Fault) -> list[str]:
    return [remedy.title for remedy in fault.remedies]


def test_linear_on_an_image() -> None:
    """L-001, L-002: an image is offered Flatten and global average pooling."""
    fault = refusal("linear", [image(16, 5, 5)])
    assert fault.message == "needs a vector, or a sequence of vectors; an image 16×5×5 arrives."
    assert [r.type for r in fault.remedies if isinstance(r, Insert)] == ["flatten", "global_avg_pool"]


def test_linear_on_tokens() -> None:
    """L-043: indices are offered an embedding."""
    fault = refusal("linear", [index(11, Axis("T", 12))])
    assert "one of 11 classes at each of 12 places" in fault.message
    assert [r.type for r in fault.remedies if isinstance(r, Insert)] == ["embedding"]


def test_kernel_larger_than_its_input() -> None:
    """L-011: the message has the numbers; the kernel and the padding are offered."""
    fault = refusal("conv2d", [image(3, 4, 4)], kernel=5)
    assert fault.message == "the 5×5 kernel is larger than its 4×4 input."
    assert fault.field == "kernel"
    assert [(r.field, r.value) for r in fault.remedies if isinstance(r, SetField)] == [
        ("kernel", 3),
        ("padding", "same"),
    ]
    fault = refusal("conv2d", [image(3, 4, 4)], kernel=7, stride=2, padding=1)
    assert fault.message == "the 7×7 kernel is larger than its 4×4 input, 6×6 with its padding."
    assert ("padding", 2) in [(r.field, r.value) for r in fault.remedies if isinstance(r, SetField)]
    fault = refusal("conv2d", [image(3, 6, 6)], kernel=3, dilation=3)
    assert fault.message == "the 3×3 kernel (spread over 7×7 by dilation 3×3) is larger than its 6×6 input."
    fault = refusal("max_pool2d", [image(3, 1, 1)])
    assert fault.message == "the 2×2 kernel is larger than its 1×1 input."
    fault = refusal("conv1d", [vector(4)], kernel=9)
    assert fault.message == "the kernel of 9 is larger than its input of length 4."


def test_groups_that_do_not_divide() -> None:
    """L-016: the nearest number of groups that divides both is offered, and the nearest channels."""
    fault = refusal("conv2d", [image(6, 8, 8)], channels=16, groups=3)
    assert fault.message == "3 groups do not divide its 16 output channels."
    assert [(r.field, r.value) for r in fault.remedies if isinstance(r, SetField)] == [
        ("groups", 2),
        ("groups", 1),
        ("channels", 15),
        ("channels", 18),
    ]
    fault = refusal("conv2d", [image(5, 8, 8)], channels=7, groups=3)
    assert fault.message == "3 groups do not divide its 5 input channels and 7 output channels."


def test_same_padding_with_a_stride() -> None:
    """L-013, L-014."""
    fault = refusal("conv2d", [image(3, 32, 32)], kernel=3, stride=2, padding="same")
    assert titles(fault) == ["Set padding to 1", "Set stride to 1"]


def test_padding_beyond_half_of_a_pooling_kernel() -> None:
    """L-024."""
    fault = refusal("avg_pool2d", [image(3, 8, 8)], kernel=2, padding=2)
    assert fault.message == "padding 2×2 is more than half of the 2×2 kernel."
    assert titles(fault) == ["Set padding to 1×1", "Set the kernel to 4×4"]


def test_add_of_unequal_images() -> None:
    """L-038, L-039: the skip gets a 1×1 convolution with the right channels and stride."""
    fault = refusal("add", [image(64, 28, 28), image(32, 56, 56)])
    assert fault.message == "needs equal shapes on all its wires; an image 64×28×28 and an image 32×56×56 arrive."
    (first,) = fault.remedies
    assert isinstance(first, Insert) and first.type == "conv2d" and first.wire == 1
    assert dict(first.fields) == {"channels": 64, "kernel": 1, "stride": 2}
    fault = refusal("add", [image(16, 8, 8), image(32, 8, 8)])
    assert [(r.wire, dict(r.fields)["channels"]) for r in fault.remedies if isinstance(r, Insert)] == [(0, 32), (1, 16)]


def test_add_of_unequal_vectors_and_sequences() -> None:
    """L-038: a Linear layer on the odd wire; of three wires the odd one is the one that differs."""
    fault = refusal("add", [vector(8), vector(8), vector(4)])
    (only,) = fault.remedies
    assert isinstance(only, Insert) and (only.type, only.wire, dict(only.fields)) == ("linear", 2, {"units": 8})
    fault = refusal("multiply", [sequence(5, 8), sequence(5, 4)])
    assert all(isinstance(r, Insert) and r.type == "linear" for r in fault.remedies)
    assert refusal("add", [vector(8), image(8, 2, 2)]).remedies == ()


def test_concat_of_unequal_images() -> None:
    """L-038: all but the features must agree."""
    fault = refusal("concat", [image(8, 16, 16), image(4, 32, 32)])
    (only,) = fault.remedies
    assert (
        isinstance(only, Insert) and dict(only.fields) == {"channels": 4, "kernel": 1, "stride": 2} and only.wire == 1
    )


def test_heads_that_do_not_divide_the_width() -> None:
    """L-056: d_model % heads ≠ 0."""
    fault = refusal("attention", [sequence(12, 64)], heads=6)
    assert fault.message == "6 heads cannot share a width of 64 evenly."
    assert titles(fault) == ["Set heads to 8", "Set heads to 4", "Make its input 66 wide", "Make its input 60 wide"]


def test_attention_ports() -> None:
    """L-055: memory of another width, a mask of another length, a mask that is none."""
    x = sequence(12, 64)
    fault = refusal("attention", {"x": [x], "memory": [sequence(9, 32)]})
    assert fault.port == "memory" and fault.message == "its memory is 32 wide, but its queries are 64 wide."
    assert isinstance(fault.remedies[1], Widen) and fault.remedies[1].size == 64
    fault = refusal("attention", {"x": [x], "mask": [TensorType("bool", (Axis("T", 9),))]})
    assert fault.message == "its mask covers 9 places, but the memory has 12."
    fault = refusal("attention", {"x": [x], "mask": [index(3, Axis("T", 12))]})
    assert fault.port == "mask"


def test_flatten_of_a_varying_length() -> None:
    """L-002: a sequence whose length varies has no fixed number of numbers."""
    fault = refusal("flatten", [sequence(12, 64, varies=True)])
    assert "up to 12 vectors of 64 numbers" in fault.message
    assert [r.type for r in fault.remedies if isinstance(r, Insert)] == ["global_avg_pool"]


def test_cross_entropy_with_the_wrong_number_of_scores() -> None:
    """T-021: the outputs are set to the classes."""
    fault = refusal("cross_entropy", {"logits": [vector(84)], "target": [index(10)]})
    assert fault.message == "needs 10 scores, one for each class, but gets 84."
    assert fault.remedies[0] == Widen("logits", 10, "Set the outputs to 10")
    assert isinstance(fault.remedies[1], Insert) and fault.remedies[1].type == "linear"


def test_cross_entropy_on_an_image() -> None:
    """T-021: a Flatten is missing; where each class has its map, the mean of each is offered first."""
    fault = refusal("cross_entropy", {"logits": [image(16, 5, 5)], "target": [index(10)]})
    assert fault.message == "needs one vector of 10 scores; an image 16×5×5 arrives."
    assert [r.type for r in fault.remedies if isinstance(r, Insert)] == ["flatten", "global_avg_pool"]
    fault = refusal("cross_entropy", {"logits": [image(10, 5, 5)], "target": [index(10)]})
    assert [r.type for r in fault.remedies if isinstance(r, Insert)] == ["global_avg_pool", "flatten"]


def test_targets_of_the_wrong_kind() -> None:
    """T-016, T-020, T-021: each loss names the one that fits."""
    assert "Mean squared error" in refusal("cross_entropy", {"logits": [vector(3)], "target": [vector(3)]}).hint
    assert "Cross-entropy" in refusal("mse", {"prediction": [vector(3)], "target": [index(3)]}).hint
    assert "Cross-entropy" in refusal("bce", {"logits": [vector(1)], "target": [index(3)]}).hint
    assert refusal("bce", {"logits": [vector(2)], "target": [index(2)]}).remedies[0] == Widen(
        "logits", 1, "Set the outputs to 1"
    )


@pytest.mark.parametrize("before", ["softmax", "sigmoid"])
def test_double_softmax(before: str) -> None:
    """L-009: a softmax before cross-entropy on logits is allowed, warned of, and one click takes it away."""
    shares = registry[before]().infer(Inputs({"x": [vector(2)]}))["y"]
    loss = registry["cross_entropy"]()
    inputs = Inputs({"logits": [shares], "target": [index(2)]})
    loss.infer(inputs)
    (warn,) = loss.check(inputs)
    assert warn.code == "double_softmax" and isinstance(warn.remedies[0], Remove)
    linear = registry["linear"](units=2).infer(Inputs({"x": [shares]}))["y"]
    assert not loss.check(Inputs({"logits": [linear], "target": [index(2)]}))


def test_softmax_through_flatten_is_still_seen() -> None:
    """L-009: layers that change no number pass on what the numbers mean; others do not."""
    shares = registry["softmax"]().infer(Inputs({"x": [image(2, 1, 1)]}))["y"]
    assert registry["flatten"]().infer(Inputs({"x": [shares]}))["y"].meaning == "probability"
    assert registry["relu"]().infer(Inputs({"x": [shares]}))["y"].meaning == ""


def test_yolo_loss_wants_a_grid() -> None:
    """L-070, C-052: a plain image gets a head with the target's classes; a wrong head gets its classes set."""
    fault = refusal("yolo_loss", {"grid": [image(64, 8, 8)], "target": [boxes(3, 6)]})
    assert [(r.type, dict(r.fields)) for r in fault.remedies if isinstance(r, Insert)] == [
        ("yolo_head", {"classes": 3})
    ]
    grid = registry["yolo_head"](classes=4).infer(Inputs({"x": [image(64, 8, 8)]}))["grid"]
    fault = refusal("yolo_loss", {"grid": [grid], "target": [boxes(3, 6)]})
    assert fault.remedies == (Widen("grid", 3, "Set the head's classes to 3"),)


def test_doubtful_settings_are_warned_of() -> None:
    """L-014, L-025, L-038: strides that skip, even kernels with "same", a join of one wire."""
    for type_, x, fields, code in (
        ("conv2d", image(3, 8, 8), {"kernel": 2, "stride": 3}, "skips_input"),
        ("max_pool2d", image(3, 8, 8), {"kernel": 2, "stride": 3}, "skips_input"),
        ("conv2d", image(3, 8, 8), {"kernel": 2, "padding": "same"}, "uneven_padding"),
        ("add", vector(3), {}, "single_wire"),
    ):
        layer = registry[type_](**fields)
        inputs = Inputs({"x": [x]})
        layer.infer(inputs)
        assert [warn.code for warn in layer.check(inputs)] == [code]
        for warn in layer.check(inputs):
            for remedy in warn.remedies:
                assert isinstance(remedy, SetField)
                assert not layer.model_copy(update={remedy.field: remedy.value}).check(inputs)


def test_scalars_have_no_features() -> None:
    for type_ in ("softmax", "flatten", "layer_norm", "concat"):
        assert "a single number arrives" in refusal(type_, [scalar()]).message


def test_every_remedy_leads_past_its_fault(layer_type: str, refused: list[Any]) -> None:
    """Setting the field, or inserting the layer, is valid and cures what was complained of."""
    for draw in refused:
        message = draw.fault.message
        assert message[0].islower() or not message[0].isalpha(), f"{message} does not read well behind a name"
        assert message.endswith("."), message
        for remedy in draw.fault.remedies:
            if isinstance(remedy, SetField):
                fields = {**draw.layer.model_dump(), remedy.field: remedy.value}
                try:
                    type(draw.layer).model_validate(fields).infer(draw.inputs)
                except Fault as left:
                    assert left.code != draw.fault.code, f"{draw}: {remedy.title} leaves {left.message}"
            elif isinstance(remedy, Insert):
                inserted = registry[remedy.type].model_validate(dict(remedy.fields))
                arriving = draw.wires[remedy.port][remedy.wire]
                port = inserted.inputs[0].name
                made = inserted.infer(Inputs({port: [arriving]}))[inserted.outputs[0].name]
                wires = {name: list(kinds) for name, kinds in draw.wires.items()}
                wires[remedy.port][remedy.wire] = made
                try:
                    draw.layer.infer(Inputs(wires))
                except Fault as left:
                    before = draw.fault
                    same = (left.port, left.wire, left.message) == (before.port, before.wire, message)
                    assert not same, f"{draw}: {remedy.title} changes nothing"
            elif isinstance(remedy, Widen):
                assert remedy.size >= 1 and remedy.port in {port.name for port in type(draw.layer).inputs}
