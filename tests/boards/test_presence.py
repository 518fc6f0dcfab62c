"""Cursors: nobody speaks for another, nothing echoes, nobody stays behind as a ghost."""

from __future__ import annotations

import json

import pytest
from pycrdt import Awareness, Decoder, Doc

from chalknet.boards import frames
from chalknet.boards.presence import MOST_STATE, Entry, Presence, _frame
from chalknet.boards.update import Refusal
from chalknet.wire import Person

ANN = Person(id="1", name="Ann", color="#111111")
BOB = Person(id="2", name="Bob", color="#222222")


def _says(client: int, clock: int, state: object) -> bytes:
    text = state if isinstance(state, bytes) else json.dumps(state).encode()
    return frames.payload(_frame([Entry(client, clock, text)])[1:])


def _hears(presence: Presence, seen: int = 0) -> dict[int, tuple[int, object]]:
    frame = presence.since(seen)
    if frame is None:
        return {}
    decoder = Decoder(frames.payload(frame[1:]))
    found = {}
    for _ in range(decoder.read_var_uint()):
        client, clock = decoder.read_var_uint(), decoder.read_var_uint()
        found[client] = (clock, json.loads(decoder.read_message() or b""))
    return found


def test_the_name_is_the_servers() -> None:
    presence = Presence()
    assert presence.hear("a", ANN, _says(5, 1, {"user": {"name": "Bob"}, "cursor": {"x": 1, "y": 2}}))
    assert _hears(presence) == {5: (1, {"user": ANN.model_dump(), "cursor": {"x": 1, "y": 2}})}


def test_an_echo_dies() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 3, {}))
    assert not presence.hear("a", ANN, _says(5, 3, {"cursor": 1}))
    assert not presence.hear("a", ANN, _says(5, 2, {"cursor": 1}))
    assert not presence.hear("b", BOB, _says(5, 9, {"cursor": 1}))
    assert _hears(presence) == {5: (3, {"user": ANN.model_dump()})}


def test_nobody_removes_another() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 1, {}))
    presence.hear("b", BOB, _says(6, 1, {}))
    assert not presence.hear("b", BOB, _says(5, 9, None))
    assert not presence.hear("b", BOB, _says(7, 9, {}))
    assert set(_hears(presence)) == {5, 6}


def test_who_leaves_takes_the_cursor_along() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 4, {}))
    seen = presence.generation
    assert presence.leave("a")
    assert _hears(presence, seen) == {5: (5, None)}
    assert _hears(presence) == {}, "one who comes later hears of no ghost"
    assert not presence.leave("a")


def test_who_comes_back_is_seen() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 4, {}))
    presence.leave("a")
    assert presence.hear("a2", ANN, _says(5, 6, {}))
    assert set(_hears(presence)) == {5}


def test_one_who_was_told_gets_only_news() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 1, {}))
    seen = presence.generation
    assert _hears(presence, seen) == {}
    presence.hear("b", BOB, _says(6, 1, {}))
    assert set(_hears(presence, seen)) == {6}


def test_a_new_name() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 1, {"cursor": None}))
    assert presence.rename("a", ANN.model_copy(update={"name": "Anna"}))
    assert _hears(presence)[5] == (2, {"cursor": None, "user": {**ANN.model_dump(), "name": "Anna"}})
    assert not presence.rename("nobody", ANN)


def test_the_usual_client_understands() -> None:
    presence = Presence()
    presence.hear("a", ANN, _says(5, 1, {"cursor": {"x": "Ω"}}))
    other = Awareness(Doc())
    other.apply_awareness_update(frames.payload((presence.since(0) or b"")[1:]), "remote")
    assert other.states[5]["cursor"] == {"x": "Ω"}
    presence.leave("a")
    other.apply_awareness_update(frames.payload((presence.since(1) or b"")[1:]), "remote")
    assert 5 not in other.states


GARBAGE = {
    "nothing": b"",
    "no entry": b"\x01",
    "half an entry": b"\x01\x05",
    "cut short": b"\x01\x05\x01\x7f{",
    "no JSON": _says(5, 1, b"{"),
    "a list": _says(5, 1, b"[1]"),
    "a text": _says(5, 1, b'"x"'),
    "NaN": _says(5, 1, b"NaN"),
    "brackets": _says(5, 1, b"[" * 5000),
    "a huge number": b"\xff" * 9 + b"\x01",
    "a huge state": _says(5, 1, {"x": "y" * MOST_STATE}),
    "a crowd": b"\xe9\x07" + b"\x01\x01\x02{}" * 1001,
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_refused(data: bytes) -> None:
    presence = Presence()
    with pytest.raises(Refusal):
        presence.hear("a", ANN, data)
    assert presence.since(0) is None
