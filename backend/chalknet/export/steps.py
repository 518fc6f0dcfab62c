"""A block that runs over time as a loop: one call a step, the states handed on from each to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalknet.export.lines import commented, shape
from chalknet.export.names import Names
from chalknet.export.wiring import Wiring
from chalknet.graph.flat import Instance
from chalknet.layers.base import TensorType
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
    masks = [name for port, name in cut.items() if port in instance.masks]
    collected, latest = {}, {}
    read = {wire.source for _, wire in flat.all_wires()}
    for path, result in zip(instance.outputs.values(), results, strict=True):
        layer = wiring.layer(path)
        assert isinstance(layer, StepOutput)
        if path not in read:
            continue
        if layer.give == "every":
            collected[result] = (names(f"{result}_steps"), shape(flat.types[path]["y"]))
        elif masks:
            latest[result] = names(f"{result}_now")
            lines.append(f"{result} = {_zeros(flat.types[path]['y'], first)}")
    lines += [f"{name} = []" for name, _ in collected.values()]
    sequences = [f"{arriving[port]}.unbind(1)" for port in cut]
    steps = sequences[0] if len(sequences) == 1 else f"zip({', '.join(sequences)})"
    lines.append(f"for {', '.join(cut.values())} in {steps}:")
    given = [cut.get(port) or states.get(port) or arriving[port] for port in ports]
    inside = [flat.types[wire.source][wire.out] for p in instance.outputs.values() for wire in flat.wires[p]["x"]]
    made = [latest.get(result, result) for result in results]
    shapes = ", ".join(map(shape, inside))
    lines.append(commented(f"    {', '.join(made)} = self.{own}({', '.join(given)})", shapes))
    ranks = {name: len(kind.axes) for name, kind in zip(made, inside, strict=True)}
    counts = f"({' & '.join(masks)})" if len(masks) > 1 else "".join(masks)

    def counted(name: str) -> str:
        return f"{counts}{'[:, ' + ', '.join(['None'] * ranks[name]) + ']' if ranks[name] else ''}"

    named = dict(zip(instance.outputs, made, strict=True))
    fed = {name: named[instance.states[port]] for port, name in states.items() if instance.states[port] in named}
    if masks:  # where a step does not count, a state stays as it is
        lines += [f"    {name} = torch.where({counted(new)}, {new}, {name})" for name, new in fed.items()]
        lines += [f"    {result} = torch.where({counted(new)}, {new}, {result})" for result, new in latest.items()]
    elif fed:
        lines.append(f"    {', '.join(fed)} = {', '.join(fed.values())}")
    for result, (name, _) in collected.items():
        lines.append(f"    {name}.append({result}{f'.masked_fill(~{counted(result)}, 0)' if masks else ''})")
    lines += [commented(f"{result} = torch.stack({name}, 1)", kind) for result, (name, kind) in collected.items()]
    return lines


def _zeros(kind: TensorType, like: str) -> str:
    """What the last step gives where none counts."""
    of = {"index": ", dtype=torch.long", "bool": ", dtype=torch.bool"}.get(kind.element, "")
    return f"torch.zeros({', '.join([f'len({like})', *map(str, kind.shape)])}{of}, device={like}.device)"
