/** Series of runs with every point, as the server keeps them: what a run's socket tells is thinned to a chart's width. */
import { useEffect, useRef, useState } from "react";
import * as http from "../wire/http";
import type { Answer, RunSummary } from "../wire/types";
import { hasEnded } from "./run";
import { floatsOf, parseFrame } from "./runFrames";
import type { Axis } from "./runSeries";

/** One series of a run with every point: steps, epochs, seconds and values. */
export interface Whole {
  at: Readonly<Record<Axis, Float32Array>>;
  values: Float32Array;
  /** The step that the run was at when it was asked for. */
  step: number;
  ended: boolean;
}

export type Asked = Pick<RunSummary, "id" | "step" | "state">;

export const keyOfSeries = (run: string, series: string): string => `${run} ${series}`;

/** What a person looks at at once. */
const MOST_SERIES = 8;

/**
 * The series of these runs that are known yet. Of runs under way they are asked for again when those have gone on; with
 * `once` only when they have ended, and when that number changes: points were taken back.
 */
export function useWhole(
  runs: readonly Asked[],
  series: readonly string[],
  once: number | null = null,
): ReadonlyMap<string, Whole> {
  const kept = useRef(new Map<string, Whole>());
  const asked = useRef(new Set<string>());
  const [known, setKnown] = useState<ReadonlyMap<string, Whole>>(new Map());
  const begun = useRef(once);
  useEffect(() => {
    if (begun.current !== once) kept.current.clear();
    begun.current = once;
    for (const run of runs) {
      const wanted = series.slice(0, MOST_SERIES).filter((name) => {
        const key = keyOfSeries(run.id, name);
        const before = kept.current.get(key);
        if (asked.current.has(key) || before?.ended) return false;
        return !before || hasEnded(run.state) || (once === null && before.step !== run.step);
      });
      if (wanted.length === 0) continue;
      for (const name of wanted) asked.current.add(keyOfSeries(run.id, name));
      http
        .runCurves(run.id, wanted)
        .then((bytes) => {
          const frame = parseFrame<Answer>(bytes);
          for (const name of wanted) {
            const array = floatsOf(frame, name);
            if (!array) continue;
            const length = array.shape[1] ?? 0;
            const row = (at: number) => array.data.subarray(at * length, (at + 1) * length);
            kept.current.set(keyOfSeries(run.id, name), {
              at: { step: row(0), epoch: row(1), seconds: row(2) },
              values: row(3),
              step: run.step,
              ended: hasEnded(run.state),
            });
          }
          setKnown(new Map(kept.current));
        })
        .catch(() => undefined)
        .finally(() => {
          for (const name of wanted) asked.current.delete(keyOfSeries(run.id, name));
        });
    }
  }, [runs, series, once]);
  return known;
}
