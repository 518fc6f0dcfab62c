import { useEffect, useRef, useState } from "react";
import type { RunSummary } from "../wire/types";

/** Seconds without a step after which a run is said to be stuck … */
export const LEAST = 20;
/** … unless its steps usually take long: then so many times that. */
const TIMES = 8;

/** Whole seconds since a running run made its last step; null where that is no longer than it may be. */
export function useStuck(summary: RunSummary | null, connected: boolean): number | null {
  const going = connected && summary?.state === "running";
  const moved = useRef(0);
  const [seconds, setSeconds] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a step, or another run, is the signal
  useEffect(() => {
    moved.current = performance.now();
    setSeconds(0);
    if (!going) return;
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - moved.current) / 1000)), 1000);
    return () => clearInterval(timer);
  }, [summary?.id, summary?.step, going]);
  const usual = summary && summary.step > 0 ? summary.seconds / summary.step : 0;
  return going && seconds >= Math.max(LEAST, TIMES * usual) ? seconds : null;
}
