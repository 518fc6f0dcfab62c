"""What is answered of one sample and why, each against a computation of its own."""

from __future__ import annotations

import base64

import numpy
import pytest
import torch
import torch.nn.functional as F

from chalknet import wire
from chalknet.graph import gallery
from chalknet.training import explained
from chalknet.training.answers.base import Unanswerable
from tests.training.desk import Desk, desk
from tests.training.frames import Frame


def network(made: Desk, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The board ``pictures`` written by hand: what its convolution gives, and its scores."""
    of = made.plan.compiled.modules
    maps = F.conv2d(x, of["conv1"].weight, of["conv1"].bias, padding=1)
    norm = of["norm1"]
    y = F.batch_norm(maps, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)
    y = F.max_pool2d(y.relu(), 2).flatten(1)
    return maps, F.linear(y, of["out"].weight, of["out"].bias)


def test_the_answer_is_the_networks(pictures) -> None:
    made = desk(pictures())
    arrays, about = made.ask(sample=4)
    _, scores = network(made, made.sample(4))
    assert arrays["scores"] == pytest.approx(scores[0].detach().numpy(), abs=1e-5)
    assert arrays["shares"] == pytest.approx(scores[0].softmax(0).detach().numpy(), abs=1e-6)
    assert about["winner"] == int(scores.argmax()) == about["of"]
    assert about["target"] == int(made.plan.validation["data"].samples["label"][4])
    assert about["names"] == [str(digit) for digit in range(10)] and about["sample"] == "image"


def test_ones_own_picture_is_answered_as_the_same_sample(pictures) -> None:
    """A fixed sample, sent as the bytes that a person would draw, gives the fixed sample's answer; the views on the way
    are of one's own sample."""
    made = desk(pictures())
    x = made.sample(2)
    every = made.plan.validation["data"].samples["image"][:256]
    low, high = float(every.min()), float(every.max())
    raw = ((x - low) / (high - low) * 255).round().to(torch.uint8).numpy().tobytes()
    fixed, _ = made.ask(sample=2)
    views = [wire.Subscription(view="maps", node="conv1", samples=[7])]
    own, about = made.ask(sample=5, picture=base64.b64encode(raw).decode(), views=views)
    assert own["scores"] == pytest.approx(fixed["scores"], abs=0.02)
    assert about["target"] is None
    (key,) = [name for name in own if name.startswith("maps|conv1")]
    frame = Frame(own[key].tobytes())
    maps, _ = network(made, x)
    assert frame.arrays["maps"] == pytest.approx(maps.detach().numpy(), abs=0.03)


def test_ones_own_row_is_scaled_as_the_data_are(board) -> None:
    made = board()
    made.add("data", "points", samples=200, scaling="standard")
    made.add("out", "linear", "data.x", units=2)
    made.add("loss", "cross_entropy", "out>logits", "data.label>target")
    room = desk(made.document())
    row = room.plan.validation["data"].samples["x"][3]
    own, about = room.ask(numbers=row.tolist())
    fixed, _ = room.ask(sample=3)
    assert own["scores"] == pytest.approx(fixed["scores"], abs=1e-5)
    assert own["row"] == pytest.approx(row.numpy()) and about["sample"] == "row"


def test_saliency_and_grad_cam(pictures) -> None:
    """V-017: equal to plain autograd through the same network written by hand."""
    made = desk(pictures())
    x = made.sample(1).clone().requires_grad_()
    maps, scores = network(made, x)
    slope_maps, slope_x = torch.autograd.grad(scores[0, 3], [maps, x])
    found, about = made.ask(sample=1, why="saliency", of=3)
    assert found["map"] == pytest.approx(slope_x[0, 0].abs().numpy(), abs=1e-5) and about["of"] == 3
    found, about = made.ask(sample=1, why="grad_cam", of=3)
    weights = slope_maps.mean((2, 3))[0]
    expected = sum(weights[k] * maps[0, k].detach() for k in range(4)).relu()
    assert expected.max() > 0
    assert found["map"] == pytest.approx(expected.numpy(), abs=1e-5)
    assert about["layer"] == "conv1" and about["layers"] == ["conv1"]


def test_occlusion_patch_by_patch(pictures, monkeypatch) -> None:
    """V-042: equal to a loop that covers one place at a time, in however many batches."""
    made = desk(pictures())
    x = made.sample(6)
    _, scores = network(made, x)
    side, columns, places = explained.places(8, 8)
    expected = []
    for down, across in places:
        covered = x.clone()
        covered[:, :, down : down + side, across : across + side] = x.mean()
        expected.append(float((scores - network(made, covered)[1])[0, 5].detach()))
    for bytes in (explained.AT_ONCE_BYTES, 5 * made.plan.compiled.facts.activation_bytes):
        monkeypatch.setattr(explained, "AT_ONCE_BYTES", bytes)
        found, _ = made.ask(sample=6, why="occlusion", of=5)
        assert found["map"].shape[1] == columns
        assert found["map"].ravel() == pytest.approx(expected, abs=1e-4)


def test_patches_reach_every_corner() -> None:
    side, _, places = explained.places(30, 17)
    assert {0, 30 - side} <= {y for y, _ in places} and {0, 17 - side} <= {x for _, x in places}


def without_biases(made: Desk) -> None:
    for module in made.plan.compiled.modules.values():
        if getattr(module, "bias", None) is not None:
            torch.nn.init.zeros_(module.bias)


@pytest.mark.parametrize("name", ["lenet-5-digits", "mlp"])
def test_relevance_keeps_its_sum(name: str, board) -> None:
    """V-018: without biases the shares of the sample add up to the score; what biases keep is told."""
    if name == "mlp":
        drawn = board()
        drawn.add("data", "points", kind="spiral", samples=200)
        drawn.add("fc1", "linear", "data.x", units=12)
        drawn.add("act1", "relu", "fc1")
        drawn.add("fc2", "linear", "act1", units=2)
        drawn.add("loss", "cross_entropy", "fc2>logits", "data.label>target")
        document = drawn.document()
    else:
        document = gallery.boards()[name]
    node = "data" if name == "mlp" else "digits"
    made = desk(document)
    _, told = made.ask(node, why="relevance")
    assert told["sum"] + told["absorbed"] == pytest.approx(told["score"])
    assert abs(told["absorbed"]) > 1e-4
    without_biases(made)
    found, about = made.ask(node, why="relevance")
    assert about["score"] == pytest.approx(float(found["scores"][about["of"]]), abs=1e-5)
    assert float(found["map"].astype(float).sum()) == pytest.approx(about["score"], abs=1e-5)
    assert abs(about["absorbed"]) < 1e-5
    assert abs(found["map"]).max() > 0


def test_relevance_of_two_layers_by_hand(board) -> None:
    """V-018: the ε rule written out: R_i = Σ_j x_i w_ji / z_j · R_j."""
    drawn = board()
    drawn.add("data", "points", samples=100)
    drawn.add("fc1", "linear", "data.x", units=5)
    drawn.add("act1", "relu", "fc1")
    drawn.add("fc2", "linear", "act1", units=2)
    drawn.add("loss", "cross_entropy", "fc2>logits", "data.label>target")
    made = desk(drawn.document())
    x = made.sample(0, "x")[0].double().numpy()
    first, second = (made.plan.compiled.modules[each] for each in ("fc1", "fc2"))
    w1, b1, w2 = (each.detach().double().numpy() for each in (first.weight, first.bias, second.weight))
    z1 = w1 @ x + b1
    a1 = numpy.maximum(z1, 0)
    hidden = a1 * w2[1]  # R of the score is the score: x·w/z·z
    expected = sum(x * w1[j] / z1[j] * (a1[j] * w2[1][j] / (w2[1] @ a1 + second.bias[1].item())) for j in range(5))
    score = float(w2[1] @ a1 + second.bias[1].item())
    found, about = made.ask(why="relevance", of=1)
    assert about["score"] == pytest.approx(score, abs=1e-5) and hidden.any()
    assert found["map"] == pytest.approx(expected * score, abs=1e-4)


def test_relevance_folds_a_batch_norm(pictures) -> None:
    """V-018: the sum is that of the convolution with the normalisation in it."""
    made = desk(pictures())
    norm, convolution = (made.plan.compiled.modules[each] for each in ("norm1", "conv1"))
    found, _ = made.ask(why="relevance", of=2)
    with torch.no_grad():
        factor = norm.weight / (norm.running_var + norm.eps).sqrt()
        offset = norm.bias + (convolution.bias - norm.running_mean) * factor
        convolution.weight.mul_(factor[:, None, None, None])
        convolution.bias.copy_(offset)
        norm.running_mean.zero_(), norm.running_var.fill_(1 - norm.eps)
        norm.weight.fill_(1), norm.bias.zero_()
    folded, _ = made.ask(why="relevance", of=2)
    assert folded["map"] == pytest.approx(found["map"], abs=1e-4)


def test_what_cannot_be_explained_is_said(words, detector, board) -> None:
    with pytest.raises(Unanswerable, match="at every place"):
        desk(words()).ask(why="saliency")
    with pytest.raises(Unanswerable, match="no row of numbers"):
        desk(detector()).ask()
    drawn = board()
    drawn.add("data", "points", samples=100)
    drawn.add("fc1", "linear", "data.x", units=4)
    drawn.add("norm", "layer_norm", "fc1")
    drawn.add("out", "linear", "norm", units=2)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    made = desk(drawn.document())
    with pytest.raises(Unanswerable, match=r"^Layer ?[Nn]orm.* has no rule"):
        made.ask(why="relevance")
    with pytest.raises(Unanswerable, match="is of pictures"):
        made.ask(why="occlusion")


@pytest.mark.parametrize("picture", ["AAAA", "not base64!", "é"])
def test_a_picture_of_another_size_is_refused(pictures, picture: str) -> None:
    with pytest.raises(Unanswerable, match=r"1 × 8 × 8 numbers is expected, which are 64"):
        desk(pictures()).ask(picture=picture)


@pytest.mark.parametrize(
    ("typed", "words"), [([1.0], "2 numbers are expected; 1 came"), ([1e30, 0.0], "1,000,000,000")]
)
def test_a_row_that_is_none_is_refused(spiral, typed: list[float], words: str) -> None:
    with pytest.raises(Unanswerable, match=words):
        desk(spiral()).ask(numbers=typed)


def test_asking_leaves_the_network_alone(pictures) -> None:
    made = desk(pictures())
    before = {name: each.clone() for name, each in made.plan.compiled.module.state_dict().items()}
    for why in ("saliency", "grad_cam", "relevance", "occlusion"):
        made.ask(why=why)
    after = made.plan.compiled.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(each.grad is None for each in made.plan.compiled.module.parameters())


@pytest.fixture
def yes_or_no(board):
    """The board ``pictures`` but for its last layer: one score says which of two kinds of picture it is."""

    def make():
        drawn = board(batch=64)
        drawn.add("data", "pictures", size=8, channels=1, classes=2, samples=80)
        drawn.add("conv1", "conv2d", "data.image", channels=4, kernel=3, padding=1)
        drawn.add("act1", "relu", "conv1")
        drawn.add("conv2", "conv2d", "act1", channels=3, kernel=3)
        drawn.add("flat", "flatten", "conv2")
        drawn.add("out", "linear", "flat", units=1)
        drawn.add("loss", "bce", "out>logits", "data.label>target")
        return drawn.document()

    return make


@pytest.mark.parametrize("of", [0, 1])
def test_yes_and_no_are_explained_apart(yes_or_no, of: int) -> None:
    """V-017, V-018, V-042: of a single score, what speaks for no is what speaks against yes."""
    made = desk(yes_or_no())
    x = made.sample(3).clone().requires_grad_()
    modules = made.plan.compiled.modules
    maps = modules["conv2"](modules["conv1"](x).relu())
    score = modules["out"](maps.flatten(1))[0, 0]
    sign = 1 if of == 1 else -1
    (slope,) = torch.autograd.grad(sign * score, maps)
    found, about = made.ask(sample=3, why="grad_cam", of=of)
    assert about["of"] == of and about["layer"] == "conv2" and about["layers"] == ["conv1", "conv2"]
    assert found["shares"] == pytest.approx([1 - score.sigmoid().item(), score.sigmoid().item()], abs=1e-6)
    expected = (slope.mean((2, 3), keepdim=True) * maps).sum(1)[0].relu().detach()
    assert found["map"] == pytest.approx(expected.numpy(), abs=1e-5)
    _, about = made.ask(sample=3, why="relevance", of=of)
    assert about["score"] == pytest.approx(sign * float(score.detach()), abs=1e-5)
    assert about["sum"] + about["absorbed"] == pytest.approx(about["score"])
    covered, _ = made.ask(sample=3, why="occlusion", of=of)
    opposite, _ = made.ask(sample=3, why="occlusion", of=1 - of)
    assert covered["map"] == pytest.approx(-opposite["map"]) and covered["map"].any()


def test_grad_cam_of_another_layer(yes_or_no) -> None:
    """V-017: the maps of the layer that is chosen; one that has none is refused in words."""
    made = desk(yes_or_no())
    x = made.sample(1).clone()
    modules = made.plan.compiled.modules
    maps = modules["conv1"](x).detach().requires_grad_()
    score = modules["out"](modules["conv2"](maps.relu()).flatten(1))[0, 0]
    (slope,) = torch.autograd.grad(score, maps)
    found, about = made.ask(sample=1, why="grad_cam", of=1, layer="conv1")
    expected = (slope.mean((2, 3), keepdim=True) * maps).sum(1)[0].relu().detach()
    assert about["layer"] == "conv1" and found["map"] == pytest.approx(expected.numpy(), abs=1e-5)
    with pytest.raises(Unanswerable, match="'flat' has no maps"):
        made.ask(why="grad_cam", layer="flat")


def test_a_sequence_is_answered_place_by_place(words) -> None:
    """The winners are those of the network run by hand; of tokens of one's own the padding follows from them."""
    made = desk(words())
    compiled = made.plan.compiled
    source = made.plan.validation["data"]
    row = {port: values[7:8] for port, values in source.samples.items()}
    (scores,) = compiled.select([("out", "y")])(*[row[port] for _, port in compiled.inputs])
    found, about = made.ask(sample=7)
    assert about["kind"] == "steps" and about["tokens"] == about["names"] == ["·", *"ABCDE"]
    assert (found["winners"] == scores[0].argmax(-1).numpy()).all()
    assert found["shares"] == pytest.approx(scores[0].softmax(-1).amax(-1).detach().numpy(), abs=1e-6)
    assert (found["targets"] == row["target"][0].numpy()).all()
    assert (found["counted"] == row["mask"][0].numpy()).all() and not found["counted"].all()
    # Asked as one's own beside another sample, whose padding is another.
    own, _ = made.ask(sample=8, numbers=[float(each) for each in row["tokens"][0]])
    assert (own["winners"] == found["winners"]).all() and (own["counted"] == found["counted"]).all()
    assert own["shares"] == pytest.approx(found["shares"], abs=1e-6) and "targets" not in own
    with pytest.raises(Unanswerable, match="whole numbers from 0 to 5"):
        made.ask(numbers=[6.0] * 6)
