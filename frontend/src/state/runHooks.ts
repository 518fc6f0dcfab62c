/** How components listen to a run: each to the one thing that it shows. */

import { type RefObject, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { RunSummary, Subscription } from "../wire/types";
import type { Run } from "./run";
import type { Frame } from "./runFrames";
import { useRuns } from "./runs";
import { keyOf, NOW, type Watcher } from "./runWatch";
import { useScrubbed } from "./scrub";

const nothing = () => () => undefined;

export const useCurrentRun = (): Run | null => useRuns((state) => state.current);

/** The current run's state and progress; null before the board's first run. */
export function useSummary(): RunSummary | null {
  const run = useCurrentRun();
  const subscribe = useMemo(() => (run ? (listener: () => void) => run.listen("summary", listener) : nothing), [run]);
  return useSyncExternalStore(subscribe, () => run?.summary ?? null);
}

export function useConnected(): boolean {
  const run = useCurrentRun();
  const subscribe = useMemo(() => (run ? (listener: () => void) => run.listen("summary", listener) : nothing), [run]);
  return useSyncExternalStore(subscribe, () => run?.connected ?? false);
}

/** Renders again when the run's curves grow; the number grows with them. */
export function useCurves(run: Run | null): number {
  const subscribe = useMemo(() => (run ? (listener: () => void) => run.listen("curves", listener) : nothing), [run]);
  return useSyncExternalStore(subscribe, () => (run ? run.curves.version * 1000 + run.notes.length : 0));
}

/** Whether the element is on the screen. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    if (!element.current || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: "40px",
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return visible;
}

/**
 * The latest picture of a view, asked for as long as `element` is on the screen; of the state that is looked at, where
 * that is not the newest. Until that one comes, the one before stays. With `wish` null nothing is asked. Only the component that calls this renders again when the picture changes.
 */
export function useFrame(wanted: Subscription | null, element: RefObject<Element | null>): Frame | null {
  const run = useCurrentRun();
  const at = useScrubbed(run);
  const wish = wanted && at !== NOW ? { ...wanted, at } : wanted;
  const visible = useOnScreen(element);
  const watcher = useRef<Watcher | null>(null);
  const key = wish ? keyOf(wish) : "";
  const rate = wish?.rate ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key and the rate are all that a wish is made of
  useEffect(() => {
    if (!run || !wish) return;
    const added = run.watching.add(wish, visible);
    watcher.current = added;
    return () => {
      watcher.current = null;
      added.remove();
    };
  }, [run, key, rate]);

  useEffect(() => watcher.current?.show(visible), [visible]);

  const subscribe = useCallback(
    (listener: () => void) => (run && key ? run.frames.listen(key, listener) : () => undefined),
    [run, key],
  );
  const found = useSyncExternalStore(subscribe, () => (run && key ? (run.frames.get(key) ?? null) : null));
  const what = run && wanted ? `${run.id} ${keyOf(wanted)}` : "";
  const shown = useRef<{ what: string; frame: Frame } | null>(null);
  if (found) shown.current = { what, frame: found };
  return found ?? (shown.current?.what === what ? shown.current.frame : null);
}

/** Whether a node, or of a block one inside, has first weights of its own in a run that began with another one's. */
export function useBeganAnew(path: string): boolean {
  const run = useCurrentRun();
  const subscribe = useMemo(() => (run ? (listener: () => void) => run.listen("kept", listener) : nothing), [run]);
  return useSyncExternalStore(subscribe, () => run?.beganAnew(path) ?? false);
}
