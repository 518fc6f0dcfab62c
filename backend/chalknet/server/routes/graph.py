"""What follows from a document: for scripts, and for a page that asks what fits on a wire."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from chalknet.graph.facts import Inference
from chalknet.graph.infer import infer as infer_document
from chalknet.server.errors import Route
from chalknet.server.identity import Me
from chalknet.server.routes.boards import readable
from chalknet.wire import CurveInfo, Fit, RatesInfo

router = APIRouter(prefix="/api", route_class=Route)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    document: JsonValue


class WireEnd(Asked):
    """Where a wire was dropped: it begins at a port of a node, in a block (empty: at the top level)."""

    block: Annotated[str, Field(max_length=64)] = ""
    node: Annotated[str, Field(max_length=64)]
    port: Annotated[str, Field(max_length=64)]


@router.post("/infer")
async def infer(asked: Asked, me: Me) -> Inference:
    return await asyncio.to_thread(infer_document, readable(asked.document))


@router.post("/fits")
async def fits(end: WireEnd, me: Me) -> list[Fit]:
    from chalknet import catalogue

    document = readable(end.document)
    return await asyncio.to_thread(catalogue.fits, document, end.block, end.node, end.port)


class Drawn(BaseModel):
    """A layer's type and its fields."""

    model_config = ConfigDict(extra="forbid")
    type: Annotated[str, Field(max_length=64)]
    fields: dict[str, JsonValue] = {}


@router.post("/curve")
async def curve(asked: Drawn, me: Me) -> CurveInfo | None:
    """f and f′ of an activation with these fields; null where there is no curve."""
    from chalknet import catalogue

    return catalogue.curve(asked.type, asked.fields)


@router.post("/rates")
async def rates(asked: Asked, me: Me) -> dict[str, RatesInfo]:
    """The learning rate of every phase over a run, before it begins."""
    from chalknet import catalogue

    return await asyncio.to_thread(catalogue.rates, readable(asked.document))
