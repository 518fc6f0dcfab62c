"""First weights: how they are drawn before anything is learned (T-045)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def first_weights(module: nn.Module, how: str, scale: float) -> nn.Module:
    """Draws a module's weights anew, those with two axes or more; its biases begin at 0.

    He: spread √(2 / n_in); Xavier: √(2 / (n_in + n_out)), n being how many numbers enter and leave a unit.
    """
    from torch import nn

    for name, weight in module.named_parameters():
        if "bias" in name:
            nn.init.zeros_(weight)
        elif weight.dim() < 2:
            continue  # a norm's scales stay 1
        elif how == "zeros":
            nn.init.zeros_(weight)
        elif how == "normal":
            nn.init.normal_(weight, 0.0, scale)
        elif how == "uniform":
            nn.init.uniform_(weight, -scale, scale)
        elif how == "xavier":
            nn.init.xavier_normal_(weight)
        elif how == "he":
            nn.init.kaiming_normal_(weight)
        else:
            nn.init.orthogonal_(weight)
    return module
