"""Trains a board as ``chalknet train`` does, in a process of its own, and tells what the weights became.

``python -m tests.accept._learned BOARD SEED CACHE`` prints one JSON object: ``accuracy`` on the test part, ``weights``
(SHA-256 of every tensor of the network, by name), and ``heads``: for every attention head, by path and number, how much
it looks at the mirrored place, mean over the real tokens of the test part (1: at nothing else), and for how many of
them it looks there most.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import torch

from chalknet import wire
from chalknet.graph.document import read
from chalknet.training.loop import loop
from chalknet.training.plan import Plan, plan


def digest(module: torch.nn.Module) -> str:
    """The same for the same weights, to the last bit."""
    found = hashlib.sha256()
    for name, values in sorted(module.state_dict().items()):
        found.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        found.update(values.contiguous().numpy().tobytes())
    return found.hexdigest()


def mirrored(planned: Plan) -> dict[str, dict[str, float]]:
    """Of every self-attention head over sequences with a mask, its weight on place L − 1 − t seen from place t."""
    compiled = planned.compiled
    compiled.module.eval()
    heads = {}
    for path, node in compiled.flat.nodes.items():
        if node.layer is None or node.layer.type != "attention":
            continue
        sources = compiled.sources(path)
        inputs = compiled.select([sources["x"][0], sources["mask"][0]])
        (data,) = planned.test.values()
        given = data.rows(slice(0, data.count))
        with torch.no_grad():
            x, mask = inputs(*[given[value] for value in compiled.inputs])
            weights = compiled.modules[path].weights(x, None, mask)  # (B, h, T, T)
        length = mask.sum(1, keepdim=True)
        place = (length - 1 - torch.arange(mask.shape[1])).clamp(min=0)  # (B, T)
        there = weights.gather(3, place[:, None, :, None].expand(-1, weights.shape[1], -1, 1)).squeeze(3)
        most = weights.argmax(3) == place[:, None]
        # Where a word has one letter there is nothing to choose.
        counted = mask & (length > 1)
        for head in range(weights.shape[1]):
            heads[f"{path}, head {head + 1}"] = {
                "weight": float(there[:, head][counted].mean()),
                "most": float(most[:, head][counted].float().mean()),
            }
    return heads


def main() -> None:
    board, seed, cache = sys.argv[1:]
    planned = plan(read(Path(board).read_bytes()), seed=int(seed), test="at_end", cache=Path(cache))
    ends = [event for event in loop(planned) if isinstance(event, wire.End)]
    told = {
        "accuracy": ends[-1].metrics["test.accuracy"],
        "weights": digest(planned.compiled.module),
        "heads": mirrored(planned),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
