"""T-065: every block of the library, compiled and exported: the same outputs, and the same weights after one step."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalknet.graph.document import Document, Optimizer, Phase
from chalknet.graph.template import Template
from chalknet.graph.templates import TEMPLATES
from tests.graph.test_templates import CASES, images, masked, sequence

SMALL = {
    **{name: (arriving, fields) for name, arriving, fields, *_ in CASES},
    "bottleneck_identity": (8, {"width": 8, "inner": 4}),
}
"""Settings of the blocks for images with few channels, none as the library gives it."""
SEQUENCE = {"width": 16, "heads": 2, "inner": 8, "dropout": 0.0}


def small(document: Document) -> Document:
    """The same board on few and small samples, moved along its gradients as they are.

    A bias before a batch norm has a gradient of 0 but for rounding, of which Adam would make a whole step.
    """
    data = document.nodes["data"]
    fields = {"size": 14} if data.type == "digits" else {"samples": 60, "length": 5}
    nodes = {**document.nodes, "data": data.model_copy(update={"fields": fields})}
    plain = Phase(optimizer=Optimizer(type="sgd", fields={"lr": 0.1}))
    recipe = document.recipe.model_copy(update={"phases": {"main": plain}})
    return document.model_copy(update={"nodes": nodes, "recipe": recipe})


def boards(template: Template) -> list[Document]:
    """Boards that use a library block with settings of its own; one that takes a mask, with and without."""
    if "mask" in template.block.nodes:
        plain = sequence(template, SEQUENCE["width"], **SEQUENCE)
        return [plain, masked(plain)]
    arriving, fields = SMALL[template.type]
    return [images(template, arriving, **fields)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.type)
def test_a_library_block_is_exported_as_it_is_compiled(template: Template, trial: Any, same: Any) -> None:
    """L-039…L-042, L-059, L-060: a class with its title, its settings handed in."""
    for document in boards(template):
        made = trial(small(document))
        same(made)
        title = re.sub(r"[^a-z0-9]", "", template.block.title.lower())
        assert f"class {title}(nn.module)" in made.exported.text.lower()


def test_every_exposed_setting_is_tried() -> None:
    """None is left at what the library gives it."""
    for template in TEMPLATES:
        fields = SEQUENCE if "mask" in template.block.nodes else SMALL[template.type][1]
        given = {name: template.block.nodes[x.node].fields.get(x.field) for name, x in template.block.exposed.items()}
        assert all(name in fields and fields[name] != value for name, value in given.items()), template.type
