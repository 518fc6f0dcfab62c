/** How a person likes the page: sizes of the panels, tools. Kept in this browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Tool = "select" | "pan";

interface UiState {
  palette: number;
  inspector: number;
  dock: number;
  dockOpen: boolean;
  /** The tab that is wanted below the canvas; not kept. */
  dockTab: string;
  minimap: boolean;
  /** How the selected layer works is shown. */
  explain: boolean;
  /** What a network sees of the selected data is shown. */
  seen: boolean;
  /** Families of the palette that are folded. */
  folded: readonly string[];
  /** How often each layer was added. */
  used: Readonly<Record<string, number>>;
  tool: Tool;
  /** Every block is shown open in its place. */
  unfolded: boolean;
  /** Path of the recurrent layer, or of the block over time, that is drawn once for every step; empty: none. */
  unrolled: string;
}

export const SIZES = {
  palette: { least: 176, most: 360, usual: 232 },
  inspector: { least: 256, most: 480, usual: 300 },
  dock: { least: 140, most: 720, usual: 264 },
} as const;

export type Panel = keyof typeof SIZES;

export const useUi = create<UiState>()(
  persist(
    (): UiState => ({
      palette: SIZES.palette.usual,
      inspector: SIZES.inspector.usual,
      dock: Math.min(SIZES.dock.usual, Math.round(window.innerHeight * 0.3)),
      dockOpen: true,
      dockTab: "overview",
      minimap: true,
      explain: false,
      seen: false,
      folded: [],
      used: {},
      tool: "select",
      unfolded: false,
      unrolled: "",
    }),
    {
      name: "chalknet.ui",
      version: 1,
      partialize: ({ palette, inspector, dock, dockOpen, minimap, explain, seen, folded, used }) => ({
        palette,
        inspector,
        dock,
        dockOpen,
        minimap,
        explain,
        seen,
        folded,
        used,
      }),
    },
  ),
);

/** A panel's size, within its bounds. */
export function resize(panel: Panel, size: number): void {
  const { least, most } = SIZES[panel];
  useUi.setState({ [panel]: Math.round(Math.min(most, Math.max(least, size))) });
}

/** Folds a family of the palette, or opens it again. */
export function fold(family: string): void {
  useUi.setState(({ folded }) => ({
    folded: folded.includes(family) ? folded.filter((each) => each !== family) : [...folded, family],
  }));
}

/** Remembers that a layer was added. */
export function noteUse(key: string): void {
  useUi.setState(({ used }) => ({ used: { ...used, [key]: (used[key] ?? 0) + 1 } }));
}

/** What was added most, at least twice each. */
export function mostUsed(used: UiState["used"], count: number): string[] {
  return Object.entries(used)
    .filter(([, times]) => times > 1)
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([key]) => key);
}
