/** How a person likes curves drawn, in the dock and over runs. Kept in this browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Axis } from "./runSeries";

/** Which earlier runs lie under a run's curves: none, the one before it, the one whose weights it began with, the last five. */
export const UNDER = ["none", "before", "origin", "five"] as const;
export type Under = (typeof UNDER)[number];

interface CurveChoice {
  axis: Axis;
  log: boolean;
  /** β of the running mean; 0: none. */
  smoothing: number;
  under: Under;
}

export const useCurveChoice = create<CurveChoice>()(
  persist((): CurveChoice => ({ axis: "step", log: false, smoothing: 0, under: "none" }), {
    name: "chalknet.curves",
    version: 1,
  }),
);

export const chooseCurves = (change: Partial<CurveChoice>): void => {
  useCurveChoice.setState(change);
};
