/** Curves of a run: for every series, typed arrays that grow. */

import type { Curve } from "../wire/types";

/** One series; `x` are steps and rise strictly. Only the first `length` entries count. */
export class Series {
  x = new Float64Array(64);
  y = new Float64Array(64);
  length = 0;

  append(step: number, value: number): void {
    const last = this.length > 0 ? (this.x[this.length - 1] as number) : Number.NEGATIVE_INFINITY;
    if (step <= last) this.cut(step - 1);
    if (this.length === this.x.length) {
      this.x = doubled(this.x);
      this.y = doubled(this.y);
    }
    this.x[this.length] = step;
    this.y[this.length] = value;
    this.length++;
  }

  /** Drops what came after `step`. */
  cut(step: number): void {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.x[middle] as number) <= step) low = middle + 1;
      else high = middle;
    }
    this.length = low;
  }

  get last(): number {
    return this.length > 0 ? (this.y[this.length - 1] as number) : Number.NaN;
  }
}

function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** All series of one run. `version` grows with every change. */
export class Curves {
  readonly series = new Map<string, Series>();
  version = 0;

  append(points: readonly Curve[]): void {
    for (const point of points) {
      for (const [name, value] of Object.entries(point.values)) {
        let series = this.series.get(name);
        if (!series) {
          series = new Series();
          this.series.set(name, series);
        }
        series.append(point.step, value);
      }
    }
    this.version++;
  }

  replace(points: readonly Curve[]): void {
    this.series.clear();
    this.append(points);
  }

  rewind(step: number): void {
    for (const series of this.series.values()) series.cut(step);
    this.version++;
  }

  names(): string[] {
    return [...this.series.keys()];
  }
}
