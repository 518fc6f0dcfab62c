/** How wide first weights are drawn, and what becomes of a signal and of a slope on their way (notes 2:19-20, 3:191-200). */
import { chance, GATES } from "../../explain/arithmetic";

/** Standard deviation √(2/n_in): He et al. 2015, for ReLU. The notes have this and the next one's names swapped. */
export const he = (inputs: number): number => Math.sqrt(2 / inputs);
/** Standard deviation √(2/(n_in + n_out)): Glorot and Bengio 2010 (Xavier), for tanh and sigmoid. */
export const xavier = (inputs: number, outputs: number): number => Math.sqrt(2 / (inputs + outputs));

/** Numbers of a normal distribution, by Box and Muller. */
export function gaussian(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

export type Bend = "relu" | "tanh" | "sigmoid" | "identity";

const SLOPES: Record<Bend, (x: number) => number> = {
  relu: (x) => (x > 0 ? 1 : 0),
  tanh: (x) => 1 - Math.tanh(x) ** 2,
  sigmoid: (x) => GATES.sigmoid(x) * (1 - GATES.sigmoid(x)),
  identity: () => 1,
};

/** g′(z). */
export const slopeOf = (bend: Bend, z: number): number => SLOPES[bend](z);

const spread = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

/** The spread of what `depth` layers of `width` units put out, the input's first; weights N(0, deviation²). */
export function signalThrough(depth: number, width: number, deviation: number, bend: Bend, seed: number): number[] {
  const draw = gaussian(chance(seed));
  let signal = Array.from({ length: width }, draw);
  const spreads = [spread(signal)];
  for (let layer = 0; layer < depth; layer++) {
    const before = signal;
    signal = before.map(() => {
      let sum = 0;
      for (const value of before) sum += deviation * draw() * value;
      return GATES[bend](sum);
    });
    spreads.push(spread(signal));
  }
  return spreads;
}

/** g′(z)·w of every layer, and their product from the loss back to each: the last layer's first. */
export function productBack(
  bend: Bend,
  zs: readonly number[],
  ws: readonly number[],
): { factors: number[]; products: number[] } {
  const factors = zs.map((z, at) => slopeOf(bend, z) * (ws[at] ?? 1));
  let product = 1;
  const products = [...factors].reverse().map((factor) => {
    product *= factor;
    return product;
  });
  return { factors, products };
}
