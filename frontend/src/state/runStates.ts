/** What a frame of a recurrent layer's states says of itself. */

import type { Frame } from "./runFrames";

/** One state of one layer in one direction; its array is called by its place. */
export interface Lane {
  /** `h`, the cell `c` of an LSTM, or what a block calls it. */
  name: string;
  /** From 1. */
  layer: number;
  backwards: boolean;
  units: number;
}

export interface AboutStates {
  lanes: Lane[];
  /** How many steps there are; fewer may be drawn. */
  steps: number;
  /** What is read at every step, by sample. */
  tokens: string[][];
}

export const aboutStates = (frame: Frame | null): AboutStates | null =>
  frame ? (frame.header.about as unknown as AboutStates) : null;
