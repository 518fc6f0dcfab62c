"""Chance inside a network, and how far two vectors lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    WHOLE,
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Port,
    Source,
    TensorType,
    Window,
    register,
    scalar,
)
from chalknet.layers.words import call, named, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class GaussianSample(Layer):
    """μ + e^(½ log σ²)·ε with ε ~ N(0, 1) while it learns, μ in evaluation (Kingma and Welling 2014, notes 1:612)."""

    type = "gaussian_sample"
    title = "Gaussian sample"
    family: ClassVar[Family] = "head"
    per_number: ClassVar[int] = 0  # in evaluation nothing is drawn
    sentence = "Draws around a mean with a spread, both made by the network, in a way that lets both of them learn."
    formula = (
        r"z = \mu + \sigma \odot \varepsilon, \quad \sigma = e^{\frac{1}{2} \log \sigma^2},\; \varepsilon \sim N(0, 1)"
    )
    icon = "dices"
    aliases = ("reparameterisation trick", "reparameterized sampling", "vae", "latent", "random", "sampling")
    purposes = ("draw a latent code", "build a variational autoencoder")
    inputs = (Port("mean", "Mean μ"), Port("log_variance", "log σ²"))
    outputs = (Port("z", "Sample"),)
    beware = (
        "Drawing itself has no slope; the chance comes from outside, as ε, and the gradient goes round it: 1 to μ, and "
        "½σε to log σ².",
        "The second input is the logarithm of the variance, so that any number is a good one: 0 means σ = 1.",
        "In evaluation nothing is drawn: the mean leaves as it is.",
    )
    examples = (
        Example("In evaluation, the mean.", inputs={"mean": [1, -2], "log_variance": [0, 3]}, outputs={"z": [1, -2]}),
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        mean, spread = inputs["mean"], inputs["log_variance"]
        for port, kind in (("mean", mean), ("log_variance", spread)):
            if kind.element != "float":
                raise unfit(port, "numbers", kind)
        if (mean.names, mean.sizes) != (spread.names, spread.sizes):
            raise Fault(
                "unequal_shapes",
                f"needs a spread for every mean; {named(mean)} and {named(spread)} arrive.",
                port="log_variance",
            )
        return {"z": TensorType(axes=mean.axes)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(("draws", tex(outputs["z"].numel)))

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class GaussianSample(nn.Module):
            """Mean and log variance, both (B, ...) → a sample while it learns, else the mean."""

            def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
                if not self.training:
                    return mean
                return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)

        return GaussianSample()

    def source(self, inputs: Inputs) -> Source:
        return Source("GaussianSample()", classes=("GaussianSample",))


@register
class Distance(Layer):
    """Two float tensors of one shape → float[], for each sample: ‖a−b‖, cosine of the angle, or dot product."""

    type = "distance"
    title = "Distance or similarity"
    family: ClassVar[Family] = "head"
    sentence = "Says with one number how far apart two vectors are, or how much they point the same way."
    formula = r"\lVert a - b \rVert, \quad \dfrac{a \cdot b}{\lVert a \rVert \lVert b \rVert}, \quad a \cdot b"
    icon = "move-horizontal"
    aliases = (
        "euclidean",
        "l2 distance",
        "cosine similarity",
        "dot product",
        "siamese",
        "embedding distance",
        "verify",
    )
    purposes = ("compare two embeddings", "build a Siamese network")
    inputs = (Port("a"), Port("b"))
    beware = (
        "A distance is small for what is alike; a cosine and a dot product are large.",
        "The cosine does not see how long the vectors are; the dot product does.",
    )
    examples = (
        Example("A triangle of 3, 4 and 5.", inputs={"a": [3, 0], "b": [0, 4]}, outputs={"y": 5.0}),
        Example("At a right angle.", inputs={"a": [3, 0], "b": [0, 4]}, fields={"kind": "cosine"}, outputs={"y": 0.0}),
        Example("3·1 + 2·4.", inputs={"a": [3, 2], "b": [1, 4]}, fields={"kind": "dot"}, outputs={"y": 11.0}),
    )

    kind: Literal["l2", "cosine", "dot"] = Field(
        "l2",
        title="Measure",
        description="How the two are compared.",
        json_schema_extra={"labels": ["Distance", "Cosine", "Dot product"]},
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        a, b = inputs["a"], inputs["b"]
        for port, kind in (("a", a), ("b", b)):
            if kind.element != "float" or not kind.axes:
                raise unfit(port, "a vector", kind)
        if (a.names, a.sizes) != (b.names, b.sizes):
            raise Fault("unequal_shapes", f"compares things of one shape; {named(a)} and {named(b)} arrive.", port="b")
        return {"y": scalar()}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        n = inputs["a"].numel
        if self.kind == "l2":
            return 3 * n  # differences, squares, n − 1 sums, a root
        dot = 2 * n - 1
        return dot if self.kind == "dot" else 3 * dot + 4  # two roots, their product, a division

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(("pairs", tex(inputs["a"].numel)))

    def summary(self) -> str:
        return {"l2": "distance", "cosine": "cosine", "dot": "dot product"}[self.kind]

    def build(self, inputs: Inputs) -> nn.Module:
        import torch.nn.functional as F
        from torch import nn

        class Distance(nn.Module):
            """One number for each pair of a batch: (B, ...), (B, ...) → (B,)."""

            def __init__(self, kind: str = "l2") -> None:
                super().__init__()
                self.kind = kind

            def forward(self, a: Tensor, b: Tensor) -> Tensor:
                a, b = a.flatten(1), b.flatten(1)
                if self.kind == "cosine":
                    return F.cosine_similarity(a, b, dim=1)
                if self.kind == "dot":
                    return (a * b).sum(1)
                # The root is infinitely steep at 0: two equal vectors would give no finite gradient.
                return (a - b).square().sum(1).clamp(min=1e-12).sqrt()

        return Distance(self.kind)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("Distance", kind=(self.kind, "l2")), classes=("Distance",))
