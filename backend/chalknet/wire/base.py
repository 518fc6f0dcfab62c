"""What every message of the wire is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

VERSION = 1
NOW = -1
"""In place of a checkpoint's step: the newest state that there is."""
MOST_STEP = 2**53


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)
