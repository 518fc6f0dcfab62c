"""The pages: one shell for all, with the first state in it, so that nothing flickers while it loads."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pydantic_core
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from chalknet.server import assets
from chalknet.server.house import TheHouse
from chalknet.server.identity import Me
from chalknet.store import boards
from chalknet.wire import BoardInfo, Person

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@router.get("/")
async def gallery(request: Request, me: Me) -> HTMLResponse:
    return _shell(request, 200, "Chalknet", me, None)


@router.get("/layers")
async def layers(request: Request, me: Me) -> HTMLResponse:
    """The reference of all layers."""
    return _shell(request, 200, "Layers · Chalknet", me, None)


@router.get("/learn")
@router.get("/learn/{card}")
async def learn(request: Request, me: Me, card: str = "") -> HTMLResponse:
    """Worked examples and decisions; one that is not there gets the page too, which says so."""
    return _shell(request, 200, "Learn · Chalknet", me, None)


@router.get("/data")
@router.get("/data/{data_set}")
async def data(request: Request, me: Me, data_set: str = "") -> HTMLResponse:
    """All data there are, and one data set; one that is not there gets the page too, which says so."""
    return _shell(request, 200, "Data · Chalknet", me, None)


@router.get("/classes")
@router.get("/class/{klass}")
@router.get("/join")
@router.get("/join/{code}")
async def classes(request: Request, me: Me, klass: str = "", code: str = "") -> HTMLResponse:
    """All classes, one of them, the way in; one that is not there gets the page too, which says so."""
    return _shell(request, 200, "Classes · Chalknet", me, None)


@router.get("/b/{board}")
@router.get("/b/{board}/compare")
@router.get("/b/{board}/runs")
async def board(board: str, request: Request, me: Me, house: TheHouse) -> HTMLResponse:
    """A board that is not there gets the page too: it says so itself."""
    async with house.store.read() as connection:
        info = await boards.find(connection, board, me.id)
    return _shell(request, 200 if info else 404, f"{info.title} · Chalknet" if info else "Chalknet", me, info)


def _shell(request: Request, status: int, title: str, me: Person, board: BoardInfo | None) -> HTMLResponse:
    pages = assets.pages()
    name = "shell.html" if pages else "unbuilt.html"
    text = (
        _templates()
        .get_template(name)
        .render(title=title, pages=pages, nonce=request.state.nonce, state=_embedded({"me": me, "board": board}))
    )
    return HTMLResponse(text, status if pages else 503, {"cache-control": "no-cache"})


def _embedded(value: object) -> Markup:
    """JSON inside a script element: nothing in it can end the element."""
    text = pydantic_core.to_json(value).decode()
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
