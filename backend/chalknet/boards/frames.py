"""Binary frames of the y-protocols: a kind, for sync a step, and a payload with its length before it."""

from __future__ import annotations

from pycrdt import Decoder, Encoder

from chalknet.boards.update import Refusal

SYNC, AWARENESS = 0, 1
STEP1, STEP2, UPDATE = 0, 1, 2


def sync(step: int, payload: bytes) -> bytes:
    """``STEP1`` asks with a state vector, ``STEP2`` answers with an update, ``UPDATE`` tells of an edit."""
    return bytes((SYNC, step)) + _sized(payload)


def awareness(payload: bytes) -> bytes:
    return bytes((AWARENESS,)) + _sized(payload)


def payload(rest: bytes) -> bytes:
    """What follows the kind. Raises Refusal."""
    decoder = Decoder(rest)
    try:
        data = decoder.read_message()
    except (IndexError, RuntimeError):
        data = None
    if data is None or decoder.length < 0:
        raise Refusal("A message is cut short.")
    return data


def _sized(payload: bytes) -> bytes:
    encoder = Encoder()
    encoder.write_var_uint(len(payload))
    return encoder.to_bytes() + payload
