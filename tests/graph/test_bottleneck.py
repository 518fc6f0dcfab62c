"""What a 1×1 convolution saves before a larger one (L-015), against torch's own count."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from chalknet.graph import gallery
from chalknet.graph.infer import infer


def counted(*layers: nn.Module, channels: int, size: int) -> int:
    """Multiply-adds of torch modules in a row on one picture."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        nn.Sequential(*layers).to("meta")(torch.empty(1, channels, size, size))
    return int(counter.get_total_flops()) // 2


def narrowed(board: Any, *between: str, **fields: Any) -> str:
    """The numbers of a 1×1 convolution to 16 of 192 channels, on 28×28, and a 5×5 one to 32 behind it."""
    row = {f"b{number}": type for number, type in enumerate(between)}
    nodes = {
        "data": ("digits", {"size": 28}),
        "wide": ("conv2d", {"channels": 192, "kernel": 3, "padding": 1}),
        "narrow": ("conv2d", {"channels": 16, "kernel": 1} | fields),
        **row,
        "large": ("conv2d", {"channels": 32, "kernel": 5, "padding": 2}),
    }
    ways = ["data.image", *list(nodes)[1:]]
    found = infer(board(nodes, *(f"{a} > {b}" for a, b in pairwise(ways))))
    return found.nodes["narrow"].numbers


@pytest.mark.parametrize("between", [(), ("relu",), ("batch_norm2d", "relu")])
def test_c_026_the_saving_of_a_bottleneck(board: Any, between: tuple[str, ...]) -> None:
    """C-026: 120,422,400 multiply-adds become 12,443,648, whatever bends or norms stand between."""
    text = narrowed(board, *between)
    alone = counted(nn.Conv2d(192, 32, 5, padding=2), channels=192, size=28)
    both = counted(nn.Conv2d(192, 16, 1), nn.Conv2d(16, 32, 5, padding=2), channels=192, size=28)
    assert (alone, both) == (120_422_400, 12_443_648)
    assert r"32 \cdot 28 \cdot 28 \cdot 192 \cdot 5 \cdot 5 = 120{,}422{,}400" in text
    assert r"2{,}408{,}448 + 10{,}035{,}200 = 12{,}443{,}648" in text
    assert rf"{100 * (1 - both / alone):.1f}\,\%" in text
    assert text.count("aligned") == 2, "one table"


def test_nothing_is_said_where_nothing_is_saved(board: Any) -> None:
    assert "saved" not in narrowed(board, channels=400), "it widens"
    assert "saved" not in narrowed(board, channels=190), "both together cost more"
    assert "saved" not in narrowed(board, kernel=3, padding=1)


def test_googlenets_first_module_says_it_of_itself() -> None:
    """A-013: the 5×5 of Inception 3a goes through 16 channels; its 3×3 through 96."""
    said = [facts.numbers for facts in infer(gallery.boards()["googlenet"]).nodes.values()]
    assert any("120{,}422{,}400" in text and "12{,}443{,}648" in text for text in said)
    # Nine modules, each with two; the 3×3 of the stem stands behind a 1×1 that keeps its 64 channels.
    assert sum("text{saved}" in text for text in said) == 18
