/** Two layers in a row as one: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂). No React, no drawing. */
import { weighted } from "./arithmetic";

export interface Affine {
  /** A row of weights for each output. */
  weight: readonly (readonly number[])[];
  bias: readonly number[];
}

export const applied = ({ weight, bias }: Affine, x: readonly number[]): number[] =>
  weight.map((row, at) => weighted(row, x, bias[at] ?? 0));

/** The one layer that computes what `second` makes of what `first` puts out. */
export const merged = (first: Affine, second: Affine): Affine => ({
  weight: second.weight.map((row) =>
    (first.weight[0] ?? []).map((_, column) =>
      weighted(
        row,
        first.weight.map((each) => each[column] ?? 0),
        0,
      ),
    ),
  ),
  bias: applied(second, first.bias),
});
