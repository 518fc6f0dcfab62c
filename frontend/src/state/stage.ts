/** A step that is taken part by part: what flows along every wire and back, and what the update does. */

import { useEffect } from "react";
import { create } from "zustand";
import type { StepPart, Subscription } from "../wire/types";
import { type Frame, floatsOf } from "./runFrames";
import { useCurrentRun, useSummary } from "./runHooks";
import { keyOf } from "./runWatch";

export type Part = "" | Exclude<StepPart, "whole">;

/** Mean, spread, least and most over a batch. */
export interface Spread {
  mean: number;
  std: number;
  least: number;
  most: number;
}

export interface Flow {
  value: Spread;
  /** The slope of the loss there; null before it came back, and where none does. */
  slope: Spread | null;
}

/** What an update did to a node's weights: `share` of their size, or of a single number what it was and is. */
export interface Change {
  share: number;
  single: { before: number; after: number } | null;
  gradient: number;
}

interface StageState {
  /** What was done last; empty where no step is looked at. */
  part: Part;
  /** The phase of the recipe, where there are several. */
  phase: string;
  /** Counted from 1. */
  step: number;
  /** By `node|port`. */
  flows: ReadonlyMap<string, Flow>;
  /** By node, and of a block all that is in it. */
  changes: ReadonlyMap<string, Change>;
  /** Nodes in the order in which they are computed. */
  nodes: readonly string[];
}

const NOTHING: StageState = { part: "", phase: "", step: 0, flows: new Map(), changes: new Map(), nodes: [] };

export const useStage = create<StageState>(() => NOTHING);

const WISH: Subscription = { view: "stage", node: "", rate: 30 };

interface About {
  part: Part;
  phase?: string;
  step?: number;
  ports?: [node: string, port: string][];
  parameters?: { node: string; name: string; numbers: number; before?: number; after?: number }[];
}

const spreadAt = (data: Float32Array, row: number): Spread | null => {
  const [mean, std, least, most] = data.subarray(4 * row, 4 * row + 4) as unknown as [number, number, number, number];
  return Number.isNaN(mean) ? null : { mean, std, least, most };
};

/** A frame of the view `stage`. */
export function stageOf(frame: Frame): StageState {
  const about = frame.header.about as unknown as About;
  const [values, slopes, weights] = ["values", "slopes", "weights"].map((name) => floatsOf(frame, name)?.data);
  if (!about.part || !values || !slopes || !weights) return NOTHING;
  const flows = new Map<string, Flow>();
  for (const [row, [node, port]] of (about.ports ?? []).entries()) {
    const value = spreadAt(values, row);
    if (value) flows.set(`${node}|${port}`, { value, slope: spreadAt(slopes, row) });
  }
  const sums = new Map<string, { before: number; gradient: number; change: number; single: Change["single"] }>();
  const parameters = about.parameters ?? [];
  for (const [row, { node, before: was, after: is }] of parameters.entries()) {
    const [before, gradient, change] = weights.subarray(4 * row, 4 * row + 3) as unknown as [number, number, number];
    const parts = node.split("/");
    for (const depth of parts.keys()) {
      const path = parts.slice(0, depth + 1).join("/");
      const sum = sums.get(path);
      sums.set(path, {
        before: (sum?.before ?? 0) + before ** 2,
        gradient: (sum?.gradient ?? 0) + gradient ** 2,
        change: (sum?.change ?? 0) + change ** 2,
        single: !sum && was !== undefined && is !== undefined ? { before: was, after: is } : null,
      });
    }
  }
  const changes = new Map<string, Change>();
  for (const [path, { before, gradient, change, single }] of sums)
    changes.set(path, { share: Math.sqrt(change / (before || 1)), gradient: Math.sqrt(gradient), single });
  const nodes = [...new Set((about.ports ?? []).map(([node]) => node))];
  return { part: about.part, phase: about.phase ?? "", step: about.step ?? 0, flows, changes, nodes };
}

/** Looks at the current run's steps while it stands still; mounted once. */
export function useStageOfRun(): void {
  const run = useCurrentRun();
  const still = useSummary()?.state === "paused";
  useEffect(() => {
    if (!run || !still) return;
    const watcher = run.watching.add(WISH, true);
    const forget = run.frames.listen(keyOf(WISH), () => {
      const frame = run.frames.get(keyOf(WISH));
      if (frame) useStage.setState(stageOf(frame), true);
    });
    return () => {
      watcher.remove();
      forget();
      useStage.setState(NOTHING, true);
    };
  }, [run, still]);
}
