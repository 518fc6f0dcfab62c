/** Dropout as an ensemble: every network that comes of leaving units out, and what they answer on average (notes 3:128-141). */
import { dot } from "./matrix";

export interface SubNetwork {
  /** true: this unit is there. */
  kept: boolean[];
  /** How often dropout draws it. */
  chance: number;
  output: number;
}

/**
 * All 2ⁿ networks of hidden units `hidden` with output weights `w` and bias `b`, units dropped with `rate`; kept ones
 * are divided by 1 − rate, as inverted dropout does.
 */
export function subNetworks(hidden: readonly number[], w: readonly number[], b: number, rate: number): SubNetwork[] {
  return Array.from({ length: 2 ** hidden.length }, (_, mask) => {
    const kept = hidden.map((_unit, at) => (mask & (1 << at)) !== 0);
    const there = kept.filter(Boolean).length;
    return {
      kept,
      chance: (1 - rate) ** there * rate ** (hidden.length - there),
      output:
        b +
        dot(
          hidden.map((value, at) => (kept[at] ? value / (1 - rate) : 0)),
          w,
        ),
    };
  });
}

/** What they answer on average, each as often as it is drawn. */
export const meanOutput = (networks: readonly SubNetwork[]): number =>
  networks.reduce((sum, { chance, output }) => sum + chance * output, 0);

/** How far their answers lie apart. */
export function spreadOutput(networks: readonly SubNetwork[]): number {
  const mean = meanOutput(networks);
  return Math.sqrt(networks.reduce((sum, { chance, output }) => sum + chance * (output - mean) ** 2, 0));
}
