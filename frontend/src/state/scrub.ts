/** Where this person looks into the current run's life: at the newest state, or at a kept one. Nobody else's business. */

import { useMemo, useSyncExternalStore } from "react";
import { create } from "zustand";
import type { Checkpoint } from "../wire/types";
import type { Run } from "./run";
import { NOW } from "./runWatch";

interface Scrub {
  run: string;
  /** Step of a kept state; NOW: the newest. */
  at: number;
}

export const useScrub = create<Scrub>(() => ({ run: "", at: NOW }));

/** Moves every panel to a kept state of a run, or back to the newest. */
export const scrub = (run: string, at: number): void => useScrub.setState({ run, at });

/** The step that this run is looked at; NOW: the newest. Another run begins at its newest. */
export const useScrubbed = (run: Run | null): number =>
  useScrub((state) => (run && state.run === run.id ? state.at : NOW));

const nothing = () => () => undefined;
const NONE: readonly Checkpoint[] = [];

/** The states of a run that can be looked at. */
export function useKeptStates(run: Run | null): readonly Checkpoint[] {
  const subscribe = useMemo(() => (run ? (listener: () => void) => run.listen("kept", listener) : nothing), [run]);
  return useSyncExternalStore(subscribe, () => run?.kept ?? NONE);
}

/** The kept state that is nearest to a step. */
export function nearest(kept: readonly Checkpoint[], step: number): Checkpoint | undefined {
  let found = kept[0];
  for (const each of kept) if (found && Math.abs(each.step - step) < Math.abs(found.step - step)) found = each;
  return found;
}

/** The state before or after the one that is looked at; beyond the last there is the newest. */
export function beside(kept: readonly Checkpoint[], at: number, by: 1 | -1): number {
  if (kept.length === 0) return NOW;
  if (at === NOW) return by < 0 ? (kept.at(-1)?.step ?? NOW) : NOW;
  if (by > 0) return kept.find(({ step }) => step > at)?.step ?? NOW;
  return kept.filter(({ step }) => step < at).at(-1)?.step ?? kept[0]?.step ?? NOW;
}

/** The state with the least validation loss, where it was measured. */
export function bestOf(kept: readonly Checkpoint[]): Checkpoint | undefined {
  let found: Checkpoint | undefined;
  for (const each of kept)
    if (each.loss !== null && (found === undefined || each.loss < (found.loss as number))) found = each;
  return found;
}
