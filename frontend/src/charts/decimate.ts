/** Fewer points that draw the same curve. */

/** A curve: `x` rises, `y` beside it; only the first `length` entries count. */
export interface Points {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  length: number;
}

/**
 * The least and the greatest of each of `buckets` equal stretches of points, in their order, and both ends: at most
 * 2·buckets + 2 points whose polyline covers the same pixels. Shorter curves come back as they are. NaN is skipped.
 */
export function decimate({ x, y, length }: Points, buckets: number): [Float64Array, Float64Array] {
  if (length <= 2 * buckets + 2) {
    const [xs, ys] = [new Float64Array(length), new Float64Array(length)];
    for (let i = 0; i < length; i++) {
      xs[i] = x[i] as number;
      ys[i] = y[i] as number;
    }
    return [xs, ys];
  }
  const kept: number[] = [0];
  const keep = (index: number) => {
    if (index > (kept[kept.length - 1] as number)) kept.push(index);
  };
  const inner = length - 2;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const [from, to] = [1 + Math.floor((bucket * inner) / buckets), 1 + Math.floor(((bucket + 1) * inner) / buckets)];
    let least = -1;
    let greatest = -1;
    for (let i = from; i < to; i++) {
      const value = y[i] as number;
      if (Number.isNaN(value)) continue;
      if (least < 0 || value < (y[least] as number)) least = i;
      if (greatest < 0 || value > (y[greatest] as number)) greatest = i;
    }
    if (least < 0) continue;
    keep(Math.min(least, greatest));
    keep(Math.max(least, greatest));
  }
  keep(length - 1);
  return [Float64Array.from(kept, (i) => x[i] as number), Float64Array.from(kept, (i) => y[i] as number)];
}
