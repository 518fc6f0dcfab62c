"""Whatever is put in, inference answers."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalknet.graph.document import Block, Document, Edge, Exposed, Node, Phase, Recipe, Unreadable, load, read
from chalknet.graph.edits import apply
from chalknet.graph.facts import Inference
from chalknet.graph.fits import fits
from chalknet.graph.infer import infer
from chalknet.layers.base import registry

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
finite = json.filter(lambda value: "nan" not in repr(value) and "inf" not in repr(value))

IDS = ["a", "b", "c", "d", "x", "y"]
PORTS = ["x", "y", "image", "label", "logits", "target", "mask", "memory", "tokens", "grid", "boxes", "prediction"]
ids = st.sampled_from(IDS)
fields = st.dictionaries(
    st.sampled_from(sorted({name for kind in registry.values() for name in kind.model_fields} | {"w"})),
    st.sampled_from([0, 1, 2, 3, 7, 10**9, -1, 0.5, True, None, "same", [2, 3], [1], "x", {}]) | finite,
    max_size=2,
)
nodes = st.builds(
    Node,
    type=st.sampled_from([*sorted(registry), *["block"] * 6, "nonsense"]),
    fields=fields,
    name=st.sampled_from(["", "Name"]),
    trainable=st.booleans(),
    weights=st.sampled_from(["", "", "w"]),
    block=st.sampled_from(["", "p", "q", "gone"]),
    mode=st.sampled_from(["once", "repeat"]),
    times=st.sampled_from([1, 2, 3]),
)
edges = st.builds(
    Edge,
    source=ids | st.just("gone"),
    out=st.sampled_from(PORTS),
    to=ids,
    into=st.sampled_from(PORTS),
    order=st.sampled_from(["", "a"]),
)
blocks = st.builds(
    Block,
    nodes=st.dictionaries(ids, nodes, max_size=6),
    edges=st.dictionaries(st.text("ew", min_size=1, max_size=3), edges, max_size=8),
    exposed=st.dictionaries(
        st.just("w"), st.builds(Exposed, node=ids, field=st.sampled_from(["units", "w", "gone"]), others=st.lists(ids))
    ),
)
phases = st.builds(
    Phase, losses=st.lists(ids, max_size=2), updates=st.lists(ids, max_size=2), clip=st.sampled_from([None, 1.0])
)
documents = st.builds(
    Document,
    nodes=st.dictionaries(ids, nodes, max_size=6),
    edges=st.dictionaries(st.text("ew", min_size=1, max_size=3), edges, max_size=10),
    blocks=st.dictionaries(st.sampled_from(["p", "q"]), blocks, max_size=2),
    recipe=st.builds(Recipe, phases=st.dictionaries(ids, phases, max_size=2), batch=st.sampled_from([1, 32, 65_536])),
)
unhurried = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@given(json)
@unhurried
def test_any_value_is_a_board_or_refused(value):
    try:
        document = load(value)
    except Unreadable as refused:
        assert str(refused).endswith(".")
    else:
        infer(document)


@given(st.binary(max_size=200))
@unhurried
def test_any_bytes_are_a_board_or_refused(text):
    try:
        infer(read(text))
    except Unreadable as refused:
        assert len(str(refused)) < 500


def about(problem):
    return (problem.code, problem.node, problem.edge, problem.field, problem.message)


@given(documents)
@unhurried
def test_any_document_is_inferred(document):
    """Never an exception; every problem has words, points at something, and its fixes can be applied and help."""
    found = infer(document)
    assert Inference.model_validate_json(found.model_dump_json()) == found
    levels = [document, *document.blocks.values()]
    for problem in found.problems:
        assert problem.message.endswith((".", "…")) and len(problem.message) < 2000
        assert problem.edge is None or any(problem.edge in level.edges for level in levels)
        for fix in problem.fixes:
            after = infer(apply(document, fix.edits))
            assert about(problem) not in map(about, after.problems), fix.title
    assert infer(load(document.dump())) == found, "what is written is read back the same"


@given(documents, ids, st.sampled_from(PORTS), st.sampled_from(["", "p"]))
@unhurried
def test_anything_may_be_asked_what_fits(document, node, port, block):
    for fit in fits(document, block, node, port):
        assert fit.title


@given(documents)
@unhurried
def test_totals_are_sums(document):
    """Without shared weights, the board's totals are the sums over the nodes that are no instances."""
    found = infer(document)
    leaves = [facts for facts in found.nodes.values() if facts.type != "block"]
    assert found.macs == sum(facts.macs for facts in leaves)
    assert found.flops == 2 * found.macs
    assert found.activation_bytes == sum(facts.activation_bytes for facts in leaves)
    assert found.parameters <= sum(facts.parameters for facts in leaves)
    assert found.trainable_parameters <= found.parameters


# --- the table of bad input: a clear refusal each -----


def cyclic(count):
    nodes = {f"n{i}": {"type": "relu"} for i in range(count)}
    return {"nodes": nodes, "edges": {f"e{i}": {"from": f"n{i}", "to": f"n{(i + 1) % count}"} for i in range(count)}}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (cyclic(5000), "cycle"),
        ({"nodes": {"l": {"type": "linear", "fields": {"units": 10**9}}, "d": {"type": "points"}, "m": {"type": "mse"}},
          "edges": {"a": {"from": "d", "out": "x", "to": "l"}}}, "memory"),
        ({"nodes": {"l": {"type": "linear", "fields": {"units": 10**30}}}}, "bad_field"),
        ({"nodes": {"l": {"type": "telepathy"}}}, "unknown_layer"),
    ],
)  # fmt: skip
def test_bad_boards_are_refused_clearly(value, code):
    start = time.perf_counter()
    assert code in [problem.code for problem in infer(load(value)).problems]
    # Not a budget (make bench has those), but far from a walk through 2ⁿ paths.
    assert time.perf_counter() - start < 10
