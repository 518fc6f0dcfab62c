"""The OpenAPI document, with the messages of the sockets and the board's document in it.

``python -m chalknet.server.schema`` prints it; the browser's types are generated from that.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.wire import classes as wire_classes

_UNIONS: dict[str, tuple[TypeAdapter[Any], str]] = {
    "BoardMessage": (wire.board_message, "serialization"),
    "RunMessage": (wire.run_message, "serialization"),
    "RunCommand": (wire.run_command, "validation"),
    "ClassMessage": (wire_classes.class_message, "serialization"),
    "ClassCommand": (wire_classes.class_command, "validation"),
    "Answer": (TypeAdapter(wire.Answer), "serialization"),
    "FrameHeader": (TypeAdapter(wire.FrameHeader), "serialization"),
    "Document": (TypeAdapter(Document), "validation"),
}


def install(app: FastAPI) -> None:
    """Replaces the application's own OpenAPI document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=str(wire.VERSION), routes=app.routes)
    _, shared = TypeAdapter.json_schemas(
        [(name, mode, adapter) for name, (adapter, mode) in _UNIONS.items()],  # type: ignore[misc]
        by_alias=True,
        ref_template="#/components/schemas/{model}",
    )
    schemas = document["components"]["schemas"]
    schemas |= shared["$defs"]
    # What a refusal looks like here (errors.py), not what the framework would say.
    schemas.pop("ValidationError", None)
    schemas["HTTPValidationError"] = {
        "type": "object",
        "title": "Refusal",
        "properties": {"detail": {"type": "string"}},
        "required": ["detail"],
    }
    for name, (adapter, mode) in _UNIONS.items():
        if name not in schemas:
            one = adapter.json_schema(mode=mode, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
            one.pop("$defs", None)
            schemas[name] = one
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def main() -> None:
    from chalknet.server.app import create_app
    from chalknet.server.settings import Settings

    print(json.dumps(create_app(Settings()).openapi(), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
