/** How a person likes the page: sizes of the panels, tools. Kept in this browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Tool = "select" | "pan";

interface UiState {
  palette: number;
  inspector: number;
  dock: number;
  dockOpen: boolean;
  minimap: boolean;
  /** How the selected layer works is shown. */
  explain: boolean;
  tool: Tool;
  /** Every block is shown open in its place. */
  unfolded: boolean;
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
      minimap: true,
      explain: false,
      tool: "select",
      unfolded: false,
    }),
    {
      name: "chalknet.ui",
      version: 1,
      partialize: ({ palette, inspector, dock, dockOpen, minimap, explain }) => ({
        palette,
        inspector,
        dock,
        dockOpen,
        minimap,
        explain,
      }),
    },
  ),
);

/** A panel's size, within its bounds. */
export function resize(panel: Panel, size: number): void {
  const { least, most } = SIZES[panel];
  useUi.setState({ [panel]: Math.round(Math.min(most, Math.max(least, size))) });
}
