"""What a board's data is called in a list."""

from __future__ import annotations

from chalknet.datasets.base import DataSource
from chalknet.graph.document import Document
from chalknet.layers.base import registry


def data_title(document: Document) -> str:
    """Titles of the board's data sources, each once."""
    titles = [
        layer.title
        for node in document.nodes.values()
        if (layer := registry.get(node.type)) and issubclass(layer, DataSource)
    ]
    return ", ".join(dict.fromkeys(titles))[:64]
