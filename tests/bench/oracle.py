"""Holds 10,000 random boards to torch: types on every wire, parameters, multiply-adds.

`python -m tests.bench.oracle` prints a row, ``row | asked | got``; ``--boards`` and ``--seed`` take others.
"""

from __future__ import annotations

import argparse
import random
import time
import warnings

from tests.graph.test_oracle import agree, grown

FIRST = 1_000_000
"""The first board's seed: others than those of the test."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boards", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=FIRST)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths")
    wrong: list[int] = []
    nodes = blocks = 0
    start = time.perf_counter()
    for seed in range(arguments.seed, arguments.seed + arguments.boards):
        document = grown(random.Random(seed))
        nodes += len(document.nodes)
        blocks += bool(document.blocks)
        try:
            agree(document)
        except Exception as error:  # whatever goes wrong with a board is what is looked for
            wrong.append(seed)
            print(f"board {seed}: {type(error).__name__}: {str(error).strip().splitlines()[0][:300]}", flush=True)
    seconds = time.perf_counter() - start
    print(
        f"random boards on which rules and torch disagree | 0 of {arguments.boards:,} | {len(wrong)} of "
        f"{arguments.boards:,} ({nodes:,} nodes, {blocks:,} boards with blocks, {seconds:,.0f} s)",
        flush=True,
    )
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
