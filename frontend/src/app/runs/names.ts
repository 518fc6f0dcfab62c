import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../../charts/format";
import { spoken } from "../../dock/time";
import { amount } from "../../graph/amount";
import type { RunRow } from "../../wire/types";
import type { Measure } from "./rank";

const SHARES = ["accuracy", "map50", "map"];

/** Whether a series holds shares of one. */
export const isShare = (series: string): boolean => SHARES.includes(series.split(".").at(-1) ?? "");

/** `validation.accuracy` as it is written above a column: `validation accuracy`. */
export const seriesName = (series: string): string => series.replaceAll(".", " ").replaceAll("_", " ");

/** `recipe.phases.main.optimizer.fields.lr` → `main lr`; `nodes.conv1.fields.kernel` → `conv1 kernel`. */
export const settingName = (path: string): string =>
  path
    .split(".")
    .filter((step) => !["recipe", "phases", "fields", "nodes", "optimizer", "schedule", "main"].includes(step))
    .join(" ")
    .replaceAll("_", " ");

export const settingValue = (setting: unknown): string =>
  setting === null || setting === undefined
    ? "–"
    : typeof setting === "object"
      ? JSON.stringify(setting)
      : String(setting);

/** Runs are numbered in the order in which they were begun. */
export const numbered = (rows: readonly RunRow[]): Map<string, number> =>
  new Map(rows.map(({ run }, at) => [run.id, rows.length - at]));

/** Writes a number of a run as its column does. */
export function useWritten(): (measure: Measure, number: number | null) => string {
  const { t } = useTranslation("dock");
  return useCallback(
    (measure, number) => {
      if (number === null) return "–";
      if (measure === "seconds") {
        if (number < 10) return t("time.seconds", { seconds: number.toFixed(2) });
        const { key, ...numbers } = spoken(number);
        return t(key, numbers);
      }
      if (!measure.startsWith("metric:")) return amount(number);
      return isShare(measure) ? percent(number) : value(number);
    },
    [t],
  );
}

export function useMeasureName(): (measure: Measure) => string {
  const { t } = useTranslation("runs");
  return useCallback(
    (measure) =>
      measure === "seconds" || measure === "macs" || measure === "parameters"
        ? t(`column.${measure}`)
        : seriesName(measure.slice("metric:".length)),
    [t],
  );
}

/** Colours of lines, in their order; when they are used up the lines are dashed. */
export const COLOURS = [
  "--train",
  "--validation",
  "--attention",
  "--pooling",
  "--recurrent",
  "--normalisation",
  "--convolution",
  "--activation",
] as const;
export const colourOf = (at: number): { colour: string; dashed: boolean } => ({
  colour: COLOURS[at % COLOURS.length] as string,
  dashed: Math.floor(at / COLOURS.length) % 2 === 1,
});
