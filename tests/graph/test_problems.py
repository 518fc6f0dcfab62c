"""What is wrong with a board: said once, where it is, in words and numbers."""

from __future__ import annotations

import json
import math

import pytest

from chalknet.graph.document import Unreadable, load, read
from chalknet.graph.infer import infer, infer_flat
from chalknet.graph.judge import gigabytes


def codes(inference):
    return sorted(problem.code for problem in inference.problems)


# --- fields -----


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kernel": 0}, "c: kernel must be at least 1. Received: 0."),
        ({"kernel": 2000}, "c: kernel must be at most 1024. Received: 2000."),
        ({"kernel": [3, 0]}, "c: kernel must be at least 1. Received: [3, 0]."),
        ({"kernel": 2.5}, "c: kernel must be a whole number. Received: 2.5."),
        ({"groups": True, "kernel": "big"}, 'c: kernel must be a whole number, or a pair of numbers. Received: "big".'),
        ({"kernel": [1, 2, 3]}, "c: kernel must be given as at most 2 values. Received: [1, 2, 3]."),
        ({"bias": 7}, "c: bias must be true or false. Received: 7."),
        ({"channels": None}, "c: channels must be a whole number. Received: null."),
        ({"channels": "x" * 100}, 'c: channels must be a whole number. Received: "' + "x" * 38 + "…."),
    ],
)
def test_a_bad_field_says_what_was_expected_and_received(board, only, fields, message):
    problem = only(infer(board({"d": "digits", "c": ("conv2d", fields)}, "d.image > c")), "bad_field")
    assert problem.message == message
    assert (problem.node, problem.severity) == ("c", "error")
    assert problem.field in fields


def test_a_field_that_is_not_there(board, only):
    problem = only(infer(board({"fc": ("linear", {"outputs": 3})})), "unknown_field")
    assert problem.message == "fc: there is no field 'outputs'; the fields are: units, bias."
    assert problem.field == "outputs"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(board, value):
    """A NaN in the text is no JSON; one in a value is no field."""
    with pytest.raises(Unreadable):
        read(json.dumps({"nodes": {"d": {"type": "dropout", "fields": {"rate": value}}}}))
    with pytest.raises(Unreadable):
        board({"d": ("dropout", {"rate": value})})


def test_a_nan_that_slips_through_is_a_problem(board, only):
    document = board({"d": "dropout"})
    node = document.nodes["d"].model_copy(update={"fields": {"rate": math.nan}})
    problem = only(infer(document.model_copy(update={"nodes": {"d": node}})), "bad_field")
    assert problem.message == "d: rate must be a finite number. Received: NaN."


def test_a_layer_that_is_not_there(board, only):
    problem = only(infer(board({"m": {"type": "mamba", "name": "My layer"}})), "unknown_layer")
    assert problem.message == "My layer: there is no layer of type 'mamba'."


# --- wires -----


def test_a_missing_input(classifier, errors):
    found = infer(classifier({"fc": ("linear", {"units": 2}), "r": "relu"}, "fc > r", end="r", data="points"))
    (problem,) = errors(found)
    assert (problem.code, problem.node) == ("missing_input", "fc")
    assert problem.message == "fc: nothing is connected to its input."


def test_a_missing_input_of_several_is_named(board, only):
    problem = only(infer(board({"d": "digits", "l": "cross_entropy"}, "d.label > l.target")), "missing_input")
    assert problem.message == "l: nothing is connected to its input 'logits' (Scores)."


def test_a_missing_input_of_a_block_is_told_of_the_instance(board, only, residual):
    repeat = {"type": "block", "block": "res", "mode": "repeat", "times": 3}
    problem = only(infer(board({"b": repeat}, blocks={"res": residual})), "missing_input")
    assert (problem.node, problem.message) == ("b", "b: nothing is connected to its input 'x'.")


def test_an_optional_input_may_stay_empty(board, errors):
    found = infer(board({"d": "reversal", "e": "embedding", "a": "attention"}, "d.tokens > e", "e > a"))
    assert [problem.code for problem in errors(found)] == ["no_loss"]


def test_a_fault_points_at_its_wire(classifier, only):
    found = infer(classifier({"c": "conv2d", "fc": ("linear", {"units": 10})}, "data.image > c", "c > fc", end="fc"))
    problem = only(found, "kind")
    assert (problem.node, problem.edge) == ("fc", "w1")
    assert problem.message == "fc: needs a vector, or a sequence of vectors; an image 16×30×30 arrives."


def test_refused_wires_are_told_once(classifier, errors):
    """Neither the loose end before them nor the empty input behind them is told as well."""
    found = infer(
        classifier({"a": "linear", "fc": ("linear", {"units": 2})}, "data.x > a", "a.z > fc", end="fc", data="points")
    )
    assert codes(found) == ["unknown_port"]
    twice = infer(
        classifier(
            {"a": ("linear", {"units": 2}), "b": ("linear", {"units": 2})},
            *("data.x > a", "data.x > b", "b > loss.logits"),
            end="a",
            data="points",
        )
    )
    assert codes(twice) == ["extra_wire"]


def test_a_fault_in_a_repeated_block_is_told_once(classifier, residual, only):
    residual = {**residual, "nodes": {**residual["nodes"], "fc": {"type": "linear", "fields": {"units": 0}}}}
    repeat = {"type": "block", "block": "res", "mode": "repeat", "times": 50}
    found = infer(classifier({"res": repeat}, "data.x > res", end="res", data="points", blocks={"res": residual}))
    assert only(found, "bad_field").node == "res/0/fc"


# --- cycles -----


def test_a_cycle_names_its_nodes_and_the_wire_back(classifier, errors):
    """A-065."""
    found = infer(
        classifier(
            {"add": "add", "fc": ("linear", {"units": 2}), "r": "relu", "after": "relu"},
            *("data.x > add", "add > fc", "fc > r", "r > add", "r > after"),
            end="after",
            data="points",
        )
    )
    (problem,) = errors(found)
    assert problem.code == "cycle"
    assert problem.message == "add: add → fc → r → add is a circle; a network computes in one direction."
    assert problem.edge == "w3"


def test_a_node_wired_to_itself(board, only):
    assert only(infer(board({"a": "add"}, "a > a")), "cycle").message.startswith("a: a → a is a circle")


def test_two_cycles_are_two_problems(board):
    found = infer(board(dict.fromkeys("abcd", "relu"), "a > b", "b > a", "c > d", "d > c"))
    assert codes(found).count("cycle") == 2


def test_a_cycle_through_a_block(board, only, residual):
    found = infer(
        board({"r": {"type": "block", "block": "res"}, "a": "relu"}, "r > a", "a > r", blocks={"res": residual})
    )
    problem = only(found, "cycle")
    assert problem.edge in ("w0", "w1")
    assert "r →" in problem.message


def test_a_long_cycle_is_told_briefly(board, only):
    count = 3000
    found = infer(board({f"n{i}": "relu" for i in range(count)}, *(f"n{i} > n{(i + 1) % count}" for i in range(count))))
    problem = only(found, "cycle")
    assert len(problem.message) < 200 and "(2,993 more)" in problem.message


# --- the whole -----


def test_no_data_and_no_loss(board, errors):
    found = infer(board({"a": "linear"}))
    assert codes(found) == ["missing_input", "no_data", "no_loss"]
    assert all(problem.node is None for problem in errors(found) if problem.code.startswith("no_"))


def test_a_loose_end_is_a_warning_at_its_last_node(classifier):
    found = infer(
        classifier(
            {"fc": ("linear", {"units": 2}), "a": "linear", "b": "relu"},
            *("data.x > fc", "data.x > a", "a > b"),
            end="fc",
            data="points",
        )
    )
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.node) == ("dangling", "warning", "b")


def test_a_loose_block_is_told_of_the_instance(classifier, residual, only):
    found = infer(
        classifier(
            {"fc": ("linear", {"units": 2}), "r": {"type": "block", "block": "res"}},
            *("data.x > fc", "data.x > r"),
            end="fc",
            data="points",
            blocks={"res": residual},
        )
    )
    assert only(found, "dangling").node == "r"


def test_nothing_to_learn(classifier, only):
    frozen = {"type": "linear", "fields": {"units": 2}, "trainable": False}
    problem = only(infer(classifier({"fc": frozen}, "data.x > fc", end="fc", data="points")), "nothing_to_learn")
    assert problem.node == "loss" and "frozen" in problem.message
    problem = only(infer(classifier({"r": "relu"}, "data.x > r", end="r", data="points")), "nothing_to_learn")
    assert problem.message == "loss: no layer with parameters leads to it (data, r)."


def test_shared_weights_of_other_shapes(classifier, only):
    """L-051."""
    nodes = {
        "a": {"type": "linear", "fields": {"units": 4}, "weights": "w"},
        "b": {"type": "linear", "fields": {"units": 2}, "weights": "w"},
    }
    problem = only(infer(classifier(nodes, "data.x > a", "a > b", end="b", data="points")), "weights_differ")
    assert problem.message == (
        "b: it shares the weights 'w' with a, but needs others: "
        "expected Linear with weight 4×2, bias 4. Received Linear with weight 2×4, bias 2."
    )


def test_shared_weights_of_other_fields(classifier, only):
    """L-051: one module has one stride."""
    conv = {"type": "conv2d", "fields": {"channels": 1, "padding": 1}, "weights": "w"}
    strided = {**conv, "fields": {**conv["fields"], "stride": 2}}
    nodes = {"a": conv, "b": strided, "f": "flatten", "fc": ("linear", {"units": 10})}
    problem = only(infer(classifier(nodes, "data.image > a", "a > b", "b > f", "f > fc", end="fc")), "weights_differ")
    assert problem.message == (
        "b: it shares the weights 'w' with a, but its fields differ: expected stride 1. Received stride 2."
    )


def test_layers_without_parameters_may_share_a_name(classifier):
    """L-051: there is nothing to share, so nothing differs."""
    nodes = {
        "a": {"type": "dropout", "fields": {"rate": 0.1}, "weights": "w"},
        "b": {"type": "relu", "weights": "w"},
        "fc": ("linear", {"units": 2}),
    }
    flat, found = infer_flat(classifier(nodes, "data.x > a", "a > b", "b > fc", end="fc", data="points"))
    assert found.problems == []
    assert flat.nodes["a"].weights == flat.nodes["b"].weights == ""


def test_memory_is_computed_before_anything_is_built(classifier, only):
    """C-015: a Linear of 10⁹ units."""
    nodes = {"big": ("linear", {"units": 10**9}), "fc": ("linear", {"units": 2})}
    problem = only(infer(classifier(nodes, "data.x > big", "big > fc", end="fc", data="points")), "memory")
    # 16 bytes for each of 5·10⁹ + 2 parameters, and 32 samples of 4·10⁹ bytes.
    assert problem.message.startswith("big: training this board would take 193.7 GB; expected at most 8 GB.")
    assert problem.fixes and problem.node == "big"


def test_the_memory_limit_is_a_setting(classifier):
    document = classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points")
    assert codes(infer(document, memory=900)) == ["memory"]
    assert codes(infer(document, memory=10_000)) == []


def test_gigabytes_have_no_end():
    assert gigabytes(8 * 1024**3) == "8"
    assert gigabytes(10**400).startswith("9,313,225")


# --- the recipe -----


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        ({"losses": ["fc"]}, "Recipe: it minimises 'fc', which is no loss. The losses are: loss."),
        ({"losses": ["gone"]}, "Recipe: it minimises 'gone', which is not on the board. The losses are: loss."),
        ({"updates": ["gone"]}, "Recipe: it updates 'gone', which is not on the board."),
        (
            {"optimizer": {"type": "lion"}},
            "Recipe: optimizer: there is no optimizer 'lion'; there are: sgd, adagrad, rmsprop, adadelta, adam, adamw.",
        ),
        (
            {"optimizer": {"type": "sgd", "fields": {"lr": 0}}},
            "Recipe: optimizer: learning rate must be more than 0. Received: 0.",
        ),
        (
            {"schedule": {"type": "cosine", "fields": {"floor": 2}}},
            "Recipe: schedule: floor must be at most 1. Received: 2.",
        ),
    ],
)
def test_a_recipe_that_does_not_fit_the_board(classifier, errors, phase, message):
    document = classifier(
        {"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points", recipe={"phases": {"main": phase}}
    )
    (problem,) = errors(infer(document))
    assert problem.message == message
    assert problem.field.startswith("phases.main.")
    assert problem.fixes


def test_a_recipe_without_a_phase(classifier, only):
    document = classifier(
        {"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points", recipe={"phases": {}}
    )
    assert only(infer(document), "no_phase").fixes


def test_a_phase_that_cannot_update_anything(classifier, only):
    """A phase of a GAN that is wired to the wrong loss has no gradient; training would fail on it."""
    nodes = {"fc": ("linear", {"units": 2}), "other": ("linear", {"units": 2}), "second": "cross_entropy"}
    document = classifier(
        nodes,
        *("data.x > fc", "data.x > other", "other > second.logits", "data.label > second.target"),
        end="fc",
        data="points",
        recipe={"phases": {"a": {"losses": ["loss"], "updates": ["other"]}, "b": {"losses": ["second"]}}},
    )
    problem = only(infer(document), "nothing_to_learn")
    assert problem.message == "Phase 'a': its losses depend on nothing of other that can learn."
    assert problem.field == "phases.a.updates"
    assert [fix.title for fix in problem.fixes] == ["Let the phase update everything"]


def test_a_phase_may_update_what_shares_with_the_way_to_its_loss(classifier):
    """T-055, L-051: a GAN's critic stands on the board twice, once for each of its losses."""
    shared = {"type": "linear", "fields": {"units": 2}, "weights": "critic"}
    document = classifier(
        {"fake": ("linear", {"units": 2}), "critic": shared, "twin": shared, "second": "cross_entropy"},
        *("data.x > fake", "fake > critic", "data.x > twin", "twin > second.logits", "data.label > second.target"),
        end="critic",
        data="points",
        recipe={"phases": {"a": {"losses": ["second"], "updates": ["critic"]}, "b": {"updates": ["fake"]}}},
    )
    assert infer(document).problems == []


def test_a_phase_may_update_a_block(classifier, residual):
    document = classifier(
        {"r": {"type": "block", "block": "res"}},
        "data.x > r",
        end="r",
        data="points",
        blocks={"res": residual},
        recipe={"phases": {"main": {"updates": ["r"], "losses": ["loss"]}}},
    )
    assert infer(document).problems == []


# --- doubtful choices -----


def sigmoids(classifier, count, type="sigmoid", between=None):
    nodes, wires, last = {}, [], "data.x"
    for i in range(count):
        row = [f"f{i}", *([f"m{i}"] if between else []), f"s{i}"]
        nodes |= {f"f{i}": "linear", f"s{i}": type} | ({f"m{i}": between} if between else {})
        for id in row:
            wires.append(f"{last} > {id}")
            last = id
    nodes["fc"] = ("linear", {"units": 2})
    return infer(classifier(nodes, *wires, f"{last} > fc", end="fc", data="points"))


def test_sigmoids_deep_in_a_network_are_warned_about(classifier, only):
    """L-004: max σ′ = 1/4, so four of them leave at most (1/4)⁴ of the gradient."""
    assert sigmoids(classifier, 2).problems == []
    problem = only(sigmoids(classifier, 4), "fading_gradient")
    assert problem.severity == "warning"
    assert "1/4 of the gradient, all together at most 0.0039" in problem.message
    assert [fix.title for fix in problem.fixes] == ["Use ReLU instead of these 4 sigmoids"]


def test_a_normalisation_restores_the_signal(classifier):
    """L-004, L-033."""
    assert sigmoids(classifier, 4, between="batch_norm1d").problems == []


def test_a_skip_connection_leads_past_sigmoids(classifier):
    """L-004, L-039."""
    nodes = {"in": "linear", "fc": ("linear", {"units": 2})}
    wires, last = ["data.x > in"], "in"
    for i in range(5):
        nodes |= {f"f{i}": "linear", f"s{i}": "sigmoid", f"a{i}": "add"}
        wires += [f"{last} > f{i}", f"f{i} > s{i}", f"s{i} > a{i}", f"{last} > a{i}"]
        last = f"a{i}"
    assert infer(classifier(nodes, *wires, f"{last} > fc", end="fc", data="points")).problems == []


def test_tanh_is_warned_about_later_than_sigmoid(classifier, only):
    """L-005."""
    assert sigmoids(classifier, 5, "tanh").problems == []
    assert only(sigmoids(classifier, 6, "tanh"), "fading_gradient")


@pytest.mark.parametrize(("type", "range"), [("relu", "never below 0"), ("tanh", "between −1 and 1")])
def test_an_activation_on_a_regression_head(board, only, type, range):
    """L-010."""
    found = infer(
        board(
            {"d": "points", "fc": ("linear", {"units": 2}), "a": type, "l": "mse"},
            *("d.x > fc", "fc > a", "a > l.prediction", "d.x > l.target"),
        )
    )
    problem = only(found, "bounded_head")
    assert range in problem.message and problem.severity == "warning"
    assert [edit.path for edit in problem.fixes[0].edits][-1] == ["nodes", "a"]


@pytest.mark.parametrize("between", ["identity", "flatten", "dropout", "gaussian_noise", "reshape"])
def test_an_activation_is_seen_through_what_only_rearranges(board, only, between):
    """L-010: dropout or a reshape between a tanh and the loss changes nothing about its range."""
    layers = {"d": "points", "fc": ("linear", {"units": 2}), "a": "tanh", "b": between, "l": "mse"}
    found = infer(board(layers, "d.x > fc", "fc > a", "a > b", "b > l.prediction", "d.x > l.target"))
    assert only(found, "bounded_head").node == "a"


def test_an_activation_behind_a_layer_that_calculates_is_no_head(board):
    layers = {"d": "points", "fc": ("linear", {"units": 2}), "a": "tanh", "b": ("scale", {"factor": 9}), "l": "mse"}
    found = infer(board(layers, "d.x > fc", "fc > a", "a > b", "b > l.prediction", "d.x > l.target"))
    assert found.problems == []


def test_errors_stand_before_warnings(classifier):
    found = infer(
        classifier(
            {"fc": ("linear", {"units": 2}), "loose": "linear", "bad": ("linear", {"units": 0})},
            *("data.x > fc", "data.x > loose"),
            end="fc",
            data="points",
        )
    )
    assert [problem.severity for problem in found.problems] == ["error", "warning", "warning"]


# --- what is no board at all -----


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[" * 1_000_000, "recursion limit"),
        (b'{"nodes": {"a": {"type": "linear"', "EOF"),
        (b"", "EOF"),
        (b"\xff\xfe", "no valid JSON"),
        (b"[1, 2]", "JSON object"),
        (b'{"version": 2}', "version 2"),
        (b'{"nodes": []}', "nodes"),
        (b'{"nodes": {"a b": {"type": "x"}}}', "nodes"),
        (b'{"nodes": {"a": {"type": "linear", "colour": 1}}}', "colour"),
        (b" " * 1_000_001, "1,000,001 bytes"),
    ],
)
def test_texts_that_are_no_board(text, words):
    with pytest.raises(Unreadable, match=words):
        read(text)


def test_a_document_of_100_000_nodes():
    nodes = {f"n{i}": {"type": "relu"} for i in range(100_000)}
    with pytest.raises(Unreadable, match="bytes"):
        read(json.dumps({"nodes": nodes}))
    with pytest.raises(Unreadable, match="100,000 nodes"):
        load({"nodes": nodes})
