/** What this person looks at in a run: shared by the thumbnails, the dock and the enlarged view; nobody else's business. */

import { create } from "zustand";

interface Choice {
  /** Index of the validation sample that maps, attention and boxes are shown for. */
  sample: number;
  /** Path of the node whose view is enlarged; null: the first that has the view. */
  focus: string | null;
  /** Attention head that is enlarged. */
  head: number;
  /** Boxes below this score are hidden. */
  score: number;
  /** Boxes of one class that overlap by more than this (intersection over union) count as one. */
  overlap: number;
  /** A unit of a map that was clicked: its node, and its place as shares of the map's height and width. */
  unit: { node: string; down: number; across: number } | null;
}

export const useChoice = create<Choice>(() => ({
  sample: 0,
  focus: null,
  head: 0,
  score: 0.5,
  overlap: 0.5,
  unit: null,
}));

export const choose = (change: Partial<Choice>): void => useChoice.setState(change);
