"""What a dropout switched off in one forward pass (L-036): the very mask, drawn once more from the state that the
random numbers had when the layer drew it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chalknet.layers.noise import Drop
from chalknet.training.compile import Compiled


@dataclass(frozen=True, slots=True)
class Mask:
    """``first``: bool [numbers of a sample, up to those that are written out], of the batch's first sample, True where
    a number is let through. ``off`` of the batch's ``of`` numbers are switched off."""

    first: Tensor
    off: int
    of: int


@contextmanager
def watching(compiled: Compiled, paths: Iterable[str], most: int) -> Iterator[dict[str, Mask]]:
    """Of every dropout among some nodes the mask of the forward pass made inside, in training mode. The random numbers
    that follow stay as they would be. A layer inside a loop draws a mask a step, and is left out."""
    found: dict[str, Mask] = {}
    states: dict[str, Tensor] = {}
    hooks = []
    for path in paths:
        node = compiled.flat.nodes[path]
        if not isinstance(node.layer, Drop) or node.loop or path not in compiled.modules:
            continue

        def before(_: nn.Module, inputs: tuple[Tensor, ...], path: str = path) -> None:
            states[path] = _state(inputs[0].device)

        def after(module: nn.Module, inputs: tuple[Tensor, ...], __: Tensor, path: str = path) -> None:
            if module.training:
                found[path] = _again(module, inputs[0], states[path], most)

        module = compiled.modules[path]
        hooks += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def _state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _again(module: nn.Module, x: Tensor, state: Tensor, most: int) -> Mask:
    """How many random numbers are drawn depends on the shape alone, so that ones are dropped where ``x`` was."""
    on_gpu = x.device.type == "cuda"
    with torch.random.fork_rng(devices=[x.device] if on_gpu else []), torch.no_grad():
        if on_gpu:
            torch.cuda.set_rng_state(state, x.device)
        else:
            torch.set_rng_state(state)
        # Not called as a module: it would be watched itself.
        kept = module.forward(torch.ones_like(x)) != 0
    return Mask(kept[0].flatten()[:most].cpu(), int((~kept).sum()), kept.numel())
