"""Doubtful choices of how a board is trained (T-072): named with a way out, never forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chalknet.datasets.readied import Readied
from chalknet.graph import rates, recipe
from chalknet.graph.complaints import Complaint
from chalknet.graph.document import Document, Phase
from chalknet.graph.flat import Flat, FlatNode, is_data
from chalknet.layers.noise import Drop
from chalknet.layers.normalisation import BatchNorm

HEAVY = {"l1": 0.1, "l2": 1.0, "weight_decay": 1.0}
"""From where a penalty leaves hardly any weight."""
FAR, UNLIKE = 30.0, 30.0
"""How far from 0 a column of numbers may lie (its mean or its deviation), and how many times as wide as another one be,
before descent is doubted: the bowl of the loss is then about that many times as long as wide, squared."""
SEVERAL = 2
"""Openings of the test samples after which a change is doubted."""
MOST_BETWEEN = 20
"""Layers in a row before a loss that are looked through."""


def complaints(
    document: Document, flat: Flat, losses: Iterable[str], parameters: Mapping[str, int]
) -> Iterator[Complaint]:
    """``parameters``: how many each node has, where that is known."""
    phases = document.recipe.phases
    for name, phase in phases.items():
        lead = f"Phase {name!r}: " if len(phases) > 1 else "Recipe: "
        yield from _rate(name, phase, lead)
        yield from _warm_up(document, flat, name, phase, lead)
        yield from _heavy(name, phase, lead)
    yield from _unscaled(flat)
    if document.recipe.batch == 1:
        yield from _batch_of_one(flat)
    yield from _zeros(flat, parameters)
    for path in losses:
        yield from _dropped_at_the_end(flat, path, parameters)
        yield from _squared_classes(flat, path)


def tuned(document: Document, tested: Sequence[str]) -> Iterator[Complaint]:
    """M-007: a board that goes on being changed after its test samples were opened several times. ``tested``: what was
    trained each time, as ``Document.hash(seed=False)``."""
    if len(tested) < SEVERAL or document.hash(seed=False) in tested:
        return
    yield Complaint(
        "tuned_on_test",
        f"Recipe: the test samples were opened {len(tested):,} times, and the board has been changed since: another "
        "test would tell what was chosen by them, not how it does on samples that nobody has seen.",
        field="test",
        hint="Choose by the validation samples from here on; a fair last word needs samples that no choice has seen.",
        severity="warning",
    )


def _rate(name: str, phase: Phase, lead: str) -> Iterator[Complaint]:
    """T-015: a learning rate far from what its optimizer is used with."""
    form = recipe.optimizer(phase.optimizer)
    if isinstance(form, str):
        return
    low, high = form.sane
    if low <= form.lr <= high:
        return
    usual = type(form)().lr
    large = form.lr > high
    then = "the loss may jump about or become NaN" if large else "the loss will hardly move"
    yield Complaint(
        "doubtful_rate",
        f"{lead}a learning rate of {form.lr:g} is very {'large' if large else 'small'} for {form.title}: expected "
        f"{low:g} to {high:g}; {then}.",
        field=f"phases.{name}.optimizer",
        hint=f"Begin with {usual:g}, and change it by a factor of 3 at a time.",
        severity="warning",
    )


def _warm_up(document: Document, flat: Flat, name: str, phase: Phase, lead: str) -> Iterator[Complaint]:
    if phase.schedule.type != rates.Warmup.type:
        return
    form, steps = recipe.schedule(phase.schedule), recipe.steps(document, flat)
    if isinstance(form, rates.Warmup) and 0 < steps <= form.steps:
        yield Complaint(
            "long_warm_up",
            f"{lead}the warm-up takes {form.steps:,} updates, but the run has about {steps:,}: the rate never gets to "
            "its height.",
            field=f"phases.{name}.schedule",
            hint="Let it climb for a tenth of the run, or train longer.",
            severity="warning",
        )


def _heavy(name: str, phase: Phase, lead: str) -> Iterator[Complaint]:
    form = recipe.optimizer(phase.optimizer)
    found = {
        "penalty.l1": (phase.penalty.l1, "L1"),
        "penalty.l2": (phase.penalty.l2, "L2"),
        "optimizer": (0.0 if isinstance(form, str) else form.weight_decay, "weight decay"),
    }
    for field, (value, title) in found.items():
        most = HEAVY["weight_decay" if field == "optimizer" else field.rpartition(".")[2]]
        if value > most:
            yield Complaint(
                "heavy_penalty",
                f"{lead}{title} of {value:g} pulls harder than most losses do: expected at most {most:g}; the weights "
                "will go to 0, whatever the data say.",
                field=f"phases.{name}.{field}",
                hint="Penalties often lie between 0.00001 and 0.01.",
                severity="warning",
            )


def _batch_of_one(flat: Flat) -> Iterator[Complaint]:
    for path, node in flat.nodes.items():
        if isinstance(node.layer, BatchNorm) and node.trainable:
            yield Complaint(
                "batch_of_one",
                f"{node.label}: in batches of one sample there is no mean and no spread over samples to normalise by.",
                path,
                node.block,
                node.id,
                hint="Use larger batches, or a layer norm or group norm, which look at one sample alone.",
                severity="warning",
            )
            return


def _unscaled(flat: Flat) -> Iterator[Complaint]:
    """T-044: inputs that lie far from 0, or of which some are much wider than others (1:238-256)."""
    for path, node in flat.nodes.items():
        if not isinstance(node.layer, Readied) or node.layer.scaling != "none":
            continue
        columns = [each for each in node.layer.spreads() if each[2] > 0]
        if not columns:
            continue
        name, mean, deviation = max(columns, key=lambda column: max(abs(column[1]), column[2]))
        narrow = min(columns, key=lambda column: column[2])
        wide = max(columns, key=lambda column: column[2])
        if wide[2] > UNLIKE * narrow[2]:
            why = f"{wide[0]!r} is about {wide[2] / narrow[2]:,.0f} times as wide as {narrow[0]!r}"
        elif max(abs(mean), deviation) > FAR:
            why = f"{name!r} lies about {max(abs(mean), deviation):,.0f} from 0"
        else:
            continue
        yield Complaint(
            "unscaled",
            f"{node.label}: its columns are given as they are, and {why}. A rate that suits one weight is far too "
            "large or too small for another.",
            path,
            node.block,
            node.id,
            field="scaling",
            hint="Scale every column to mean 0 and deviation 1, measured of the training rows alone.",
            severity="warning",
        )


def _zeros(flat: Flat, parameters: Mapping[str, int]) -> Iterator[Complaint]:
    """T-045: hidden units that begin alike get the same gradient, and stay alike."""
    zeros = [path for path, node in flat.nodes.items() if node.node.init.how == "zeros" and not is_data(node)]
    if not zeros:
        return
    consumers = flat.consumers()
    for path in zeros:
        if not parameters.get(path):
            continue
        waiting, seen = list(consumers[path]), set(consumers[path])
        for behind in waiting:
            more = [each for each in consumers[behind] if each not in seen]
            waiting += more
            seen.update(more)
        if any(parameters.get(each) for each in seen):
            node = flat.nodes[path]
            yield Complaint(
                "zero_weights",
                f"{node.label}: all its first weights are 0, so its units begin alike, get the same slope, and stay "
                "alike: it learns as if it had one.",
                path,
                node.block,
                node.id,
                field="init",
                hint="Draw them at random: He before a ReLU, Xavier otherwise. Only the last layer may begin at 0.",
                severity="warning",
            )


def _before(flat: Flat, loss: str) -> Iterator[FlatNode]:
    """From a loss's scores backwards, as long as one layer stands behind another."""
    wires = flat.wires.get(loss, {})
    arriving = wires.get("logits") or wires.get("prediction")
    for _ in range(MOST_BETWEEN):
        if not arriving or len(arriving) != 1:
            return
        node = flat.nodes[arriving[0].source]
        yield node
        ports = flat.wires.get(node.path, {})
        arriving = next(iter(ports.values())) if len(ports) == 1 else None


def _dropped_at_the_end(flat: Flat, loss: str, parameters: Mapping[str, int]) -> Iterator[Complaint]:
    for node in _before(flat, loss):
        if node.path not in parameters or parameters[node.path]:
            return  # Of a layer behind a fault it is not known whether it learns.
        if isinstance(node.layer, Drop) and node.layer.rate > 0:
            yield Complaint(
                "dropped_answer",
                f"{node.label}: it switches off {node.layer.rate:.0%} of the answers themselves, right before the "
                "loss: what is then 0 is not what the network says.",
                node.path,
                node.block,
                node.id,
                hint="Drop before the last layer that learns, not behind it.",
                severity="warning",
            )
            return


def _squared_classes(flat: Flat, loss: str) -> Iterator[Complaint]:
    """T-018: a squared error of classes, whose slope fades just where the answer is most wrong."""
    node = flat.nodes[loss]
    if node.node.type != "mse" or len(targets := flat.wires.get(loss, {}).get("target", [])) != 1:
        return
    if flat.nodes[targets[0].source].node.type == "one_hot":
        yield Complaint(
            "squared_classes",
            f"{node.label}: it takes the squared error of classes; behind a softmax or a sigmoid its slope fades just "
            "where the answer is most wrong.",
            loss,
            node.block,
            node.id,
            hint="Use cross-entropy on the scores: its slope is the share less 1 at the true class.",
            severity="warning",
        )
