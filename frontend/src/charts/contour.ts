/** Where a field crosses a level: marching squares, for the line of a decision boundary. */

/**
 * Segments (x0, y0, x1, y1), in cells' units of a `side`×`side` grid of values, along `field = level`. Saddles are
 * split by the mean of the four corners.
 */
export function contour(field: (column: number, row: number) => number, side: number, level: number): Float32Array {
  const segments: number[] = [];
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const a = field(column, row) - level;
      const b = field(column + 1, row) - level;
      const c = field(column + 1, row + 1) - level;
      const d = field(column, row + 1) - level;
      const shape = (a > 0 ? 8 : 0) | (b > 0 ? 4 : 0) | (c > 0 ? 2 : 0) | (d > 0 ? 1 : 0);
      if (shape === 0 || shape === 15) continue;
      const top = [column + a / (a - b), row] as const;
      const right = [column + 1, row + b / (b - c)] as const;
      const bottom = [column + d / (d - c), row + 1] as const;
      const left = [column, row + a / (a - d)] as const;
      const line = (p: readonly [number, number], q: readonly [number, number]) => segments.push(...p, ...q);
      const rises = a + b + c + d > 0;
      switch (shape) {
        case 1:
        case 14:
          line(left, bottom);
          break;
        case 2:
        case 13:
          line(bottom, right);
          break;
        case 4:
        case 11:
          line(top, right);
          break;
        case 8:
        case 7:
          line(left, top);
          break;
        case 3:
        case 12:
          line(left, right);
          break;
        case 6:
        case 9:
          line(top, bottom);
          break;
        case 5:
          line(left, rises ? top : bottom);
          line(rises ? bottom : top, right);
          break;
        case 10:
          line(left, rises ? bottom : top);
          line(rises ? top : bottom, right);
          break;
      }
    }
  }
  return Float32Array.from(segments);
}
