"""Losses that ask for a margin between right and wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from chalknet.layers.base import Example, Fault, Inputs, Loss, Port, Source, TensorType, register
from chalknet.layers.loss import CrossEntropy
from chalknet.layers.words import call, named, rows

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class Hinge(Loss):
    """Σ max(0, zⱼ − z_t + margin) over the wrong classes j, mean over the batch and all places (SVM, notes 2:430).

    logits float[D k] and target index<k>[]. With all scores near 0 it is (k − 1)·margin.
    """

    type = "hinge"
    title = "Hinge loss"
    sentence = "Asks that the right class beats every wrong one by a margin; what is right by more costs nothing."
    formula = r"L = \sum_{j \ne t} \max(0, z_j - z_t + m)"
    icon = "door-open"
    aliases = ("svm", "support vector machine", "max margin", "multi-class hinge", "linear svm")
    purposes = ("classify with a margin", "train a linear SVM")
    inputs = (Port("logits", "Scores"), Port("target", "Target"))
    metrics = ("accuracy",)
    beware = (
        "Behind a Linear layer it is a linear SVM. Its scores are no shares: only their order and distance count.",
        "At the start, with all scores near 0, it is the number of classes less one: a good first check.",
    )
    examples = (
        Example(
            "Two wrong classes: max(0, 5.1 − 3.2 + 1) = 2.9 and max(0, −1.7 − 3.2 + 1) = 0.",
            inputs={"logits": [3.2, 5.1, -1.7], "target": 0},
            axes={"target": "index<3>"},
            outputs={"loss": 2.9},
        ),
        Example(
            "Scores of 0 for 10 classes: 9.",
            inputs={"logits": [0] * 10, "target": 4},
            axes={"target": "index<10>"},
            outputs={"loss": 9.0},
        ),
    )

    margin: float = Field(
        1.0, gt=0, le=100, title="Margin", description="By how much the right score is to be larger.",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        logits, target = inputs["logits"], inputs["target"]
        if target.element != "index" or target.axes:
            raise Fault("kind", f"needs one class as its target; {named(target)} arrives.", port="target")
        return CrossEntropy().infer(Inputs({"logits": [logits], "target": [target]}))

    def summary(self) -> str:
        return f"margin {self.margin:g}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        classes = inputs["target"].classes or 0
        return rows(("by guessing", rf"({classes} - 1) \cdot {self.margin:g} = {(classes - 1) * self.margin:g}"))

    def build(self, inputs: Inputs) -> nn.Module:
        import torch.nn.functional as F
        from torch import nn

        class Hinge(nn.Module):
            """Multi-class hinge loss on scores (B, K) and classes (B,)."""

            def __init__(self, margin: float = 1.0) -> None:
                super().__init__()
                self.margin = margin

            def forward(self, logits: Tensor, target: Tensor) -> Tensor:
                right = logits.gather(1, target[:, None])
                over = (logits - right + self.margin).clamp(min=0)
                # The right class meets itself: its margin is no loss.
                return (over * (1 - F.one_hot(target, logits.shape[1]).to(over.dtype))).sum(1).mean()

            def scores(self, logits: Tensor) -> Tensor:
                """The share of every class as a softmax would give it, (B, K)."""
                return logits.softmax(1)

        return Hinge(self.margin)

    def source(self, inputs: Inputs) -> Source:
        init = call("Hinge", margin=(self.margin, 1.0))
        return Source(init, "{self}({0}, {1})", classes=("Hinge",), answer="{0}.argmax(1)")
