import { useEffect, useMemo, useState } from "react";
import { useFacts } from "../../state/facts";
import { useLevel, useSelection } from "../../state/selection";
import type { NodeFacts } from "../../wire/types";

/** A block's ports only pass on, and a block is what is in it. */
const PASSING: ReadonlySet<string> = new Set(["block", "block_input", "block_output"]);

/**
 * The node that is looked at: the one chosen here, or the one selected on the canvas since; at first the last that
 * `usual` says. Only nodes that `fits` are offered.
 */
export function useLayer(
  fits: (facts: NodeFacts) => boolean,
  usual: (facts: NodeFacts) => boolean,
): { paths: string[]; path: string; choose: (path: string) => void } {
  const nodes = useFacts((state) => state.nodes);
  const paths = useMemo(
    () => Object.keys(nodes).filter((path) => !PASSING.has(nodes[path]?.type ?? "") && fits(nodes[path] as NodeFacts)),
    [nodes, fits],
  );
  const [chosen, choose] = useState("");
  const selected = useSelection((state) => (state.nodes.size === 1 ? [...state.nodes][0] : undefined));
  const prefix = useLevel((level) => level.prefix);
  useEffect(() => {
    if (selected !== undefined) choose(prefix + selected);
  }, [selected, prefix]);
  const path = paths.includes(chosen)
    ? chosen
    : (paths.find((each) => each.startsWith(`${chosen}/`) && chosen !== "") ??
      paths.findLast((each) => usual(nodes[each] as NodeFacts)) ??
      // A loss says least of a sample.
      paths.findLast((each) => !("loss" in (nodes[each]?.outputs ?? {}))) ??
      paths.at(-1) ??
      "");
  return { paths, path, choose };
}
