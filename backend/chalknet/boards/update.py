"""Reads a Yjs update (encoding v1) before the CRDT does.

The CRDT's own decoder recurses: 400,000 brackets in a value, or maps nested as deep, overflow its stack and end the
whole process; updates whose past is missing are kept for ever. So nothing reaches it that is not well formed, of the
kinds that a board consists of, of a bounded depth, and complete. This reader never recurses and allocates only what it
was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

MOST_DEPTH = 8
"""Levels of maps in one update, and of lists and objects inside one value."""
MOST_KEY = 200
"""Bytes of a key: ``block/node`` in the drawing is the longest."""

ROOTS = ("meta", "about", "nodes", "edges", "blocks", "recipe", "drawing", "moved")
_ROOTS = frozenset(name.encode() for name in ROOTS)

Clocks = dict[int, int]
"""For every client, the number of its operations that are known."""


class Refusal(ValueError):
    """The update is not applied; the message says why."""


class Gap(Refusal):
    """The update builds on edits that the server does not have."""

    def __init__(self) -> None:
        super().__init__("The message builds on edits that the server does not have.")


@dataclass(frozen=True, slots=True)
class Update:
    """What an update brings."""

    ends: Clocks
    """Clocks after it."""
    is_empty: bool
    """Neither operations nor deletions."""
    is_news: bool
    """It holds operations beyond the clocks that it was read against."""


def read(data: bytes, known: Clocks) -> Update:
    """Checks an update against what is known. Raises Refusal."""
    return _Reader(data).update(known)


def read_clocks(state: bytes) -> Clocks:
    """A state vector's clocks. Raises Refusal."""
    reader = _Reader(state)
    clocks = {}
    for _ in range(reader.number()):
        client = reader.number()
        clocks[client] = reader.number()
    reader.end()
    return clocks


class _Reader:
    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def broken(self) -> NoReturn:
        raise Refusal(f"The message is broken at byte {self.at}.")

    def byte(self) -> int:
        try:
            value = self.data[self.at]
        except IndexError:
            self.broken()
        self.at += 1
        return value

    def number(self) -> int:
        """A variable-length unsigned integer, at most 2⁵³."""
        value = self.byte()
        if value < 128:
            return value
        value &= 127
        for shift in range(7, 56, 7):
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                break
        else:
            self.broken()
        if value > 1 << 53:
            self.broken()
        return value

    def skip_signed(self) -> None:
        for _ in range(10):
            if self.byte() < 128:
                return
        self.broken()

    def skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            self.broken()

    def bytes(self) -> bytes:
        count = self.number()
        start = self.at
        self.skip(count)
        return self.data[start : self.at]

    def key(self) -> bytes:
        key = self.bytes()
        if len(key) > MOST_KEY:
            raise Refusal(f"A name is {len(key):,} bytes long; at most {MOST_KEY} are taken.")
        return key

    def end(self) -> None:
        if self.at != len(self.data):
            self.broken()

    def update(self, known: Clocks) -> Update:
        ends: Clocks = {}
        parents: dict[tuple[int, int], tuple[int, int] | None] = {}
        kin: dict[tuple[int, int], tuple[int, int]] = {}
        needed: list[tuple[int, int]] = []
        clients = self.number()
        for _ in range(clients):
            structs = self.number()
            client = self.number()
            clock = self.number()
            if client in ends:
                self.broken()
            if structs and clock > known.get(client, 0):
                raise Gap
            for _ in range(structs):
                clock += self.struct((client, clock), parents, kin, needed, known.get(client, 0))
            ends[client] = clock
        for client, clock in needed:
            if clock >= max(ends.get(client, 0), known.get(client, 0)):
                raise Gap
        _measure(parents, kin)
        deleting = self.number()
        for _ in range(deleting):
            client = self.number()
            limit = max(ends.get(client, 0), known.get(client, 0))
            for _ in range(self.number()):
                start = self.number()
                if start + self.number() > limit:
                    raise Gap
        self.end()
        return Update(
            ends=ends,
            is_empty=not clients and not deleting,
            is_news=any(clock > known.get(client, 0) for client, clock in ends.items()),
        )

    def struct(
        self,
        name: tuple[int, int],
        parents: dict[tuple[int, int], tuple[int, int] | None],
        kin: dict[tuple[int, int], tuple[int, int]],
        needed: list[tuple[int, int]],
        known: int,
    ) -> int:
        """Reads one operation of a client whose first ``known`` are known; the number of clock ticks that it takes."""
        info = self.byte()
        kind = info & 0x1F
        if kind == 0:  # garbage collected: something that was created and deleted again
            return self.ticks()
        if kind == 10:  # left out: what was never received there
            count = self.ticks()
            if name[1] + count > known:
                raise Gap
            return count
        if info & 0xC0:
            origin = None
            for bit in (0x80, 0x40):
                if info & bit:
                    origin = (self.number(), self.number())
                    needed.append(origin)
            assert origin is not None
            kin[name] = origin
        else:
            if self.number():
                root = self.bytes()
                if root not in _ROOTS:
                    raise Refusal(f"A board has no part called {root[:40].decode(errors='replace')!r}.")
                parents[name] = None
            else:
                parent = (self.number(), self.number())
                needed.append(parent)
                parents[name] = parent
            if not info & 0x20:
                raise Refusal("A board consists of keyed maps only.")
            self.key()
        if kind == 8:  # plain values
            count = self.ticks()
            for _ in range(count):
                self.value()
            return count
        if kind == 1:  # deleted
            return self.ticks()
        if kind == 7 and self.number() == 1:  # a map
            return 1
        raise Refusal("A board consists of maps and plain values only.")

    def ticks(self) -> int:
        count = self.number()
        if count == 0:
            self.broken()
        return count

    def value(self) -> None:
        """Reads one plain value, however it is nested, without recursion."""
        open_: list[tuple[int, bool]] = []
        left, keyed = 1, False
        while True:
            while left == 0:
                if not open_:
                    return
                left, keyed = open_.pop()
            left -= 1
            if keyed:
                self.key()
            kind = self.byte()
            if kind == 119:
                self.bytes()
            elif kind == 125:
                self.skip_signed()
            elif kind == 124:
                self.skip(4)
            elif kind == 123:
                self.skip(8)
            elif kind in (120, 121, 126, 127):
                pass
            elif kind in (117, 118):
                count = self.number()
                if count:
                    open_.append((left, keyed))
                    if len(open_) > MOST_DEPTH:
                        raise Refusal(f"A value is nested more than {MOST_DEPTH} levels deep.")
                    left, keyed = count, kind == 118
            else:
                raise Refusal("A board holds text, numbers, yes or no, lists and objects only.")


def _measure(
    parents: dict[tuple[int, int], tuple[int, int] | None], kin: dict[tuple[int, int], tuple[int, int]]
) -> None:
    """Refuses maps nested too deep. An operation that names no parent stands where its neighbour (``kin``) stands."""
    depths: dict[tuple[int, int], int] = {}
    for start in (*parents, *kin):
        trail: list[tuple[int, int]] = []
        name: tuple[int, int] | None = start
        while name is not None and name not in depths and (name in parents or name in kin):
            trail.append(name)
            if len(trail) > len(parents) + len(kin):
                raise Refusal("The message goes round in circles.")
            name = kin[name] if name in kin else parents[name]
        depth = depths.get(name, 0) if name is not None else 0
        for step in reversed(trail):
            depth += step in parents
            depths[step] = depth
        if depth > MOST_DEPTH:
            raise Refusal(f"The board would be nested more than {MOST_DEPTH} levels deep.")
