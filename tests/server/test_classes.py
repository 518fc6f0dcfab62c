"""A class from its opening to its end: codes, return cards, handouts, freezing, the wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Map

from chalknet.classes import codes
from tests.server.conftest import SPIRAL
from tests.server.test_class_roles import Cast


def hand_out(cast: Cast, **more: Any) -> list[dict[str, Any]]:
    board = cast.teacher.board(SPIRAL)
    answer = cast.teacher.http.post(f"/api/classes/{cast.klass}/handouts", json={"board": board, **more})
    assert answer.status_code == 201, answer.text
    handouts: list[dict[str, Any]] = answer.json()["handouts"]
    return handouts


def mine(cast: Cast, person: Any, index: int = -1) -> str:
    """One's own board of a handout."""
    board: str = person.http.get(f"/api/classes/{cast.klass}").json()["handouts"][index]["board"]
    return board


def test_a_code_as_people_type_it(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "stranger")
    assert len(cast.code) == 6 and set(cast.code) <= set(codes.LETTERS)
    typed = f" {cast.code[:3].lower()}-{cast.code[3:].lower()} "
    joined = cast.who.http.post("/api/classes/join", json={"code": typed, "name": "Zoë"}).json()
    assert (joined["id"], joined["role"], joined["standing"], joined["code"]) == (cast.klass, "pupil", "in", "")
    assert cast.who.http.get("/api/me").json()["name"] == "Zoë"


@pytest.mark.parametrize("code", ["", "ABC", "ABCDEFG", "OOOOOO", "７７７７７７", "abc\u0000de", "x" * 41])
def test_what_is_no_code(somebody: Callable[..., Any], code: str) -> None:
    answer = somebody().http.post("/api/classes/join", json={"code": code, "name": "Ann"})
    assert answer.status_code in (404, 422) and answer.json()["detail"]


def test_a_code_that_is_guessed_at_too_often(somebody: Callable[..., Any]) -> None:
    """The code that fails is refused, not the person and not their address: 35 others come in meanwhile."""
    cast = Cast(somebody, "stranger")
    wrong = "".join("5" if letter == "4" else "4" for letter in cast.code)
    answers = [
        cast.who.http.post("/api/classes/join", json={"code": wrong, "name": "Guess"}).status_code for _ in range(12)
    ]
    assert answers == [404] * 10 + [429] * 2
    cast.join(cast.who, "Honest")


def test_rotating_locking_expiring(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "stranger")

    def knock(code: str) -> int:
        status: int = cast.who.http.post("/api/classes/join", json={"code": code, "name": "Late"}).status_code
        return status

    old = cast.code
    cast.code = cast.change(code_hours=1)["code"]
    assert cast.code != old and knock(old) == 404
    cast.change(locked=True)
    assert knock(cast.code) == 403
    cast.change(locked=False, code_hours=0)
    assert knock(cast.code) == 404
    assert cast.teacher.http.get(f"/api/classes/{cast.klass}").json()["code"] == ""
    assert len(cast.pupil.http.get("/api/classes").json()) == 1, "who is in stays in"
    cast.code = cast.change(code_hours=1e-9)["code"]
    assert cast.code == "", "it has run out already"


def test_nicknames_are_told_apart(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "stranger")
    cast.join(cast.who, "ann")
    assert cast.who.http.get("/api/me").json()["name"] == "ann 2"
    cast.join(cast.who, "Ann 2")
    assert cast.who.http.get("/api/me").json()["name"] == "Ann 2", "one's own name is not taken"


def test_let_in_by_hand(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "waiting")
    board = mine(cast, cast.pupil)
    at_the_door, at_the_desk = cast.who.sit(cast.klass), cast.teacher.sit(cast.klass)
    assert cast.who.http.get(f"/api/boards/{board}").status_code == 404
    cast.member(cast.who, standing="in")
    at_the_door.until(lambda: (told := at_the_door.event("class")) and told["info"]["standing"] == "in")
    at_the_desk.until(
        lambda: any(
            member["id"] == cast.who.me["id"] and member["standing"] == "in"
            for text in at_the_desk.texts
            for member in text.get("members", ())
        )
    )
    assert mine(cast, cast.who), "what was handed out before is theirs too"


def test_sent_away(somebody: Callable[..., Any]) -> None:
    """At once: the class, the board that is open, the run that is watched."""
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    board = mine(cast, cast.who)
    run = cast.who.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    klass, open_board, watch = cast.who.sit(cast.klass), cast.who.open(board), cast.who.watch(run)
    watch.until(lambda: watch.event("snapshot"))
    cast.member(cast.who, standing="removed")
    assert (klass.closed(), open_board.closed(), watch.closed()) == (4404, 4403, 4403)
    assert cast.who.http.get(f"/api/boards/{board}").status_code == 404
    assert cast.teacher.http.get(f"/api/boards/{board}").status_code == 200, "the work stays"
    assert cast.who.http.post("/api/classes/join", json={"code": cast.code, "name": "Bob"}).status_code == 403
    cast.member(cast.who, standing="in")
    assert mine(cast, cast.who) == board


def test_a_return_card(somebody: Callable[..., Any]) -> None:
    """Another device becomes the pupil, with their boards; the device before is a stranger; the card works again."""
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    board = mine(cast, cast.who)
    card = cast.teacher.http.post(f"/api/classes/{cast.klass}/members/{cast.who.me['id']}/card").json()
    assert card["name"] == "Bob" and len(card["words"]) == 4 and set(card["words"]) <= set(codes.WORDS)
    cast.change(locked=True)
    other = somebody()
    words = [word.upper() + " " for word in card["words"]]
    back = other.http.post("/api/classes/return", json={"code": cast.code, "words": words})
    assert back.status_code == 200 and back.json()["id"] == cast.klass
    assert other.http.get("/api/me").json()["id"] == cast.who.me["id"]
    assert other.http.get(f"/api/boards/{board}").json()["role"] == "editor"
    assert cast.who.http.get(f"/api/boards/{board}").status_code == 404
    new = cast.teacher.http.post(f"/api/classes/{cast.klass}/members/{cast.who.me['id']}/card").json()
    assert somebody().http.post(
        "/api/classes/return", json={"code": cast.code, "words": card["words"]}
    ).status_code == (200 if new["words"] == card["words"] else 404)


def test_cards_are_not_guessed(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "stranger")
    tries = [
        cast.who.http.post("/api/classes/return", json={"code": cast.code, "words": ["moon", "owl", "key", word]})
        for word in codes.WORDS[:12]
    ]
    assert [answer.status_code for answer in tries] == [404] * 10 + [429] * 2


def test_a_copy_each(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    ann, bob = mine(cast, cast.pupil), mine(cast, cast.who)
    assert ann != bob and cast.who.http.get(f"/api/boards/{ann}").status_code == 404
    assert cast.who.http.get(f"/api/boards/{bob}/document").json()["nodes"].keys() == SPIRAL["nodes"].keys()
    assert cast.who.http.get("/api/boards").json() == [], "boards of a class are listed in the class"
    assert all(board["title"] == "Two neurons" for board in cast.teacher.http.get("/api/boards").json())
    assert len(cast.teacher.http.get("/api/boards").json()) == 1, "thirty-five copies are not the teacher's own"
    late = somebody()
    cast.join(late, "Late")
    assert mine(cast, late) not in ("", ann, bob)


def test_one_for_each_group(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "pupil")
    third, fourth = somebody(), somebody()
    cast.join(third, "Cem")
    cast.join(fourth, "Dea")
    hand_out(
        cast,
        kind="groups",
        groups=[[cast.pupil.me["id"], third.me["id"]], [cast.who.me["id"], third.me["id"], "nobody"]],
    )
    ann, bob, cem, dea = (mine(cast, person) for person in (cast.pupil, cast.who, third, fourth))
    assert ann == cem and bob != ann and dea in (ann, bob), "who is named nowhere is put somewhere"
    late = somebody()
    cast.join(late, "Eli")
    assert mine(cast, late) in (ann, bob)


def test_one_for_all(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "pupil")
    hand_out(cast, kind="one")
    assert mine(cast, cast.pupil) == mine(cast, cast.who) != ""
    one, two = cast.pupil.open(mine(cast, cast.pupil)), cast.who.open(mine(cast, cast.who))
    one.edit(lambda it: it.root("meta").__setitem__("title", "Ours"))
    two.until(lambda: two.root("meta").get("title") == "Ours")


def test_a_change_is_handed_out(somebody: Callable[..., Any]) -> None:
    """What the teacher changed comes onto every copy, open or not; what a pupil made meanwhile stays; nobody's work is
    undone by it."""
    cast = Cast(somebody, "pupil")
    taught = cast.teacher.board(SPIRAL)
    handed = cast.teacher.http.post(f"/api/classes/{cast.klass}/handouts", json={"board": taught}).json()["handouts"]
    handout = handed[-1]["id"]
    ann, bob = mine(cast, cast.pupil), mine(cast, cast.who)

    def draw(at: Any) -> None:
        at.root("nodes")["hidden"]["fields"]["units"] = 7
        at.root("nodes")["act"]["type"] = "relu"

    hers = cast.pupil.open(ann)
    hers.edit(draw)
    hers.saved()

    def teach(at: Any) -> None:
        nodes = at.root("nodes")
        nodes["hidden"]["fields"]["units"] = 16
        nodes["out"]["name"] = "answer"
        nodes["drop"] = Map({"type": "dropout", "fields": Map({})})
        at.root("recipe")["epochs"] = 9

    desk = cast.teacher.open(taught)
    desk.edit(teach)
    desk.saved()
    at = f"/api/classes/{cast.klass}/handouts/{handout}/change"
    assert cast.teacher.http.post(at, json={"board": taught}).json() == {"boards": 2, "kept": 1, "refused": 0}

    hers.until(lambda: "drop" in hers.root("nodes"))
    drawn = cast.pupil.http.get(f"/api/boards/{ann}/document").json()
    assert drawn["nodes"]["hidden"]["fields"]["units"] == 7 and drawn["nodes"]["act"]["type"] == "relu"
    assert drawn["nodes"]["out"]["name"] == "answer" and drawn["recipe"]["epochs"] == 9
    untouched = cast.who.http.get(f"/api/boards/{bob}/document").json()
    assert untouched == cast.teacher.http.get(f"/api/boards/{taught}/document").json()
    info = cast.teacher.http.get(f"/api/classes/{cast.klass}").json()
    assert [each["version"] for each in info["handouts"]] == [1, 2]
    # A second time there is nothing to bring.
    assert cast.teacher.http.post(at, json={"board": taught}).json() == {"boards": 2, "kept": 0, "refused": 0}
    assert cast.pupil.http.get(f"/api/boards/{ann}/document").json() == drawn


def test_frozen(somebody: Callable[..., Any]) -> None:
    """Open boards become read-only at once, on the server; what is drawn stays; thawed, all goes on."""
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    board = mine(cast, cast.who)
    it, theirs = cast.who.open(board), cast.teacher.open(board)
    cast.change(frozen=True)
    it.until(lambda: (told := it.event("board")) and told["board"]["role"] == "viewer")
    it.edit(lambda at: at.root("meta").__setitem__("title", "Frozen"))
    it.until(lambda: it.event("refused"))
    assert cast.who.http.post(f"/api/boards/{board}/runs", json={}).status_code == 403
    theirs.edit(lambda at: at.root("meta").__setitem__("title", "Taught"))
    theirs.saved()
    cast.change(frozen=False)
    again = cast.who.open(board)
    again.edit(lambda at: at.root("meta").__setitem__("title", "Thawed"))
    again.saved()
    assert cast.who.http.get(f"/api/boards/{board}/document").json()["title"] == "Thawed"


def test_the_spotlight(somebody: Callable[..., Any]) -> None:
    """Everybody in the class may look at the board that is lit, as long as it is; nobody else, and nobody may draw."""
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    hers = mine(cast, cast.pupil)
    it, door = cast.who.sit(cast.klass), somebody()
    at = f"/api/classes/{cast.klass}/spotlight"
    assert cast.teacher.http.put(at, json={"board": hers}).json()["spotlight"]["by"] == "Ann"
    it.until(lambda: (told := it.event("class")) and told["info"]["spotlight"])
    assert it.event("class")["info"]["spotlight"] == {"board": hers, "title": "Two neurons", "by": "Ann"}
    seen = cast.who.http.get(f"/api/boards/{hers}").json()
    assert (seen["role"], seen["classroom"]) == ("viewer", cast.klass)
    assert door.http.get(f"/api/boards/{hers}").status_code == 404
    look = cast.who.open(hers)
    look.edit(lambda board: board.root("meta").__setitem__("title", "Mine now"))
    look.until(lambda: look.event("refused"))
    assert cast.teacher.http.put(at, json={"board": hers, "named": False}).json()["spotlight"]["by"] == ""
    own = cast.teacher.board(SPIRAL, link_role="none")
    assert cast.teacher.http.put(at, json={"board": own}).json()["spotlight"]["by"] == ""
    assert look.closed() == 4403, "another board is lit now"
    assert cast.who.http.get(f"/api/boards/{own}").json()["role"] == "viewer"
    foreign = somebody().board(SPIRAL, link_role="none")
    assert cast.teacher.http.put(at, json={"board": foreign}).status_code == 404
    assert cast.teacher.http.delete(at).json()["spotlight"] is None
    assert cast.who.http.get(f"/api/boards/{own}").status_code == 404


def test_the_wall(somebody: Callable[..., Any]) -> None:
    """A card for every board: what became of it since it was handed out, who works there, how training goes."""
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    board = mine(cast, cast.who)
    desk = cast.teacher.sit(cast.klass)
    desk.send({"command": "wall", "shown": True})

    def card() -> dict[str, Any]:
        cards = [card for text in desk.texts if text["event"] == "wall" for card in text["cards"]]
        found: dict[str, Any] = next((card for card in reversed(cards) if card["board"] == board), {})
        return found

    first = desk.until(card)
    assert (first["added"], first["changed"], first["removed"]) == (0, 0, 0)
    assert first["people"] == [cast.who.me["id"]] and first["edited"] == 0 and first["run"] is None
    assert (len(first["strokes"]), len(first["wires"]), first["parameters"], first["problems"]) == (5, 5, 22, 0)
    families = [stroke[2] for stroke in first["strokes"]]
    assert "data" in families and "loss" in families

    def change(at: Any) -> None:
        at.root("nodes")["hidden"]["fields"]["units"] = 8
        del at.root("nodes")["act"]
        del at.root("edges")["b"]
        del at.root("edges")["c"]

    it = cast.who.open(board)
    it.edit(change)
    desk.until(lambda: card()["removed"] == 1)
    # hidden has another field, out lost what flowed into it.
    assert (card()["added"], card()["changed"]) == (0, 2) and card()["edited"] > 0 and card()["problems"] > 0

    run = cast.pupil.http.post(f"/api/boards/{mine(cast, cast.pupil)}/runs", json={}).json()["id"]
    watch = cast.pupil.watch(run)
    watch.until(watch.ended)
    board = mine(cast, cast.pupil)
    desk.until(lambda: card().get("run") == "finished")
    curve = cast.pupil.http.get(f"/api/runs/{run}").json()
    assert card()["losses"] and card()["epoch"] == 3 and card()["metric"] == "validation.accuracy"
    assert card()["value"] == curve["metrics"]["validation.accuracy"]

    desk.send({"command": "wall", "shown": False})
    cast.teacher.http.delete(f"/api/classes/{cast.klass}/handouts/{cast.handout}")
    desk.until(lambda: (told := desk.event("class")) and len(told["info"]["handouts"]) == 1)


def test_a_handout_taken_back(somebody: Callable[..., Any]) -> None:
    cast = Cast(somebody, "pupil")
    handouts = hand_out(cast)
    board = mine(cast, cast.who)
    open_board = cast.who.open(board)
    answer = cast.teacher.http.delete(f"/api/classes/{cast.klass}/handouts/{handouts[-1]['id']}")
    assert answer.status_code == 200
    assert open_board.closed() == 4404 and cast.teacher.http.get(f"/api/boards/{board}").status_code == 404


def test_the_end_of_a_class(somebody: Callable[..., Any]) -> None:
    """Everything made in it goes; the teacher's own board, which was handed out, stays."""
    cast = Cast(somebody, "pupil")
    hand_out(cast)
    board = mine(cast, cast.who)
    klass = cast.who.sit(cast.klass)
    assert cast.teacher.http.delete(f"/api/classes/{cast.klass}").status_code == 204
    assert klass.closed() == 4404
    for person in (cast.teacher, cast.who):
        assert person.http.get(f"/api/boards/{board}").status_code == 404
        assert person.http.get("/api/classes").json() == []
    assert len(cast.teacher.http.get("/api/boards").json()) == 1
