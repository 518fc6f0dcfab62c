"""L-088: the formula node's grammar: what it reads, what it refuses and where, and that nothing else can happen."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chalknet.layers import grammar
from chalknet.layers.base import Fault, Inputs, registry, scalar, vector
from chalknet.layers.grammar import Apply, Name, Number, Tree


def refused(text: str) -> Fault:
    with pytest.raises(Fault) as caught:
        grammar.folded(grammar.parse(text))
    return caught.value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a + ", "ends where a number, an input or a bracket was expected, at character 5: a + ▸"),
        ("(a + b", "a bracket is opened and never closed, at character 1: ▸(a + b"),
        ("a + b)", "a bracket is closed that was never opened, at character 6: a + b▸)"),
        ("a b", "an operation such as + or * was expected before 'b' at character 3: a ▸b"),
        ("a ** 2", "a power is written ^, not **, at character 3: a ▸** 2"),
        ("foo(a)", "there is no function 'foo'"),
        ("sin a", "the function sin needs brackets, such as sin(a), at character 1"),
        ("max(a)", "max takes two values or more, but 1 are given, at character 1"),
        ("exp(a, b)", "exp takes one value, but 2 are given, at character 1"),
        ("1 + floor(a)", "floor has no slope, so nothing before it could learn; it is not allowed at character 5"),
        ("a > 0", "a comparison has no slope"),
        ("a + 1/0", "1 / 0 is no number that fits"),
        ("", "has no formula yet"),
        ("a" * 501, "has 501 characters; at most 500 are read"),
        ("(" * 40 + "a" + ")" * 40, "nested more than 32 deep"),
        ("-" * 60 + "a", "nested more than 32 deep"),
        ("+".join("a" * 240), "more than 200 parts"),
        ("__import__('os')", "there is no function '__import__'"),
        ("a.b", "an operation such as + or * was expected before '.'"),
        ("a, b", "a comma stands outside of a function's brackets at character 2"),
    ],
)
def test_refusals_say_where(text: str, says: str) -> None:
    """Unknown names, brackets, length, depth, and what has no slope: in words, with the place marked."""
    fault = refused(text)
    assert says in fault.message and fault.field == "text"


@pytest.mark.parametrize("text", ["floor(a)", "round(a)", "sign(a)", "argmax(a)", "step(a)"])
def test_what_has_no_slope_is_refused(text: str) -> None:
    assert refused(text).code == "no_slope"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("8 / 4 / 2", 1), ("8 - 4 - 2", 2),
        ("2 × 3 ÷ 4 − 1", 0.5), ("2 ^ -1", 0.5), ("max(1, 5, 3)", 5), ("pi", math.pi), ("1.5e2 + .5", 150.5),
    ],
)  # fmt: skip
def test_precedence(text: str, value: float) -> None:
    folded = grammar.folded(grammar.parse(text))
    assert isinstance(folded, Number) and folded.value == pytest.approx(value)


def test_it_is_written_as_on_a_blackboard() -> None:
    tree = grammar.parse("a * (b + 1) / sqrt(c) - exp(-a^2)")
    assert grammar.katex(tree) == r"\dfrac{a \cdot \left(b + 1\right)}{\sqrt{c}} - e^{-{a}^{2}}"


def test_the_export_holds_the_expression() -> None:
    layer = registry["formula"](text="max(a*b, 0) + ln(a)")
    made = layer.source(Inputs({"a": [vector(3)], "b": [scalar()]}))
    assert made.call == "torch.clamp({0} * {1}[..., None], min=0.0) + torch.log({0})"


def test_inputs_and_names_agree() -> None:
    layer = registry["formula"](text="a + c + x")
    with pytest.raises(Fault, match="nothing is connected there"):
        layer.infer(Inputs({"a": [vector(3)]}))
    with pytest.raises(Fault, match="there is no input 'x'"):
        layer.infer(Inputs({"a": [vector(3)], "c": [vector(3)]}))
    with pytest.raises(Fault, match="b is connected, but its formula does not speak of it"):
        registry["formula"](text="2 * a").infer(Inputs({"a": [vector(3)], "b": [vector(3)]}))


# --- anything at all -----


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text("ab01.+-*/^(), sinexplogmax<eE_", max_size=60)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never anything but a Fault, also of the layer that holds it."""
    try:
        tree = grammar.folded(grammar.parse(text))
        grammar.katex(tree)
        assert grammar.parse(grammar.show(tree))
    except Fault as fault:
        assert fault.message.endswith(".") or "character" in fault.message
    with contextlib.suppress(Fault):
        registry["formula"](text=text).infer(Inputs({"a": [scalar()]}))


def _apply(children: Any) -> Any:
    two = st.tuples(st.sampled_from(["+", "-", "*", "/", "^", "max", "min"]), children, children)
    one = st.tuples(st.sampled_from(["neg", "sin", "tanh", "sigmoid", "relu", "abs", "exp"]), children)
    return st.one_of(
        two.map(lambda made: Apply(made[0], (made[1], made[2]))), one.map(lambda made: Apply(made[0], (made[1],)))
    )


TREES: Any = st.recursive(
    st.one_of(
        st.sampled_from("abcd").map(Name),
        st.floats(-1e6, 1e6).map(Number),
        st.integers(0, 9).map(lambda n: Number(float(n))),
    ),
    _apply,
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(TREES)
def test_what_is_written_reads_the_same(tree: Tree) -> None:
    """parse(show(tree)) is the tree, and so it stays."""
    try:
        read = grammar.parse(grammar.show(tree))
    except Fault as fault:  # drawn deeper than a person may type
        assert "deep" in fault.message or "characters" in fault.message
        return
    assert read == tree
    assert grammar.show(read) == grammar.show(tree)


def by_hand(tree: Tree, given: dict[str, float]) -> float:
    """The value by Python's own arithmetic on floats, written a second time; nan where there is none."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return given[tree.name]
    parts = [by_hand(part, given) for part in tree.parts]
    try:
        match tree.what, *parts:
            case "+", a, b:
                return a + b
            case "-", a, b:
                return a - b
            case "*", a, b:
                return a * b
            case "/", a, b:
                return a / b
            case "^", a, b:
                return math.pow(a, b)
            case "neg", a:
                return -a
            case "max", a, b:
                return a if a > b else b
            case "min", a, b:
                return a if a < b else b
            case "sigmoid", a:
                return 1 / (1 + math.exp(-a))
            case "relu", a:
                return a if a > 0 else 0.0
            case "abs", a:
                return math.fabs(a)
            case name, a:
                return float(getattr(math, name)(a))
    except (ArithmeticError, ValueError):
        return math.nan
    raise AssertionError(tree)


@settings(max_examples=300, deadline=None)
@given(TREES, st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_values_are_those_worked_out_apart(tree: Tree, values: list[float]) -> None:
    """The module and the exported text both give what plain arithmetic gives, in double precision."""
    used = sorted(grammar.names(tree))
    if not used or used[0] != "a":
        tree = Apply("+", (Name("a"), tree))
        used = sorted({"a", *used})
    text = grammar.show(tree)
    wires = {letter: [scalar()] for letter in used}
    tensors = {letter: torch.tensor([value], dtype=torch.float64) for letter, value in zip("abcd", values, strict=True)}
    layer = registry["formula"]
    try:
        made = layer(text=text) if len(text) <= grammar.MOST_TEXT else None
        if made is None:
            return
        made.infer(Inputs(wires))
    except Fault as fault:
        assert "deep" in fault.message or "no number" in fault.message, fault.message
        return
    got = made.build(Inputs(wires))(*(tensors[letter] if letter in used else None for letter in "abcd"))
    call = made.source(Inputs(wires)).call
    assert call is not None
    written = eval(call.format(*(f"t['{letter}']" for letter in "abcd")), {"torch": torch, "t": tensors})
    torch.testing.assert_close(got, written, equal_nan=True)
    want = by_hand(tree, dict(zip("abcd", values, strict=True)))
    if math.isfinite(want) and abs(want) < 1e12 and torch.isfinite(got).all():
        assert float(got) == pytest.approx(want, rel=1e-6, abs=1e-6)
