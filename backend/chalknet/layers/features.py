"""Fixed functions of the features (notes 0:252)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import Example, Family, Inputs, Insert, Layer, Source, TensorType, register
from chalknet.layers.words import rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class FeatureTransform(Layer):
    """float[D d] → float[D n]: fixed functions of the features (notes 0:252).

    polynomial: x, x², … xᵈᵉᵍʳᵉᵉ of every feature. products: the features and xᵢxⱼ, i < j. polar: r and θ/π of two.
    """

    type = "feature_transform"
    title = "Feature transform"
    family: ClassVar[Family] = "arithmetic"
    sentence = "Computes new features from given ones: powers, products, or distance and angle."
    formula = r"(x_1, x_2) \mapsto (r, \theta), \quad x \mapsto (x, x^2, \dots, x^n), \quad x \mapsto (x_i, x_i x_j)"
    icon = "wand-sparkles"
    aliases = (
        "polar",
        "polynomial",
        "basis functions",
        "products",
        "interaction",
        "feature engineering",
        "kernel trick",
    )
    purposes = ("make data linearly separable", "fit a curve", "hand-made features")
    beware = ("High powers of large numbers explode: bring features to about −1 … 1 first.",)
    examples = (
        Example(
            "A point three right and four up is 5 away.",
            inputs={"x": [3, 4]},
            fields={"kind": "polar"},
            outputs={"y": [5, 0.29517]},
        ),
        Example("2 and its powers.", inputs={"x": [2]}, fields={"degree": 4}, outputs={"y": [2, 4, 8, 16]}),
        Example(
            "Three features and their three products.",
            inputs={"x": [2, 3, 5]},
            fields={"kind": "products"},
            outputs={"y": [2, 3, 5, 6, 10, 15]},
        ),
    )

    kind: Literal["polynomial", "products", "polar"] = Field(
        "polynomial", title="Kind", description="Powers of every feature, products of two, or distance and angle."
    )
    degree: int = Field(3, ge=1, le=20, title="Degree", description="Of the polynomial: the highest power.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_vector:
            ways = [Insert("x", "flatten", "Insert Flatten")] if x.element == "float" and len(x.axes) > 1 else []
            raise unfit("x", "a vector", x, ways)
        size = x.sizes[0]
        if self.kind == "polar":
            if size != 2:
                raise unfit("x", "a vector of 2 numbers for distance and angle", x)
            return {"y": x.resized()}
        many = size * self.degree if self.kind == "polynomial" else size + size * (size - 1) // 2
        return {"y": x.resized(D=many)}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        x, y = inputs["x"], outputs["y"]
        if self.kind == "polar":
            return 6  # two squares, their sum, its root; an angle, divided by π
        return y.numel - x.numel  # a product for every new feature

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        size, found = inputs["x"].sizes[0], tex(outputs["y"].sizes[0])
        if self.kind == "polar":
            return r"r = \sqrt{x_1^2 + x_2^2}, \quad \theta = \operatorname{atan2}(x_2, x_1) / \pi"
        if self.kind == "polynomial":
            return rows(("D", rf"{tex(size)} \cdot {self.degree} = {found}"))
        return rows(("D", rf"{tex(size)} + \tfrac{{{tex(size)} \cdot {tex(size - 1)}}}{{2}} = {found}"))

    def summary(self) -> str:
        return f"powers to {self.degree}" if self.kind == "polynomial" else self.kind

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class FeatureTransform(nn.Module):
            """Powers, products, or distance and angle of (B, D)."""

            def __init__(self, kind: str, degree: int) -> None:
                super().__init__()
                self.kind, self.degree = kind, degree

            def forward(self, x: Tensor) -> Tensor:
                if self.kind == "polar":
                    length = ((x**2).sum(1) + 1e-12).sqrt()
                    return torch.stack([length, torch.atan2(x[:, 1], x[:, 0]) / torch.pi], 1)
                if self.kind == "polynomial":
                    return torch.cat([x**power for power in range(1, self.degree + 1)], 1)
                first, second = torch.triu_indices(x.shape[1], x.shape[1], 1, device=x.device)
                return torch.cat([x, x[:, first] * x[:, second]], 1)

        return FeatureTransform(self.kind, self.degree)

    def source(self, inputs: Inputs) -> Source:
        return Source(f'FeatureTransform("{self.kind}", {self.degree})', classes=("FeatureTransform",))
