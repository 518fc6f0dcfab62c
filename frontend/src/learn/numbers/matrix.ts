/** Small matrices as rows of numbers: products, rank, and what solves a set of equations. No React. */

export type Matrix = readonly (readonly number[])[];

/** Below this share of the largest number a pivot counts as 0. */
const NOTHING = 1e-10;

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

export const transpose = (a: Matrix): number[][] => (a[0] ?? []).map((_, column) => a.map((row) => row[column] ?? 0));

/** A·x. */
export const apply = (a: Matrix, x: readonly number[]): number[] => a.map((row) => dot(row, x));

/** A·B. */
export function product(a: Matrix, b: Matrix): number[][] {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

/** The reduced row echelon form's rows that are not 0: they span what A's rows span. */
export function independentRows(a: Matrix): number[][] {
  const rows = a.map((row) => [...row]);
  const largest = Math.max(0, ...rows.flat().map(Math.abs));
  const columns = a[0]?.length ?? 0;
  let rank = 0;
  for (let column = 0; column < columns && rank < rows.length; column++) {
    let best = rank;
    for (let at = rank + 1; at < rows.length; at++) {
      if (Math.abs(rows[at]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = at;
    }
    const pivot = rows[best] as number[];
    const head = pivot[column] ?? 0;
    if (Math.abs(head) <= NOTHING * largest) continue;
    rows[best] = rows[rank] as number[];
    const lead = pivot.map((value) => value / head);
    rows[rank] = lead;
    rows.forEach((row, at) => {
      if (at === rank) return;
      const factor = row[column] ?? 0;
      rows[at] = row.map((value, place) => value - factor * (lead[place] ?? 0));
    });
    rank += 1;
  }
  return rows.slice(0, rank);
}

export const rank = (a: Matrix): number => independentRows(a).length;

/** The x of A·x = b for a square A; null where none is the only one. */
export function solve(a: Matrix, b: readonly number[]): number[] | null {
  const reduced = independentRows(a.map((row, at) => [...row, b[at] ?? 0]));
  const size = a.length;
  const clean = reduced.length === size && reduced.every((row, at) => row[at] === 1);
  return clean ? reduced.map((row) => row[size] ?? 0) : null;
}

export interface LeastSquares {
  /** Which a solve A·a = y exactly. */
  exact: "one" | "none" | "many";
  /** More than one a has the least error: fewer independent rows than columns. */
  free: boolean;
  rank: number;
  /** AᵀA and Aᵀy. */
  gram: number[][];
  moment: number[];
  /** The a of the least squared error; of many the shortest. */
  solution: number[];
  predictions: number[];
  /** y − A·a. */
  residuals: number[];
  /** Sum of the squared residuals. */
  sse: number;
}

/** a = (AᵀA)⁻¹Aᵀy (notes 0:70-95), and where AᵀA has no inverse the shortest of all that are as good. */
export function leastSquares(a: Matrix, y: readonly number[]): LeastSquares {
  const basis = independentRows(a);
  // Of all solutions the shortest lies in the span of the rows: a = Bᵀc, and A·Bᵀ has independent columns.
  const inside = product(a, transpose(basis));
  const turned = transpose(inside);
  const shares = basis.length > 0 ? (solve(product(turned, inside), apply(turned, y)) ?? []) : [];
  const solution = (a[0] ?? []).map((_, column) =>
    basis.reduce((sum, row, at) => sum + (row[column] ?? 0) * (shares[at] ?? 0), 0),
  );
  const predictions = apply(a, solution);
  // What rounding alone leaves over is nothing.
  const nothing = 1e-11 * Math.max(...y.map(Math.abs));
  const residuals = y.map((value, at) => value - (predictions[at] ?? 0)).map((r) => (Math.abs(r) < nothing ? 0 : r));
  const across = transpose(a);
  const free = basis.length < solution.length;
  const solvable = rank(a.map((row, at) => [...row, y[at] ?? 0])) === basis.length;
  return {
    exact: solvable ? (free ? "many" : "one") : "none",
    free,
    rank: basis.length,
    gram: product(across, a),
    moment: apply(across, y),
    solution,
    predictions,
    residuals,
    sse: dot(residuals, residuals),
  };
}
