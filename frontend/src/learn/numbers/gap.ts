/** Bias, variance and what a person reaches (M-004, V-002, V-003): which of them is the larger gap. */

export interface Gap {
  /** Errors as shares of one, or losses. */
  train: number;
  validation: number;
  /** What a person, or the best that is known, reaches: the least error that can be hoped for. */
  human: number;
  avoidable: number;
  variance: number;
  verdict: "fine" | "bias" | "variance" | "both" | "beyond" | "lucky";
}

/** Below this share of the larger error a gap is nothing to work on; of errors, not below half a point either. */
const SLIGHT = 0.1;
const HALF_A_POINT = 0.005;

/**
 * Avoidable bias: training error − human error. Variance: validation error − training error. `shares`: they are errors
 * between 0 and 1.
 */
export function gapOf(train: number, validation: number, human: number, shares: boolean): Gap {
  const [avoidable, variance] = [train - human, validation - train];
  const slight = Math.max(SLIGHT * Math.max(train, validation), shares ? HALF_A_POINT : 1e-9);
  const [biased, varied] = [avoidable > slight, variance > slight];
  const verdict =
    biased && varied
      ? avoidable >= 2 * variance
        ? "bias"
        : variance >= 2 * avoidable
          ? "variance"
          : "both"
      : biased
        ? "bias"
        : varied
          ? "variance"
          : avoidable < -slight
            ? "beyond"
            : variance < -slight
              ? "lucky"
              : "fine";
  return { train, validation, human, avoidable, variance, verdict };
}
