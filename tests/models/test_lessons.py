"""Every number that a lesson names is one of this gallery's, computed here from the boards (STYLE 9)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from chalknet.graph import gallery
from chalknet.graph.document import Document, Passage
from chalknet.graph.facts import Inference
from chalknet.graph.infer import infer
from tests.accept import depth
from tests.models.test_family import TOTALS

MEASURED = Path(__file__).parents[1] / "accept" / "depth.json"
TAUGHT = [name for name, board in gallery.boards().items() if board.about.section != "start"]
SMALL = 12
"""Numbers up to here are counted on one's fingers: stages, kernels, times."""


@cache
def facts(name: str) -> Inference:
    return infer(gallery.boards()[name])


def values(document: Document) -> Iterator[int]:
    """Every whole number in the fields of a board's nodes."""
    for nodes in (document.nodes, *(block.nodes for block in document.blocks.values())):
        for node in nodes.values():
            yield node.times
            for value in node.fields.values():
                yield from [value] if isinstance(value, int) else []


def counted(name: str) -> set[str]:
    """What inference knows of a board, as a lesson would write it: sizes, counts, bytes, fields, receptive fields."""
    found = facts(name)
    numbers = {found.parameters, found.macs, found.activation_bytes, *values(gallery.boards()[name])}
    for node in found.nodes.values():
        numbers |= {node.parameters, node.macs, node.activation_bytes}
        sizes = [int(size) for type in node.outputs.values() for size in re.findall(r"\d+", type)]
        numbers |= set(sizes)
        numbers |= set(node.receptive_field.size) if node.receptive_field else set()
        for port in node.outputs.values():
            axes = [int(size) for size in re.findall(r"[A-Z] (\d+)", port)]
            total = 1
            for size in axes:
                total *= size
            numbers.add(total)
    return {f"{number:,}" for number in numbers}


def shares(name: str) -> set[str]:
    """Percent of a board's parameters and multiply-adds that a node or a kind of layer has."""
    found = facts(name)
    kinds = {node.type for node in found.nodes.values()}
    parts = [(node.parameters, node.macs) for node in found.nodes.values()]
    for kind in kinds:
        those = [node for node in found.nodes.values() if node.type == kind]
        parts.append((sum(node.parameters for node in those), sum(node.macs for node in those)))
    for last in ("depthwise", "pointwise"):
        those = [node for path, node in found.nodes.items() if path.endswith(last)]
        parts.append((0, sum(node.macs for node in those)))
    percent = [100 * p / found.parameters for p, _ in parts] + [100 * m / max(1, found.macs) for _, m in parts]
    return set(chain.from_iterable((f"{x:.0f} %", f"{x:.1f} %", f"{x:.2f} %") for x in percent))


def ratio(one: str, other: str, what: str, digits: int = 1) -> str:
    return f"{getattr(facts(one), what) / getattr(facts(other), what):.{digits}f}"


def percent(one: str, other: str, what: str, digits: int = 0) -> str:
    return f"{100 * getattr(facts(one), what) / getattr(facts(other), what):.{digits}f} %"


def more(one: str, other: str, what: str) -> str:
    return f"{100 * (getattr(facts(one), what) / getattr(facts(other), what) - 1):.1f} %"


def megabytes(name: str) -> set[str]:
    found = facts(name)
    return {f"{found.activation_bytes / 1e6:.1f}", f"{4 * found.parameters / 1e6:.1f}"}


def own(name: str) -> set[str]:
    """What only this lesson reckons with."""
    if name == "linear-regression":
        return {"1.5", "0.5", "0.2", "0.04"}
    if name == "computation-graph":
        # At a rate of 0.1 from (2, 1, 0) along (1, 2, 2).
        x, y, z = (at - 0.1 * slope for at, slope in ((2, 1), (1, 2), (0, 2)))
        return {"0.1", *(f"{value:g}".lstrip("-") for value in (x, y, z, y + z)), f"{x * (y + z):.2f}"}
    if name == "logistic-regression":
        # A threshold of one half, where σ is 1/2; a random order of pairs is right half of the time.
        return {f"{1 / (1 + math.exp(0)):.1f}"}
    if name == "logistic-step":
        # σ(0) and ln 2; then with w = (0.5, 1) and b = 0.5.
        share = 1 / (1 + math.exp(-(0.5 + 2 + 0.5)))
        return {"0.5", "0.25", f"{math.log(2):.3f}", f"{share:.3f}", f"{-math.log(share):.3f}"}
    if name == "softmax-classifier":
        return {"2.303"}
    if name == "lenet-5":
        # 6·(25 + 1), and 6·28·28·25.
        return {"25", "6·(25 + 1) = 156", "120"}
    if name == "lenet-relu":
        return {"25", "56", "1998", "2014"}
    if name == "mlp":
        return {"56"}
    if name == "alexnet":
        return {"121", "363", "2012"}
    if name == "alexnet-2012":
        # Nothing is left for the last pooling below this size of picture; conv2 without its groups.
        return {"67", f"{2 * (307_456 - 256) + 256:,}", "121"}
    if name == "vgg-16":
        return {
            *("27", "49", "16", "138"),
            f"{TOTALS['vgg-16'][0] / TOTALS['alexnet'][0]:.1f}",
            f"{(TOTALS['vgg-16'][1] or 0) / (TOTALS['alexnet'][1] or 1):.1f}",
        }
    if name == "vgg-19":
        return {more("vgg-19", "vgg-16", "parameters"), more("vgg-19", "vgg-16", "macs"), "19"}
    if name == "googlenet":
        return {"120,422,400", "12,443,648", "22"}
    if name == "resnet-18":
        return {percent("resnet-18", "vgg-16", "parameters"), percent("resnet-18", "vgg-16", "macs")}
    if name == "resnet-34":
        two = 2 * facts("resnet-34").nodes["conv2_x/0/conv1"].macs
        return {f"{two:,}", "18", "34"}
    if name == "resnet-50":
        inner = facts("resnet-50").nodes
        weights = sum(inner[f"conv2_x/0/conv{each}"].parameters for each in (1, 2, 3))
        return {f"{weights:,}", f"{2 * 9 * 256 * 256:,}", "22", "34", "50", "152"}
    if name == "resnet-101":
        return {"17", "33", "99", "101", "35", *megabytes(name)}
    if name == "resnet-152":
        return {"152", "50", "22", "110", "1,202", *megabytes(name)}
    if name == "resnext-50-32x4d":
        return {"50"}
    if name == "densenet-121":
        return {"58", "116", "121", *megabytes(name), *megabytes("resnet-50")}
    if name == "mobilenet-v1":
        inner = facts(name).nodes
        pair = inner["separable7/0/depthwise"].parameters + inner["separable7/0/pointwise"].parameters
        full = 512 * 512 * 9
        return {
            *(f"{pair:,}", f"{full:,}", f"{100 * pair / full:.1f} %"),
            *megabytes(name) | megabytes("resnet-18"),
            *(ratio("vgg-16", name, "macs"), ratio("resnet-18", name, "macs")),
        }
    if name.startswith(("plain", "resnet")):
        kept = json.loads(MEASURED.read_text())
        losses = {f"{loss:.1f}" for each in kept["loss"].values() for loss in each}
        pair = facts(name.replace("plain", "resnet")).parameters - facts(name.replace("resnet", "plain")).parameters
        data = kept["data"]
        layers = {"20", "55", "56"}
        return {*losses, f"{pair:,}", f"{data['samples']:,}", f"{data['size']}", f"{kept['epochs']}", *layers, "27"}
    return set()


NAMED = {
    "AlexNet": "alexnet",
    "LeNet-5": "lenet-5",
    "LeNet": "lenet-relu",
    "VGG": "vgg-16",
    **{board.title: name for name, board in gallery.boards().items()},
}
"""What a lesson calls a board whose numbers it may use."""


def numbers(text: str) -> list[str]:
    """Numbers as they are written, with their percent sign."""
    return re.findall(r"\d[\d,]*(?:\.\d+)?(?: %)?(?!\w)", re.sub(r"(?<=\d),(?!\d{3})", " ", text))


def names_and_years(text: str) -> str:
    """The text without names of boards and layers, and without years."""
    text = re.sub(r"\b(?:LeNet|VGG|ResNet|Plain|ResNeXt|DenseNet|GoogLeNet|CIFAR|ImageNet)(?:V1)?-\d+\b", " ", text)
    text = re.sub(r"\b(?:conv|fc|ip|pool|norm|conv\d)_?\d(?:_[\dx]+)?\b|\b[CSF]\d\b|\b\d[ab]\b", " ", text)
    return re.sub(r"\b(?:17|18|19|20)\d\d\b", " ", text)


@pytest.mark.parametrize("name", TAUGHT)
def test_every_number_of_a_lesson_is_computed(name: str) -> None:
    published = {f"{number:,}" for totals in TOTALS.values() for number in totals if number is not None}
    known = counted(name) | shares(name) | own(name) | published
    said = " ".join(chain.from_iterable((each.question, each.answer) for each in gallery.boards()[name].about.lesson))
    for title, other in NAMED.items():
        if re.search(rf"\b{re.escape(title)}\b", said):
            known |= counted(other) | shares(other)
    wrong = [
        number
        for number in numbers(names_and_years(said))
        if number not in known and not (number.isdigit() and int(number) <= SMALL)
    ]
    assert not wrong


def test_a_number_that_is_off_by_one_is_found() -> None:
    """The test above can fail."""
    known = counted("vgg-16") | shares("vgg-16")
    assert "138,357,544" in known and "138,357,545" not in known
    assert "89.4 %" in known and "89.5 %" not in known
    assert numbers("conv: 64·(3·121 + 1) = 23,296, then 95.96 % of 3,5 and 27·C².") == [
        *("64", "3", "121", "1", "23,296", "95.96 %", "3", "5", "27"),
    ]


@pytest.mark.parametrize("name", TAUGHT)
def test_a_lesson_says_what_is_new_and_fits_on_a_page(name: str) -> None:
    lesson = gallery.boards()[name].about.lesson
    assert 4 <= len(lesson) <= 6
    assert all(each.question.endswith("?") and 40 <= len(each.answer) <= 620 for each in lesson)
    assert len({each.question for each in lesson}) == len(lesson)


EXAM = {
    "Why is pooling used?": "lenet-5",
    "Why does the output size matter?": "lenet-5",
    "How do you produce an output of the input's size?": "vgg-16",
    "How do you calculate output size, parameters, memory and FLOPs?": "alexnet",
    "How does AlexNet compare to VGG?": "vgg-16",
    "VGG to GoogLeNet?": "googlenet",
    "GoogLeNet to ResNet?": "resnet-50",
    "What is a convolutional layer?": "lenet-5",
    "Why is ReLU used?": "lenet-relu",
    "Why is a fully connected layer used?": "mlp",
    "Why is softmax used?": "softmax-classifier",
    "What is a skip connection?": "resnet-18",
    "What is a bottleneck skip connection and why is it used?": "resnet-50",
    "What is down sampling?": "resnet-18",
    "What is up sampling?": "resnet-18",
}
"""The notes' questions for the exam (0:511-526), and a board whose lesson answers each."""


@pytest.mark.parametrize("question", list(EXAM))
def test_the_exam_s_questions_are_answered(question: str) -> None:
    lesson = gallery.boards()[EXAM[question]].about.lesson
    assert question in [each.question for each in lesson]


def test_an_old_board_has_no_lesson_and_loads() -> None:
    about = {"summary": "Old.", "tries": ["This."], "declared": {}}
    assert Document.model_validate({"about": about}).about.lesson == []
    assert Passage(question="Why?", answer="So.").model_dump() == {"question": "Why?", "answer": "So."}


def test_what_was_measured_is_what_the_lessons_say() -> None:
    """A-015: the kept record of ``tests.accept.depth`` shows what it asks for, for every seed."""
    kept = json.loads(MEASURED.read_text())
    loss, settings = kept["loss"], (kept["data"], kept["epochs"], kept["batch"])
    assert settings == (depth.DATA, depth.EPOCHS, depth.BATCH)
    assert all(len(each) == len(depth.SEEDS) for each in loss.values()) and loss.keys() == set(depth.BOARDS)
    assert all(deep > shallow for deep, shallow in zip(loss["plain-56"], loss["plain-20"], strict=True))
    assert all(cured < plain for cured, plain in zip(loss["resnet-56"], loss["plain-56"], strict=True))
