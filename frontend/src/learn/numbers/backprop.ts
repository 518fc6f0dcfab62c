/** Two small networks with every gradient written out (notes 0:316-336, 1:63-94). No React. */
import { GATES, softmax } from "../../explain/arithmetic";
import { apply, type Matrix, transpose } from "./matrix";

const plus = (a: readonly number[], b: readonly number[]) => a.map((value, at) => value + (b[at] ?? 0));
const outer = (a: readonly number[], b: readonly number[]) => a.map((value) => b.map((other) => value * other));

export interface TwoLayers {
  w1: Matrix;
  b1: readonly number[];
  w2: Matrix;
  b2: readonly number[];
}

export interface ReluPass {
  z: number[];
  h: number[];
  scores: number[];
  shares: number[];
  loss: number;
  /** By scores, hidden units, and what goes into them. */
  dScores: number[];
  dH: number[];
  dZ: number[];
  dW2: number[][];
  dB2: number[];
  dW1: number[][];
  dB1: number[];
}

/** x → W₁x + b₁ → ReLU → W₂h + b₂ → softmax → −ln p_truth (C-044). */
export function reluPass({ w1, b1, w2, b2 }: TwoLayers, x: readonly number[], truth: number): ReluPass {
  const z = plus(apply(w1, x), b1);
  const h = z.map(GATES.relu);
  const scores = plus(apply(w2, h), b2);
  const shares = softmax(scores);
  const dScores = shares.map((p, at) => p - (at === truth ? 1 : 0));
  const dH = apply(transpose(w2), dScores);
  const dZ = dH.map((slope, at) => ((z[at] ?? 0) > 0 ? slope : 0));
  return {
    z,
    h,
    scores,
    shares,
    loss: -Math.log(shares[truth] ?? 1),
    dScores,
    dH,
    dZ,
    dW2: outer(dScores, h),
    dB2: dScores,
    dW1: outer(dZ, x),
    dB1: dZ,
  };
}

export interface SigmoidPass {
  alpha: number[];
  b: number[];
  beta: number[];
  y: number[];
  loss: number;
  /** The notes' g and e: what is *taken off* the weights points the other way, so they are minus the slopes by β and α. */
  g: number[];
  e: number[];
  dW2: number[][];
  dB2: number[];
  dW1: number[][];
  dB1: number[];
}

/** x → σ(W₁x + b₁) → σ(W₂b + b₂) → ½Σ(ŷ − y)² (C-045, A-009). */
export function sigmoidPass(
  { w1, b1, w2, b2 }: TwoLayers,
  x: readonly number[],
  wanted: readonly number[],
): SigmoidPass {
  const alpha = plus(apply(w1, x), b1);
  const b = alpha.map(GATES.sigmoid);
  const beta = plus(apply(w2, b), b2);
  const y = beta.map(GATES.sigmoid);
  const off = y.map((value, at) => value - (wanted[at] ?? 0));
  const g = y.map((value, at) => -(off[at] ?? 0) * value * (1 - value));
  const e = apply(transpose(w2), g).map((sum, at) => (b[at] ?? 0) * (1 - (b[at] ?? 0)) * sum);
  const minus = (values: readonly number[]) => values.map((value) => -value);
  return {
    alpha,
    b,
    beta,
    y,
    loss: off.reduce((sum, value) => sum + (value * value) / 2, 0),
    g,
    e,
    dW2: outer(minus(g), b),
    dB2: minus(g),
    dW1: outer(minus(e), x),
    dB1: minus(e),
  };
}

/** θ − rate · gradient, for a matrix. */
export const stepped = (w: Matrix, slope: Matrix, rate: number): number[][] =>
  w.map((row, r) => row.map((value, c) => value - rate * (slope[r]?.[c] ?? 0)));
