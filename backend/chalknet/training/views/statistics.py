"""Batch norm's two means and variances: of the batch that it last trained on, and those that it keeps (L-033)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from chalknet.training.views.base import Drawn, Floats, Picture, Scene, Unwatchable, Values, View, numbers, register
from chalknet.wire import Subscription

MOST = 128


@register
class Statistics(View):
    """``running_mean``, ``running_var``, ``batch_mean``, ``batch_var``, ``weight``, ``bias`` float32 [C]; those of the
    batch are empty before the first step.

    ``size``: the most channels, 128 by default. Both variances divide by n − 1, as torch does for the one that it
    keeps, so that they can be compared. about {channels: total, samples: in the batch, numbers: of each channel,
    frozen, momentum: share of the newest batch in what is kept}.
    """

    name = "statistics"
    over = "nothing"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        scene.layer(wanted.node)
        module = scene.compiled.modules.get(wanted.node)
        if not isinstance(module, _BatchNorm) or module.running_mean is None:
            raise Unwatchable(f"{wanted.node!r} keeps no statistics")
        self.module = module
        self.frozen = any(module is each for each in scene.compiled.frozen)
        self.most = wanted.size or MOST
        self.batch: Tensor | None = None
        # A reference is all that a step pays for being watched; what it says is computed when it is drawn.
        self.hook = module.register_forward_pre_hook(self._keep)

    def _keep(self, module: nn.Module, given: tuple[Any, ...]) -> None:
        if module.training:
            self.batch = given[0].detach()

    def close(self) -> None:
        self.hook.remove()
        self.batch = None

    def draw(self, values: Values) -> Drawn:
        module, empty = self.module, torch.zeros(0)
        mean, var, samples, each = empty, empty, 0, 0
        if self.batch is not None:
            samples, each = len(self.batch), self.batch[:, 0].numel()
            axes = [axis for axis in range(self.batch.dim()) if axis != 1]
            var, mean = torch.var_mean(self.batch, axes, correction=1 if each > 1 else 0)
        found = {
            "running_mean": module.running_mean,
            "running_var": module.running_var,
            "batch_mean": mean,
            "batch_var": var,
            "weight": module.weight,
            "bias": module.bias,
        }
        return Drawn(
            [Picture(name, self._shown(each)) for name, each in found.items()],
            {
                "channels": module.num_features,
                "samples": samples,
                "numbers": each,
                "frozen": self.frozen,
                "momentum": module.momentum,
            },
        )

    def _shown(self, values: Tensor | None) -> Floats:
        return numbers(torch.zeros(0) if values is None else values[: self.most])
