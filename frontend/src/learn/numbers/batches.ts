/** A line y = a·x + b learned with all samples at once, with a few, and with one (T-001…T-003; notes 1:112-140). */
import { chance } from "../../explain/arithmetic";
import { gaussian } from "./starts";

export type Point = readonly [number, number];

/** Points beside y = 1.5x − 0.5, always the same. */
export function noisyLine(count: number, noise: number, seed: number): Point[] {
  const next = chance(seed);
  const draw = gaussian(next);
  return Array.from({ length: count }, () => {
    const x = 4 * next() - 2;
    return [x, 1.5 * x - 0.5 + noise * draw()] as const;
  });
}

/** ½ the mean squared error of a line over points. */
export const lineLoss = (points: readonly Point[], a: number, b: number): number =>
  points.reduce((sum, [x, y]) => sum + (a * x + b - y) ** 2, 0) / (2 * points.length);

export function lineGradient(points: readonly Point[], a: number, b: number): [number, number] {
  let [da, db] = [0, 0];
  for (const [x, y] of points) {
    da += (a * x + b - y) * x;
    db += a * x + b - y;
  }
  return [da / points.length, db / points.length];
}

export interface Visit {
  a: number;
  b: number;
  /** Samples that were looked at until here. */
  seen: number;
}

/** Every place on the way; each epoch looks at every sample once, in a new order, `size` at a time. */
export function batchWay(
  points: readonly Point[],
  size: number,
  rate: number,
  epochs: number,
  start: readonly [number, number],
  seed: number,
): Visit[] {
  const next = chance(seed);
  const way: Visit[] = [{ a: start[0], b: start[1], seen: 0 }];
  let [a, b] = start;
  let seen = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = [...points];
    for (let at = order.length - 1; at > 0; at--) {
      const other = Math.floor(next() * (at + 1));
      [order[at], order[other]] = [order[other] as Point, order[at] as Point];
    }
    for (let at = 0; at < order.length; at += size) {
      const batch = order.slice(at, at + size);
      const [da, db] = lineGradient(batch, a, b);
      a -= rate * da;
      b -= rate * db;
      seen += batch.length;
      way.push({ a, b, seen });
      if (!(Math.abs(a) < 1e6 && Math.abs(b) < 1e6)) return way;
    }
  }
  return way;
}
