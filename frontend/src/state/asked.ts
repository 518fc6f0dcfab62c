/** What a network was asked about, as far as the cards of the board show it: of this page only. */

import { create } from "zustand";
import type { Frame } from "./runFrames";

interface AskedState {
  /** Whether the cards may show it. */
  wanted: boolean;
  /** The pictures on the way, by the node whose they are; empty: the cards show what they always do. */
  frames: ReadonlyMap<string, Frame>;
  /** What was asked about, in words. */
  what: string;
}

const NONE: ReadonlyMap<string, Frame> = new Map();

export const useAsked = create<AskedState>(() => ({ wanted: true, frames: NONE, what: "" }));

export function showAsked(frames: ReadonlyMap<string, Frame>, what: string): void {
  useAsked.setState({ frames, what });
}

/** The cards show again what they always do. */
export function hideAsked(): void {
  if (useAsked.getState().frames !== NONE) useAsked.setState({ frames: NONE, what: "" });
}
