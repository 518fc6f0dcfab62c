"""A trial of an edit looks only at what lies downstream, and comes to what judging the whole board would come to."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from chalknet.graph import gallery, trial
from chalknet.graph.case import Case
from chalknet.graph.document import Document, Unreadable, load
from chalknet.graph.edits import Level, apply
from chalknet.graph.infer import infer
from chalknet.graph.judge import MEMORY, judge
from chalknet.graph.problems import Edit
from chalknet.graph.trial import Trials
from chalknet.graph.ways import propose
from chalknet.layers.base import registry
from tests.graph.test_oracle import grown

EACH = 25
ROUNDS = 6
TYPES = ["relu", "linear", "conv2d", "flatten", "add", "concat", "cross_entropy", "digits", "tanh", "max_pool2d", "no"]


def some_edits(rng: random.Random, document: Document) -> list[Edit]:
    """A few edits of a level, such as people make: fields, nodes, wires set and taken away."""
    block = rng.choice(["", *document.blocks])
    level = Level(document, block)
    nodes, edges = sorted(level.nodes), sorted(level.edges)
    made: list[Edit] = []
    for number in range(rng.randint(1, 3)):
        kind = rng.randrange(8)
        node = rng.choice(nodes) if nodes else "none"
        if kind == 0 and nodes:
            names = [*registry[level.nodes[node].type].model_fields] if level.nodes[node].type in registry else []
            value = rng.choice([0, 1, 3, 7, "same", True])
            made.append(Edit(path=level.node(node, "fields", rng.choice([*names, "no"])), value=value))
        elif kind == 1 and nodes:
            made += level.delete(node)
        elif kind == 2 and nodes:
            made.append(Edit(path=level.node(node, "type"), value=rng.choice(TYPES)))
        elif kind == 3 and nodes:
            made.append(Edit(path=level.node(node, "trainable"), value=rng.random() < 0.5))
        elif kind == 4 and edges:
            made.append(level.cut(rng.choice(edges)))
        elif kind == 5 and edges:
            edge = rng.choice(edges)
            old = level.edges[edge]
            new = level.new_nodes([rng.choice(TYPES)])[0]
            made.append(level.set_node(new, rng.choice(TYPES), {}))
            made.append(level.set_edge(edge, old.source, old.out, new, "x"))
            made.append(level.set_edge(f"new{number}", new, "y", old.to, old.into, old.order))
        elif nodes:
            out, into = rng.choice(["y", "x", "image", "label"]), rng.choice(["x", "logits", "target", "prediction"])
            made.append(level.set_edge(f"wire{number}", node, out, rng.choice(nodes), into))
    return made


def boards(rng: random.Random) -> Iterator[Document]:
    """A random board that is whole, and what becomes of it in other hands."""
    document = grown(rng)
    yield document
    for _ in range(3):
        try:
            document = apply(document, some_edits(rng, document))
        except Unreadable:
            continue
        yield document


@pytest.fixture
def wholes(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """Documents that a trial judged whole."""
    seen: list[Document] = []

    def counted(document: Document, **more: Any) -> Any:
        seen.append(document)
        return judge(document, **more)

    monkeypatch.setattr(trial, "judge", counted)
    return seen


def tried(document: Document, rng: random.Random) -> Iterator[tuple[list[Edit], Trials]]:
    """Every way out that is known of a board's problems, and edits of any kind."""
    judged = judge(document)
    trials = Trials(document, judged, MEMORY)
    for complaint in judged.complaints[:6]:
        for way in propose(Case(document, judged, complaint, MEMORY)):
            yield list(way.edits), trials
    for _ in range(6):
        yield some_edits(rng, document), trials


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_trial_is_what_the_whole_board_would_be(round: int) -> None:
    rng = random.Random(round)
    count = 0
    for _ in range(EACH):
        for document in boards(rng):
            for edits, trials in tried(document, rng):
                if not edits:
                    continue
                try:
                    after = apply(document, edits)
                except Unreadable:
                    continue
                count += 1
                assert trials.outcome(edits) == trials.whole(after), (document.dump(), edits)
    assert count > 1000


def test_most_trials_judge_no_board_whole(wholes: list[Document]) -> None:
    """Of the edits above; the share of a single round hangs on a few boards of which nothing else can be made."""
    count = 0
    for rng in map(random.Random, range(ROUNDS)):
        for _ in range(EACH):
            for document in boards(rng):
                for edits, trials in tried(document, rng):
                    if edits:
                        with suppress(Unreadable):
                            trials.outcome(edits)
                            count += 1
    assert count > 5000
    assert len(wholes) < 0.6 * count, (len(wholes), count)


@pytest.mark.parametrize("name", ["resnet-18", "googlenet", "lenet-5-digits", "densenet-121"])
def test_a_trial_on_boards_of_the_gallery(name: str, wholes: list[Document]) -> None:
    """Blocks in blocks, repeated, with fields of their own."""
    rng = random.Random(name)
    document = gallery.boards()[name]
    judged = judge(document)
    trials = Trials(document, judged, MEMORY)
    for _ in range(40):
        edits = some_edits(rng, document)
        if edits:
            assert trials.outcome(edits) == trials.whole(apply(document, edits)), edits


def test_only_what_lies_downstream_is_looked_at(board: Callable[..., Document], wholes: list[Document]) -> None:
    """An edit near the end of a long row costs little, one that changes no type even at its beginning."""
    row = {f"n{i}": "relu" for i in range(400)}
    wires = [f"n{i} > n{i + 1}" for i in range(399)]
    document = board({"d": "digits", **row}, "d.image > n0", *wires)
    trials = Trials(document, judge(document), MEMORY)
    for node in ("n398", "n0"):
        before = trials.effort
        trials.outcome([Edit(path=["nodes", node, "type"], value="gelu")])
        assert trials.effort - before < 20
    before = trials.effort
    trials.outcome([Edit(path=["nodes", "n0"], value={"type": "flatten"})])
    assert 400 <= trials.effort - before < 450
    assert not wholes


def test_a_broken_board_gets_ways_out_for_every_problem_that_is_looked_at() -> None:
    """Also a large one: what a way does not touch is not judged again."""
    nodes: dict[str, Any] = {"d": {"type": "digits"}}
    edges: dict[str, Any] = {}
    before, out = "d", "image"
    for i in range(600):
        nodes[f"n{i}"] = {
            "type": "conv2d",
            "fields": {"channels": 4, "padding": 1, **({"stride": 0} if i % 30 == 5 else {})},
        }
        edges[f"e{i}"] = {"from": before, "out": out, "to": f"n{i}"}
        before, out = f"n{i}", "y"
    document = load({"nodes": nodes, "edges": edges})
    wrong = [problem for problem in infer(document).problems if problem.code == "bad_field"]
    assert len(wrong) == 20 and all(problem.fixes for problem in wrong)
