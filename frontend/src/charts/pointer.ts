/** Where charts of one group are looked at: one crosshair, one zoom. */
import { create } from "zustand";

export type Stretch = readonly [from: number, to: number];

export interface Pointer {
  /** Where the crosshair stands. */
  under: number | null;
  /** The stretch that is zoomed into; null: all. */
  view: Stretch | null;
}

export const NOWHERE: Pointer = { under: null, view: null };

const usePointers = create<Readonly<Record<string, Pointer>>>(() => ({}));

export const usePointer = (group: string): Pointer => usePointers((all) => all[group] ?? NOWHERE);

export const point = (group: string, change: Partial<Pointer>): void =>
  usePointers.setState((all) => ({ [group]: { ...(all[group] ?? NOWHERE), ...change } }));

/** The group's charts are gone. */
export const forget = (group: string): void => usePointers.setState(({ [group]: _gone, ...others }) => others, true);
