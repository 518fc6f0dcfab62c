/** Whether the quick-add is open, and where what is chosen there goes. */
import { create } from "zustand";
import type { Point } from "../graph/document";
import type { Placement } from "./actions";

export interface Asking {
  /** Where on the screen it opens; in the middle if it was asked by a key. */
  screen?: Point;
  at?: Point;
  wire?: Placement["wire"];
}

export const useQuickAdd = create<{ asking: Asking | null }>(() => ({ asking: null }));

export const openQuickAdd = (asking: Asking = {}): void => useQuickAdd.setState({ asking });
export const closeQuickAdd = (): void => useQuickAdd.setState({ asking: null });
