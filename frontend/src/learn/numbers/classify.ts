/** From scores to probabilities and their losses (notes 0:121-217). No React. */
import { softmax } from "../../explain/arithmetic";
import { apply, type Matrix } from "./matrix";

/** Each score by their sum: probabilities only where no score is negative. */
export function shareOf(scores: readonly number[]): number[] {
  const sum = scores.reduce((a, b) => a + b, 0);
  return scores.map((score) => score / sum);
}

/** Σ over wrong classes of max(0, s − s_true + margin) (notes 2:52). */
export function hinge(scores: readonly number[], truth: number, margin = 1): { parts: number[]; loss: number } {
  const right = scores[truth] ?? 0;
  const parts = scores.map((score, at) => (at === truth ? 0 : Math.max(0, score - right + margin)));
  return { parts, loss: parts.reduce((a, b) => a + b, 0) };
}

export interface Classifier {
  /** [classes, features]. */
  w: Matrix;
  b: readonly number[];
}

export interface Example {
  x: readonly number[];
  truth: number;
}

export interface ClassifierStep {
  scores: number[][];
  shares: number[][];
  /** −ln of the true class's share, one an example. */
  errors: number[];
  loss: number;
  /** Share − 1 at the true class: the gradient of an example's error by its scores. */
  deltas: number[][];
  gradient: { w: number[][]; b: number[] };
  next: { w: number[][]; b: number[] };
}

/** One step of gradient descent on the mean cross-entropy (C-042, C-043; notes 0:169-217). */
export function classifierStep({ w, b }: Classifier, examples: readonly Example[], rate: number): ClassifierStep {
  const scores = examples.map(({ x }) => apply(w, x).map((score, at) => score + (b[at] ?? 0)));
  const shares = scores.map(softmax);
  const errors = shares.map((share, at) => -Math.log(share[examples[at]?.truth ?? 0] ?? 1));
  const deltas = shares.map((share, at) => share.map((p, k) => p - (k === examples[at]?.truth ? 1 : 0)));
  const mean = (of: (example: Example, delta: readonly number[]) => number) =>
    examples.reduce((sum, example, at) => sum + of(example, deltas[at] ?? []), 0) / examples.length;
  const gradient = {
    w: w.map((row, k) => row.map((_, j) => mean(({ x }, delta) => (delta[k] ?? 0) * (x[j] ?? 0)))),
    b: b.map((_, k) => mean((_example, delta) => delta[k] ?? 0)),
  };
  return {
    scores,
    shares,
    errors,
    loss: errors.reduce((a, c) => a + c, 0) / errors.length,
    deltas,
    gradient,
    next: {
      w: w.map((row, k) => row.map((value, j) => value - rate * (gradient.w[k]?.[j] ?? 0))),
      b: b.map((value, k) => value - rate * (gradient.b[k] ?? 0)),
    },
  };
}
