"""The OpenAPI document, from which the browser's types are made."""

from __future__ import annotations

from chalknet.server.app import create_app
from chalknet.server.settings import Settings


def test_what_is_known_of_data_and_what_a_board_says_of_itself_are_two_things() -> None:
    """Models that share a name would become one type, and the page would be told the wrong fields."""
    schemas = create_app(Settings()).openapi()["components"]["schemas"]
    assert "columns" in schemas["AboutData"]["properties"] and "lesson" in schemas["About"]["properties"]
    assert "AboutData" in str(schemas["DataSet"]["properties"]["about"])
