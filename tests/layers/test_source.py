"""T-065: what a layer writes for export is what it builds, for every drawn setting."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from chalknet.export.text import of_class
from chalknet.layers.base import TensorType

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")


def given(kind: TensorType) -> Any:
    shape = (3, *kind.shape)
    if kind.element == "index":
        return torch.randint(kind.classes or 1, shape)
    if kind.element == "place":
        assert kind.pooled is not None
        return (
            torch.rand(shape[0], shape[1], math.prod(kind.pooled.space))
            .argsort(-1)[..., : math.prod(shape[2:])]
            .reshape(shape)
        )  # each its own: of two at one place torch may keep either
    if kind.element == "bool":
        return torch.rand(shape) < 0.7
    if kind.element == "boxes":
        which = torch.randint(-1, kind.classes or 1, (*shape[:-1], 1)).float()
        return torch.cat([which, torch.rand(*shape[:-1], 4)], -1)
    return torch.randn(shape)


def test_source_is_what_is_built(layer_type: str, accepted: list[Any]) -> None:
    """Same parameters under the same names, same result on the same weights."""
    tried = 0
    for draw in accepted:
        if sum(torch.Size(s).numel() for s in draw.layer.parameters(draw.inputs).values()) > 300_000:
            continue
        tried += 1
        source = draw.layer.source(draw.inputs)
        space: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
        for name in source.classes:
            exec("from __future__ import annotations\n" + of_class(type(draw.layer), name), space)
        built = draw.layer.build(draw.inputs).eval()
        values = draw.arguments(given)
        space |= {f"value{i}": value for i, value in enumerate(values)}
        names = ["None" if value is None else f"value{i}" for i, value in enumerate(values)]
        if source.init is not None:
            space["module"] = eval(source.init, space).eval()
            space["module"].load_state_dict(built.state_dict())
        else:
            assert not built.state_dict(), f"{draw} has weights but writes no module"
        call = source.call or "{self}({all})"
        result = eval(call.format(*names, all=", ".join(names), self="module"), space)
        torch.testing.assert_close(result, built(*values), msg=lambda m, draw=draw: f"{draw}: {m}")
    assert tried >= 10
