/** Many long curves in one picture: what a frame needs of them, found anew for every zoom. */

export interface Values {
  /** Rises. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  length: number;
}

/** Index of the first point with an x of at least `x`. */
export function firstFrom({ x: xs, length }: Values, x: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the last point not after `x`; −1 before the first. */
export function lastUpTo(values: Values, x: number): number {
  const at = firstFrom(values, x);
  return at < values.length && values.x[at] === x ? at : at - 1;
}

/**
 * How far the line through the points reaches in every pixel column between `from` and `to`: the least and the greatest
 * value; NaN where it is not. `above`: only points greater than it count; the line goes past those that do not.
 */
export function columns(
  values: Values,
  from: number,
  to: number,
  width: number,
  above = Number.NEGATIVE_INFINITY,
): { least: Float64Array; most: Float64Array } {
  const least = new Float64Array(width).fill(Number.NaN);
  const most = new Float64Array(width).fill(Number.NaN);
  const { x, y, length } = values;
  const scale = width / (to - from || 1);
  const reachTo = (column: number, value: number) => {
    if (!(value >= (least[column] as number))) least[column] = value;
    if (!(value <= (most[column] as number))) most[column] = value;
  };
  const last = width - 1;
  // One point beyond either edge: the line comes from it and leaves towards it.
  const end = Math.min(length, firstFrom(values, to) + 1);
  let [px, py] = [Number.NaN, Number.NaN];
  for (let i = Math.max(0, firstFrom(values, from) - 1); i < end; i++) {
    const value = y[i] as number;
    if (!(value > above && value < Number.POSITIVE_INFINITY)) continue;
    const at = ((x[i] as number) - from) * scale;
    const column = Math.min(last, Math.floor(at));
    const before = Math.floor(px);
    if (before === column || px === width) reachTo(column, value);
    else {
      if (!Number.isNaN(px)) {
        const slope = (value - py) / (at - px);
        for (let each = Math.max(0, before); each <= Math.min(column, last); each++) {
          reachTo(each, py + slope * (Math.max(px, each) - px));
          reachTo(each, py + slope * (Math.min(at, each + 1) - px));
        }
      }
      if (at >= 0 && at <= width) reachTo(column, value);
    }
    [px, py] = [at, value];
  }
  return { least, most };
}

/** The least and the greatest value that is seen; null where nothing is. `above`: only values greater than it count;
 * `known`: what is seen besides. */
export function reach(
  all: readonly Values[],
  from: number,
  to: number,
  above = Number.NEGATIVE_INFINITY,
  known: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
): [number, number] | null {
  let [least, most] = known;
  for (const values of all) {
    const end = Math.min(values.length, firstFrom(values, to) + 1);
    for (let i = Math.max(0, firstFrom(values, from) - 1); i < end; i++) {
      const value = values.y[i] as number;
      if (!(value > above && value < Number.POSITIVE_INFINITY)) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return least <= most ? [least, most] : null;
}

/** The running mean that forgets: s ← βs + (1 − β)y, divided by 1 − βⁿ so that it does not begin at 0. */
export function smoothed({ x, y, length }: Values, beta: number): Values {
  const means = new Float32Array(length);
  let [sum, weight] = [0, 1];
  for (let i = 0; i < length; i++) {
    const value = y[i] as number;
    if (!Number.isNaN(value)) {
      sum = beta * sum + (1 - beta) * value;
      weight *= beta;
    }
    means[i] = sum / (1 - weight);
  }
  return { x, y: means, length };
}

export interface Band {
  mean: Values;
  low: Values;
  high: Values;
}

const BAND_POINTS = 300;

/** Mean and standard deviation of several curves where all of them are known; null for fewer than two. */
export function band(all: readonly Values[]): Band | null {
  const some = all.filter(({ length }) => length > 0);
  if (some.length < 2) return null;
  const from = Math.max(...some.map(({ x }) => x[0] as number));
  const to = Math.min(...some.map(({ x, length }) => x[length - 1] as number));
  if (from > to) return null;
  const count = from === to ? 1 : Math.min(BAND_POINTS, Math.max(...some.map(({ length }) => length)));
  const xs = Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(1, count - 1));
  const [mean, low, high] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const values = some.map((each) => between(each, xs[i] as number));
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    // Of a sample: divided by one less than there are.
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
    mean[i] = middle;
    low[i] = middle - spread;
    high[i] = middle + spread;
  }
  const made = (y: Float64Array): Values => ({ x: xs, y, length: count });
  return { mean: made(mean), low: made(low), high: made(high) };
}

/** The value at `x`, on the straight line between the points beside it. */
export function between(values: Values, x: number): number {
  const at = lastUpTo(values, x);
  if (at < 0) return values.y[0] as number;
  if (at >= values.length - 1) return values.y[values.length - 1] as number;
  const [x0, x1] = [values.x[at] as number, values.x[at + 1] as number];
  const [y0, y1] = [values.y[at] as number, values.y[at + 1] as number];
  return x1 > x0 ? y0 + ((y1 - y0) * (x - x0)) / (x1 - x0) : y0;
}

/** Round numbers between `least` and `most`, about `count` of them. */
export function ticks(least: number, most: number, count: number): number[] {
  const span = most - least;
  if (!(span > 0) || count < 1) return [least];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let i = Math.ceil(least / step); i * step <= most + step * 1e-9; i++)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}

/** Powers of ten, and 2 and 5 of each where there are few. */
export function logTicks(least: number, most: number): number[] {
  const found: number[] = [];
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  for (let power = from; power <= to; power++) {
    for (const each of to - from <= 3 ? [1, 2, 5] : [1]) {
      const tick = Number((each * 10 ** power).toPrecision(6));
      if (tick >= least && tick <= most) found.push(tick);
    }
  }
  return found;
}
