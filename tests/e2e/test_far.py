"""A large board seen from far away is painted as one picture; the pointer still finds every card."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import Board

COUNT = 140


def chain(count: int) -> dict[str, Any]:
    """A board of ``count`` layers in rows of 14, the first a block of one."""
    nodes: dict[str, Any] = {"digits": {"type": "digits"}, "n0": {"type": "block", "block": "one", "name": "Opened"}}
    edges: dict[str, Any] = {"e0": {"from": "digits", "out": "image", "to": "n0"}}
    for i in range(1, count):
        nodes[f"n{i}"] = {"type": "relu"}
        edges[f"e{i}"] = {"from": f"n{i - 1}", "to": f"n{i}"}
    inner = {"x": {"type": "block_input"}, "act": {"type": "tanh"}, "y": {"type": "block_output"}}
    block = {"nodes": inner, "edges": {"a": {"from": "x", "to": "act"}, "b": {"from": "act", "to": "y"}}}
    places = {id: {"x": i % 14 * 260, "y": i // 14 * 160} for i, id in enumerate(nodes)}
    return {"nodes": nodes, "edges": edges, "blocks": {"one": block}, "drawing": {"positions": places}}


def opened(page: Page, server: Server) -> Board:
    page.goto(server.url)
    made = page.request.post(
        f"{server.url}/api/boards", data={"document": chain(COUNT)}, headers={"Origin": server.url}
    )
    page.goto(f"{server.url}/b/{made.json()['id']}")
    board = Board(page)
    board.at("fit").click()
    expect(board.at("far-picture")).to_be_visible()
    expect(board.at("canvas")).not_to_have_attribute("data-moving", "")  # a moving view is not for clicks
    return board


def stands(board: Board, node: str, x: float, y: float) -> None:
    """Waits until a card's middle is there, as near as the grid lets it."""
    board.page.wait_for_function(
        """([node, x, y]) => {
          const box = document.querySelector(`[data-testid=node-${node}]`).getBoundingClientRect();
          return Math.hypot(box.left + box.width / 2 - x, box.top + box.height / 2 - y) < 6;
        }""",
        arg=[node, x, y],
    )


def test_cards_of_a_picture_are_found_and_moved(page: Page, server: Server, faults: list[str]) -> None:
    board = opened(page, server)
    expect(board.edges()).to_have_count(0)
    x, y = board.centre(board.node("n35"))
    page.mouse.click(x, y)
    expect(board.at("inspector")).to_contain_text("ReLU")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 40, steps=20)
    page.mouse.up()
    stands(board, "n35", x + 40, y + 40)
    page.keyboard.press("Control+z")
    stands(board, "n35", x, y)


def test_zooming_in_brings_cards_and_wires_back(page: Page, server: Server, faults: list[str]) -> None:
    board = opened(page, server)
    x, y = board.centre(board.node("n40"))
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    while board.at("far-picture").count():
        page.mouse.wheel(0, -120)
        page.wait_for_timeout(20)
    page.keyboard.up("Control")
    expect(board.handle("n40", "out", "y")).to_be_visible()
    expect(board.at("edge-e40")).to_have_count(1)
    board.select("n40")
    page.keyboard.press("Delete")
    expect(board.node("n40")).to_have_count(0)


def test_a_block_opens_from_the_picture(page: Page, server: Server, faults: list[str]) -> None:
    board = opened(page, server)
    page.mouse.dblclick(*board.centre(board.node("n0")))
    expect(board.nodes("tanh")).to_have_count(1)
    expect(board.at("far-picture")).to_have_count(0)
