"""Losses for classes of which one is rare: most of a picture is background, and most answers are easy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from chalknet.layers.base import Example, Fault, Inputs, Loss, Port, Source, TensorType, register
from chalknet.layers.loss import CrossEntropy
from chalknet.layers.words import call, named

if TYPE_CHECKING:
    from torch import Tensor, nn


class OfShares(Loss):
    """Base: takes what Cross-entropy takes, and makes something else of the shares."""

    inputs = (Port("logits", "Scores"), Port("target", "Target"))
    metrics = ("accuracy",)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        return CrossEntropy().infer(inputs)

    def axis(self, inputs: Inputs) -> int:
        """Where the batched scores have the classes."""
        return (inputs["logits"].feature or 0) + 1

    def answer(self, inputs: Inputs) -> str:
        return f"{{0}}.argmax({self.axis(inputs)})"


@register
class Focal(OfShares):
    """−(1 − p)^γ log p, p the true class's share, mean over the batch and all places (Lin et al. 2017; T-028).

    logits and target as of Cross-entropy; at γ = 0 it is that.
    """

    type = "focal"
    title = "Focal loss"
    sentence = "Cross-entropy that all but forgets what is right already, so that the rare and hard are not drowned."
    formula = r"L = -(1 - p_t)^{\gamma} \log p_t, \quad p = \operatorname{softmax}(z)"
    icon = "focus"
    aliases = ("retinanet", "hard examples")
    purposes = ("train with rare classes", "one class out of several")
    examples = (
        Example(
            "A share of a half: (1 − 0.5)² · 0.6931.",
            inputs={"logits": [0, 0], "target": 0},
            axes={"target": "index<2>"},
            outputs={"loss": 0.1733},
        ),
    )

    gamma: float = Field(
        2.0, ge=0, le=10, title="γ", description="How much less the easy count; 0 is plain cross-entropy.",
        json_schema_extra={"step": 0.5},
    )  # fmt: skip

    def summary(self) -> str:
        return f"γ {self.gamma:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch.nn.functional as F
        from torch import nn

        class Focal(nn.Module):
            """Cross-entropy of (B, K, ...) and classes (B, ...), each times (1 − share)^γ, mean over all targets."""

            def __init__(self, axis: int = 1, gamma: float = 2.0) -> None:
                super().__init__()
                self.axis = axis
                self.gamma = gamma

            def forward(self, logits: Tensor, target: Tensor) -> Tensor:
                each = F.cross_entropy(logits.movedim(self.axis, 1), target, reduction="none")
                # 1 − p of p = exp(−each), exact also where p is nearly 1; never 0, where a root's slope has no end.
                missing = (-(-each).expm1()).clamp(min=1e-12)
                return (missing**self.gamma * each).mean()

            def scores(self, logits: Tensor) -> Tensor:
                """The share of every class, (B, K, ...)."""
                return logits.movedim(self.axis, 1).softmax(1)

        return Focal(self.axis(inputs), self.gamma)

    def source(self, inputs: Inputs) -> Source:
        init = call("Focal", axis=(self.axis(inputs), 1), gamma=(self.gamma, 2.0))
        return Source(init, classes=("Focal",), answer=self.answer(inputs))


@register
class Dice(OfShares):
    """1 − Dice, mean over the classes: 2Σpq/(Σp + Σq) of shares p and truth q over a batch's places (T-029, C-057).

    logits float[C k, H h, W w] and target index<k>[H h, W w], or the same along a sequence (Milletari et al. 2016).
    """

    type = "dice"
    title = "Dice loss"
    sentence = "Asks that what is marked and what is true overlap: a thing of few pixels counts as much as a large one."
    formula = (
        r"L = 1 - \frac{1}{K} \sum_k \frac{2 \sum_i p_{k,i}\, q_{k,i} + s}{\sum_i p_{k,i} + \sum_i q_{k,i} + s}, "
        r"\quad p = \operatorname{softmax}(z)"
    )
    icon = "circle-dot"
    aliases = ("overlap", "f1 loss", "soft dice", "segmentation loss", "iou loss")
    purposes = ("mark a thing's pixels", "train with rare classes")
    beware = ("On a batch where a class does not occur it says little of it: beside cross-entropy it is steadier.",)

    smooth: float = Field(
        1.0, ge=0, le=1e6, title="Smoothing", description="Added above and below, so that an absent class is no 0/0.",
        json_schema_extra={"log": True},
    )  # fmt: skip

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        found = super().infer(inputs)
        if not inputs["target"].axes:
            raise Fault(
                "places",
                f"needs a class at each of several places; {named(inputs['target'])} arrives.",
                hint="Take Cross-entropy for one class of the whole sample.",
                port="target",
            )
        return found

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class Dice(nn.Module):
            """1 − Dice of shares (B, K, ...) and classes (B, ...), mean over the classes."""

            def __init__(self, axis: int = 1, smooth: float = 1.0) -> None:
                super().__init__()
                self.axis = axis
                self.smooth = smooth

            def forward(self, logits: Tensor, target: Tensor) -> Tensor:
                shares = self.scores(logits)
                truth = F.one_hot(target, shares.shape[1]).movedim(-1, 1).to(shares.dtype)
                places = [0, *range(2, shares.dim())]
                both = torch.sum(shares * truth, places)
                either = torch.sum(shares + truth, places)
                # The least number keeps an absent class of shares 0 from 0/0 without smoothing.
                return 1 - ((2 * both + self.smooth) / (either + self.smooth).clamp(min=1e-12)).mean()

            def scores(self, logits: Tensor) -> Tensor:
                """The share of every class, (B, K, ...)."""
                return logits.movedim(self.axis, 1).softmax(1)

        return Dice(self.axis(inputs), self.smooth)

    def source(self, inputs: Inputs) -> Source:
        init = call("Dice", axis=(self.axis(inputs), 1), smooth=(self.smooth, 1.0))
        return Source(init, classes=("Dice",), answer=self.answer(inputs))
