"""A block that runs over time as a loop: one call a step, the states handed on from each to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalknet.export.lines import commented, shape
from chalknet.export.names import Names
from chalknet.export.wiring import Wiring
from chalknet.graph.flat import Instance
from chalknet.layers.over_time import StateInput, StepOutput


def over_time(
    wiring: Wiring, instance: Instance, own: str, results: Sequence[str], arriving: Mapping[str, str], names: Names
) -> list[str]:
    """The lines that run an instance. ``own`` is its module, ``results`` are the names of what it gives, ``arriving``
    is what stands at its ports."""
    flat = wiring.flat
    ports = [port for port, inner in instance.inputs.items() if inner[0] in flat.nodes]
    cut = {port: names(f"{own}_{port}") for port in ports if port in instance.cut}
    states = {port: names(f"{own}_{port}") for port in ports if port in instance.states}
    first = arriving[instance.cut[0]]
    lines = []
    for port, name in states.items():
        layer = wiring.layer(instance.inputs[port][0])
        assert isinstance(layer, StateInput)
        zeros = f"torch.zeros(len({first}), {layer.units}, device={first}.device)"
        lines.append(f"{name} = {arriving.get(port, zeros)}")
    collected = {}
    read = {wire.source for _, wire in flat.all_wires()}
    for path, result in zip(instance.outputs.values(), results, strict=True):
        layer = wiring.layer(path)
        assert isinstance(layer, StepOutput)
        if layer.give == "every" and path in read:
            collected[result] = (names(f"{result}_steps"), shape(flat.types[path]["y"]))
    lines += [f"{name} = []" for name, _ in collected.values()]
    sequences = [f"{arriving[port]}.unbind(1)" for port in cut]
    steps = sequences[0] if len(sequences) == 1 else f"zip({', '.join(sequences)})"
    lines.append(f"for {', '.join(cut.values())} in {steps}:")
    given = [cut.get(port) or states.get(port) or arriving[port] for port in ports]
    inside = [
        shape(flat.types[wire.source][wire.out]) for p in instance.outputs.values() for wire in flat.wires[p]["x"]
    ]
    lines.append(commented(f"    {', '.join(results)} = self.{own}({', '.join(given)})", ", ".join(inside)))
    named = dict(zip(instance.outputs, results, strict=True))
    fed = {name: named[instance.states[port]] for port, name in states.items() if instance.states[port] in named}
    if fed:
        lines.append(f"    {', '.join(fed)} = {', '.join(fed.values())}")
    lines += [f"    {name}.append({result})" for result, (name, _) in collected.items()]
    lines += [commented(f"{result} = torch.stack({name}, 1)", kind) for result, (name, kind) in collected.items()]
    return lines
