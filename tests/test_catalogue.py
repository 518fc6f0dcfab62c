"""What the palette is drawn from."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace

from chalknet.catalogue import FAMILIES, curve, describe, rates
from chalknet.graph import gallery
from chalknet.graph.document import Document, Phase, Recipe, Schedule
from chalknet.layers.base import registry
from chalknet.wire import Catalogue


def test_it_holds_every_layer_with_every_field():
    catalogue = describe()
    assert {layer.type for layer in catalogue.layers} == set(registry)
    for layer in catalogue.layers:
        kind = registry[layer.type]
        # What is done to samples, rather than which there are, comes last.
        late = [name for name in ("scaling", "augment") if name in kind.model_fields]
        assert [field.name for field in layer.fields] == [
            *(name for name in kind.model_fields if name not in late),
            *late,
        ]
        assert [port.name for port in layer.inputs] == [port.name for port in kind.inputs]
        assert layer.sentence and layer.formula and layer.icon and layer.family in FAMILIES


def test_forms_say_kind_range_and_choices():
    fields = {(layer.type, field.name): field for layer in describe().layers for field in layer.fields}
    kernel, padding = fields["conv2d", "kernel"], fields["conv2d", "padding"]
    assert (kernel.kind, kernel.default, kernel.minimum) == ("size", 3, 1)
    assert (padding.kind, padding.choices) == ("size", ["same"])
    assert fields["linear", "bias"].kind == "bool"
    assert (fields["dropout", "rate"].kind, fields["dropout", "rate"].minimum) == ("float", 0)
    kind = fields["points", "kind"]
    assert (kind.kind, kind.choices[0], kind.default) == ("choice", "spiral", "spiral")


def test_every_default_is_taken_by_its_form():
    from chalknet.graph import forms

    for layer in describe().layers:
        fields = {field.name: field.default for field in layer.fields}
        assert not isinstance(forms.fill(registry[layer.type], fields), tuple), layer.type


def test_the_recipe_has_a_form():
    catalogue = describe()
    names = [field.name for field in catalogue.recipe]
    assert names == [
        "batch",
        "epochs",
        "seed",
        "precision",
        "stepwise",
        "split.validation",
        "split.test",
        "split.seed",
        "split.drawn",
        "test",
        "stopping.patience",
        "stopping.least",
        "averaging.kind",
        "averaging.decay",
        "averaging.start",
        "ensemble.snapshots",
        "ensemble.mirror",
        "budget.parameters",
        "budget.macs",
        "budget.memory",
        "budget.receptive_field",
        "phase.clip",
        "phase.clip_value",
        "phase.every",
        "phase.penalty.l1",
        "phase.penalty.l2",
        "phase.penalty.biases",
    ]
    assert [field.name for field in catalogue.node] == ["init.how", "init.scale"]
    assert {form.type for form in catalogue.optimizers} == {"sgd", "adagrad", "rmsprop", "adadelta", "adam", "adamw"}
    lr = catalogue.optimizers[0].fields[0]
    assert (lr.name, lr.kind, lr.title) == ("lr", "float", "Learning rate")


def test_it_crosses_the_wire():
    catalogue = describe()
    assert Catalogue.model_validate_json(catalogue.model_dump_json()) == catalogue


def test_library_blocks_are_ready_to_be_inserted():
    from chalknet.graph.document import load

    for template in describe().templates:
        board = load({"nodes": {"new": template.instance}, "blocks": {template.instance["block"]: template.block}})
        assert board.nodes["new"].block in board.blocks


def test_families_stand_in_the_order_of_the_palette():
    order = [family.id for family in describe().families]
    assert order == [id for id in FAMILIES if id in order]
    families = [layer.family for layer in describe().layers]
    assert families == sorted(families, key=list(FAMILIES).index)


def test_a_layer_is_explained_to_the_browser():
    """What is got wrong, worked examples, purposes and counts reach inspector and reference (C-007, C-011)."""
    conv = next(layer for layer in describe().layers if layer.type == "conv2d")
    assert any("cross-correlation" in each for each in conv.beware)
    assert conv.examples and conv.examples[0].outputs["y"] == [[[28, 31], [30, 33]]]
    assert "find patterns in images" in conv.purposes
    assert conv.counts is not None
    assert conv.counts.inputs == {"x": "float[C 3, H 32, W 32]"}
    # 16 kernels of 3·3·3 and a bias each; 16·30·30 outputs of 27 products.
    assert conv.counts.parameters == {"weight": [16, 3, 3, 3], "bias": [16]}
    assert conv.counts.macs == 16 * 30 * 30 * 27


def test_nearly_every_layer_is_counted_on_a_usual_input():
    uncounted = {layer.type for layer in describe().layers if layer.counts is None and layer.inputs}
    # Their inputs are no usual ones: boxes, a grid, a pair of kinds.
    assert len(uncounted) <= len(describe().layers) // 8, uncounted


def test_a_curve_is_drawn_of_a_layer_that_has_one(monkeypatch):
    """L-004: f and f′ with a node's own fields; nothing where there is no curve, or no such field."""
    drawn = SimpleNamespace(x=(-1.0, 0.0, 1.0), y=(-1.0, 0.0, 2.0), slope=(1.0, 1.0, 2.0), saturated=((None, -0.5),))

    class Bent(registry["relu"]):  # type: ignore[misc]
        type = "bent"

        def curve(self):
            return drawn

    monkeypatch.setitem(registry, "bent", Bent)
    answer = curve("bent", {})
    assert answer is not None
    assert (answer.x, answer.y, answer.slope) == ([-1, 0, 1], [-1, 0, 2], [1, 1, 2])
    assert answer.saturated == [(None, -0.5)]
    assert curve("bent", {"nothing": 1}) is None
    assert curve("conv2d", {}) is None
    assert curve("there_is_none", {}) is None


# --- what is promised is tested -----


def named(family: str) -> dict[int, list[str]]:
    """Tests by the ids of the catalogue (``C-023``, ``C-018…C-022``) that stand in their names or docstrings."""
    found: dict[int, list[str]] = {}
    for file in Path(__file__).parent.rglob("test_*.py"):
        for item in ast.walk(ast.parse(file.read_text())):
            if not isinstance(item, ast.FunctionDef) or not item.name.startswith("test_"):
                continue
            text = f"{item.name.upper().replace('_', '-')} {ast.get_docstring(item) or ''}"
            for first, last in re.findall(rf"{family}-(\d{{3}})(?:\s?…\s?{family}-(\d{{3}}))?", text):
                for number in range(int(first), int(last or first) + 1):
                    found.setdefault(number, []).append(f"{file.name}::{item.name}")
    return found


def test_every_calculation_of_the_catalogue_has_a_test():
    """C-001 to C-030: sizes, counts, memory, receptive fields, totals."""
    tests = named("C")
    assert [f"C-{number:03}" for number in range(1, 31) if number not in tests] == []


def test_rates_are_drawn_before_they_run() -> None:
    """T-014: the spiral's 1,000 points leave 700 to train on; the first and the last update are among the points."""
    board = gallery.boards()["spiral"]
    phase = board.recipe.phases["main"].model_copy(update={"schedule": Schedule(type="cosine", fields={"floor": 0.1})})
    recipe = board.recipe.model_copy(update={"phases": {"main": phase}, "epochs": 10, "batch": 70})
    drawn = rates(board.model_copy(update={"recipe": recipe}))["main"]
    lr = phase.optimizer.fields["lr"]
    assert (drawn.steps, drawn.at[0], drawn.at[-1]) == (100, 0, 99) and len(drawn.at) == 100
    assert drawn.rates[0] == lr and lr * 0.1 <= drawn.rates[-1] < lr * 0.101
    assert drawn.rates == sorted(drawn.rates, reverse=True)


def test_rates_of_a_recipe_that_cannot_be_read_are_left_out() -> None:
    board = gallery.boards()["spiral"]
    phase = board.recipe.phases["main"].model_copy(update={"schedule": Schedule(type="zigzag")})
    assert rates(board.model_copy(update={"recipe": Recipe(phases={"main": phase, "other": Phase()})})).keys() == {
        "other"
    }
    assert rates(Document())["main"].steps == 0
