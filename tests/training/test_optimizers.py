"""Optimizers against the catalogue's hand-worked steps and against torch.optim."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.graph import descent
from chalknet.training import optimizers

VECTORS = {
    "sgd": (descent.SGD(lr=0.1), (0.6, 0.4), (0.36, 0.16)),
    "momentum": (descent.SGD(lr=0.1, momentum=0.9), (0.6, 0.4), (0.0, -0.38)),
    "averaged": (descent.SGD(lr=0.1, momentum=0.9, averaged=True), (0.96, 0.94), (0.8856, 0.8296)),
    "nesterov": (descent.SGD(lr=0.1, momentum=0.9, nesterov=True), (0.24, -0.14), (-0.2664, -0.4664)),
    "adagrad": (descent.AdaGrad(lr=0.1), (0.9, 0.9), (0.8331, 0.8331)),
    "rmsprop": (descent.RMSprop(lr=0.1, rho=0.9), (0.683772, 0.683772), (0.498870, 0.498870)),
    "adadelta": (descent.AdaDelta(lr=1, rho=0.9), (0.99684, 0.99684), (0.99360, 0.99360)),
    "adam": (descent.Adam(lr=0.1), (0.9, 0.9), (0.80041, 0.80041)),
}


@pytest.mark.parametrize("name", VECTORS)
def test_steps_of_c078(name: str) -> None:
    """C-078, T-004, T-005, T-009: L = 2x² + 3y² from (1, 1) at rate 0.1, after one step and after two."""
    form, *expected = VECTORS[name]
    at = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = optimizers.make(form, [at])
    for place in expected:
        loss = 2 * at[0] ** 2 + 3 * at[1] ** 2
        optimizer.step(torch.autograd.grad(loss, [at]), form.lr)
        assert at.tolist() == pytest.approx(place, abs=6e-6)


TORCH: list[tuple[descent.Optimizer, type[torch.optim.Optimizer], dict[str, Any]]] = [
    (descent.SGD(lr=0.05), torch.optim.SGD, {}),
    (descent.SGD(lr=0.05, weight_decay=0.1), torch.optim.SGD, {"weight_decay": 0.1}),
    (descent.SGD(lr=0.05, momentum=0.9), torch.optim.SGD, {"momentum": 0.9}),
    (
        descent.SGD(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01),
        torch.optim.SGD,
        {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01},
    ),
    (descent.AdaGrad(lr=0.1), torch.optim.Adagrad, {}),
    (
        descent.AdaGrad(lr=0.1, lr_decay=0.1, eps=1e-6, weight_decay=0.1),
        torch.optim.Adagrad,
        {"lr_decay": 0.1, "eps": 1e-6, "weight_decay": 0.1},
    ),
    (descent.RMSprop(lr=0.01), torch.optim.RMSprop, {"alpha": 0.9}),
    (
        descent.RMSprop(lr=0.01, rho=0.8, momentum=0.5, centered=True, eps=1e-6, weight_decay=0.1),
        torch.optim.RMSprop,
        {"alpha": 0.8, "momentum": 0.5, "centered": True, "eps": 1e-6, "weight_decay": 0.1},
    ),
    (descent.AdaDelta(), torch.optim.Adadelta, {}),
    (
        descent.AdaDelta(lr=0.5, rho=0.8, eps=1e-5, weight_decay=0.1),
        torch.optim.Adadelta,
        {"rho": 0.8, "eps": 1e-5, "weight_decay": 0.1},
    ),
    (descent.Adam(lr=0.01), torch.optim.Adam, {}),
    (
        descent.Adam(lr=0.01, beta1=0.8, beta2=0.99, eps=1e-6, weight_decay=0.1),
        torch.optim.Adam,
        {"betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.1},
    ),
    (descent.AdamW(lr=0.01, weight_decay=0.1), torch.optim.AdamW, {"weight_decay": 0.1}),
]


@pytest.mark.parametrize(("form", "kind", "fields"), TORCH, ids=lambda each: getattr(each, "type", None))
def test_equal_to_torch_bit_for_bit(
    form: descent.Optimizer, kind: type[torch.optim.Optimizer], fields: dict[str, Any]
) -> None:
    """T-004…T-009: thirty steps on random gradients, the rate changed on the way."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(3, 4), (4,), (), (2, 3, 3, 3)]
    ours = [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]
    theirs = [each.detach().clone().requires_grad_() for each in ours]
    optimizer = optimizers.make(form, ours)
    # What torch has as one kernel is asked for as that; its others go over all parameters at once.
    fast = "foreach" if kind in (torch.optim.RMSprop, torch.optim.Adadelta) else "fused"
    reference = kind(theirs, lr=form.lr, **{fast: True}, **fields)
    for step in range(30):
        rate = form.lr if step < 15 else form.lr / 3
        reference.param_groups[0]["lr"] = rate
        gradients = [torch.randn(shape, generator=generator) for shape in shapes]
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient.clone()
        reference.step()
        optimizer.step(gradients, rate)
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_every_form_has_an_optimizer() -> None:
    for form in descent.OPTIMIZERS.values():
        parameter = torch.ones(3, requires_grad=True)
        optimizers.make(form(), [parameter]).step([torch.ones(3)], 0.1)
        assert (parameter < 1).all()


def test_a_parameter_left_out_keeps_its_value() -> None:
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = optimizers.make(descent.Adam(lr=0.1), [a, b])
    optimizer.keep([False, True])
    optimizer.step([torch.ones(2)], 0.1)
    assert a.tolist() == [1, 1]
    assert b.tolist() == pytest.approx([0.9, 0.9])
