/** Curves of a run: for every series, typed arrays that grow. */

import type { Curve } from "../wire/types";

/** What a curve can be drawn along. */
export const AXES = ["step", "epoch", "seconds"] as const;
export type Axis = (typeof AXES)[number];

/** One series; `x` are steps and rise strictly, epochs and seconds never fall. Only the first `length` entries count. */
export class Series {
  x = new Float64Array(64);
  epoch = new Float64Array(64);
  seconds = new Float64Array(64);
  y = new Float64Array(64);
  length = 0;

  append({ step, epoch, seconds }: Pick<Curve, "step" | "epoch" | "seconds">, value: number): void {
    const last = this.length > 0 ? (this.x[this.length - 1] as number) : Number.NEGATIVE_INFINITY;
    if (step <= last) this.cut(step - 1);
    if (this.length === this.x.length) {
      this.x = doubled(this.x);
      this.epoch = doubled(this.epoch);
      this.seconds = doubled(this.seconds);
      this.y = doubled(this.y);
    }
    this.x[this.length] = step;
    this.epoch[this.length] = epoch;
    this.seconds[this.length] = seconds;
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

  /** The same points along steps, epochs or seconds. */
  along(axis: Axis): Float64Array {
    return axis === "step" ? this.x : this[axis];
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

/** All series of one run. `version` grows with every change, `rewinds` when points were taken back. */
export class Curves {
  readonly series = new Map<string, Series>();
  version = 0;
  rewinds = 0;

  append(points: readonly Curve[]): void {
    for (const point of points) {
      for (const [name, value] of Object.entries(point.values)) {
        let series = this.series.get(name);
        if (!series) {
          series = new Series();
          this.series.set(name, series);
        }
        series.append(point, value);
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
    this.rewinds++;
  }

  names(): string[] {
    return [...this.series.keys()];
  }
}
