/** What of the open board can be looked at, and which tabs that makes. */

import { useEffect, useMemo } from "react";
import { useCatalogue } from "../state/catalogue";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { choose, useChoice } from "../state/runChoice";
import { useCurrentRun } from "../state/runHooks";
import { type Kind, type Watchable, watchable, wishFor } from "../state/runViews";
import { useLevel, useSelection } from "../state/selection";

export type Tab =
  | "overview"
  | "neurons"
  | "activations"
  | "filters"
  | "attention"
  | "states"
  | "statistics"
  | "predictions"
  | "threshold"
  | "terrain"
  | "fit"
  | "numbers"
  | "layers"
  | "step"
  | "ask"
  | "verdict"
  | "costs";

type Apart = "overview" | "layers" | "step" | "ask" | "verdict" | "costs";

/** What each tab that shows views of nodes shows. */
export const KINDS: Readonly<Record<Exclude<Tab, Apart>, readonly Kind[]>> = {
  neurons: ["neurons", "flat"],
  activations: ["maps", "winners", "flat"],
  filters: ["filters"],
  attention: ["attention"],
  states: ["states", "gates"],
  statistics: ["statistics", "through"],
  predictions: ["boxes", "confusion", "plane", "choice"],
  threshold: ["threshold"],
  fit: ["fit"],
  terrain: ["terrain"],
  numbers: ["numbers"],
};

export function useWatchable(): Watchable[] {
  const document = useDocument((state) => state.document);
  const nodes = useFacts((state) => state.nodes);
  const layers = useCatalogue((state) => state.layers);
  const titles = useMemo(() => ({ nodes: document.nodes, blocks: document.blocks }), [document.nodes, document.blocks]);
  return useMemo(() => watchable(titles, nodes, layers), [titles, nodes, layers]);
}

/**
 * The focused node if it has one of these views; else the first that has, but of attentions the last: deep in a network
 * they have found what the task is about.
 */
export function nodeFor(nodes: readonly Watchable[], kinds: readonly Kind[], focus: string | null): Watchable | null {
  const fitting = nodes.filter((node) => node.kinds.some((kind) => kinds.includes(kind)));
  const usual = kinds.includes("attention") ? fitting.at(-1) : fitting[0];
  return fitting.find(({ path }) => path === focus) ?? usual ?? null;
}

/**
 * Only what this board has: a board of points shows neurons over the plane, where maps of a vector would say less.
 * `stepping`: a run stands still, and its steps can be taken part by part.
 */
export function tabsOf(nodes: readonly Watchable[], stepping = false): Tab[] {
  const has = (kind: Kind) => nodes.some(({ kinds }) => kinds.includes(kind));
  const tabs: Tab[] = ["overview"];
  if (has("neurons")) tabs.push("neurons");
  else if (has("maps")) tabs.push("activations");
  if (has("filters")) tabs.push("filters");
  if (has("attention")) tabs.push("attention");
  if (has("states")) tabs.push("states");
  if (KINDS.statistics.some(has)) tabs.push("statistics");
  if (KINDS.predictions.some(has)) tabs.push("predictions");
  if (has("threshold")) tabs.push("threshold");
  if (has("fit")) tabs.push("fit");
  if (has("terrain")) tabs.push("terrain");
  if (has("numbers")) tabs.push("numbers");
  if (nodes.some(({ facts }) => facts.trainable_parameters > 0)) tabs.push("layers");
  if (stepping) tabs.push("step");
  if (has("samples") && nodes.some(({ facts }) => "loss" in facts.outputs)) tabs.push("ask", "verdict");
  tabs.push("costs");
  return tabs;
}

/** A node that is clicked on the canvas is the one that is enlarged; of a block, the first node in it. */
export function useFocusFollowsCanvas(nodes: readonly Watchable[]): void {
  const selected = useSelection((state) => (state.nodes.size === 1 ? [...state.nodes][0] : undefined));
  useEffect(() => {
    if (selected === undefined) return;
    const path = useLevel.getState().prefix + selected;
    const found =
      nodes.find((node) => node.path === path) ?? nodes.find((node) => node.path.startsWith(`${path}/`)) ?? null;
    if (found && found.path !== useChoice.getState().focus) choose({ focus: found.path });
  }, [selected, nodes]);
}

/** Seconds between pictures that are kept for later. */
const KEPT_EVERY = 15;
/** The loss over weights calls the network hundreds of times: only for somebody who looks. */
const isKept = (kind: Kind) => kind !== "terrain";
/** Beyond this many nodes, only what is on the screen is asked for. */
const MOST_KEPT = 60;

/**
 * Asks, seldom, for every view of the board: a run draws what is asked for once more when it ends, so that each tab has
 * something to show afterwards, also one that was not open.
 */
export function useKept(nodes: readonly Watchable[]): void {
  const run = useCurrentRun();
  const sample = useChoice((choice) => choice.sample);
  useEffect(() => {
    if (!run) return;
    const watchers = nodes
      .slice(0, MOST_KEPT)
      .flatMap(({ path, kinds }) =>
        kinds.filter(isKept).map((kind) => ({ ...wishFor(kind, path, sample), rate: 1 / KEPT_EVERY })),
      )
      .map((wish) => run.watching.add(wish));
    return () => {
      for (const watcher of watchers) watcher.remove();
    };
  }, [run, nodes, sample]);
}
