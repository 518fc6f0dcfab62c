/** What a card of the shelf is: a worked example, a decision or a figure. One file a card, one place that lists them. */
import type { CustomTypeOptions } from "i18next";
import type { ComponentType } from "react";

export type CardId = keyof CustomTypeOptions["resources"]["learn"]["cards"];

export const SHELVES = ["calculators", "figures", "strategy"] as const;
export type Shelf = (typeof SHELVES)[number];

/** What a new board is made from: one of the gallery, or a document. */
export type From = { gallery: string } | { document: unknown };

export interface BodyProps {
  /** Makes a board and goes there. */
  open: (from: From) => void;
}

export interface Card {
  id: CardId;
  shelf: Shelf;
  /** Boards of the gallery that show the same. */
  boards?: readonly string[];
  Body: ComponentType<BodyProps>;
}
