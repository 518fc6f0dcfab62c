"""What the server knows of a board's meaning, and what of it a socket has not been told yet."""

from __future__ import annotations

from chalknet.graph.facts import Inference, NodeFacts
from chalknet.graph.problems import Problem
from chalknet.wire import Inferred

NOTHING = 0
"""The generation of one who has been told nothing."""


class Facts:
    """The latest inference, each node with the generation in which it last changed.

    A socket that has seen generation ``n`` is sent what changed since; one that is slow skips generations, and none is
    ever queued.
    """

    def __init__(self) -> None:
        self.generation = NOTHING
        self.inference = Inference()
        self.seeking = False
        """Ways out of the problems are still looked for."""
        self._changed: dict[str, int] = {}
        self._removed: dict[str, int] = {}
        self._texts: dict[int, str] = {}

    def update(self, inference: Inference, *, seeking: bool = False) -> None:
        """Takes a new inference; or the same once more, when the ways out are found."""
        if self.generation and self.seeking == seeking and self._is_known(inference):
            return
        self.seeking = seeking
        self.generation += 1
        before = self.inference.nodes
        for path, facts in inference.nodes.items():
            earlier = before.get(path)
            # Of a node that nothing has changed about it is the same object, which is faster than comparing.
            if earlier is not facts and earlier != facts:
                self._changed[path] = self.generation
            self._removed.pop(path, None)
        for path in before.keys() - inference.nodes.keys():
            del self._changed[path]
            self._removed[path] = self.generation
        self.inference = inference
        self._texts.clear()

    def _is_known(self, inference: Inference) -> bool:
        """Whether it says nothing new; the nodes, of which there are many, are looked at last."""
        if any(getattr(inference, name) != getattr(self.inference, name) for name in (*_TOTALS, "problems")):
            return False
        return inference.nodes == self.inference.nodes

    def since(self, seen: int) -> str | None:
        """The ``inferred`` message for one who has seen generation ``seen``; None when that is the latest."""
        if seen == self.generation:
            return None
        text = self._texts.get(seen)
        if text is None:
            nodes: dict[str, NodeFacts] = {
                path: facts for path, facts in self.inference.nodes.items() if self._changed[path] > seen
            }
            removed = [path for path, generation in self._removed.items() if generation > seen > NOTHING]
            totals = {name: getattr(self.inference, name) for name in _TOTALS}
            problems: list[Problem] = self.inference.problems
            message = Inferred(
                full=seen == NOTHING, problems=problems, seeking=self.seeking, nodes=nodes, removed=removed, **totals
            )
            text = self._texts[seen] = message.model_dump_json()
        return text


_TOTALS = tuple(name for name in Inference.model_fields if name not in ("nodes", "problems"))
