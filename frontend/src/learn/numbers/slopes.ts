/** Parabolas, grids and slopes by hand (notes 0:140-166). No React. */

export interface Quadratic {
  a: number;
  b: number;
  c: number;
}

export const height = ({ a, b, c }: Quadratic, x: number): number => a * x * x + b * x + c;

/** Where 2ax + b = 0, and what stands there: a minimum, a maximum, or neither where a is 0. */
export function turning(q: Quadratic): { kind: "minimum" | "maximum" | "none"; x: number; y: number } {
  if (q.a === 0) return { kind: "none", x: Number.NaN, y: Number.NaN };
  const x = -q.b / (2 * q.a) + 0;
  return { kind: q.a > 0 ? "minimum" : "maximum", x, y: height(q, x) };
}

/** How often a grid of `points` along each of `dimensions` asks for the loss. */
export const evaluations = (points: number, dimensions: number): number => points ** dimensions;

/** `points` places from low to high, both ends with them. */
export const gridPlaces = (low: number, high: number, points: number): number[] =>
  Array.from({ length: points }, (_, at) =>
    points === 1 ? (low + high) / 2 : low + ((high - low) * at) / (points - 1),
  );

export type Loss = (x: number, y: number) => number;

/** The gradient by trying: centred (f(x+h) − f(x−h))/2h, or forward (f(x+h) − f(x))/h. */
export function numericGradient(f: Loss, x: number, y: number, h: number, centred: boolean): [number, number] {
  const before = centred ? h : 0;
  const across = centred ? 2 * h : h;
  return [(f(x + h, y) - f(x - before, y)) / across, (f(x, y + h) - f(x, y - before)) / across];
}

export interface Course {
  /** Every place, the start first. */
  xs: number[];
  ended: "flat" | "steps" | "away";
}

/** Down along a curve: x ← x − rate·f′(x), until the slope is below `stop`, the steps are used up, or x has left. */
export function descend(slope: (x: number) => number, start: number, rate: number, stop: number, most: number): Course {
  const xs = [start];
  let x = start;
  for (let step = 0; step < most; step++) {
    const g = slope(x);
    if (Math.abs(g) < stop) return { xs, ended: "flat" };
    x -= rate * g;
    xs.push(x);
    if (!Number.isFinite(x) || Math.abs(x) > 1e3) return { xs, ended: "away" };
  }
  return { xs, ended: "steps" };
}

/** Losses of one weight, each with a trap (V-035). */
export const CURVES = {
  bowl: { f: (x: number) => x * x, slope: (x: number) => 2 * x, x: [-4, 4] },
  /** A shallow valley on the right, a deeper one on the left. */
  valleys: {
    f: (x: number) => x ** 4 / 4 - x * x + 0.3 * x + 1.4,
    slope: (x: number) => x ** 3 - 2 * x + 0.3,
    x: [-2.2, 2.2],
  },
  plateau: {
    f: (x: number) => 1 - Math.exp(-(x * x) / 2),
    slope: (x: number) => x * Math.exp(-(x * x) / 2),
    x: [-5, 5],
  },
  /** Flat at 0 without being lowest; the bottom is at 1. */
  terrace: {
    f: (x: number) => 3 * x ** 4 - 4 * x ** 3 + 1,
    slope: (x: number) => 12 * x ** 3 - 12 * x * x,
    x: [-0.8, 1.6],
  },
} as const satisfies Record<
  string,
  { f: (x: number) => number; slope: (x: number) => number; x: readonly [number, number] }
>;

export type CurveName = keyof typeof CURVES;
