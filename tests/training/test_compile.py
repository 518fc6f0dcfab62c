"""A document as a module: names, sharing, freezing, first weights, the way to a single value."""

from __future__ import annotations

import pytest
import torch

from chalknet.graph.document import load
from chalknet.training.compile import Refused, compile, module_name


def test_a_submodule_a_node_by_its_path(words) -> None:
    """Copies of a repeated block have weights of their own, named after their place."""
    compiled = compile(words())
    names = set(compiled.module.state_dict())
    assert {"embedding.weight", "encoder.0.attention.in_proj_weight", "encoder.1.attention.in_proj_weight"} <= names
    state = compiled.module.state_dict()
    assert not torch.equal(state["encoder.0.attention.in_proj_weight"], state["encoder.1.attention.in_proj_weight"])
    assert sum(p.numel() for p in compiled.module.parameters()) == compiled.facts.parameters


def test_names_that_a_module_has_get_an_underscore(board) -> None:
    board = board()
    board.add("data", "points")
    board.add("train", "linear", "data.x", units=4)
    board.add("forward", "relu", "train")
    board.add("class", "tanh", "forward")
    board.add("self", "tanh", "class")
    board.add("1-a", "linear", "self", units=2)
    board.add("loss", "cross_entropy", "1-a>logits", "data.label>target")
    compiled = compile(board.document())
    assert {"train_.weight", "1-a.weight"} <= set(compiled.module.state_dict())
    assert module_name("encoder/0/train") == "encoder.0.train_"
    assert module_name("import/0") == "import_.0"
    (loss,) = compiled.module(torch.zeros(3, 2), torch.zeros(3, dtype=torch.long))
    assert loss.item() > 0


def test_equals_the_network_written_by_hand(spiral) -> None:
    compiled = compile(spiral())
    state = compiled.module.state_dict()
    x, label = torch.randn(5, 2), torch.tensor([0, 1, 1, 0, 1])
    hidden = torch.tanh(x @ state["fc1.weight"].T + state["fc1.bias"])
    hidden = torch.tanh(hidden @ state["fc2.weight"].T + state["fc2.bias"])
    logits = hidden @ state["out.weight"].T + state["out.bias"]
    expected = torch.nn.functional.cross_entropy(logits, label)
    (loss,) = compiled.module(x, label)
    assert torch.allclose(loss, expected, atol=1e-6)
    (found,) = compiled.select([("out", "y")])(x, None)
    assert torch.allclose(found, logits, atol=1e-6)


def test_first_weights_come_from_seed_and_path(board, same) -> None:
    """The same seed gives the same weights; another node added leaves those of all others alone."""

    def made(deep: bool, seed: int = 0) -> dict[str, torch.Tensor]:
        new = board(seed=seed)
        new.add("data", "points")
        new.add("a", "linear", "data.x", units=4)
        if deep:
            new.add("b", "linear", "a", units=4)
        new.add("out", "linear", "b" if deep else "a", units=2)
        new.add("loss", "cross_entropy", "out>logits", "data.label>target")
        return compile(new.document()).module.state_dict()

    assert same(made(False), made(False))
    assert not torch.equal(made(False)["a.weight"], made(False, seed=1)["a.weight"])
    deeper = made(True)
    assert all(torch.equal(tensor, deeper[name]) for name, tensor in made(False).items())


def test_compiling_leaves_random_numbers_alone(spiral) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    compile(spiral())
    assert torch.equal(torch.get_rng_state(), before)


def test_shared_weights_are_one_module(board) -> None:
    """L-051: linked by name, counted once."""
    board = board()
    board.add("data", "points")
    board.add("a", "linear", "data.x", units=2, more={"weights": "w"})
    board.add("b", "linear", "a", units=2, more={"weights": "w"})
    board.add("loss", "cross_entropy", "b>logits", "data.label>target")
    compiled = compile(board.document())
    assert compiled.modules["a"] is compiled.modules["b"]
    assert len(compiled.parameters()) == 2
    assert sum(p.numel() for p in compiled.module.parameters()) == compiled.facts.parameters == 6


def test_frozen_nodes(board) -> None:
    """T-049: nothing of a frozen node changes, running statistics included."""
    board = board()
    board.add("data", "points")
    board.add("a", "linear", "data.x", units=4, more={"trainable": False})
    board.add("norm", "batch_norm1d", "a", more={"trainable": False})
    board.add("out", "linear", "norm", units=2)
    board.add("loss", "cross_entropy", "out>logits", "data.label>target")
    compiled = compile(board.document())
    assert set(compiled.parameters()) == {"out.weight", "out.bias"}
    assert set(compiled.parameters(["norm"])) == set()
    compiled.learn()
    assert not compiled.modules["norm"].training
    assert compiled.modules["out"].training
    assert sum(p.numel() for p in compiled.parameters().values()) == compiled.facts.trainable_parameters


def test_parameters_of_a_block(words) -> None:
    compiled = compile(words())
    assert {name.split(".")[0] for name in compiled.parameters(["encoder"])} == {"encoder"}
    assert {tuple(name.split(".")[:2]) for name in compiled.parameters(["encoder/1"])} == {("encoder", "1")}
    assert set(compiled.parameters(["out", "embedding"])) == {"out.weight", "out.bias", "embedding.weight"}


def test_a_board_with_errors_is_refused(board) -> None:
    board = board()
    board.add("data", "digits")
    board.add("out", "linear", "data.image", units=10)
    board.add("loss", "cross_entropy", "out>logits", "data.label>target")
    with pytest.raises(Refused) as refused:
        compile(board.document())
    assert [problem.node for problem in refused.value.problems if problem.severity == "error"] == ["out"]


def test_an_empty_board_is_refused() -> None:
    from chalknet.training.plan import plan

    with pytest.raises(Refused):
        plan(load({"nodes": {}}))
