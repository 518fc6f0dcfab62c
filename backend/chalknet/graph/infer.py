"""Document → what every node puts out, holds and costs, what is wrong, and ways out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chalknet.datasets.base import DataSource
from chalknet.graph import bottleneck, budget, fixes, guard, recipe
from chalknet.graph.ablation import Idle
from chalknet.graph.document import Document
from chalknet.graph.facts import Inference, NodeFacts
from chalknet.graph.flat import Flat, FlatNode, Instance
from chalknet.graph.judge import MEMORY, Judged, Totals, judge
from chalknet.graph.problems import Fix, Problem
from chalknet.graph.rules import MOST_REMEMBERED, Rule
from chalknet.graph.sight import Sight
from chalknet.graph.views import Given, offered, templates
from chalknet.layers.base import Layer
from chalknet.layers.words import more_rows


def infer(document: Document, *, memory: int = MEMORY) -> Inference:
    """Everything that is known of a board without running it. Never raises, whatever the document holds.

    ``memory`` is the limit in bytes for training it.
    """
    return infer_flat(document, memory=memory)[1]


def infer_flat(document: Document, *, memory: int = MEMORY) -> tuple[Flat, Inference]:
    """The flat graph with its types, and the inference."""
    findings = find(document, memory=memory)
    for _ in findings.search():
        pass
    return findings.judged.flat, findings.inference


@dataclass(slots=True)
class Findings:
    """What is known of a board at once, and the search for ways out of its problems, which takes longer.

    ``inference``: its problems have no fixes until ``search`` is through.
    """

    document: Document
    judged: Judged
    inference: Inference
    memory: int

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to search for."""
        return not self.judged.complaints

    def search(self) -> Iterator[None]:
        """Looks for ways out, those of one problem a step. At the end ``inference`` is one with all of them; it may be
        left before, and then stays as it was."""
        found: dict[int, list[Fix]] = {}
        for number, ways in fixes.search(self.document, self.judged, self.memory):
            found[number] = ways
            yield
        if found:
            problems = [
                problem.model_copy(update={"fixes": found[number]}) if found.get(number) else problem
                for number, problem in enumerate(self.inference.problems)
            ]
            self.inference = self.inference.model_copy(update={"problems": problems})


def find(document: Document, *, memory: int = MEMORY, tested: Sequence[str] = ()) -> Findings:
    """Facts and problems of a board, without ways out so far. ``tested``: what it was each time that its test samples
    were opened (``guard.tuned``)."""
    judged = judge(document, memory=memory)
    slots = recipe.state_slots(document)
    totals, batch = judged.totals, document.recipe.batch
    inference = Inference(
        parameters=totals.parameters,
        trainable_parameters=totals.trainable_parameters,
        macs=totals.macs,
        macs_by_kind=totals.kinds,
        flops=2 * totals.macs,
        operations=totals.operations,
        activation_bytes=totals.activation_bytes,
        training_bytes=totals.training_bytes(batch, slots),
        memory=totals.memory(batch, slots),
        narrowest=budget.narrowest(judged),
        nodes=_facts(judged, batch, slots),
    )
    judged.complaints += budget.complaints(document, judged)
    judged.complaints += guard.tuned(document, tested)
    inference.problems = [
        Problem(
            code=complaint.code,
            severity=complaint.severity,
            node=complaint.path,
            edge=complaint.edge,
            field=complaint.field,
            message=complaint.message,
            hint=complaint.hint,
        )
        for complaint in judged.complaints
    ]
    return Findings(document, judged, inference, memory)


# --- facts -----


def _facts(judged: Judged, batch: int, slots: int) -> dict[str, NodeFacts]:
    """Of every node, and of every instance of a block."""
    flat = judged.flat
    data = [node.layer for node in flat.nodes.values() if isinstance(node.layer, DataSource)]
    given: Given = "numbers" if data and not any(layer.parted for layer in data) else "samples"
    if any(layer.sample == "points" for layer in data):
        given = "points"
    facts: dict[str, NodeFacts] = {}
    saved = bottleneck.savings(judged)
    sums: dict[str, Totals] = {path: Totals() for path in flat.instances}
    for path, node in flat.nodes.items():
        found = judged.rules.get(path)
        if found is None:
            facts[path] = _unknown(node.node.type, node.layer)
            continue
        times = judged.times(node.loop) if node.loop else 1
        around = (times, given, templates(flat, path), batch, slots, saved.get(path, ()))
        facts[path] = _known(node, found, judged.sights.get(path), around)
        if found.fault is None:
            inside = node.parent
            while inside:
                sums[inside].add(node, found, times)
                inside = flat.instances[inside].parent
    for path, instance in flat.instances.items():
        facts[path] = _instance(judged, instance, sums[path], (batch, slots))
    if judged.idle is not None:
        facts |= _idle_facts(judged, judged.idle)
    return facts


@lru_cache(maxsize=1024)
def _unknown(type: str, layer: Layer | None) -> NodeFacts:
    """Of a node whose inputs are not known."""
    return NodeFacts(type=type, summary=layer.summary() if layer is not None else "")


_remembered: dict[tuple[object, ...], tuple[Rule, Sight | None, NodeFacts]] = {}


_Circumstances = tuple[int, Given, bool, int, int, bottleneck.Lines]
"""How often it runs, what the board learns from, whether its weights are pictures, batch, the optimizer's numbers, and
what it saves behind it."""


def _known(node: FlatNode, rule: Rule, sight: Sight | None, circumstances: _Circumstances) -> NodeFacts:
    """Of a node with its rule: the same object as long as nothing about it changes."""
    # By identity, as rules are remembered; the entry holds them, so that no other can take their ids.
    key = (id(rule), id(sight), node.node.type, node.trainable, circumstances)
    known = _remembered.get(key)
    if known is not None:
        return known[2]
    times, given, seen, batch, slots, saved = circumstances
    totals = Totals()
    totals.add(node, rule, times)
    views = offered(node.layer, *rule.ports, given) if node.layer is not None and rule.fault is None else []
    made = NodeFacts(
        type=node.node.type,
        inputs=rule.input_texts,
        outputs=rule.output_texts,
        parameters=totals.parameters,
        trainable_parameters=totals.trainable_parameters,
        macs=totals.macs,
        macs_by_kind=totals.kinds,
        flops=2 * totals.macs,
        operations=totals.operations,
        activation_bytes=totals.activation_bytes,
        memory=totals.memory(batch, slots),
        receptive_field=sight.shown() if sight is not None else None,
        numbers=more_rows(rule.numbers, *saved),
        summary=rule.summary,
        views=views + ["filters"] * seen,
    )
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = (rule, sight, made)
    return made


def forget() -> None:
    """Empties the memory (to measure the time without it)."""
    _remembered.clear()


def _instance(judged: Judged, instance: Instance, totals: Totals, learning: tuple[int, int]) -> NodeFacts:
    """Of an instance of a block, from what is in it. ``learning``: the batch, and the optimizer's numbers."""
    at_ports = {
        port: [found.input_texts["x"][0]]
        for port, inner in instance.inputs.items()
        if (found := judged.rules.get(inner[0])) is not None and found.input_texts.get("x")
    }
    outputs = {
        port: found.output_texts["y"]
        for port, inner in instance.outputs.items()
        if (found := judged.rules.get(inner)) is not None and found.fault is None
    }
    last = next(iter(instance.outputs.values()), None)
    sight = judged.sights.get(last) if last is not None else None
    return NodeFacts(
        type="block",
        inputs=at_ports,
        outputs=outputs,
        parameters=totals.parameters,
        trainable_parameters=totals.trainable_parameters,
        macs=totals.macs,
        macs_by_kind=totals.kinds,
        flops=2 * totals.macs,
        operations=totals.operations,
        activation_bytes=totals.activation_bytes,
        memory=totals.memory(*learning),
        receptive_field=sight.shown() if sight is not None else None,
        summary=_summary(instance),
        views=["states"] if instance.over_time and instance.states and not instance.loop else [],
    )


def _summary(instance: Instance) -> str:
    """How an instance runs."""
    if instance.over_time:
        return "over time"
    return f"× {instance.copies}" if instance.node.mode == "repeat" else ""


def _idle_facts(judged: Judged, idle: Idle) -> dict[str, NodeFacts]:
    """Of what was muted or bypassed: what it would take and give, at no cost."""
    facts: dict[str, NodeFacts] = {}
    for path, node in idle.flat.nodes.items():
        found = judged.idle_rules.get(path)
        facts[path] = NodeFacts(
            type=node.node.type,
            inputs=found.input_texts if found is not None else {},
            outputs=found.output_texts if found is not None else {},
            summary=node.layer.summary() if node.layer is not None else "",
            idle=idle.why[path],
        )
    for path, instance in idle.flat.instances.items():
        outputs = {
            port: found.output_texts["y"]
            for port, inner in instance.outputs.items()
            if (found := judged.idle_rules.get(inner)) is not None and found.fault is None
        }
        facts[path] = NodeFacts(type="block", outputs=outputs, idle=idle.why[path])
    return facts
