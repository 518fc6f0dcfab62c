"""A trained network is questioned further: by camera, in the plane, in tokens; yes and no; another layer's maps."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example
from tests.e2e.test_access import violations
from tests.e2e.test_predict import picture, trained
from tests.e2e.test_runs import made

TWO_KINDS: dict[str, Any] = {
    "version": 1,
    "title": "Yes or no",
    "nodes": {
        "data": {"type": "pictures", "fields": {"size": 16, "channels": 3, "classes": 2, "samples": 300}},
        "conv1": {"type": "conv2d", "fields": {"channels": 6, "kernel": 3, "padding": 1}},
        "act1": {"type": "relu"},
        "pool1": {"type": "max_pool2d"},
        "conv2": {"type": "conv2d", "fields": {"channels": 6, "kernel": 3, "padding": 1}},
        "act2": {"type": "relu"},
        "flat": {"type": "flatten"},
        "out": {"type": "linear", "fields": {"units": 1}},
        "loss": {"type": "bce"},
    },
    "edges": {
        "a": {"from": "data", "out": "image", "to": "conv1"},
        "b": {"from": "conv1", "to": "act1"},
        "c": {"from": "act1", "to": "pool1"},
        "d": {"from": "pool1", "to": "conv2"},
        "e": {"from": "conv2", "to": "act2"},
        "f": {"from": "act2", "to": "flat"},
        "g": {"from": "flat", "to": "out"},
        "h": {"from": "out", "to": "loss", "in": "logits"},
        "i": {"from": "data", "out": "label", "to": "loss", "in": "target"},
    },
    "recipe": {"epochs": 4, "batch": 30},
}


def two_kinds(page: Page, server: Server) -> Board:
    page.goto(f"{server.url}/b/{made(page, server, TWO_KINDS)}")
    board = Board(page)
    board.train()
    board.reaches("finished")
    board.at("dock-tab-ask").click()
    expect(board.at("ask-answer")).to_be_visible(timeout=TRAINED)
    return board


def test_yes_and_no_and_another_layers_maps(page: Page, server: Server, faults: list[str]) -> None:
    """V-017: Grad-CAM towards yes and towards no, of the last convolution's maps and of the first's."""
    board = two_kinds(page, server)
    board.at("why-grad_cam").click()
    shown = board.page.locator("[data-testid=explained][data-why=grad_cam]")
    expect(shown).to_be_visible(timeout=TRAINED)
    names = board.at("ask-of").locator("option").all_inner_texts()
    assert len(names) == 3
    seen = []
    for of, layer in (("0", "conv2"), ("1", "conv2"), ("1", "conv1"), ("0", "conv1")):
        board.at("ask-of").select_option(of)
        board.at("ask-layer").select_option(layer)
        expect(board.at("ask-panel")).not_to_have_attribute("data-waiting", "true", timeout=TRAINED)
        expect(shown.locator("figcaption").last).to_contain_text(names[int(of) + 1])
        seen.append(picture(board))
    # Maps of half the side are other pictures; what speaks for no does not speak for yes.
    assert len(set(seen)) > 2 and seen[0] != seen[1] and seen[1] != seen[2]
    assert violations(page) == []


def test_the_camera_is_asked(page: Page, server: Server, faults: list[str]) -> None:
    """A preview, a picture of it, an answer; the camera is let go when one leaves."""
    page.context.grant_permissions(["camera"], origin=server.url)
    board = two_kinds(page, server)
    board.at("ask-camera").click()
    expect(board.at("camera-preview")).to_have_attribute("data-live", "true", timeout=TRAINED)
    expect(board.at("ask-answer")).to_have_count(0)
    preview = board.at("camera-preview").element_handle()
    assert preview is not None
    stream = page.evaluate_handle("video => video.srcObject", preview)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/ask") else None)
    board.at("camera-take").click()
    expect(board.at("ask-answer")).to_be_visible(timeout=TRAINED)
    expect(board.at("ask-answer")).not_to_have_text(re.compile("right|wrong"))
    # As small as the network's input, 3 × 16 × 16 bytes, and no other picture.
    assert {len(each["question"]["picture"]) for each in sent} == {3 * 16 * 16 * 4 // 3}
    assert violations(page) == []
    board.at("ask-sample").click()
    expect(board.at("camera-preview")).to_have_count(0)
    assert stream.evaluate("stream => stream.getTracks().map(track => track.readyState)") == ["ended"]


def test_a_camera_that_is_refused_says_so(page: Page, server: Server, faults: list[str]) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    board = two_kinds(page, server)
    board.at("ask-camera").click()
    expect(board.at("camera-trouble")).to_contain_text("refused")
    expect(board.at("camera-preview")).to_have_count(0)


def test_a_place_of_the_plane_is_asked(page: Page, server: Server, faults: list[str]) -> None:
    """V-007: what is clicked is written into the fields, and the answer is that of the place."""
    board = trained(page, server, "spiral", 60)
    board.at("ask-row").click()
    plane = board.at("ask-plane")
    expect(plane).to_be_visible(timeout=TRAINED)
    box = plane.bounding_box()
    assert box is not None
    answers = set()
    for across, down in ((0.5, 0.5), (0.1, 0.5), (0.5, 0.9)):
        plane.click(position={"x": across * box["width"], "y": down * box["height"]})
        expect(board.at("ask-panel")).not_to_have_attribute("data-waiting", "true", timeout=TRAINED)
        x, y = (float(board.at(f"ask-number-{axis}").input_value()) for axis in (0, 1))
        answers.add((x, y))
        mark = board.at("ask-place").bounding_box()
        assert mark is not None
        assert abs(mark["x"] + mark["width"] / 2 - box["x"] - across * box["width"]) < 2
        assert abs(mark["y"] + mark["height"] / 2 - box["y"] - down * box["height"]) < 2
    (x0, y0), (x1, _), (_, y1) = (
        sorted(answers, key=lambda at: abs(at[0]) + abs(at[1]))[0],
        min(answers),
        min(answers, key=lambda at: at[1]),
    )
    assert x1 < x0 and y1 < y0
    assert violations(page) == []


def test_tokens_are_written(page: Page, server: Server, faults: list[str]) -> None:
    """A word is answered letter by letter; what is no token of the board is said."""
    board = open_example(page, server.url, "reversal-transformer")
    board.set_field("epochs", "1")
    board.train()
    board.reaches("finished")
    board.at("dock-tab-ask").click()
    expect(board.at("ask-answer")).to_be_visible(timeout=TRAINED)
    board.at("ask-tokens").click()
    board.at("ask-text").fill("ABC")
    answer = board.at("ask-answer")
    expect(answer.locator("tbody tr")).to_have_count(3, timeout=TRAINED)
    assert answer.locator("tbody td:first-child").all_inner_texts() == ["A", "B", "C"]
    board.at("ask-token-4").click()
    expect(answer.locator("tbody tr")).to_have_count(4, timeout=TRAINED)
    assert violations(page) == []
    board.at("ask-text").fill("AB!")
    expect(board.at("ask-unknown")).to_contain_text("“!”")
    expect(answer).to_have_count(0)
