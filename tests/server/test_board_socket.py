"""Two browsers on one board: they converge, are told what it means, and what was acknowledged survives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_two_people_converge(somebody: Callable[..., Any], shared: Callable[[Any], Any]) -> None:
    ann, bob = somebody(), somebody()
    board = ann.board()
    left, right = ann.open(board), bob.open(board)
    left.edit(lambda it: it.root("nodes").__setitem__("x", shared({"type": "relu"})))
    right.edit(lambda it: it.root("nodes").__setitem__("y", shared({"type": "tanh"})))
    left.until(lambda: "y" in left.root("nodes"))
    right.until(lambda: "x" in right.root("nodes"))
    assert left.root("nodes").to_py() == right.root("nodes").to_py()
    left.saved()
    right.saved()


def test_an_edit_is_inferred(somebody: Callable[..., Any]) -> None:
    ann = somebody()
    it = ann.open(ann.board())
    it.until(lambda: it.inferred)
    assert it.inferred["full"] and it.inferred["parameters"] == 22
    assert set(it.facts) == {"data", "hidden", "act", "out", "loss"}
    it.edit(lambda it: it.root("nodes")["hidden"]["fields"].__setitem__("units", 8.0))
    it.until(lambda: it.inferred["parameters"] == 42)
    assert not it.inferred["full"]
    assert "data" not in it.inferred["nodes"] and "hidden" in it.inferred["nodes"]
