/** The node that one points at, wherever it is shown: on the board or in a list. */
import { create } from "zustand";

export const usePointed = create<{ path: string | null }>(() => ({ path: null }));

export function point(path: string | null): void {
  if (usePointed.getState().path !== path) usePointed.setState({ path });
}
