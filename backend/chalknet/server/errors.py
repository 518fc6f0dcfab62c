"""Every refusal has one shape: ``{"detail": "words"}`` with a fitting status."""

from __future__ import annotations

import logging
from typing import Any

import pydantic_core
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteException

log = logging.getLogger(__name__)

_WORDS = {404: "There is nothing here.", 405: "This cannot be done here."}


def install(app: FastAPI) -> None:
    app.add_exception_handler(StarletteException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteException)
    words = error.detail
    if not isinstance(error, HTTPException):
        words = _WORDS.get(error.status_code, words)
    return JSONResponse({"detail": words}, error.status_code, error.headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first: dict[str, Any] = error.errors()[0]
    where = " › ".join(str(part) for part in first["loc"] if part != "body")
    words = str(first["msg"])
    return JSONResponse({"detail": f"{where}: {words.lower()}." if where else f"{words}."}, 422)


async def _broken(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse({"detail": "Chalknet itself made a mistake. The server's log has the details."}, 500)


class _JsonRequest(Request):
    """Reads its body with a parser that bounds nesting and knows no NaN."""

    async def json(self) -> Any:
        try:
            return pydantic_core.from_json(await self.body(), allow_inf_nan=False)
        except ValueError as error:
            raise HTTPException(400, f"This is no valid JSON: {error}.") from None


class Route(APIRoute):
    """A route that reads JSON safely."""

    def get_route_handler(self) -> Any:
        handle = super().get_route_handler()

        async def safely(request: Request) -> Response:
            return await handle(_JsonRequest(request.scope, request.receive))

        return safely
