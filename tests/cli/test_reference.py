"""docs/layers.md is what the layers say of themselves."""

from __future__ import annotations

import re
from pathlib import Path

from chalknet.catalogue import describe
from chalknet.cli.reference import anchor, markdown

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"


def test_the_reference_has_not_drifted(chalknet):
    status, out, _ = chalknet("layers", "--markdown")
    assert status == 0
    assert PAGE.read_text() == out, "docs/layers.md differs from the layers: make docs"


def test_the_reference_tells_everything_of_a_layer():
    text = markdown(describe())
    part = text.split("### Conv2d\n")[1].split("\n### ")[0]
    assert "cross-correlation" in part and "[[[28, 31], [30, 33]]]" in part
    assert "| Stride (`stride`) | 1 | 1 to 1,024 px" in part
    assert "448 parameters (weight 16×3×3×3, bias 16), 388,800 multiply-adds, 0 other operations" in part
    for layer in describe().layers:
        assert f"\n### {layer.title}\n" in text


def test_the_links_of_the_reference_lead_somewhere():
    text = markdown(describe())
    headings = {anchor(heading) for heading in re.findall(r"^### (.+)$", text, re.M)}
    links = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert links and links <= headings
