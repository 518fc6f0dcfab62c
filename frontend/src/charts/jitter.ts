/** A place between 0 and 1 for the n-th of many dots, spread evenly and the same each time (van der Corput, base 2). */
export function jitter(n: number): number {
  let [place, half, rest] = [0, 0.5, n + 1];
  while (rest > 0) {
    if (rest & 1) place += half;
    half /= 2;
    rest >>= 1;
  }
  return place;
}
