/** Places in the editor that other rooms fill. */
import { type ComponentType, createContext, useContext } from "react";

export interface Slots {
  /** The small live picture on a node, by the node's path; null where there is nothing to see. */
  Thumbnail: ComponentType<{ node: string }>;
  /** Train, and what can be done while it runs; stands in the bar at the top. */
  Train: ComponentType;
  /** The class that the board was handed out in, behind its title; null where there is none. */
  Class: ComponentType;
  /** Curves and views, below the canvas. */
  Dock: ComponentType;
}

const Nothing = () => null;

export const SlotsContext = createContext<Slots>({ Thumbnail: Nothing, Train: Nothing, Class: Nothing, Dock: Nothing });

export const useSlots = (): Slots => useContext(SlotsContext);
