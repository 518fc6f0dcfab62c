"""Names that nobody guesses and any file system, URL and log line takes."""

from __future__ import annotations

import re
import secrets

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Lower case without what looks alike: a code may be read from a wall."""

PATTERN = re.compile(r"[2-9a-z]{20}")


def new_id() -> str:
    """Twenty letters, 99 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(20))
