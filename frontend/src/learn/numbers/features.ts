/** A straight classifier on features of one's choice (M-014, L-083; notes 0:252, 2:236). No React. */
import { chance, softmax } from "../../explain/arithmetic";
import { type Classifier, classifierStep, type Example } from "./classify";
import { apply } from "./matrix";

export type Cloud = "ring" | "corners" | "halves";

export interface Sample {
  x: number;
  y: number;
  truth: 0 | 1;
}

/** Points in [−1, 1]²: a disc in a ring, opposite corners, or two halves; always the same. */
export function cloud(kind: Cloud, count: number, seed: number): Sample[] {
  const next = chance(seed);
  return Array.from({ length: count }, () => {
    const [x, y] = [2 * next() - 1, 2 * next() - 1];
    const inside = kind === "ring" ? x * x + y * y < 0.5 : kind === "corners" ? x * y > 0 : x + 0.5 * y > 0;
    return { x, y, truth: inside ? 1 : 0 };
  });
}

export const FEATURES = {
  x: (x: number, _y: number) => x,
  y: (_x: number, y: number) => y,
  xx: (x: number, _y: number) => x * x,
  yy: (_x: number, y: number) => y * y,
  xy: (x: number, y: number) => x * y,
} as const;
export type Feature = keyof typeof FEATURES;

export interface Parted {
  accuracy: number;
  /** The share that class 1 has at a place. */
  share: (x: number, y: number) => number;
}

/** Logistic regression by plain descent on these features. */
export function parted(samples: readonly Sample[], features: readonly Feature[], steps: number): Parted {
  const of = (x: number, y: number) => features.map((name) => FEATURES[name](x, y));
  const examples: Example[] = samples.map(({ x, y, truth }) => ({ x: of(x, y), truth }));
  let model: Classifier = { w: [features.map(() => 0), features.map(() => 0)], b: [0, 0] };
  for (let step = 0; step < steps; step++) model = classifierStep(model, examples, 3).next;
  const share = (x: number, y: number) =>
    softmax(apply(model.w, of(x, y)).map((score, at) => score + (model.b[at] ?? 0)))[1] ?? 0;
  const right = samples.filter(({ x, y, truth }) => (share(x, y) > 0.5 ? 1 : 0) === truth).length;
  return { accuracy: right / samples.length, share };
}
