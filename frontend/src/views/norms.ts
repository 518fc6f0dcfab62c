/** How large gradients, weights and updates are by layer, over the run: the frame `norms` taken apart. */

import { type Frame, floatsOf, integersOf } from "../state/runFrames";

export const MEASURES = ["gradient", "weights", "update"] as const;
export type Measure = (typeof MEASURES)[number];

/** What is wrong with a layer's newest number, if something is. */
export type Alarm = "fading" | "exploding" | "still" | "hasty" | null;

export interface LayerRow {
  node: string;
  /** Over the run, the newest last. */
  values: number[];
  alarm: Alarm;
}

/** A gradient that is so many times smaller than the largest of all layers fades on its way back. */
const FADES = 1e-4;
const EXPLODES = 100;
/** Updates that change weights by less, or by more, of their size. */
const [STILL, HASTY] = [1e-7, 0.3];

const alarmOf = (measure: Measure, value: number, largest: number): Alarm => {
  if (measure === "gradient") return value > EXPLODES ? "exploding" : value < FADES * largest ? "fading" : null;
  if (measure === "update") return value > HASTY ? "hasty" : value < STILL ? "still" : null;
  return null;
};

export function layersOf(frame: Frame, measure: Measure): { rows: LayerRow[]; steps: number[] } {
  const nodes = (frame.header.about as { nodes?: string[] }).nodes ?? [];
  const norms = floatsOf(frame, "norms")?.data;
  const steps = [...(integersOf(frame, "steps")?.data ?? [])];
  const at = MEASURES.indexOf(measure);
  if (!norms || steps.length === 0) return { rows: [], steps: [] };
  const rows = nodes.map((node, place) => ({
    node,
    values: steps.map((_, row) => norms[(row * nodes.length + place) * MEASURES.length + at] as number),
  }));
  const largest = Math.max(...rows.map(({ values }) => values.at(-1) as number));
  return {
    rows: rows.map((row) => ({ ...row, alarm: alarmOf(measure, row.values.at(-1) as number, largest) })),
    steps,
  };
}

/** Each number's place between the least and the most of all rows, on a scale of powers of ten: bytes. */
export function heat(rows: readonly LayerRow[]): Uint8Array[] {
  const logs = rows.map(({ values }) => values.map((value) => Math.log10(Math.max(value, 1e-12))));
  const all = logs.flat();
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return logs.map((row) => Uint8Array.from(row, (value) => Math.round((255 * (value - low)) / (high - low || 1))));
}
