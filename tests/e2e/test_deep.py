"""A trained network is questioned further: by camera, in the plane, in tokens; yes and no; another layer's maps; any
node's numbers; what excites a unit."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy
from playwright.sync_api import Page, expect

from chalknet import wire
from tests.conftest import Server
from tests.e2e.board import TRAINED, Board, open_example
from tests.e2e.test_access import violations
from tests.e2e.test_predict import draw_a_one, picture, trained
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


def test_which_numbers_win_is_shown_of_an_asked_sample_too(page: Page, server: Server, faults: list[str]) -> None:
    """V-033: after one's own picture was asked about, the pooling shows the fixed samples' winners as before."""
    board = two_kinds(page, server)
    board.at("ask-draw").click()
    draw_a_one(board)
    expect(board.at("asked-chip")).to_be_visible(timeout=TRAINED)
    board.at("dock-tab-activations").click()
    expect(board.at("asked-chip")).to_have_count(0)
    board.at("look-pool1").click()
    expect(board.at("view-winners")).to_be_visible(timeout=TRAINED)


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


def weights(page: Page, server: Server, node: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A convolution's kernels and biases of the newest run, asked for beside the page."""
    run = re.search(r"/runs/(\w+)", page.evaluate("performance.getEntriesByType('resource').map(e => e.name).join()"))
    assert run
    answer = page.request.post(
        f"{server.url}/api/runs/{run[1]}/ask",
        data={"question": {"question": "weights", "node": node}},
        headers={"origin": server.url},
    )
    header, payload = wire.opened(answer.body())
    found = {
        each.name: numpy.frombuffer(payload, each.dtype, int(numpy.prod(each.shape)), each.offset).reshape(each.shape)
        for each in header.arrays
    }
    return found["weight"], found["bias"]


def saved(board: Board, kind: str, folder: Path) -> Path:
    with board.page.expect_download() as coming:
        board.at(f"tensor-{kind}").click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_any_nodes_numbers_are_looked_at_and_taken_away(
    page: Page, server: Server, faults: list[str], tmp_path: Path
) -> None:
    """V-005, R-024, V-029: what leaves the first convolution is that of its weights and of what goes in, in NumPy."""
    board = two_kinds(page, server)
    board.at("ask-mode-inside").click()
    board.select("data")
    expect(board.at("ask-node")).to_have_value("data")
    expect(board.at("tensor-facts")).to_contain_text("C 3 × H 16 × W 16", timeout=TRAINED)
    x = numpy.load(saved(board, "npy", tmp_path))
    # Chosen on the canvas, or in the list.
    board.select("conv1")
    expect(board.at("tensor-facts")).to_contain_text("C 6 × H 16 × W 16", timeout=TRAINED)
    y = numpy.load(saved(board, "npy", tmp_path))
    weight, bias = weights(page, server, "conv1")
    padded = numpy.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    expected = numpy.einsum("chwij,ocij->ohw", windows, weight) + bias[:, None, None]
    assert y.shape == (6, 16, 16) and numpy.allclose(y, expected, atol=1e-4)
    rows = list(csv.reader(saved(board, "csv", tmp_path).read_text().splitlines()))
    assert rows[0][:3] == ["C", "H", "W0"] and numpy.allclose(
        numpy.array(rows[1:], float)[:, 2:].reshape(y.shape), y, atol=1e-6
    )
    facts = board.at("tensor-facts").inner_text()
    assert f"mean {float(y.mean()):.3f}".replace("-", "−") in facts
    for look in ("table", "histogram", "picture"):
        board.at(f"tensor-{look}").click()
        expect(board.at("tensor")).to_have_attribute("data-look", look)
        assert violations(page) == []
    board.at("ask-node").select_option("out")
    expect(board.at("tensor-facts")).to_contain_text("D 1", timeout=TRAINED)


def test_ones_own_drawing_goes_through_the_cards(page: Page, server: Server, faults: list[str]) -> None:
    """D-004: every activation on the way, marked as the asked sample's, gone with one click."""
    board = trained(page, server, "lenet-5-digits", 1)
    expect(board.at("asked-chip")).to_have_count(0)
    board.at("ask-draw").click()
    draw_a_one(board)
    expect(board.at("asked-chip")).to_contain_text("your drawing", timeout=TRAINED)
    asked = page.locator("[data-asked]")
    marked = {each.get_attribute("data-testid") for each in asked.all()}
    assert {"thumbnail-digits", "thumbnail-conv1", "thumbnail-pool2", "thumbnail-scores"} <= marked
    assert "thumbnail-loss" not in marked
    now = board.at("thumbnail-conv1").locator("canvas")
    drawn = now.evaluate("canvas => canvas.toDataURL()")
    board.at("asked-off").click()
    expect(board.at("asked-chip")).to_have_count(0)
    expect(asked).to_have_count(0)
    assert now.evaluate("canvas => canvas.toDataURL()") != drawn
    board.at("ask-cards").click()
    expect(board.at("asked-chip")).to_be_visible(timeout=TRAINED)
    # Who leaves the panel leaves the cards as they were.
    board.at("dock-tab-overview").click()
    expect(board.at("asked-chip")).to_have_count(0)
    # The receptive field of a unit that is clicked goes on with the samples.
    board.at("dock-tab-activations").click()
    board.at("look-conv2").click()
    board.at("view-maps").locator("canvas").click(position={"x": 12, "y": 12})
    expect(board.at("sample-patch")).to_be_visible()


def test_what_excites_a_unit(page: Page, server: Server, faults: list[str]) -> None:
    """V-019: a made picture and nine patches; a channel that there is not is said."""
    board = two_kinds(page, server)
    board.at("ask-mode-excites").click()
    expect(board.at("excites-patch")).to_have_count(9, timeout=TRAINED)
    expect(board.at("excites-made")).to_be_visible()
    assert board.at("ask-node").input_value() == "conv2"
    reached, best = (float(each) for each in re.findall(r"to ([\d.]+);.*reaches ([\d.]+)\.", words(board))[0])
    assert reached > best > 0
    numbers = [float(each) for each in board.at("excites-patch").locator("b").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True) and abs(numbers[0] - best) < 1e-9
    assert violations(page) == []
    before = words(board)
    board.at("excites-channel").fill("2")
    expect(board.at("excites-words")).not_to_have_text(before, timeout=TRAINED)
    board.at("excites-channel").fill("7")
    expect(board.at("excites-problem")).to_contain_text("from 1 to 6")


def words(board: Board) -> str:
    return board.at("excites-words").inner_text()


def test_the_panel_speaks_german(page: Page, server: Server, faults: list[str]) -> None:
    page.add_init_script("localStorage.setItem('chalknet-language', 'de')")
    board = open_example(page, server.url, "spiral")
    board.at("dock-tab-ask").click()
    expect(board.at("ask-row")).to_have_text("Eintippen")
    expect(board.at("asked-chip")).to_have_text("Die Karten zeigen Beispiel 1", timeout=TRAINED)
