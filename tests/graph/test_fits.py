"""What a wire dropped on the canvas is offered."""

from __future__ import annotations

import pytest

from chalknet.graph.edits import apply
from chalknet.graph.fits import fits
from chalknet.graph.infer import infer
from chalknet.graph.problems import Edit


@pytest.fixture
def sketch(board):
    return board(
        {
            "digits": "digits",
            "words": "reversal",
            "points": "points",
            "e": ("embedding", {"units": 32}),
            "flat": "flatten",
            "fc": ("linear", {"units": 10}),
            "loss": "cross_entropy",
        },
        *("words.tokens > e", "digits.image > flat", "flat > fc"),
    )


def types(found):
    return [fit.type for fit in found]


def test_behind_a_picture(sketch):
    found = fits(sketch, "", "digits", "image")
    assert found[0].type == "conv2d"
    assert {"max_pool2d", "flatten", "batch_norm2d", "relu", "residual"} <= set(types(found))
    assert not {"linear", "embedding", "attention", "cross_entropy", "digits", "block_input"} & set(types(found))
    assert next(fit.output for fit in found if fit.type == "max_pool2d") == "float[C 1, H 16, W 16]"


def test_behind_scores_the_loss_comes_first(sketch):
    found = fits(sketch, "", "fc", "y")
    assert (found[0].type, found[0].port, found[0].output) == ("cross_entropy", "logits", "")
    assert "linear" in types(found)


def test_behind_labels_and_tokens(sketch):
    assert [(fit.type, fit.port) for fit in fits(sketch, "", "digits", "label")] == [
        ("cross_entropy", "target"),
        ("focal", "target"),
        ("hinge", "target"),
        ("embedding", "x"),
        ("one_hot", "x"),
    ]
    cut = ["position", "slice", "split"]
    assert sorted(types(fits(sketch, "", "words", "tokens"))) == ["embedding", "one_hot", *cut]
    masked = {(fit.type, fit.port) for fit in fits(sketch, "", "words", "mask")}
    assert masked == {(type, "mask") for type in ("attention", "rnn", "lstm", "gru")} | {(type, "x") for type in cut}


def test_behind_a_sequence_library_blocks_are_made_as_wide_as_it(sketch):
    found = {fit.type: fit for fit in fits(sketch, "", "e", "y")}
    assert found["encoder_layer"].fields == {"width": 32}
    assert found["decoder_layer"].output == "float[T 12, D 32]"
    assert {"attention", "positional_encoding", "layer_norm"} <= found.keys()


def test_everything_offered_really_fits(sketch):
    """Each layer is dropped and wired; nothing then complains about it."""
    for node, port in (("digits", "image"), ("points", "x"), ("e", "y"), ("fc", "y")):
        for fit in fits(sketch, "", node, port):
            if not fit.output or fit.type.endswith(("_layer", "norm", "residual")):
                continue
            document = apply(
                sketch,
                [
                    Edit(path=["nodes", "new"], value={"type": fit.type, "fields": fit.fields}),
                    Edit(path=["edges", "new"], value={"from": node, "out": port, "to": "new", "in": fit.port}),
                ],
            )
            facts = infer(document).nodes["new"]
            if facts.outputs:  # else another port of it is still empty
                assert next(iter(facts.outputs.values())) == fit.output


def test_into_an_input_that_takes_vectors(sketch):
    found = fits(sketch, "", "fc", "x")
    assert {"flatten", "global_avg_pool", "points"} <= set(types(found))
    assert "conv2d" not in types(found)
    assert next(fit.port for fit in found if fit.type == "points") == "x"


def test_into_the_scores_of_a_loss_a_linear_layer_as_wide_as_needed(board):
    document = board({"d": "digits", "f": "flatten", "l": "cross_entropy"}, "d.label > l.target", "d.image > f")
    found = {fit.type: fit for fit in fits(document, "", "l", "logits")}
    assert found["linear"].fields == {"units": 10}
    assert found["linear"].output == "float[D 10]"


def test_into_the_target_of_a_loss_only_labels(sketch):
    """Those of data, or another network's own decisions."""
    assert set(types(fits(sketch, "", "loss", "target"))) == {"digits", "points", "pictures", "own_images", "argmax"}


def test_inside_a_block(board, residual):
    document = board({"d": "points", "r": {"type": "block", "block": "res"}}, "d.x > r", blocks={"res": residual})
    found = types(fits(document, "res", "x", "y"))
    assert found[0] == "linear"
    assert found.index("linear") < found.index("mse"), "losses stand on the board, hardly in a block"


@pytest.mark.parametrize("end", [("", "gone", "y"), ("", "fc", "gone"), ("gone", "fc", "y"), ("", "loss", "loss")])
def test_ends_that_are_not_there(sketch, end):
    assert fits(sketch, *end) == []


def test_where_the_type_is_not_known_nothing_is(board):
    assert fits(board({"a": "relu"}), "", "a", "y") == []
