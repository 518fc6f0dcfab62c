/** What a pooling does to gradients on their way back, and to a picture that is moved. Exact; no React, no drawing. */
import { type Reduction, reduce, type Slide, slide, touched } from "./arithmetic";

type Grid = readonly (readonly number[])[];

/**
 * The gradient at every number of the input, from that at every output: a maximum hands it to the one number that won,
 * a mean shares it out evenly. Where windows overlap, what arrives is added up; what falls on padding is lost.
 */
export function routed(input: Grid, down: Slide, across: Slide, how: Reduction, gradients: Grid): number[][] {
  const back = input.map((row) => row.map(() => 0));
  const give = (row: number, column: number, gradient: number) => {
    const line = back[row];
    if (line?.[column] !== undefined) line[column] = (line[column] as number) + gradient;
  };
  gradients.forEach((line, r) => {
    line.forEach((gradient, c) => {
      const cells = touched(input, down, across, r, c);
      if (how === "max") {
        const won = cells[reduce(cells, [], how).winner];
        if (won) give(won.row, won.column, gradient);
        return;
      }
      const counted = cells.filter(({ padded, beyond }) => !beyond && !(padded && how === "inner"));
      for (const cell of counted) give(cell.row, cell.column, gradient / counted.length);
    });
  });
  return back;
}

/** A picture moved to the right (to the left for less than 0); what comes in from the border is 0. */
export const moved = (picture: Grid, by: number): number[][] =>
  picture.map((row) => row.map((_, column) => row[column - by] ?? 0));

/** How much of a map is another one: Σ|b − a| ÷ Σ|a|. 0: nothing has changed; 2: nothing lies where it lay. */
export function change(a: Grid, b: Grid): number {
  let [whole, difference] = [0, 0];
  a.forEach((row, r) => {
    row.forEach((value, c) => {
      whole += Math.abs(value);
      difference += Math.abs((b[r]?.[c] ?? 0) - value);
    });
  });
  return whole === 0 ? 0 : difference / whole;
}

/** The upright edges of a picture, as the first layer of a network finds them. */
export function edges(picture: Grid): number[][] {
  const three: Slide = { kernel: 3, stride: 1, padding: [1, 1], dilation: 1 };
  const found = slide(picture, three, three, [-1, 0, 1, -2, 0, 2, -1, 0, 1], "convolution");
  return found.map((row) => row.map((value) => Math.max(0, value)));
}
