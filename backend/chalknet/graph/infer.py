"""Document → what every node puts out, holds and costs, what is wrong, and ways out."""

from __future__ import annotations

from chalknet.datasets.base import DataSource
from chalknet.graph import fixes, recipe
from chalknet.graph.ablation import Idle
from chalknet.graph.document import Document
from chalknet.graph.facts import Inference, NodeFacts
from chalknet.graph.flat import Flat, Instance
from chalknet.graph.judge import MEMORY, Judged, Totals, judge
from chalknet.graph.problems import Problem


def infer(document: Document, *, memory: int = MEMORY) -> Inference:
    """Everything that is known of a board without running it. Never raises, whatever the document holds.

    ``memory`` is the limit in bytes for training it.
    """
    return infer_flat(document, memory=memory)[1]


def infer_flat(document: Document, *, memory: int = MEMORY) -> tuple[Flat, Inference]:
    """The flat graph with its types, and the inference."""
    judged = judge(document, memory=memory)
    slots = recipe.state_slots(document)
    totals = judged.totals
    inference = Inference(
        parameters=totals.parameters,
        trainable_parameters=totals.trainable_parameters,
        macs=totals.macs,
        flops=2 * totals.macs,
        activation_bytes=totals.activation_bytes,
        training_bytes=totals.training_bytes(document.recipe.batch, slots),
        nodes=_facts(judged),
    )
    inference.problems = _problems(document, judged, memory)
    return judged.flat, inference


def _problems(document: Document, judged: Judged, memory: int) -> list[Problem]:
    found = fixes.find(document, judged, memory)
    return [
        Problem(
            code=complaint.code,
            severity=complaint.severity,
            node=complaint.path,
            edge=complaint.edge,
            field=complaint.field,
            message=complaint.message,
            hint=complaint.hint,
            fixes=found.get(number, []),
        )
        for number, complaint in enumerate(judged.complaints)
    ]


# --- facts -----


def _facts(judged: Judged) -> dict[str, NodeFacts]:
    """Of every node, and of every instance of a block."""
    flat = judged.flat
    points = any(isinstance(node.layer, DataSource) and node.layer.sample == "points" for node in flat.nodes.values())
    facts: dict[str, NodeFacts] = {}
    sums: dict[str, Totals] = {path: Totals() for path in flat.instances}
    for path, node in flat.nodes.items():
        found = judged.rules.get(path)
        if found is None:
            summary = node.layer.summary() if node.layer is not None else ""
            # Given, not left to their defaults: pydantic copies those deeply, 10 µs a node.
            facts[path] = NodeFacts(type=node.node.type, inputs={}, outputs={}, summary=summary, views=[])
            continue
        sight, times = judged.sights.get(path), judged.times(node.loop) if node.loop else 1
        facts[path] = NodeFacts(
            type=node.node.type,
            inputs=found.input_texts,
            outputs=found.output_texts,
            parameters=found.parameters,
            trainable_parameters=found.parameters if node.trainable else 0,
            macs=found.macs * times,
            flops=2 * found.macs * times,
            activation_bytes=found.activation_bytes * times,
            receptive_field=sight.shown() if sight is not None else None,
            numbers=found.numbers,
            summary=found.summary,
            views=found.plane_views if points else found.views,
        )
        if found.fault is None:
            inside = node.parent
            while inside:
                sums[inside].add(node, found, times)
                inside = flat.instances[inside].parent
    for path, instance in flat.instances.items():
        totals = sums[path]
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
        facts[path] = NodeFacts(
            type="block",
            inputs=at_ports,
            outputs=outputs,
            parameters=totals.parameters,
            trainable_parameters=totals.trainable_parameters,
            macs=totals.macs,
            flops=2 * totals.macs,
            activation_bytes=totals.activation_bytes,
            receptive_field=sight.shown() if sight is not None else None,
            summary=_summary(instance),
        )
    if judged.idle is not None:
        facts |= _idle_facts(judged, judged.idle)
    return facts


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
