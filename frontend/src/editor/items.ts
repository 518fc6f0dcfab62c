/** What the palette offers here. */
import { useMemo } from "react";
import { type Item, itemsOf, useCatalogue } from "../state/catalogue";
import { useLevel } from "../state/selection";

/** The kind of data that a dragged palette item carries. */
export const DRAGGED = "application/x-chalknet-layer";

const NONE: readonly Item[] = [];

export function useItems(): readonly Item[] {
  const catalogue = useCatalogue((state) => state.catalogue);
  const inside = useLevel((level) => level.scope !== "");
  return useMemo(() => (catalogue ? itemsOf(catalogue, inside) : NONE), [catalogue, inside]);
}

/** An item by its key; null where there is none. */
export function itemOf(key: string): Item | null {
  const { catalogue } = useCatalogue.getState();
  return (catalogue && itemsOf(catalogue, true).find((item) => item.key === key)) ?? null;
}
