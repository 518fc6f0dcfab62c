/** Splits of data, and samples against parameters (notes 1:238-256, 2:78, 2:234-238). No React. */

/** How many samples each share gets: whole, and all of them together; the first takes what rounding leaves. */
export function splitCounts(samples: number, shares: readonly number[]): number[] {
  const sum = shares.reduce((a, b) => a + b, 0) || 1;
  const counts = shares.map((share) => Math.floor((samples * share) / sum + 1e-9));
  const given = counts.reduce((a, b) => a + b, 0);
  return counts.map((count, at) => (at === 0 ? count + samples - given : count));
}

/** The least difference in accuracy that a test of `samples` shows: two standard errors of a share. */
export const noticeable = (accuracy: number, samples: number): number =>
  2 * Math.sqrt((accuracy * (1 - accuracy)) / samples);

/** The notes' rule of thumb for pictures. */
export const PER_CLASS = 3000;

export interface Sufficiency {
  /** Samples for each parameter. */
  ratio: number;
  /** Samples that are missing to the rule of thumb. */
  missing: number;
  verdict: "plenty" | "fair" | "few";
}

export function sufficiency(classes: number, perClass: number, parameters: number): Sufficiency {
  const ratio = (classes * perClass) / parameters;
  return {
    ratio,
    missing: Math.max(0, PER_CLASS - perClass) * classes,
    verdict: ratio >= 10 && perClass >= PER_CLASS ? "plenty" : ratio >= 1 ? "fair" : "few",
  };
}

/** MSE, its root, and the mean absolute error of answers against the truth. */
export function misses(truth: readonly number[], said: readonly number[]): { mse: number; rmse: number; mae: number } {
  const off = truth.map((value, at) => (said[at] ?? 0) - value);
  const mse = off.reduce((sum, each) => sum + each * each, 0) / off.length;
  return { mse, rmse: Math.sqrt(mse), mae: off.reduce((sum, each) => sum + Math.abs(each), 0) / off.length };
}

/** 2PR/(P + R); 0 where nothing is found. */
export const f1 = (precision: number, recall: number): number =>
  precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
