"""L-031: an encoder and a decoder on a board: what is counted, what is said, and the ways out."""

from __future__ import annotations

from typing import Any

import pytest

from chalknet.graph.document import Document
from chalknet.graph.edits import apply
from chalknet.graph.infer import infer
from chalknet.graph.judge import MEMORY, judge
from chalknet.graph.patch import Patches
from chalknet.graph.problems import Edit
from chalknet.graph.trial import Trials

NODES: dict[str, Any] = {
    "data": ("digits", {"size": 28}),
    "conv": ("conv2d", {"channels": 4, "kernel": 3, "padding": 1}),
    "pool1": "max_pool2d",
    "pool2": ("max_pool2d", {"kernel": 3, "stride": 3}),
    "unpool2": "max_unpool2d",
    "unpool1": "max_unpool2d",
    "fc": ("linear", {"units": 10}),
    "flat": "flatten",
}
DOWN = ("data.image > conv", "conv > pool1", "pool1 > pool2")
WIRES = (*DOWN, "pool2 > unpool2", "unpool2 > unpool1", "unpool1 > flat", "flat > fc")
PAIRS = ("pool2.indices > unpool2.indices", "pool1.indices > unpool1.indices")


@pytest.fixture
def decoder(classifier):
    """A board with these wires besides: convolution, two poolings, two unpoolings, a classifier."""
    return lambda *wires, **nodes: classifier({**NODES, **nodes}, *WIRES, *wires, end="fc")


def errors(document: Document) -> list[Any]:
    return [problem for problem in infer(document).problems if problem.severity == "error"]


def test_the_way_up_has_the_sizes_of_the_way_down(decoder):
    """L-031: 14 / 3 leaves a remainder of 2, and the image is 14 wide again."""
    found = infer(decoder(*PAIRS))
    assert not [problem for problem in found.problems if problem.severity == "error"]
    assert found.nodes["pool2"].outputs == {"y": "float[C 4, H 4, W 4]", "indices": "place<14×14>[C 4, H 4, W 4]"}
    assert found.nodes["unpool2"].outputs == {"y": "float[C 4, H 14, W 14]"}
    assert found.nodes["unpool1"].outputs == {"y": "float[C 4, H 28, W 28]"}
    assert found.nodes["unpool1"].parameters == found.nodes["unpool1"].macs == 0
    assert r"4 \cdot 28 \cdot 28 - 4 \cdot 14 \cdot 14 = 2{,}352" in found.nodes["unpool1"].numbers


def test_places_are_counted_where_they_are_used(decoder, classifier):
    """L-031: 8 bytes a place where a wire begins there; a pool without one is what it always was."""
    used = infer(decoder(*PAIRS)).nodes["pool1"]
    assert used.activation_bytes == 4 * 14 * 14 * (4 + 8)
    nodes = {"data": NODES["data"], "pool": "max_pool2d", "flat": "flatten", "fc": NODES["fc"]}
    alone = infer(classifier(nodes, "data.image > pool", "pool > flat", "flat > fc", end="fc"))
    assert alone.nodes["pool"].outputs == {"y": "float[C 1, H 14, W 14]"}
    assert alone.nodes["pool"].activation_bytes == 14 * 14 * 4
    assert not alone.problems


def test_an_unpaired_one_is_offered_its_pool(decoder):
    """L-031: nothing at the port for places: the pool that stands as deep is wired to it, and no other."""
    document = decoder()
    (problem,) = errors(document)
    assert (problem.code, problem.node) == ("missing_input", "unpool2")
    assert [fix.title for fix in problem.fixes] == ["Connect pool2’s indices"]
    document = apply(document, problem.fixes[0].edits)
    (problem,) = errors(document)
    assert problem.node == "unpool1" and problem.fixes[0].title == "Connect pool1’s indices"
    assert not errors(apply(document, problem.fixes[0].edits))


def test_crossed_pairs_are_set_right(decoder):
    """L-031: the places of the other pool: told with both sizes; the first fix takes the right ones."""
    document = decoder("pool1.indices > unpool2.indices", "pool2.indices > unpool1.indices")
    for node, fitting in (("unpool2", "pool2"), ("unpool1", "pool1")):
        problem = errors(document)[0]
        assert (problem.code, problem.node) == ("unpaired", node)
        assert "numbers and" in problem.message and "do not belong together" in problem.message
        assert problem.fixes[0].title == f"Take {fitting}’s indices"
        document = apply(document, problem.fixes[0].edits)
    assert not errors(document)


def test_a_picture_at_the_port_for_places(decoder):
    """L-031: numbers are no places."""
    document = decoder("conv > unpool2.indices", "pool1.indices > unpool1.indices")
    problem = errors(document)[0]
    assert problem.code == "unpaired" and "an image 4×28×28 arrives" in problem.message
    assert problem.fixes[0].title == "Take pool2’s indices"
    assert not errors(apply(document, problem.fixes[0].edits))


def test_places_wired_into_a_convolution(classifier):
    """L-031: they are no numbers to compute with; the fix takes those that they belong to."""
    conv = ("conv2d", {"channels": 2, "kernel": 3})
    document = classifier(
        {"data": NODES["data"], "pool": "max_pool2d", "conv": conv, "flat": "flatten", "fc": NODES["fc"]},
        *("data.image > pool", "pool.indices > conv", "conv > flat", "flat > fc"),
        end="fc",
    )
    (problem,) = errors(document)
    assert "needs an image (channels × height × width); a record of 1×14×14 places arrives." in problem.message
    assert [fix.title for fix in problem.fixes] == ["Take pool’s y"]
    assert not errors(apply(document, problem.fixes[0].edits))


def test_a_bypassed_pool_leaves_its_unpooling_without_places(decoder):
    """L-031: what stands in for a pool is an image; nobody then asks it for places."""
    document = decoder(*PAIRS)
    document.nodes["pool2"].ablation = "bypass"
    found = infer(document)
    assert found.nodes["unpool2"].idle == "starved"
    assert found.nodes["pool1"].outputs.keys() == {"y"}, "nothing asks for its places any more"


def test_places_leave_a_block(classifier):
    """L-031: an encoder stage as a block gives its places outside."""
    stage = {
        "nodes": {
            "x": {"type": "block_input"}, "pool": {"type": "max_pool2d"},
            "y": {"type": "block_output"}, "places": {"type": "block_output", "fields": {"order": 1}},
        },
        "edges": {
            "a": {"from": "x", "to": "pool"}, "b": {"from": "pool", "to": "y"},
            "c": {"from": "pool", "out": "indices", "to": "places"},
        },
    }  # fmt: skip
    document = classifier(
        {
            **{id: NODES[id] for id in ("data", "flat", "fc")},
            "stage": {"type": "block", "block": "stage"},
            "unpool": "max_unpool2d",
        },
        *("data.image > stage.x", "stage.y > unpool", "stage.places > unpool.indices", "unpool > flat", "flat > fc"),
        end="fc",
        blocks={"stage": stage},
    )
    found = infer(document)
    assert not [problem for problem in found.problems if problem.severity == "error"]
    assert found.nodes["stage"].outputs["places"] == "place<28×28>[C 1, H 14, W 14]"
    assert found.nodes["unpool"].outputs == {"y": "float[C 1, H 28, W 28]"}


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(path=["edges", "w7"], remove=True)],
        [Edit(path=["edges", "w7", "from"], value="pool1")],
        [Edit(path=["edges", "w8", "from"], value="pool2"), Edit(path=["edges", "w7", "from"], value="pool1")],
        [Edit(path=["edges", "w7", "out"], value="y")],
        [Edit(path=["edges", "more"], value={"from": "pool2", "out": "indices", "to": "flat"})],
        [Edit(path=["nodes", "pool2", "type"], value="avg_pool2d")],
        [Edit(path=["nodes", "unpool2"], remove=True)],
    ],
    ids=["cut", "crossed", "swapped", "numbers", "twice", "another pool", "gone"],
)
def test_a_way_that_is_tried_asks_the_same_pools_for_places(decoder, edits):
    """L-031: a board patched by an edit asks for what it asks for when it is flattened whole."""
    document = decoder(*PAIRS)
    judged = judge(document)
    assert judged.flat.spares == {"pool1": {"indices"}, "pool2": {"indices"}}
    after = apply(document, edits)
    patched = Patches(document, judged).after(after, edits)
    assert patched is not None
    assert {path: names for path, names in patched.flat.spares.items() if names} == judge(after).flat.spares
    trials = Trials(document, judged, MEMORY)
    assert trials.outcome(edits) == trials.whole(after)
