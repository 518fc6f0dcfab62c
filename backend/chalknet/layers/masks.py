"""Masks of sequences: true where there is a token, false where a shorter sequence is padded."""

from __future__ import annotations

from chalknet.layers.base import Fault, TensorType
from chalknet.layers.words import counted, named


def check_mask(mask: TensorType | None, covered: TensorType, what: str) -> None:
    """Raises Fault where a mask does not fit the sequence that it covers (``what``: what that is called)."""
    if mask is None:
        return
    if mask.element != "bool" or mask.names != ("T",):
        raise Fault("kind", f"needs a mask that is true where there is a token; {named(mask)} arrives.", port="mask")
    if mask.sizes != covered.sizes[:1]:
        raise Fault(
            "unequal_length",
            f"its mask covers {counted(mask.sizes[0], 'place')}, but {what} has {covered.sizes[0]}.",
            port="mask",
        )
