"""What a run tells: messages of the wire, pictures, and answers to questions."""

from __future__ import annotations

from chalknet import wire
from chalknet.training.answers.base import Answered
from chalknet.training.probe import Frame

Event = (
    wire.State
    | wire.Metrics
    | wire.Rewound
    | wire.Noted
    | wire.Failed
    | wire.End
    | wire.Checkpointed
    | wire.Kept
    | wire.Transferred
    | Frame
    | Answered
)
"""A ``Frame`` is a picture, an ``Answered`` the answer to a question: bytes of ``wire.pack``."""
