"""What the page's worked examples must come to, computed with torch: autograd for gradients, torch.optim for steps.

The page computes in the browser. These numbers stand between the two: a Python test holds them against torch, a test
of the page holds its own functions against them. ``python -m tests.learn.oracle`` writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

KEPT = Path(__file__).parents[1] / "golden" / "learn.json"

SURFACES: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], tuple[float, float]]] = {
    "bowl": (lambda x, y: 2 * x**2 + 3 * y**2, (1.0, 1.0)),
    "ravine": (lambda x, y: 0.1 * x**2 + 5 * y**2, (-3.5, 1.0)),
    "saddle": (lambda x, y: x**2 - y**2 + 0.5 * y**4 + 0.5, (-1.6, 0.001)),
    "plateau": (lambda x, y: 1 - torch.exp(-(x**2 + y**2)), (-1.9, 1.2)),
    "banana": (lambda x, y: 0.1 * (1 - x) ** 2 + (y - x**2) ** 2, (-1.5, 2.6)),
}
STEPS = 30


def tensor(value: object) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def optimizers(weights: Tensor) -> dict[str, torch.optim.Optimizer]:
    optim = torch.optim
    return {
        "sgd": optim.SGD([weights], lr=0.1),
        "averaged": optim.SGD([weights], lr=0.1, momentum=0.9, dampening=0.9),
        "momentum": optim.SGD([weights], lr=0.1, momentum=0.9),
        "nesterov": optim.SGD([weights], lr=0.1, momentum=0.9, nesterov=True),
        "adagrad": optim.Adagrad([weights], lr=0.1),
        "rmsprop": optim.RMSprop([weights], lr=0.1, alpha=0.9),
        "adadelta": optim.Adadelta([weights], lr=1, rho=0.9),
        "adam": optim.Adam([weights], lr=0.1),
        "adamw": optim.AdamW([weights], lr=0.1, weight_decay=0.1),
    }


def trajectories() -> dict[str, dict[str, list[list[float]]]]:
    found: dict[str, dict[str, list[list[float]]]] = {}
    for surface, (f, start) in SURFACES.items():
        found[surface] = {}
        for name in optimizers(tensor([0.0]).requires_grad_()):
            weights = tensor(start).requires_grad_()
            optimizer = optimizers(weights)[name]
            if name == "averaged":
                # torch begins its running sum with the first gradient itself; the notes begin the mean with 0.
                optimizer.state[weights]["momentum_buffer"] = torch.zeros_like(weights)
            path = [weights.tolist()]
            for _ in range(STEPS):
                optimizer.zero_grad()
                f(weights[0], weights[1]).backward()
                optimizer.step()
                path.append(weights.tolist())
                if not (abs(path[-1][0]) < 1e6 and abs(path[-1][1]) < 1e6):
                    break
            found[surface][name] = path
    return found


def gradients(loss: Tensor, of: dict[str, Tensor]) -> dict[str, Any]:
    slopes = torch.autograd.grad(loss, list(of.values()))
    return {"loss": loss.item(), **{name: slope.tolist() for name, slope in zip(of, slopes, strict=True)}}


def classifier() -> dict[str, Any]:
    """One step of a linear classifier on two samples, rate 0.5."""
    inputs: dict[str, Any] = {
        "w": [[0.2, -0.3], [0.1, 0.4], [-0.5, 0.25]],
        "b": [0.1, 0.0, -0.2],
        "x": [[1.0, 2.0], [-1.0, 0.5]],
        "truth": [1, 0],
    }
    w, b = tensor(inputs["w"]).requires_grad_(), tensor(inputs["b"]).requires_grad_()
    loss = functional.cross_entropy(tensor(inputs["x"]) @ w.T + b, torch.tensor(inputs["truth"]))
    found = gradients(loss, {"w": w, "b": b})
    next_w, next_b = w - 0.5 * tensor(found["w"]), b - 0.5 * tensor(found["b"])
    return {"inputs": inputs, **found, "next": {"w": next_w.tolist(), "b": next_b.tolist()}}


LAYERS: dict[str, Any] = {
    "w1": [[0.5, -0.2], [0.3, 0.8], [-0.6, -0.1]],
    "b1": [0.1, -0.1, 0.2],
    "w2": [[0.7, -0.4, 0.2], [-0.3, 0.5, 0.9]],
    "b2": [0.05, -0.05],
}


def two_layers() -> dict[str, Any]:
    learned = {name: tensor(value).requires_grad_() for name, value in LAYERS.items()}
    x = tensor([1.0, 2.0])
    hidden = functional.relu(learned["w1"] @ x + learned["b1"])
    scores = learned["w2"] @ hidden + learned["b2"]
    relu = gradients(functional.cross_entropy(scores[None], torch.tensor([1])), learned)
    learned = {name: tensor(value).requires_grad_() for name, value in LAYERS.items()}
    answer = torch.sigmoid(learned["w2"] @ torch.sigmoid(learned["w1"] @ x + learned["b1"]) + learned["b2"])
    sigmoid = gradients(0.5 * ((answer - tensor([1.0, 0.0])) ** 2).sum(), learned)
    return {"inputs": {**LAYERS, "x": [1.0, 2.0]}, "relu": relu, "sigmoid": sigmoid}


def by_hand() -> dict[str, Any]:
    """f = x·(y + z), and max(w·x + b, 0) on either side of its bend."""
    x, y, z = (tensor(v).requires_grad_() for v in (2.0, 1.0, 0.0))
    found: dict[str, Any] = {"graph": gradients(x * (y + z), {"x": x, "y": y, "z": z})}
    for name, bias in (("on", 1.0), ("off", -9.0)):
        w, v, b = (tensor(value).requires_grad_() for value in (2.0, 3.0, bias))
        found[name] = gradients(torch.relu(w * v + b), {"w": w, "x": v, "b": b})
    return found


def losses() -> dict[str, Any]:
    """Margins, distances, and the widths that torch draws first weights with."""
    scores = tensor([[3.2, 5.1, -1.7]])
    none = torch.zeros(1, 10, dtype=torch.float64)
    hinge = functional.multi_margin_loss(scores, torch.tensor([0])) * 3
    flat = functional.multi_margin_loss(none, torch.tensor([4])) * 10
    he = torch.nn.init.calculate_gain("relu") / 100**0.5
    return {"hinge": hinge.item(), "flat": flat.item(), "he": he, "mse": functional.mse_loss(
        tensor([3.0, 5.0, 9.0]), tensor([2.0, 5.0, 7.0])).item()}  # fmt: skip


def computed() -> dict[str, Any]:
    return {
        "trajectories": trajectories(),
        "classifier": classifier(),
        "layers": two_layers(),
        "hand": by_hand(),
        "losses": losses(),
    }


if __name__ == "__main__":
    KEPT.write_text(json.dumps(computed()) + "\n")
