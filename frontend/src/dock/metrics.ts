/** How a run's series become the lines of two charts: losses, and everything else that is measured. */

import type { Points } from "../charts/decimate";
import type { Line } from "../charts/LineChart";
import type { Curves } from "../state/runSeries";

/** Metrics that are shares of one. */
const SHARES = new Set(["accuracy", "map50", "map"]);
const COLOURS = { train: ["--train", "--pooling"], validation: ["--validation", "--attention"] } as const;

export interface MetricLines {
  /** Names without their part: `accuracy`, `map50`. */
  names: string[];
  lines: Line[];
  shares: boolean;
}

const split = (series: string): [part: string, name: string] => {
  const at = series.indexOf(".");
  return at < 0 ? ["", series] : [series.slice(0, at), series.slice(at + 1)];
};

const isPart = (part: string): part is "train" | "validation" => part === "train" || part === "validation";

/** Training and validation loss; and apart from them what large weights cost. */
export function lossLines(curves: Curves, words: (part: "train" | "validation" | "penalty") => string): Line[] {
  const lines = (["train", "validation"] as const).flatMap((part) => {
    const series = curves.series.get(`${part}.loss`);
    if (!series || series.length === 0) return [];
    return [{ name: words(part), colour: COLOURS[part][0], dots: part === "validation", ...points(series) }];
  });
  const penalty = curves.series.get("train.penalty");
  if (!penalty || penalty.length === 0) return lines;
  return [...lines, { name: words("penalty"), colour: "--normalisation", ...points(penalty) }];
}

/**
 * Every metric but the losses, the leading one first; those of training before those of validation. `words` names a
 * line; `alone`: there is one metric only, which the chart's title names.
 */
export function metricLines(
  curves: Curves,
  words: (part: "train" | "validation", name: string, alone: boolean) => string,
): MetricLines {
  const found = curves
    .names()
    .map((series) => [series, ...split(series)] as const)
    .filter(([, part, name]) => isPart(part) && name !== "loss" && name !== "penalty" && !name.startsWith("loss."));
  const names = [...new Set(found.map(([, , name]) => name))];
  const lines = found
    .filter(([series]) => (curves.series.get(series)?.length ?? 0) > 0)
    .sort((a, b) => a[1].localeCompare(b[1]) || names.indexOf(a[2]) - names.indexOf(b[2]))
    .flatMap(([series, part, name]): Line[] => {
      const values = curves.series.get(series);
      if (!values || !isPart(part)) return [];
      const colours = COLOURS[part];
      const colour = colours[names.indexOf(name) % colours.length] as string;
      return [{ name: words(part, name, names.length === 1), colour, dots: part === "validation", ...points(values) }];
    });
  return { names, lines, shares: names.every((name) => SHARES.has(name)) };
}

/** The arrays as they are now: a series may later grow into new ones. */
const points = ({ x, y, length }: Points) => ({ x, y, length });
