/** How a run's series become the lines of two charts: losses, and everything else that is measured. */

import type { NamedLine } from "../charts/LineChart";
import { firstFrom, type Values } from "../charts/longLines";
import type { Axis, Curves, Series } from "../state/runSeries";
import { keyOfSeries, type Whole } from "../state/wholeCurves";

/** Metrics that are shares of one. */
const SHARES = new Set(["accuracy", "map50", "map"]);
/** What is told once at the end, or of one of several losses, and is no line. */
const APART = /^(loss|ensemble|mirrored)\./;
const COLOURS = { train: ["--train", "--pooling"], validation: ["--validation", "--attention"] } as const;

export interface MetricLines {
  /** Names without their part: `accuracy`, `map50`. */
  names: string[];
  lines: NamedLine[];
  shares: boolean;
}

/** Where the points of a run's series are found. */
export interface Source {
  curves: Curves;
  axis: Axis;
  /** Every point of a series up to a step, where it was asked for: the run itself keeps a chart's worth of them. */
  whole?: (series: string) => Whole | undefined;
}

const split = (series: string): [part: string, name: string] => {
  const at = series.indexOf(".");
  return at < 0 ? ["", series] : [series.slice(0, at), series.slice(at + 1)];
};

const isPart = (part: string): part is "train" | "validation" => part === "train" || part === "validation";

/** Training and validation loss; and apart from them what large weights cost. Each is called by its series. */
export function lossLines(source: Source, words: (part: "train" | "validation" | "penalty") => string): NamedLine[] {
  return (["train", "validation", "penalty"] as const).flatMap((part) => {
    const id = part === "penalty" ? "train.penalty" : `${part}.loss`;
    const points = pointsOf(source, id);
    const colour = part === "penalty" ? "--normalisation" : COLOURS[part][0];
    return points ? [{ id, name: words(part), colour, ...points }] : [];
  });
}

/**
 * Every metric but the losses, the leading one first; those of training before those of validation. `words` names a
 * line; `alone`: there is one metric only, which the chart's title names.
 */
export function metricLines(
  source: Source,
  words: (part: "train" | "validation", name: string, alone: boolean) => string,
): MetricLines {
  const found = source.curves
    .names()
    .map((series) => [series, ...split(series)] as const)
    .filter(([, part, name]) => isPart(part) && name !== "loss" && name !== "penalty" && !APART.test(name));
  const names = [...new Set(found.map(([, , name]) => name))];
  const lines = found
    .sort((a, b) => a[1].localeCompare(b[1]) || names.indexOf(a[2]) - names.indexOf(b[2]))
    .flatMap(([id, part, name]): NamedLine[] => {
      const points = pointsOf(source, id);
      if (!points || !isPart(part)) return [];
      const colours = COLOURS[part];
      const colour = colours[names.indexOf(name) % colours.length] as string;
      return [{ id, name: words(part, name, names.length === 1), colour, ...points }];
    });
  return { names, lines, shares: names.every((name) => SHARES.has(name)) };
}

/** The same lines of earlier runs, to lie under `lines`. */
export function linesUnder(
  lines: readonly NamedLine[],
  runs: readonly string[],
  known: ReadonlyMap<string, Whole>,
  axis: Axis,
  words: (run: string, line: string) => string,
): NamedLine[] {
  return runs.flatMap((run) =>
    lines.flatMap(({ id, name, colour }): NamedLine[] => {
      const found = known.get(keyOfSeries(run, id));
      if (!found || found.values.length === 0) return [];
      const points = { x: found.at[axis], y: found.values, length: found.values.length };
      return [{ id: keyOfSeries(run, id), name: words(run, name), colour, faint: true, ...points }];
    }),
  );
}

/** The arrays as they are now: a series may later grow into new ones. */
function pointsOf({ curves, axis, whole }: Source, id: string): Values | null {
  const series = curves.series.get(id);
  if (!series || series.length === 0) return null;
  const before = whole?.(id);
  return before ? joined(series, before, axis) : { x: series.along(axis), y: series.y, length: series.length };
}

/** Every point of what was asked for, and behind it those that came since. */
export function joined(series: Series, before: Whole, axis: Axis): Values {
  const known = before.values.length;
  const last = before.at.step[known - 1];
  const since = last === undefined ? 0 : firstFrom(series, last + 0.5);
  const length = known + series.length - since;
  const [x, y] = [new Float64Array(length), new Float64Array(length)];
  x.set(before.at[axis]);
  y.set(before.values);
  x.set(series.along(axis).subarray(since, series.length), known);
  y.set(series.y.subarray(since, series.length), known);
  return { x, y, length };
}
