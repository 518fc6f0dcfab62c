/** Losses of two weights with their gradients: a bowl, a ravine, saddles, a plateau. No React. */

export interface Surface {
  f: (x: number, y: number) => number;
  gradient: (x: number, y: number) => [number, number];
  /** What is drawn of it. */
  x: readonly [number, number];
  y: readonly [number, number];
  /** Where descent begins. */
  start: readonly [number, number];
  /** The least there is. */
  least: number;
}

export const SURFACES = {
  /** The course's 2x² + 3y² (C-038, C-078). */
  bowl: {
    f: (x, y) => 2 * x * x + 3 * y * y,
    gradient: (x, y) => [4 * x, 6 * y],
    x: [-2, 2],
    y: [-1.5, 1.5],
    start: [-1.6, 1.2],
    least: 0,
  },
  /** Fifty times as steep across as along. */
  ravine: {
    f: (x, y) => 0.1 * x * x + 5 * y * y,
    gradient: (x, y) => [0.2 * x, 10 * y],
    x: [-4, 4],
    y: [-1.5, 1.5],
    start: [-3.5, 1],
    least: 0,
  },
  /** A saddle at (0, 0) between two minima at (0, ±1). */
  saddle: {
    f: (x, y) => x * x - y * y + 0.5 * y ** 4 + 0.5,
    gradient: (x, y) => [2 * x, -2 * y + 2 * y ** 3],
    x: [-2, 2],
    y: [-1.6, 1.6],
    start: [-1.6, 0.001],
    least: 0,
  },
  /** Nearly flat but for a pit at (0, 0). */
  plateau: {
    f: (x, y) => 1 - Math.exp(-(x * x + y * y)),
    gradient: (x, y) => [2 * x * Math.exp(-(x * x + y * y)), 2 * y * Math.exp(-(x * x + y * y))],
    x: [-3, 3],
    y: [-2.25, 2.25],
    start: [-1.9, 1.2],
    least: 0,
  },
  /** A deeper pit beside a shallower one. */
  pits: {
    f: (x, y) => {
      const [deep, flat] = [Math.exp(-((x - 1.2) ** 2) - y * y), Math.exp(-((x + 1.2) ** 2) - y * y)];
      return 1.2 - 1.2 * deep - 0.7 * flat + 0.02 * (x * x + y * y);
    },
    gradient: (x, y) => {
      const [deep, flat] = [Math.exp(-((x - 1.2) ** 2) - y * y), Math.exp(-((x + 1.2) ** 2) - y * y)];
      return [2.4 * (x - 1.2) * deep + 1.4 * (x + 1.2) * flat + 0.04 * x, 2.4 * y * deep + 1.4 * y * flat + 0.04 * y];
    },
    x: [-3, 3],
    y: [-2, 2],
    start: [-2.2, 1.2],
    least: 0.0259,
  },
  /** Rosenbrock's bent valley, its least at (1, 1). */
  banana: {
    f: (x, y) => 0.1 * (1 - x) ** 2 + (y - x * x) ** 2,
    gradient: (x, y) => [-0.2 * (1 - x) - 4 * x * (y - x * x), 2 * (y - x * x)],
    x: [-2, 2],
    y: [-1, 3],
    start: [-1.5, 2.6],
    least: 0,
  },
} satisfies Record<string, Surface>;

export type SurfaceName = keyof typeof SURFACES;
