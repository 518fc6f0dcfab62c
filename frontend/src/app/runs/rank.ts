/** What the table of runs is asked: which are good enough, which of them is best, which no other one beats. */

import type { RunRow } from "../../wire/types";

/** A number of a run that can be limited, ranked and drawn, by its column's name. */
export type Measure = "seconds" | "macs" | "parameters" | `metric:${string}`;

/** What a run costs; the rest is what it gives. */
export const COSTS = ["parameters", "macs", "seconds"] as const;

/** A satisficing metric: good enough is good enough. */
export interface Limit {
  of: Measure;
  side: "most" | "least";
  value: number;
}

export const isLower = (measure: Measure): boolean =>
  !measure.startsWith("metric:") || /(^|[.:])(loss|error)/.test(measure);

/** The value of a run; `best`: of a metric its best over the whole run, not its last. Null where it has none. */
export function numberOf(
  { run, parameters, macs, least, most }: RunRow,
  measure: Measure,
  best: boolean,
): number | null {
  if (measure === "seconds") return run.seconds || null;
  if (measure === "macs") return macs || null;
  if (measure === "parameters") return parameters || null;
  const name = measure.slice("metric:".length);
  const value = best ? (isLower(measure) ? least[name] : most[name]) : run.metrics[name];
  return value ?? run.metrics[name] ?? null;
}

/** Whether a run keeps every limit; what is not known keeps none. */
export const satisfies = (row: RunRow, limits: readonly Limit[], best: boolean): boolean =>
  limits.every(({ of, side, value }) => {
    const its = numberOf(row, of, best);
    return its !== null && (side === "most" ? its <= value : its >= value);
  });

/** Ids of the runs that keep the limits, the best of the optimizing metric first; those without a value are left out. */
export function ranked(rows: readonly RunRow[], by: Measure, limits: readonly Limit[], best: boolean): string[] {
  const sign = isLower(by) ? 1 : -1;
  return rows
    .filter((row) => satisfies(row, limits, best) && numberOf(row, by, best) !== null)
    .map((row) => ({ id: row.run.id, value: numberOf(row, by, best) as number }))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ id }) => id);
}

/** Ids of the runs of which none costs less (or as much) and is better; one of several equal ones counts too. */
export function front(points: readonly { id: string; cost: number; value: number }[], lower: boolean): Set<string> {
  const sign = lower ? 1 : -1;
  return new Set(
    points
      .filter(
        (point) =>
          !points.some(
            (other) =>
              other.cost <= point.cost &&
              sign * other.value <= sign * point.value &&
              (other.cost < point.cost || other.value !== point.value),
          ),
      )
      .map(({ id }) => id),
  );
}

/** Runs of one board and recipe that differ in their seeds only, by what they have in common. */
export function bySeed(rows: readonly RunRow[]): Map<string, RunRow[]> {
  const groups = new Map<string, RunRow[]>();
  for (const row of rows) {
    const { "recipe.seed": _seed, ...rest } = row.settings;
    // A hash covers the seed. Boards that differ in what no column shows differ in their costs or their title.
    const key = JSON.stringify([rest, row.parameters, row.macs, row.run.title, row.run.epochs]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** Metrics that runs may be chosen by: whoever chooses by the test samples has none left to be judged by. */
export const choosable = (metrics: readonly string[]): string[] => metrics.filter((name) => !name.startsWith("test."));

export interface Spread {
  count: number;
  mean: number;
  /** Standard deviation of the sample; null of one. */
  spread: number | null;
}

export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { count: 1, mean, spread: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, spread: Math.sqrt(squares / (values.length - 1)) };
}

/** The names of everything that was measured on validation, test or training data, the leading ones first. */
export function metricsOf(rows: readonly RunRow[]): string[] {
  const names = new Set(rows.flatMap(({ run }) => Object.keys(run.metrics)));
  const parts = ["validation", "test", "train"];
  const leading = ["accuracy", "map50", "map", "loss"];
  const rank = (order: readonly string[], name: string) =>
    (order.indexOf(name) + order.length + 1) % (order.length + 1);
  return [...names]
    .filter((name) => parts.includes(name.split(".")[0] ?? "") && name.split(".").length === 2)
    .filter((name) => !name.endsWith(".penalty"))
    .sort((a, b) => {
      const [[pa = "", na = ""], [pb = "", nb = ""]] = [a.split("."), b.split(".")];
      return rank(parts, pa) - rank(parts, pb) || rank(leading, na) - rank(leading, nb) || a.localeCompare(b);
    });
}
