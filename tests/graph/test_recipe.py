"""Optimizers and schedules as forms, and the schedules' closed forms."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalknet.graph import descent, rates, recipe
from chalknet.graph import document as doc


def factor(type, step, total, **fields):
    made = recipe.schedule(doc.Schedule(type=type, fields=fields))
    assert isinstance(made, rates.Schedule), made
    return made.factor(step, total)


def test_defaults_are_adam_at_a_constant_rate():
    phase = doc.Phase()
    optimizer = recipe.optimizer(phase.optimizer)
    assert isinstance(optimizer, descent.Adam) and optimizer.lr == 0.001
    assert isinstance(recipe.schedule(phase.schedule), rates.Constant)


@pytest.mark.parametrize(
    ("type", "fields", "slots"),
    [
        ("sgd", {}, 0),
        ("sgd", {"momentum": 0.9, "nesterov": True}, 1),
        ("adagrad", {}, 1),
        ("rmsprop", {}, 1),
        ("rmsprop", {"momentum": 0.9, "centered": True}, 3),
        ("adadelta", {}, 2),
        ("adam", {}, 2),
        ("adamw", {}, 2),
    ],
)
def test_state_that_an_optimizer_keeps(type, fields, slots):
    """C-015."""
    made = recipe.optimizer(doc.Optimizer(type=type, fields=fields))
    assert isinstance(made, descent.Optimizer) and made.slots() == slots


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            doc.Optimizer(type="lion"),
            "there is no optimizer 'lion'; there are: sgd, adagrad, rmsprop, adadelta, adam, adamw",
        ),
        (doc.Optimizer(type="sgd", fields={"lr": "fast"}), 'learning rate must be a number. Received: "fast"'),
        (doc.Optimizer(type="sgd", fields={"nesterov": True}), "Nesterov needs a momentum above 0"),
        (
            doc.Optimizer(type="sgd", fields={"averaged": True}),
            "Averaged needs a momentum above 0: it says how long the mean remembers",
        ),
        (
            doc.Optimizer(type="sgd", fields={"momentum": 0.9, "averaged": True, "nesterov": True}),
            "Nesterov looks ahead along the sum of the gradients: choose it or Averaged",
        ),
        (doc.Optimizer(type="adam", fields={"beta1": 1}), "β₁ must be less than 1. Received: 1"),
        (doc.Optimizer(type="adam", fields={"momentum": 1}), "there is no field 'momentum'; the fields are: lr"),
    ],
)
def test_what_is_wrong_is_said_in_words(part, words):
    assert str(recipe.optimizer(part)).startswith(words)


def test_cosine():
    """T-014."""
    assert factor("cosine", 0, 100) == 1
    assert factor("cosine", 50, 100, floor=0.2) == pytest.approx(0.6)
    assert factor("cosine", 100, 100, floor=0.2) == pytest.approx(0.2)
    assert factor("cosine", 1000, 100) == pytest.approx(0)


def torch_rates(make, total):
    """The rates of ``total`` + 1 steps that one of torch's schedulers gives, from 1."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    reference = make(torch.optim.lr_scheduler, optimizer)
    for _ in range(total + 1):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        reference.step()


def test_steps_are_those_of_torch():
    """T-014: StepLR that falls every 25 of 100 updates; beyond the end it stays."""
    for step, rate in enumerate(torch_rates(lambda kind, made: kind.StepLR(made, 25, 0.5), 99)):
        assert factor("step", step, 100, every=0.25, gamma=0.5) == pytest.approx(rate)
    assert factor("step", 1000, 100, every=0.25, gamma=0.5) == 0.5**3
    assert [factor("step", step, 3, every=0.1) for step in range(3)] == pytest.approx([1, 0.1, 0.01])


def test_exponential_is_that_of_torch():
    """T-014: ExponentialLR with the factor that leaves a hundredth after 100 updates."""
    for step, rate in enumerate(torch_rates(lambda kind, made: kind.ExponentialLR(made, 0.01 ** (1 / 100)), 100)):
        assert factor("exponential", step, 100, floor=0.01) == pytest.approx(rate)


def test_one_over_time():
    """T-014: α₀/(1 + decay · t)."""
    assert [factor("inverse_time", step, 100, decay=4) for step in (0, 25, 100, 200)] == [1, 0.5, 0.2, 0.2]


def test_warm_up():
    """T-014."""
    assert [factor("warmup", step, 100, steps=4) for step in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert factor("warmup", 15, 100, steps=4, then="inverse_sqrt") == pytest.approx(math.sqrt(4 / 16))


def test_one_cycle_is_that_of_torch():
    """T-014: torch's OneCycleLR counts total_steps − 1 as the end."""
    torch = pytest.importorskip("torch")
    total, peak = 101, 0.1
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=peak)
    reference = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=total, pct_start=0.31)
    # torch ends the climb at step pct_start · total − 1 = 30.31, counted from 0.
    warmup = (0.31 * total - 1) / (total - 1)
    for step in range(total):
        ours = peak * factor("one_cycle", step, total - 1, warmup=warmup)
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        if step < total - 1:
            reference.step()


def test_cosine_is_that_of_torch():
    """T-014."""
    torch = pytest.importorskip("torch")
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    reference = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50, eta_min=0.1)
    for step in range(51):
        assert factor("cosine", step, 50, floor=0.1) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        reference.step()


@given(st.sampled_from(sorted(rates.SCHEDULES)), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_factor_is_a_share_of_the_rate(type, step, total):
    """T-014: whatever the step, also beyond the end and of a run without steps."""
    assert 0 <= factor(type, step, total) <= 1


@pytest.mark.parametrize("form", [*descent.OPTIMIZERS.values(), *rates.SCHEDULES.values()], ids=lambda form: form.type)
def test_every_form_explains_itself(form):
    assert form.title and form.sentence.endswith(".") and form.formula
    assert all(field.title for field in form.model_fields.values())
