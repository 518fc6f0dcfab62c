"""A whole part judged, against scikit-learn and against every sample by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from sklearn import metrics

from chalknet import wire
from chalknet.training import judged
from chalknet.training.answers import judge as answering
from chalknet.training.answers.base import Unanswerable, registry
from chalknet.training.evaluate import Evaluator, untouched
from chalknet.training.judged import averages, table
from chalknet.training.plan import Plan, plan


@dataclass
class Desk:
    plan: Plan
    step: int = 3
    cache: Path | None = None
    directory: Path | None = None

    def ask(self, question: wire.Message) -> tuple[dict[str, numpy.ndarray], dict[str, Any]]:
        with untouched(self.plan.compiled):
            drawn = registry[type(question)](self, question)
        return {each.name: each.values for each in drawn.pictures}, drawn.about

    def ports(self, *wanted: tuple[str, str], part: str = "validation") -> list[torch.Tensor]:
        """These values of a whole part at once."""
        (source,) = getattr(self.plan, part).values()
        batch = source.rows(slice(None))
        with untouched(self.plan.compiled):
            compiled = self.plan.compiled
            return list(compiled.select(list(wanted))(*[batch[each] for each in compiled.inputs]))


def trained(document: Any, epochs: int = 1) -> Desk:
    made = plan(document, threads=1)
    made.compiled.learn()
    step = 0
    for epoch in range(epochs):
        for batch in made.batches.epoch(epoch):
            made.phases[0].step(batch, step)
            step += 1
    made.compiled.module.eval()
    return Desk(made)


def same_table(found: numpy.ndarray, truth: numpy.ndarray, answer: numpy.ndarray, kinds: int) -> None:
    expected = metrics.precision_recall_fscore_support(truth, answer, labels=range(kinds), zero_division=0)
    assert found == pytest.approx(numpy.stack(expected, 1), abs=1e-6)


def test_classes_are_scikit_learns(pictures: Any) -> None:
    """C-055, V-016: digits after one epoch: precision, recall, F1, support, their means, and the confusion matrix."""
    desk = trained(pictures())
    logits, truth = (each.numpy() for each in desk.ports(("out", "y"), ("data", "label")))
    answer = logits.argmax(1)
    assert 0.2 < (answer == truth).mean() < 0.99
    arrays, about = desk.ask(wire.Judge())
    same_table(arrays["table"], truth, answer, 10)
    assert (arrays["counts"] == metrics.confusion_matrix(truth, answer, labels=range(10))).all()
    for how in ("macro", "micro", "weighted"):
        expected = metrics.precision_recall_fscore_support(truth, answer, average=how, zero_division=0)[:3]
        assert about["averages"][how] == pytest.approx(expected)
    accuracy = pytest.approx(metrics.accuracy_score(truth, answer))
    assert about["accuracy"] == accuracy and about["right"] == accuracy
    assert about["wrong"] == (answer != truth).sum() and about["count"] == len(truth)
    assert about["classes"] == [str(digit) for digit in range(10)]
    # The same loss and accuracy as the run's own curve tells.
    told = Evaluator(desk.plan.compiled)(desk.plan.validation, "validation")
    assert (about["mean"], about["accuracy"]) == pytest.approx((told["validation.loss"], told["validation.accuracy"]))


def test_what_it_learned_from_is_judged_as_it_is(pictures: Any) -> None:
    """M-004: the training error without dropout and with batch norm as it is kept; then the part's again."""
    desk = trained(pictures())
    logits, truth = desk.ports(("out", "y"), ("data", "label"), part="train")
    expected = float((logits.argmax(1) == truth).double().mean())
    _, before = desk.ask(wire.Judge())
    _, about = desk.ask(wire.Judge(learned=True))
    assert about["accuracy"] == pytest.approx(expected) and about["count"] == len(truth)
    _, after = desk.ask(wire.Judge())
    assert after == before and before["count"] != about["count"]


def test_a_class_that_is_never_answered_has_no_precision() -> None:
    """As scikit-learn has it with zero_division=0; a class that is nowhere counts in no mean."""
    truth, answer = numpy.array([0, 0, 1, 1, 2, 2, 2]), numpy.array([0, 0, 0, 2, 2, 2, 2])
    counts = metrics.confusion_matrix(truth, answer, labels=range(4))
    same_table(table(counts), truth, answer, 4)
    for how in ("macro", "weighted"):
        expected = metrics.precision_recall_fscore_support(truth, answer, average=how, zero_division=0)[:3]
        assert averages(counts)[how] == pytest.approx(expected)


def test_precision_and_recall_of_the_notes() -> None:
    """C-055: precision 0.8 and recall 0.5 make F1 0.6154."""
    counts = numpy.array([[89, 1], [4, 4]])  # of 8 that are, 4 are found, and 1 that is not
    assert table(counts)[1].round(4).tolist() == [0.8, 0.5, 0.6154, 8]


def test_the_samples_behind_a_cell(pictures: Any) -> None:
    """V-015, V-016: worst first, each with its loss alone, the answer's share, and its picture."""
    desk = trained(pictures())
    logits, truth = desk.ports(("out", "y"), ("data", "label"))
    each = torch.nn.functional.cross_entropy(logits, truth, reduction="none").numpy()
    answer, share = logits.argmax(1).numpy(), logits.softmax(1).amax(1).numpy()
    counts = metrics.confusion_matrix(truth, answer, labels=range(10))
    numpy.fill_diagonal(counts, 0)
    row, column = (int(at) for at in numpy.unravel_index(counts.argmax(), counts.shape))
    behind = numpy.flatnonzero((truth.numpy() == row) & (answer == column))
    arrays, about = desk.ask(wire.Cases(truth=row, answer=column))
    assert about["total"] == len(behind) == counts[row, column] > 0
    assert sorted(arrays["samples"]) == sorted(behind[numpy.argsort(-each[behind])][:12])
    assert arrays["losses"] == pytest.approx(each[arrays["samples"]], rel=1e-4)
    assert (numpy.diff(arrays["losses"]) <= 0).all()
    assert arrays["confidence"] == pytest.approx(share[arrays["samples"]], abs=1e-5)
    assert (arrays["truth"] == row).all() and (arrays["answer"] == column).all() and arrays["wrong"].all()
    (source,) = desk.plan.validation.values()
    first = source.samples["image"][arrays["samples"][0]].float()
    shown = arrays["images"][0].astype(float)
    assert numpy.corrcoef(shown.ravel(), first.numpy().ravel())[0, 1] > 0.999


def test_pages_hold_every_mistake_once(pictures: Any) -> None:
    desk = trained(pictures())
    _, about = desk.ask(wire.Judge())
    seen: list[int] = []
    while True:
        arrays, told = desk.ask(wire.Cases(wrong=True, first=len(seen), count=7))
        assert told["total"] == about["wrong"]
        if not len(arrays["samples"]):
            break
        seen += arrays["samples"].tolist()
    assert len(set(seen)) == len(seen) == about["wrong"]
    arrays, told = desk.ask(wire.Cases(wrong=True, count=1000, bare=True))
    assert arrays["samples"].tolist() == seen and "images" not in arrays
    arrays, told = desk.ask(wire.Cases(order="best", among=[5, 3, 10**6], count=5))
    assert sorted(arrays["samples"]) == [3, 5] and arrays["losses"][0] <= arrays["losses"][1]
    with pytest.raises(ValueError, match="at most 60 samples"):
        wire.Cases(count=61)


def test_a_network_that_changed_is_judged_anew(pictures: Any, monkeypatch: Any) -> None:
    """And one that did not is not: pages cost no second look at the part."""
    desk = trained(pictures())
    looks = []
    judge = answering.judge
    monkeypatch.setattr(answering, "judge", lambda *given: looks.append(1) or judge(*given))
    before, _ = desk.ask(wire.Judge())
    desk.ask(wire.Cases(wrong=True))
    desk.ask(wire.Tally(tags={"dark": [1]}))
    assert len(looks) == 1
    with torch.no_grad():
        desk.plan.compiled.modules["out"].bias[3] += 100
    after, _ = desk.ask(wire.Judge())
    assert len(looks) == 2 and before["counts"].sum(0)[3] < after["counts"].sum(0)[3] == after["counts"].sum()
    desk.ask(wire.Judge(part="test"))
    assert len(looks) == 3


def test_places_of_a_sequence_outside_its_mask_do_not_count(words: Any) -> None:
    """Every place is judged; a sample is wrong where one of its places is, and is found by that place."""
    desk = trained(words(), 2)
    logits, truth, mask = desk.ports(("out", "y"), ("data", "target"), ("data", "mask"))
    answer = logits.argmax(2)
    arrays, about = desk.ask(wire.Judge())
    same_table(arrays["table"], truth[mask].numpy(), answer[mask].numpy(), 6)
    wrong = ((truth != answer) & mask).any(1).numpy()
    assert about["places"] == int(mask.sum()) and about["right"] == pytest.approx(1 - wrong.mean())
    found, told = desk.ask(wire.Cases(wrong=True, count=60))
    assert told["total"] == wrong.sum() and set(found["samples"]) <= set(numpy.flatnonzero(wrong))
    for sample, row, loss in zip(found["samples"], found["truth"], found["losses"], strict=True):
        inside = mask[sample]
        assert (row == torch.where(inside, truth[sample], -1).numpy()).all()
        alone = torch.nn.functional.cross_entropy(logits[sample][inside], truth[sample][inside])
        assert loss == pytest.approx(float(alone), rel=1e-4)
    assert told["sample"] == "tokens" and found["tokens"].shape == (len(found["samples"]), 6)


def table_board(board: Any, loss: str = "mse", **recipe: Any) -> Any:
    made = board(batch=32, **recipe)
    made.add("data", "own_table", data="diabetes")
    made.add("hidden", "linear", "data.x", units=8)
    made.add("act", "relu", "hidden")
    made.add("out", "linear", "act", units=1)
    made.add("loss", loss, "out>prediction", "data.y>target")
    return made.document()


def test_numbers_are_scikit_learns(board: Any) -> None:
    """C-058: RMSE, MAE and R², the residuals, and the worst samples first."""
    desk = trained(table_board(board), 3)
    answer, truth = (each.numpy().astype(float) for each in desk.ports(("out", "y"), ("data", "y")))
    arrays, about = desk.ask(wire.Judge())
    expected = (
        metrics.root_mean_squared_error(truth, answer),
        metrics.mean_absolute_error(truth, answer),
        metrics.r2_score(truth, answer),
    )
    assert (about["rmse"], about["mae"], about["r2"]) == pytest.approx(expected, rel=1e-5)
    assert arrays["table"] == pytest.approx(numpy.array([expected]), rel=1e-5)
    shown = arrays["samples"]
    assert arrays["truth"] == pytest.approx(truth[shown, 0]) and arrays["answer"] == pytest.approx(answer[shown, 0])
    found, told = desk.ask(wire.Cases(count=5))
    worst = numpy.argsort(-((answer - truth)[:, 0] ** 2))[:5]
    assert found["samples"].tolist() == worst.tolist() and told["total"] == len(truth)
    assert found["answer"][:, 0] == pytest.approx(answer[worst, 0], rel=1e-5) and found["rows"].shape == (5, 11)


@pytest.mark.parametrize("how", ["classes", "numbers"])
def test_what_is_gained_where_a_kind_of_mistake_were_solved(pictures: Any, board: Any, how: str) -> None:
    """M-008: accuracy with the tagged mistakes counted as right; the RMSE without their errors."""
    desk = trained(pictures()) if how == "classes" else trained(table_board(board), 3)
    found, _ = desk.ask(wire.Cases(wrong=True, count=40))
    tagged = [int(each) for each in found["samples"][::2]]
    _, about = desk.ask(wire.Tally(tags={"odd": [*tagged, tagged[0], 10**6], "none": []}))
    if how == "classes":
        logits, truth = desk.ports(("out", "y"), ("data", "label"))
        hit = (logits.argmax(1) == truth).numpy()
        fixed = hit.copy()
        fixed[tagged] = True
        assert about["now"] == pytest.approx(hit.mean()) and about["wrong"] == (~hit).sum()
        share = len(tagged) / (~hit).sum()
    else:
        answer, truth = desk.ports(("out", "y"), ("data", "y"))
        squared = (answer - truth).double().square().numpy()[:, 0]
        fixed = squared.copy()
        fixed[tagged] = 0
        assert about["now"] == pytest.approx(squared.mean() ** 0.5)
        share = squared[tagged].sum() / squared.sum()
    odd = about["tags"]["odd"]
    assert (odd["count"], odd["wrong"]) == (len(tagged), len(tagged))
    assert odd["share"] == pytest.approx(share)
    assert odd["ceiling"] == pytest.approx(fixed.mean() if how == "classes" else fixed.mean() ** 0.5)
    assert about["tags"]["none"] == {"count": 0, "wrong": 0, "share": 0.0, "ceiling": about["now"]}


def test_the_ceiling_of_the_notes(pictures: Any) -> None:
    """M-008: at 90 % right, a tag on half of the mistakes promises 95 %; a tag on what is right promises nothing."""
    desk = trained(pictures())
    _, about = desk.ask(wire.Judge())
    found, _ = desk.ask(wire.Cases(wrong=True, count=1000, bare=True))
    right = sorted(set(range(about["count"])) - set(found["samples"].tolist()))
    half = found["samples"].tolist()[: about["wrong"] // 2]
    _, tally = desk.ask(wire.Tally(tags={"half": half, "right": right[:3]}))
    assert tally["tags"]["half"]["ceiling"] == pytest.approx(about["right"] + len(half) / about["count"])
    assert tally["tags"]["right"] == {"count": 3, "wrong": 0, "share": 0.0, "ceiling": pytest.approx(about["right"])}


def one_by_one(desk: Desk, path: str) -> list[float]:
    """The loss of every validation sample in a batch of its own."""
    (source,) = desk.plan.validation.values()
    compiled = desk.plan.compiled
    found = []
    with untouched(compiled):
        for number in range(source.count):
            batch = source.rows(slice(number, number + 1))
            (loss,) = compiled.select([(path, "loss")])(*[batch[each] for each in compiled.inputs])
            found.append(float(loss))
    return found


def test_any_loss_tells_which_samples_are_worst(detector: Any) -> None:
    """Also one whose steps depend on the numbers: boxes."""
    desk = trained(detector())
    arrays, about = desk.ask(wire.Cases(order="number", count=60))
    assert about["kind"] == "loss" and "truth" not in arrays
    assert arrays["losses"] == pytest.approx(one_by_one(desk, "loss"), rel=1e-4)


@pytest.mark.parametrize(
    ("type", "fields"),
    [("bce", {}), ("cross_entropy", {"weights": "1 4", "smoothing": 0.1}), ("hinge", {}), ("focal", {})],
)
def test_every_loss_with_classes(board: Any, type: str, fields: dict[str, Any]) -> None:
    made = board()
    made.add("data", "points", samples=200)
    made.add("hidden", "linear", "data.x", units=4)
    made.add("act", "tanh", "hidden")
    made.add("out", "linear", "act", units=1 if type == "bce" else 2)
    made.add("loss", type, "out>logits", "data.label>target", **fields)
    desk = trained(made.document())
    logits, truth = desk.ports(("out", "y"), ("data", "label"))
    answer = (logits[:, 0] > 0).long() if type == "bce" else logits.argmax(1)
    arrays, about = desk.ask(wire.Judge())
    same_table(arrays["table"], truth.numpy(), answer.numpy(), 2)
    found, _ = desk.ask(wire.Cases(order="number", count=60))
    assert found["losses"] == pytest.approx(one_by_one(desk, "loss")[:60], rel=1e-4, abs=1e-6)
    assert found["rows"].shape[1] == 2 and about["classes"] == desk.plan.validation["data"].layer.class_names()


def test_more_than_it_may_take_is_refused_soon(pictures: Any, monkeypatch: Any) -> None:
    desk = trained(pictures())
    monkeypatch.setattr(judged, "SECONDS", 0.0)
    with pytest.raises(Unanswerable, match=r"To judge \d+ samples would take about .* leave out a smaller share"):
        desk.ask(wire.Judge())


def test_what_there_is_no_answer_to(pictures: Any, spiral: Any) -> None:
    desk = trained(pictures())
    with pytest.raises(Unanswerable, match="'conv1' is no loss of this board"):
        desk.ask(wire.Judge(loss="conv1"))
    bare = trained(spiral(split={"validation": 0, "test": 0}))
    for part in ("validation", "test"):
        with pytest.raises(Unanswerable, match=f"left out to {'test' if part == 'test' else 'validate'} on"):
            bare.ask(wire.Judge(part=part))
