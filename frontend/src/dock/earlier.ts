import type { Under } from "../state/curveChoice";
import type { RunSummary } from "../wire/types";

const MOST = 5;

/** The runs whose curves lie under those of `run`, the nearest first. `list`: the board's runs, the newest first. */
export function earlier(list: readonly RunSummary[], run: string, under: Under): RunSummary[] {
  const at = list.findIndex(({ id }) => id === run);
  if (at < 0 || under === "none") return [];
  if (under === "origin") {
    const origin = list[at]?.origin?.run;
    return list.filter(({ id }) => id === origin);
  }
  return list.slice(at + 1, at + 1 + (under === "before" ? 1 : MOST));
}
