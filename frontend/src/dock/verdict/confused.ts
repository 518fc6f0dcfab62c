/** A confusion matrix as it is shown: in another order, as shares, or as its largest mistakes. */

export const SHOWN = ["counts", "rows", "columns"] as const;
/** Counts; shares of what is (a row); shares of what is said (a column). */
export type Shown = (typeof SHOWN)[number];

export interface Pair {
  truth: number;
  answer: number;
  count: number;
}

/** Sums of rows, or of columns. */
export function sums(counts: ArrayLike<number>, size: number, of: "rows" | "columns"): number[] {
  return Array.from({ length: size }, (_, line) => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum += counts[of === "rows" ? line * size + at : at * size + line] as number;
    return sum;
  });
}

/** The classes with the most mistakes first, on them and by taking others for them; equal ones as they are. */
export function byMistakes(counts: ArrayLike<number>, size: number): number[] {
  const [rows, columns] = [sums(counts, size, "rows"), sums(counts, size, "columns")];
  const mistakes = rows.map((row, at) => row + (columns[at] as number) - 2 * (counts[at * size + at] as number));
  return mistakes.map((_, at) => at).sort((a, b) => (mistakes[b] as number) - (mistakes[a] as number) || a - b);
}

/** Every cell as a share of its row or its column, 0 where that is empty; of counts, of the largest. */
export function shares(counts: ArrayLike<number>, size: number, shown: Shown): Float64Array {
  const found = new Float64Array(size * size);
  if (shown === "counts") {
    let most = 0;
    for (let at = 0; at < found.length; at++) most = Math.max(most, counts[at] as number);
    for (let at = 0; at < found.length; at++) found[at] = most ? (counts[at] as number) / most : 0;
    return found;
  }
  const whole = sums(counts, size, shown);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const all = whole[shown === "rows" ? row : column] as number;
      found[row * size + column] = all ? (counts[row * size + column] as number) / all : 0;
    }
  return found;
}

/**
 * How strongly each cell is coloured, 0 to 1. Mistakes are few beside what is right: as counts they are measured by the
 * largest of them, what is right by its row, and none that is there is too pale to be seen.
 */
export function tints(counts: ArrayLike<number>, size: number, shown: Shown): Float64Array {
  const found = shares(counts, size, shown === "counts" ? "rows" : shown);
  if (shown === "counts") {
    const most = mixedUp(counts, size, 1)[0]?.count ?? 1;
    for (let at = 0; at < found.length; at++)
      if (Math.floor(at / size) !== at % size) found[at] = (counts[at] as number) / most;
  }
  return found.map((part, at) => ((counts[at] as number) > 0 ? 0.25 + 0.75 * part : 0));
}

/** The pairs that are mixed up most. */
export function mixedUp(counts: ArrayLike<number>, size: number, most: number): Pair[] {
  const pairs: Pair[] = [];
  for (let truth = 0; truth < size; truth++)
    for (let answer = 0; answer < size; answer++) {
      const count = counts[truth * size + answer] as number;
      if (truth !== answer && count > 0) pairs.push({ truth, answer, count });
    }
  return pairs.sort((a, b) => b.count - a.count || a.truth - b.truth || a.answer - b.answer).slice(0, most);
}
