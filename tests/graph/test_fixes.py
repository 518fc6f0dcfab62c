"""Every fix that is offered is an edit that really removes its problem."""

from __future__ import annotations

import pytest

from chalknet.graph import fixes, trial
from chalknet.graph.document import Unreadable
from chalknet.graph.fixes import apply
from chalknet.graph.infer import infer
from chalknet.graph.problems import Edit


def fixed(document, problem, number=0):
    return infer(apply(document, problem.fixes[number].edits))


def titles(problem):
    return [fix.title for fix in problem.fixes]


def codes(inference):
    return sorted(problem.code for problem in inference.problems)


# --- those that the product promises -----


def test_insert_flatten(classifier, only):
    """L-002."""
    document = classifier(
        {"c": ("conv2d", {"channels": 6}), "fc": ("linear", {"units": 10})},
        *("data.image > c", "c > fc"),
        end="fc",
        drawing={"positions": {"c": {"x": 0, "y": 10}, "fc": {"x": 200, "y": 30}}},
    )
    problem = only(infer(document), "kind")
    assert titles(problem) == ["Insert Flatten", "Insert global average pooling"]
    fix = problem.fixes[0]
    assert (fix.adds_parameters, fix.adds_macs) == (0, 0)
    after = apply(document, fix.edits)
    assert infer(after).problems == []
    assert after.nodes["flatten"].type == "flatten"
    assert (after.drawing.positions["flatten"].x, after.drawing.positions["flatten"].y) == (100, 20)
    # The red wire itself is kept: it ends at the new node.
    assert after.edges["w1"].to == "flatten"


def test_set_the_outputs_to_what_the_loss_needs(classifier, only):
    document = classifier(
        {"f": "flatten", "fc": ("linear", {"units": 16}), "r": "relu"},
        *("data.image > f", "f > fc", "fc > r"),
        end="r",
    )
    problem = only(infer(document), "classes")
    assert titles(problem)[0] == "Set the outputs to 10: fc", "it looks through the ReLU"
    assert problem.fixes[0].adds_parameters == -6 * 1025
    assert fixed(document, problem).problems == []


def test_insert_a_projection_before_an_add(classifier, only, errors):
    """L-039, L-015: a mismatch at a skip connection offers a 1×1 convolution with its cost."""
    document = classifier(
        {
            "a": ("conv2d", {"channels": 8, "padding": 1}),
            "b": ("conv2d", {"channels": 32, "stride": 2, "padding": 1}),
            "add": "add",
            "p": "global_avg_pool",
            "fc": ("linear", {"units": 10}),
        },
        *("data.image > a", "a > b", "b > add", "a > add", "add > p", "p > fc"),
        end="fc",
    )
    problem = only(infer(document), "unequal_shapes")
    assert problem.fixes[0].title == "Insert a 1×1 convolution to 32 channels with stride 2"
    assert problem.fixes[0].adds_parameters == 8 * 32 + 32
    assert problem.fixes[0].adds_macs == 16 * 16 * 32 * 8
    after = apply(document, problem.fixes[0].edits)
    assert errors(infer(after)) == []
    assert after.edges["w3"].to == "conv2d", "the odd wire, not the other"


def test_insert_a_linear_projection_before_an_add(classifier, only):
    document = classifier(
        {"a": ("linear", {"units": 4}), "add": "add", "fc": ("linear", {"units": 2})},
        *("data.x > a", "a > add", "data.x > add", "add > fc"),
        end="fc",
        data="points",
    )
    problem = only(infer(document), "unequal_shapes")
    assert any("Linear" in title for title in titles(problem))
    assert fixed(document, problem).problems == []


@pytest.mark.parametrize(
    ("layer", "title"),
    [
        (("conv2d", {"kernel": 5}), "Set the kernel to 3×3"),
        (("max_pool2d", {"kernel": 5}), None),
        (("conv2d", {"kernel": 3, "stride": 2, "padding": "same"}), "Set padding to 1"),
    ],
)
def test_lower_a_kernel_or_stride_that_exceeds_its_input(classifier, errors, layer, title):
    """C-001."""
    document = classifier(
        {"p": ("max_pool2d", {"kernel": 8}), "c": layer, "g": "global_avg_pool", "fc": ("linear", {"units": 10})},
        *("data.image > p", "p > c", "c > g", "g > fc"),
        end="fc",
    )
    (problem,) = errors(infer(document))
    assert problem.node == "c" and problem.fixes
    if title is not None:
        assert problem.fixes[0].title == title
    for number in range(len(problem.fixes)):
        assert fixed(document, problem, number).problems == []


def test_connect_an_empty_input_to_the_nearest_that_fits(classifier, only):
    document = classifier(
        {"a": ("linear", {"units": 4}), "b": ("linear", {"units": 4}), "fc": ("linear", {"units": 2})},
        *("data.x > a", "data.x > b"),
        end="fc",
        data="points",
        drawing={"positions": {id: {"x": x, "y": 0} for id, x in {"a": 0, "b": 300, "fc": 400, "data": -200}.items()}},
    )
    problem = only(infer(document), "missing_input")
    assert problem.fixes[0].title == "Connect b"
    assert "label" not in " ".join(titles(problem)), "an index is no input of a Linear"
    after = fixed(document, problem)
    assert "missing_input" not in codes(after)


def test_connecting_never_makes_a_circle(board, only):
    document = board({"d": "points", "a": "linear", "b": "relu"}, "a > b")
    problem = only(infer(document), "missing_input")
    assert titles(problem) == ["Connect d’s x"]


def test_connect_an_output_that_dangles(classifier, only):
    document = classifier(
        {"a": ("linear", {"units": 4}), "add": "add", "b": ("linear", {"units": 4}), "fc": ("linear", {"units": 2})},
        *("data.x > a", "data.x > b", "a > add", "add > fc"),
        end="fc",
        data="points",
    )
    problem = only(infer(document), "dangling")
    assert (problem.node, titles(problem)) == ("b", ["Connect it to add", "Delete b"])
    assert fixed(document, problem, 0).problems == []
    # Without it, the Add has one wire again.
    assert "dangling" not in codes(fixed(document, problem, 1))


def test_break_a_cycle(classifier, only):
    """A-065."""
    document = classifier(
        {"add": "add", "fc": ("linear", {"units": 2})},
        *("data.x > add", "add > fc", "fc > add"),
        end="fc",
        data="points",
    )
    problem = only(infer(document), "cycle")
    assert titles(problem) == ["Cut the wire from fc to add"]
    assert "cycle" not in codes(fixed(document, problem))


def test_remove_one_of_two_wires_or_join_them(classifier, only):
    document = classifier(
        {"a": ("linear", {"units": 2}), "b": ("linear", {"units": 2})},
        *("data.x > a", "data.x > b", "b > loss.logits"),
        end="a",
        data="points",
    )
    problem = only(infer(document), "extra_wire")
    assert set(titles(problem)) >= {"Add them up", "Remove the wire from a to loss", "Remove the wire from b to loss"}
    joined = titles(problem).index("Add them up")
    assert fixed(document, problem, joined).problems == []


def test_a_pair_is_set_as_a_list(classifier, only):
    """Layers hold pairs as tuples, documents as lists."""
    document = classifier(
        {
            "c": ("conv2d", {"kernel": [2, 1], "stride": [4, 3]}),
            "g": "global_avg_pool",
            "fc": ("linear", {"units": 10}),
        },
        *("data.image > c", "c > g", "g > fc"),
        end="fc",
    )
    problem = only(infer(document), "skips_input")
    assert problem.fixes[0].edits[0].value == [2, 1]
    assert fixed(document, problem).problems == []


# --- those of the whole board -----


def test_add_a_loss(board, only):
    document = board({"d": "digits", "f": "flatten", "fc": ("linear", {"units": 10})}, "d.image > f", "f > fc")
    problem = only(infer(document), "no_loss")
    assert titles(problem) == ["Add Cross-entropy", "Add Focal loss", "Add Hinge loss"]
    assert fixed(document, problem).problems == []


def test_add_a_loss_with_the_mask_that_the_data_offer(board, only):
    document = board({"d": "reversal", "e": "embedding", "fc": ("linear", {"units": 11})}, "d.tokens > e", "e > fc")
    problem = only(infer(document), "no_loss")
    after = apply(document, problem.fixes[0].edits)
    assert infer(after).problems == []
    wires = {(edge.out, edge.into) for edge in after.edges.values() if edge.to == "cross_entropy"}
    assert wires == {("y", "logits"), ("target", "target"), ("mask", "mask")}


def test_add_data(board, only):
    document = board({"fc": ("linear", {"units": 2}), "l": "cross_entropy"}, "fc > l.logits")
    problem = only(infer(document), "no_data")
    assert titles(problem) == ["Add Points"], "the only source whose samples a Linear takes"
    assert fixed(document, problem).problems == []


def test_let_frozen_layers_learn(classifier, residual, only):
    document = classifier(
        {"r": {"type": "block", "block": "res", "trainable": False}},
        "data.x > r",
        end="r",
        data="points",
        blocks={"res": residual},
    )
    problem = only(infer(document), "nothing_to_learn")
    assert fixed(document, problem).problems == []


def test_let_a_constant_learn(board, only):
    """L-080: a graph worked by hand from constants alone is offered that one of them learns, each with its cost."""
    number = ("constant", {"values": "2"})
    document = board({"x": number, "y": number, "f": "multiply", "low": "minimise"}, "x > f", "y > f", "f > low.x")
    problem = only(infer(document), "nothing_to_learn")
    assert problem.message == "low: no layer with parameters leads to it (f, x, y)."
    assert problem.hint == "Let one of its constants learn, or put a layer that learns before it."
    assert titles(problem)[:2] == ["Let x learn", "Let y learn"]
    assert [fix.adds_parameters for fix in problem.fixes[:2]] == [1, 1]
    done = fixed(document, problem)
    assert done.problems == [] and done.parameters == 1


def test_one_number_of_several(board, only):
    """L-080: only one number can be made small; the ways to it are ranked, and each of them helps."""
    document = board({"w": ("learned", {"values": "1 2 3"}), "low": "minimise"}, "w > low.x")
    problem = only(infer(document), "kind")
    assert problem.message == "low: needs one number for every sample; a vector of 3 numbers arrives."
    assert titles(problem) == ["Take the mean of the 3 numbers", "Add them up"]
    assert fixed(document, problem).problems == []


def test_own_weights(classifier, only):
    nodes = {
        "a": {"type": "linear", "fields": {"units": 4}, "weights": "w"},
        "b": {"type": "linear", "fields": {"units": 2}, "weights": "w"},
    }
    document = classifier(nodes, "data.x > a", "a > b", end="b", data="points")
    assert fixed(document, only(infer(document), "weights_differ")).problems == []


def test_less_memory(classifier, only):
    document = classifier(
        {"c": ("conv2d", {"channels": 512, "padding": 1}), "g": "global_avg_pool", "fc": ("linear", {"units": 10})},
        *("data.image > c", "c > g", "g > fc"),
        end="fc",
        recipe={"batch": 60_000},
    )
    problem = only(infer(document), "memory")
    assert any(title.startswith("Use batches of") for title in titles(problem))
    for number in range(len(problem.fixes)):
        assert fixed(document, problem, number).problems == []


def test_repeat_a_block_fewer_times(classifier, residual, only):
    nodes = {"r": {"type": "block", "block": "mid", "mode": "repeat", "times": 100}}
    middle = {
        "nodes": {
            "x": {"type": "block_input"},
            "in": {"type": "block", "block": "res", "mode": "repeat", "times": 100},
            "y": {"type": "block_output"},
        },
        "edges": {"a": {"from": "x", "to": "in"}, "b": {"from": "in", "to": "y"}},
    }
    document = classifier(nodes, "data.x > r", end="r", data="points", blocks={"mid": middle, "res": residual})
    problem = only(infer(document), "too_many_nodes")
    assert titles(problem) == ["Repeat it 24 times"]
    assert fixed(document, problem).problems == []


# --- inside blocks -----


def test_a_fix_inside_a_block_edits_the_block(classifier, residual, only):
    """The Linear of the residual block must be as wide as its input."""
    residual = {**residual, "nodes": {**residual["nodes"], "fc": {"type": "linear", "fields": {"units": 0}}}}
    document = classifier(
        {"r": {"type": "block", "block": "res"}}, "data.x > r", end="r", data="points", blocks={"res": residual}
    )
    problem = only(infer(document), "bad_field")
    assert problem.node == "r/fc"
    assert problem.fixes[0].edits[0].path[:4] == ["blocks", "res", "nodes", "fc"]
    assert "bad_field" not in codes(fixed(document, problem))


def test_a_field_that_the_instance_sets_is_fixed_at_the_instance(classifier, residual, only):
    document = classifier(
        {"r": {"type": "block", "block": "res", "fields": {"width": 0}}},
        "data.x > r",
        end="r",
        data="points",
        blocks={"res": residual},
    )
    problem = only(infer(document), "bad_field")
    assert [edit.path for fix in problem.fixes for edit in fix.edits] == [["nodes", "r", "fields", "width"]] * len(
        problem.fixes
    )
    assert "bad_field" not in codes(fixed(document, problem))


def test_what_a_block_cannot_take_may_be_changed_before_it(classifier, residual, only):
    """A picture into a block of vectors: Flatten outside of it, where other instances do not see it."""
    document = classifier(
        {
            "r": {"type": "block", "block": "res", "fields": {"width": 1024}},
            "fc": ("linear", {"units": 10}),
        },
        *("data.image > r", "r > fc"),
        end="fc",
        blocks={"res": residual},
    )
    problem = only(infer(document), "kind")
    assert problem.node == "r/fc"
    assert any(fix.edits[0].path == ["nodes", "flatten"] for fix in problem.fixes)
    after = fixed(document, problem)
    assert after.problems == []


# --- how they are offered -----


def test_no_fix_is_offered_that_does_not_help(classifier, only):
    """The inner field alone would not help where an instance sets it."""
    document = classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="digits")
    for problem in infer(document).problems:
        for number in range(len(problem.fixes)):
            assert problem.code not in codes(fixed(document, problem, number))


def test_trials_are_bounded(board, monkeypatch):
    """A large broken board is answered soon too, also where every trial must judge it whole: for shared weights."""
    tried = []
    really = trial.judge
    monkeypatch.setattr(trial, "judge", lambda *each, **more: tried.append(1) or really(*each, **more))
    wrong = {f"n{i}": {"type": "linear", "fields": {"units": 0}, "weights": "w"} for i in range(2000)}
    infer(board(wrong))
    assert 0 < len(tried) <= fixes.EFFORT // (trial.WHOLE * 2000) + 1


def test_only_the_first_problems_get_fixes(board):
    found = infer(board({f"n{i:02}": ("linear", {"units": 0}) for i in range(40)}))
    with_fixes = [problem for problem in found.problems if problem.fixes]
    assert len(with_fixes) <= fixes.MOST_PROBLEMS < len(found.problems)


# --- edits -----


def test_edits_set_and_remove(classifier):
    document = classifier({"fc": ("linear", {"units": 2})}, "data.x > fc", end="fc", data="points")
    after = apply(
        document,
        [
            Edit(path=["nodes", "fc", "fields", "units"], value=3),
            Edit(path=["edges", "w0", "in"], value="q"),
            Edit(path=["recipe", "batch"], value=7),
            Edit(path=["nodes", "loss"], remove=True),
            Edit(path=["nodes", "fc", "name"], value="Head"),
        ],
    )
    assert (after.nodes["fc"].fields, after.nodes["fc"].name, after.edges["w0"].into) == ({"units": 3}, "Head", "q")
    assert after.recipe.batch == 7 and "loss" not in after.nodes
    assert document.nodes["fc"].fields == {"units": 2}, "the old one is left alone"
    back = apply(after, [Edit(path=["recipe", "batch"], remove=True)])
    assert back.recipe.batch == 32


@pytest.mark.parametrize(
    "edit",
    [
        Edit(path=[], value=1),
        Edit(path=["colour"], value=1),
        Edit(path=["nodes", "gone", "fields", "units"], value=1),
        Edit(path=["nodes", "data", "fields", "a", "b"], value=1),
        Edit(path=["nodes", "not an id"], value={"type": "relu"}),
        Edit(path=["nodes", "x"], value={"nonsense": 1}),
        Edit(path=["recipe", "batch"], value=0),
        Edit(path=["title", "x"], value=0),
    ],
)
def test_edits_that_lead_nowhere_are_refused(classifier, edit):
    document = classifier({}, end="data", data="points")
    with pytest.raises(Unreadable):
        apply(document, [edit])
