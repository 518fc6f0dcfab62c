"""Every view's frame against a computation of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from chalknet import wire
from chalknet.graph.infer import infer
from chalknet.training import probe
from chalknet.training.plan import plan
from chalknet.training.probe import Probe
from tests.training.frames import Frame, close, look, value


def test_maps_of_a_convolution(pictures) -> None:
    """V-010: a map a channel, each with its scale; at most ``size`` of them; samples in the order asked for."""
    made, (frame,) = look(pictures(), {"view": "maps", "node": "norm1", "samples": [5, 2], "size": 3})
    assert frame.raw["maps"].dtype == np.uint8
    expected = value(made, "norm1", rows=[5, 2])[:, :3]
    assert close(frame.arrays["maps"], expected)
    lo = frame.header.arrays[0].lo
    assert lo == pytest.approx(expected.amin((2, 3)).flatten().tolist(), abs=1e-5)
    assert frame.about == {"layout": "image", "channels": 4}
    assert frame.header.samples == [5, 2]
    assert (frame.header.step, frame.header.epoch, frame.header.view) == (5, 0.5, "maps")


def test_maps_of_vectors_and_sequences(pictures, words) -> None:
    made, (vector,) = look(pictures(), {"view": "maps", "node": "out", "samples": [1]})
    assert vector.arrays["maps"].shape == (1, 1, 1, 10)
    assert close(vector.arrays["maps"][:, 0, 0], value(made, "out", rows=[1]))
    assert vector.about["layout"] == "vector"
    made, (sequence,) = look(words(), {"view": "maps", "node": "encoder/1/add", "samples": [0, 3]})
    assert close(sequence.arrays["maps"][:, 0], value(made, "encoder/1/add", rows=[0, 3]))
    assert sequence.about["layout"] == "sequence"


def test_maps_of_the_data_themselves(pictures) -> None:
    made, (frame,) = look(pictures(), {"view": "maps", "node": "data", "port": "image", "samples": [4]})
    assert close(frame.arrays["maps"], made.validation["data"].rows(slice(4, 5))["data", "image"])


def test_filters_of_a_convolution(pictures) -> None:
    """V-009: one symmetrical scale, so that grey is 0."""
    made, (frame,) = look(pictures(), {"view": "filters", "node": "conv1"})
    weight = made.compiled.modules["conv1"].weight.detach()
    assert close(frame.arrays["filters"], weight, 2 * float(weight.abs().max()))
    (array,) = frame.header.arrays
    assert array.lo == [-array.hi[0]] == [pytest.approx(-float(weight.abs().max()))]
    assert frame.about == {"out": 4, "in": 1}


def test_attention_weights(words) -> None:
    """V-011: who looks at whom, a matrix a head; padding is looked at by nobody; rows and columns are tokens."""
    samples = [0, 7]
    made, (frame,) = look(words(), {"view": "matrix", "node": "encoder/1/attention", "samples": samples})
    module = made.compiled.modules["encoder/1/attention"]
    x = value(made, "encoder/0/y", rows=samples)
    rows = made.validation["data"].rows(samples)
    mask = rows["data", "mask"]
    reference = torch.nn.MultiheadAttention(16, 2, batch_first=True).eval()
    reference.load_state_dict(module.state_dict())
    with torch.no_grad():
        _, expected = reference(x, x, x, key_padding_mask=~mask, average_attn_weights=False)
    assert close(frame.arrays["weights"], expected, 1.0)
    assert frame.arrays["weights"].shape == (2, 2, 6, 6)
    names = made.validation["data"].layer.token_names()
    tokens = [[names[token] for token in row] for row in rows["data", "tokens"].tolist()]
    assert frame.about == {"kind": "attention", "rows": tokens, "columns": tokens}


def test_attention_of_one_query_and_gates(board) -> None:
    """V-011, L-046, L-052, L-053: other layers than multi-head attention have a matrix too; one query is one row."""
    drawn = board()
    drawn.add("data", "reversal", length=6, symbols=4, samples=200)
    drawn.add("embed", "embedding", "data.tokens", units=8)
    drawn.add("read", "lstm", "embed", "data.mask>mask", units=3)
    drawn.add("ask", "additive_attention", "read.h", "read.y>memory", "data.mask>mask", units=5)
    drawn.add("plain", "dot_attention", "embed", "embed>keys", "embed>values", causal=True)
    drawn.add("many", "repeat", "ask", "data.tokens>like")
    drawn.add("both", "concat", "many", "plain")
    drawn.add("out", "linear", "both", units=5)
    drawn.add("loss", "cross_entropy", "out>logits", "data.target>target", "data.mask>mask")
    wanted = [{"view": "matrix", "node": node, "samples": [0, 3]} for node in ("ask", "plain", "read")]
    made, (ask, plain, read) = look(drawn.document(), *wanted)
    assert ask.arrays["weights"].shape == (2, 1, 1, 6) and ask.about["rows"] == [["1"], ["1"]]
    assert plain.arrays["weights"].shape == (2, 1, 6, 6)
    assert not np.triu(plain.raw["weights"][0, 0], 1).any(), "a causal layer's upper triangle is 0"
    assert read.about["kind"] == "gates" and read.about["heads"] == ["input", "forget", "output"]
    mask = made.validation["data"].rows([0, 3])["data", "mask"]
    with torch.no_grad():
        gates = made.compiled.modules["read"].gates(value(made, "embed", rows=[0, 3]), mask=mask)
    assert close(read.arrays["weights"], torch.stack(list(gates.values()), 1), 1.0)
    assert read.about["rows"] == ask.about["columns"] and read.about["columns"][0] == ["1", "2", "3"]


def test_confusion_matrix(pictures) -> None:
    """V-016: rows the truth, columns what was predicted, over the whole validation part."""
    from sklearn.metrics import confusion_matrix

    made, (frame,) = look(pictures(), {"view": "matrix", "node": "loss"})
    count = made.validation["data"].count
    predicted = value(made, "out", rows=list(range(count))).argmax(1)
    label = made.validation["data"].samples["label"]
    expected = confusion_matrix(label.numpy(), predicted.numpy(), labels=list(range(10)))
    assert frame.raw["counts"].dtype == np.int32
    assert (frame.raw["counts"] == expected).all()
    assert frame.about == {"kind": "confusion", "classes": [str(i) for i in range(10)], "part": "validation"}


def test_confusion_takes_no_more_memory_than_a_batch_or_its_share(pictures, monkeypatch) -> None:
    """Pictures of a large network are looked at by the batch: a thousand at once would not fit."""
    monkeypatch.setattr(probe, "BATCH_BYTES", 1)
    made, (frame,) = look(pictures(), {"view": "matrix", "node": "loss"})
    assert made.batches.size < made.validation["data"].count
    assert frame.raw["counts"].sum() == made.batches.size


def test_confusion_leaves_out_what_is_masked(words) -> None:
    made, (frame,) = look(words(), {"view": "matrix", "node": "loss"})
    assert frame.raw["counts"].sum() == int(made.validation["data"].samples["mask"].sum())
    assert len(frame.about["classes"]) == 6


def test_boxes(detector) -> None:
    """V-012: what the detector sees before anything is suppressed, best first, and the truth in the same corners."""
    made, (frame,) = look(detector(), {"view": "boxes", "node": "loss", "samples": [2, 0]})
    batch = made.validation["data"].rows([2, 0])
    assert frame.raw["images"].dtype == np.uint8
    assert close(frame.arrays["images"], batch["data", "image"])
    decoded = made.compiled.modules["loss"].decode(value(made, "head", "grid", rows=[2, 0]))
    assert np.allclose(frame.arrays["predicted"], decoded.detach().numpy(), atol=1e-5)
    scores = frame.arrays["predicted"][..., 4]
    assert (np.diff(scores, axis=1) <= 0).all()
    kind, x, y, w, h = batch["data", "boxes"].unbind(2)
    expected = torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2, kind], 2)
    assert np.allclose(frame.arrays["truth"], expected.numpy(), atol=1e-6)
    assert frame.about == {"classes": ["circle", "square", "triangle"]}


def test_plane_of_every_neuron(spiral) -> None:
    """A unit is a function of the plane; row 0 is the largest y."""
    made, (frame,) = look(spiral(), {"view": "plane", "node": "act1", "size": 12})
    x0, x1, y0, y1 = frame.about["extent"]
    points = torch.cat([made.train["data"].samples["x"], made.validation["data"].samples["x"]])
    assert x0 < points[:, 0].min()
    assert points[:, 0].max() < x1
    assert y0 < points[:, 1].min()
    assert points[:, 1].max() < y1
    assert x1 - x0 == pytest.approx(y1 - y0)
    xs = x0 + (x1 - x0) * (np.arange(12) + 0.5) / 12
    ys = y1 - (y1 - y0) * (np.arange(12) + 0.5) / 12
    where = torch.tensor(np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2), dtype=torch.float32)
    with torch.no_grad():
        expected = torch.tanh(made.compiled.modules["fc1"](where)).T.reshape(8, 12, 12)
    assert close(frame.arrays["units"], expected)
    assert len(frame.header.arrays[0].lo) == 8


def test_decision_boundary(spiral) -> None:
    """V-007: the share of each class over the plane, with the points."""
    made, (frame,) = look(spiral(), {"view": "plane", "node": "loss", "size": 6}, )  # fmt: skip
    assert frame.arrays["probability"].shape == (2, 6, 6)
    assert np.allclose(frame.arrays["probability"].sum(0), 1, atol=2 / 255)
    x0, x1, _, y1 = frame.about["extent"]
    corner = torch.tensor([[x0 + (x1 - x0) / 12, y1 - (x1 - x0) / 12]])
    with torch.no_grad():
        (logits,) = made.compiled.select([("out", "y")])(corner, None)
    assert np.allclose(frame.arrays["probability"][:, 0, 0], logits.softmax(1)[0].numpy(), atol=0.6 / 255)
    train, validation = made.train["data"], made.validation["data"]
    assert (frame.raw["points"] == torch.cat([train.samples["x"], validation.samples["x"]]).numpy()).all()
    assert (frame.raw["labels"] == torch.cat([train.samples["label"], validation.samples["label"]]).numpy()).all()
    assert frame.raw["part"].tolist() == [0] * train.count + [1] * validation.count
    assert frame.about["classes"] == ["blue", "orange"]


def test_samples(spiral, pictures, words, detector) -> None:
    """The first 64 of validation, as they are fed to the network."""
    made, (points,) = look(spiral(), {"view": "samples", "node": "data"})
    assert (points.raw["points"] == made.validation["data"].samples["x"].numpy()).all()
    assert (points.raw["labels"] == made.validation["data"].samples["label"].numpy()).all()
    assert points.about == {"sample": "points", "classes": ["blue", "orange"], "tokens": []}
    made, (digits,) = look(pictures(), {"view": "samples", "node": "data"})
    assert digits.arrays["images"].shape == (64, 1, 8, 8)
    assert close(digits.arrays["images"], made.validation["data"].rows(slice(0, 64))["data", "image"])
    assert digits.raw["labels"].shape == (64,)
    made, (tokens,) = look(words(), {"view": "samples", "node": "data"})
    count = made.validation["data"].count
    assert (tokens.raw["tokens"] == made.validation["data"].samples["tokens"][:64].numpy()).all()
    assert tokens.header.samples == list(range(min(64, count)))
    assert tokens.about["tokens"][0] == "·"
    made, (shapes,) = look(detector(), {"view": "samples", "node": "data"})
    assert set(shapes.raw) == {"images"}


def test_samples_are_sent_once(spiral) -> None:
    made = plan(spiral(), threads=1)
    probe = Probe(made)
    wanted = [
        wire.Subscription(view="samples", node="data", rate=30),
        wire.Subscription(view="maps", node="out", rate=30),
    ]
    probe.watch(wanted)
    assert [Frame(raw).header.view for raw in probe.frames(0, 0, force=True)] == ["samples", "maps"]
    assert [Frame(raw).header.view for raw in probe.frames(1, 0, force=True)] == ["maps"]
    probe.watch(wanted)
    assert [Frame(raw).header.view for raw in probe.frames(2, 0, force=True)] == ["maps"]
    probe.watch(wanted[1:])
    probe.watch(wanted)
    assert [Frame(raw).header.view for raw in probe.frames(2, 0, force=True)] == ["samples"]


BAD = [
    {"view": "maps", "node": "nobody"},
    {"view": "nothing", "node": "conv1"},
    {"view": "maps", "node": "conv1", "port": "z"},
    {"view": "maps", "node": "conv1", "samples": [4000]},
    {"view": "maps", "node": "loss"},
    {"view": "filters", "node": "out"},
    {"view": "matrix", "node": "conv1"},
    {"view": "boxes", "node": "loss"},
    {"view": "boxes", "node": "nobody"},
    {"view": "plane", "node": "out"},
    {"view": "plane", "node": "loss"},
    {"view": "samples", "node": "conv1"},
    {"view": "samples", "node": ""},
]


def test_what_is_not_there_is_left_out(pictures) -> None:
    """A bad subscription harms nothing: the others are drawn."""
    _, frames = look(pictures(), *BAD, {"view": "maps", "node": "conv1", "samples": [3999, 0]})
    assert [(frame.header.view, frame.header.samples) for frame in frames] == [("maps", [0])]


@pytest.mark.parametrize("case", ["spiral", "pictures", "words", "detector"])
def test_what_a_node_offers_can_be_seen(case: str, request: pytest.FixtureRequest) -> None:
    """Every view that inference names for a node makes a frame."""
    make: Callable[..., Any] = request.getfixturevalue(case)
    facts = plan(make(), threads=1).compiled.facts
    wanted = [{"view": view, "node": path} for path, node in facts.nodes.items() for view in node.views]
    assert wanted
    _, frames = look(make(), *wanted)
    assert sorted((frame.header.view, frame.header.node) for frame in frames) == sorted(
        (each["view"], each["node"]) for each in wanted
    )


def test_a_pool_whose_places_are_used_shows_its_maps(board, train) -> None:
    """L-031: an encoder and a decoder train in a run, which must repeat; of the pool the numbers are shown, not the
    places."""
    made = board(batch=64, epochs=1)
    made.add("data", "digits", size=8)
    made.add("conv", "conv2d", "data.image", channels=2, kernel=3, padding=1)
    made.add("pool", "max_pool2d", "conv")
    made.add("up", "max_unpool2d", "pool", "pool.indices>indices")
    made.add("flat", "flatten", "up")
    made.add("out", "linear", "flat", units=10)
    made.add("loss", "cross_entropy", "out>logits", "data.label>target")
    document = made.document()
    assert train(document).end.state == "finished"
    trained, frames = look(document, *({"view": "maps", "node": node, "samples": [0]} for node in ("pool", "up")))
    for node, frame in zip(("pool", "up"), frames, strict=True):
        assert close(frame.arrays["maps"], value(trained, node, rows=[0]))


def test_boxes_on_a_cropped_picture(board) -> None:
    """L-087: boxes are drawn on the picture that they are relative to, and have their names still."""
    made = board(batch=20)
    made.add("data", "shapes", size=64, samples=40)
    made.add("crop", "crop", "data.image", "data.boxes>boxes", size=48, place="top left")
    made.add("conv", "conv2d", "crop", channels=4, kernel=3, stride=8)
    made.add("head", "yolo_head", "conv", classes=3)
    made.add("loss", "yolo_loss", "head.grid>grid", "crop.boxes>target")
    trained, (frame,) = look(made.document(), {"view": "boxes", "node": "loss", "samples": [0, 1]})
    assert frame.arrays["images"].shape == (2, 3, 48, 48)
    rows = value(trained, "crop", "boxes", rows=[0, 1]).numpy()
    np.testing.assert_allclose(frame.arrays["truth"][..., 4], rows[..., 0])
    np.testing.assert_allclose(frame.arrays["truth"][..., 0], rows[..., 1] - rows[..., 3] / 2, atol=1e-6)
    assert frame.about["classes"] == list(trained.train["data"].layer.class_names())


def test_templates_of_a_layer_that_reads_an_image(board: Any) -> None:
    """A-005: each row of weights as the picture that it weighs, laid out as the image was."""
    made = board()
    made.add("data", "digits", size=8)
    made.add("flat", "flatten", "data.image")
    made.add("scores", "linear", "flat", units=10)
    made.add("more", "linear", "scores", units=10)
    made.add("loss", "cross_entropy", "more>logits", "data.label>target")
    document = made.document()
    planned, (frame,) = look(document, {"view": "filters", "node": "scores"}, {"view": "filters", "node": "more"})
    weight = planned.compiled.modules["scores"].weight.detach()
    assert close(frame.arrays["filters"], weight.reshape(10, 1, 8, 8), 2 * float(weight.abs().max()))
    assert frame.about == {"out": 10, "in": 1}
    nodes = infer(document).nodes
    assert "filters" in nodes["scores"].views and "filters" not in nodes["more"].views


def test_a_question_of_yes_or_no_at_every_threshold(board: Any) -> None:
    """A-004: the shares of yes of all validation samples, the surest first, each with the truth."""
    made = board(split={"validation": 0.5, "test": 0})
    made.add("data", "points", kind="gauss", samples=60)
    made.add("z", "linear", "data.x", units=1)
    made.add("loss", "bce", "z>logits", "data.label>target")
    planned, (frame,) = look(made.document(), {"view": "threshold", "node": "loss"})
    shares = value(planned, "z", rows=list(range(30))).sigmoid()[:, 0]
    order = shares.argsort(descending=True)
    assert frame.arrays["shares"] == pytest.approx(shares[order].numpy(), abs=1e-6)
    assert frame.arrays["truth"].tolist() == planned.validation["data"].samples["label"][order].tolist()
    assert len(frame.about["classes"]) == 2


def test_points_that_are_scaled_lie_where_the_network_sees_them(board) -> None:
    """V-007: a table's two columns, of different units, in the plane that the grid covers; and back to the data's
    units."""
    drawn = board()
    drawn.add("data", "own_table", data="iris", features="petal length (cm); petal width (cm)", scaling="standard")
    drawn.add("out", "linear", "data.x", units=3)
    drawn.add("loss", "cross_entropy", "out>logits", "data.y>target")
    made, (frame,) = look(drawn.document(), {"view": "plane", "node": "loss", "size": 6})
    train = made.train["data"]
    raw, points = train.samples["x"], train.rows(slice(None))["data", "x"]
    shown = frame.arrays["points"][: len(points)]
    assert shown == pytest.approx(points.numpy(), abs=1e-6)
    x0, x1, y0, y1 = frame.about["extent"]
    assert (shown > [x0, y0]).all() and (shown < [x1, y1]).all()
    back = np.array(frame.about["shift"]) + np.array(frame.about["unit"]) * shown
    assert back == pytest.approx(raw.numpy(), abs=1e-4) and abs(back - shown).max() > 1


def test_an_answer_that_leads_to_no_loss_is_looked_at_too(pictures) -> None:
    """L-078: shares and the decision are computed for who looks; training does without them."""
    document = pictures()
    raw = document.dump()
    raw["nodes"] |= {"shares": {"type": "softmax"}, "hard": {"type": "argmax"}}
    raw["edges"] |= {"look": {"from": "out", "to": "shares"}, "decide": {"from": "shares", "to": "hard"}}
    wanted = [{"view": "maps", "node": "shares", "samples": [1, 4]}, {"view": "choice", "node": "hard"}]
    made, (shares, _) = look(type(document).model_validate(raw), *wanted)
    assert [problem.code for problem in made.compiled.facts.problems if problem.node in ("shares", "hard")] == []
    scores = value(made, "out", rows=[1, 4])
    assert close(shares.arrays["maps"][:, 0, 0], torch.softmax(scores, 1))
