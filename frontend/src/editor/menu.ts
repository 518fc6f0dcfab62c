/** The menu that a right click opens: at which point, about what. */
import { create } from "zustand";
import type { Point } from "../graph/document";
import { select, useSelection } from "../state/selection";

interface MenuState {
  at: Point | null;
  about: "node" | "edge" | "pane";
}

export const useMenu = create<MenuState>(() => ({ at: null, about: "pane" }));

export const closeMenu = (): void => useMenu.setState({ at: null });

/** What is pointed at is selected, unless it is part of the selection. */
export function openMenu(
  event: { preventDefault: () => void; clientX?: number; clientY?: number },
  about: MenuState["about"],
  id?: string,
): void {
  event.preventDefault();
  const { nodes, edges } = useSelection.getState();
  if (about === "node" && id !== undefined && !nodes.has(id)) select([id]);
  if (about === "edge" && id !== undefined && !edges.has(id)) select([], [id]);
  if (about === "pane") select([]);
  useMenu.setState({ at: { x: event.clientX ?? 0, y: event.clientY ?? 0 }, about });
}
