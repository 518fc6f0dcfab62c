/** What the pictures compute: small, exact, and the same as the layers do. No React, no drawing. */

export interface Slide {
  /** Numbers that the window touches along this axis. */
  kernel: number;
  stride: number;
  /** Cells put before and behind. */
  padding: readonly [number, number];
  dilation: number;
  /** Empty cells behind the padding, into which a rounded-up pooling reaches; they count for nothing. */
  more?: number;
}

/** How far a window reaches: (k − 1)·d + 1. */
export const span = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Places along one axis: ⌊(n + padding − span)/stride⌋ + 1. */
export const places = (length: number, { kernel, stride, padding, dilation, more = 0 }: Slide): number =>
  Math.max(0, Math.floor((length + padding[0] + padding[1] + more - span(kernel, dilation)) / stride) + 1);

/** How many cells a pooling that rounds up needs behind its padding: its last window must begin before the end. */
export function roundedUp(length: number, slide: Slide): number {
  const reach = length + slide.padding[0] + slide.padding[1] - span(slide.kernel, slide.dilation);
  const steps = Math.ceil(reach / slide.stride);
  if (steps * slide.stride >= length + slide.padding[0]) return 0;
  return Math.max(0, steps * slide.stride - reach);
}

/** What “same” puts before and behind: d·(k − 1) in all, the odd one behind, as torch does. */
export function samePadding(kernel: number, dilation: number): [number, number] {
  const all = dilation * (kernel - 1);
  return [Math.floor(all / 2), all - Math.floor(all / 2)];
}

/** The length behind a transposed convolution: (n − 1)·s − 2p + d·(k − 1) + 1 + extra. */
export const transposedLength = (length: number, { kernel, stride, padding, dilation }: Slide, extra: number): number =>
  (length - 1) * stride - padding[0] - padding[1] + dilation * (kernel - 1) + 1 + extra;

export interface Touched {
  row: number;
  column: number;
  /** The number that stands there; 0 in the padding. */
  value: number;
  padded: boolean;
  /** Behind the padding as well: no mean counts it. */
  beyond: boolean;
}

/** The cells under the window of output (row, column), in reading order; places are those of the unpadded input. */
export function touched(
  input: readonly (readonly number[])[],
  down: Slide,
  across: Slide,
  row: number,
  column: number,
): Touched[] {
  const cells: Touched[] = [];
  for (let u = 0; u < down.kernel; u++) {
    for (let v = 0; v < across.kernel; v++) {
      const r = row * down.stride + u * down.dilation - down.padding[0];
      const c = column * across.stride + v * across.dilation - across.padding[0];
      const value = input[r]?.[c];
      cells.push({
        row: r,
        column: c,
        value: value ?? 0,
        padded: value === undefined,
        beyond: r >= input.length + down.padding[1] || c >= (input[0]?.length ?? 0) + across.padding[1],
      });
    }
  }
  return cells;
}

/** `inner`: a mean that leaves the padding out. */
export type Reduction = "convolution" | "max" | "mean" | "inner";

export interface Reduced {
  value: number;
  /** Which of the touched cells won; −1 where none does. */
  winner: number;
}

/** One output from what the window touches. Padding is −∞ to a maximum, and 0 to a sum. */
export function reduce(cells: readonly Touched[], kernel: readonly number[], how: Reduction): Reduced {
  if (how === "max") {
    let winner = -1;
    cells.forEach((cell, at) => {
      if (!cell.padded && (winner < 0 || cell.value > (cells[winner] as Touched).value)) winner = at;
    });
    return { value: winner < 0 ? Number.NEGATIVE_INFINITY : (cells[winner] as Touched).value, winner };
  }
  if (how === "mean" || how === "inner") {
    const counted = cells.filter(({ padded, beyond }) => !beyond && !(padded && how === "inner"));
    return { value: counted.reduce((sum, cell) => sum + cell.value, 0) / counted.length, winner: -1 };
  }
  return { value: cells.reduce((sum, cell, at) => sum + cell.value * (kernel[at] ?? 0), 0), winner: -1 };
}

/** A whole map: every place of the window. */
export function slide(
  input: readonly (readonly number[])[],
  down: Slide,
  across: Slide,
  kernel: readonly number[],
  how: Reduction,
): number[][] {
  const rows = places(input.length, down);
  const columns = places(input[0]?.length ?? 0, across);
  return Array.from({ length: rows }, (_, row) =>
    Array.from(
      { length: columns },
      (_, column) => reduce(touched(input, down, across, row, column), kernel, how).value,
    ),
  );
}

/** The kernel turned by half a circle: convolution as mathematics means it. */
export const flipped = (kernel: readonly number[]): number[] => [...kernel].reverse();

export interface Stamp {
  /** Where it begins on the output with the padding still on it. */
  at: number;
  /** Place on that output and value, one for each number of the kernel. */
  cells: { place: number; value: number }[];
}

/** Every input stamps its kernel, `stride` apart; what lies on the same place is added, and the padding is cut off. */
export function stamped(
  input: readonly number[],
  kernel: readonly number[],
  { stride, padding, dilation }: Slide,
  extra: number,
): { stamps: Stamp[]; whole: number[]; output: number[]; cut: [number, number] } {
  const most = (input.length - 1) * stride + span(kernel.length, dilation);
  const whole = Array.from({ length: most + Math.max(0, extra - padding[1]) }, () => 0);
  const stamps = input.map((x, i): Stamp => {
    const cells = kernel.map((w, k) => ({ place: i * stride + k * dilation, value: x * w }));
    for (const { place, value } of cells) whole[place] = (whole[place] as number) + value;
    return { at: i * stride, cells };
  });
  const cut: [number, number] = [padding[0], Math.max(0, padding[1] - extra)];
  return { stamps, whole, output: whole.slice(cut[0], whole.length - cut[1]), cut };
}

export const GATES = {
  identity: (x: number) => x,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (x: number) => Math.max(0, x),
  step: (x: number) => (x >= 0 ? 1 : 0),
} as const;
export type Gate = keyof typeof GATES;

/** w·x + b. */
export const weighted = (x: readonly number[], w: readonly number[], b: number): number =>
  x.reduce((sum, value, at) => sum + value * (w[at] ?? 0), b);

/** Shares that add up to 1; the largest score is taken off first, so that nothing overflows. */
export function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export interface Normalised {
  mean: number;
  /** Over all, not over all but one. */
  variance: number;
  values: number[];
}

/** (x − mean)/√(variance + ε)·γ + β. */
export function normalise(column: readonly number[], epsilon: number, gain: number, shift: number): Normalised {
  const mean = column.reduce((a, b) => a + b, 0) / column.length;
  const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length;
  const spread = Math.sqrt(variance + epsilon);
  return { mean, variance, values: column.map((x) => ((x - mean) / spread) * gain + shift) };
}

/** The sinusoid of position `position` in feature `feature` of `width`. */
export function encoding(position: number, feature: number, width: number): number {
  const angle = position / 10_000 ** ((feature - (feature % 2)) / width);
  return feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
}

export interface Attended {
  scores: number[];
  weights: number[];
  output: number[];
}

/** One query against its keys: scores, shares, the weighted sum of the values. */
export function attend(
  query: readonly number[],
  keys: readonly (readonly number[])[],
  values: readonly (readonly number[])[],
  scaled: boolean,
): Attended {
  const scores = keys.map((key) => weighted(query, key, 0) / (scaled ? Math.sqrt(query.length) : 1));
  const weights = softmax(scores);
  const output = (values[0] ?? []).map((_, d) =>
    values.reduce((sum, value, at) => sum + (weights[at] as number) * (value[d] as number), 0),
  );
  return { scores, weights, output };
}

export const ROLES = ["add", "subtract", "multiply", "max", "copy"] as const;
export type Role = (typeof ROLES)[number];

/** Forward, and what arrives at each input when `gradient` comes back. A copy has one input and two gradients. */
export function backward(role: Role, x: number, y: number, gradient: number, other = 0) {
  switch (role) {
    case "add":
      return { value: x + y, gradients: [gradient, gradient] };
    case "subtract":
      return { value: x - y, gradients: [gradient, -gradient] };
    case "multiply":
      return { value: x * y, gradients: [gradient * y, gradient * x] };
    case "max":
      // torch shares the gradient where both are the largest.
      return {
        value: Math.max(x, y),
        gradients: x === y ? [gradient / 2, gradient / 2] : x > y ? [gradient, 0] : [0, gradient],
      };
    case "copy":
      return { value: x, gradients: [gradient + other] };
  }
}

/** Numbers from 0 to 1 by chance, the same for the same seed: mulberry32. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Which numbers stay, by chance and always the same for a step, so that it can be looked at again: true is kept. */
export function keptMask(count: number, rate: number, step: number): boolean[] {
  const next = chance(step * 0x9e3779b9);
  return Array.from({ length: count }, () => next() >= rate);
}

/** Where [channel, row, column] stands in the row of numbers, and the way back. */
export const rowIndex = (height: number, width: number, c: number, i: number, j: number): number =>
  (c * height + i) * width + j;
export const fromIndex = (height: number, width: number, at: number): [number, number, number] => [
  Math.floor(at / (height * width)),
  Math.floor((at % (height * width)) / width),
  at % width,
];
