/** What is selected, and where in the board's blocks one is: of this page only. */
import { create } from "zustand";
import { type Level, levelOf, type Trail } from "../graph/document";
import { currentDocument, useDocument } from "./document";

interface SelectionState {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

export const useSelection = create<SelectionState>(() => ({ nodes: NOTHING, edges: NOTHING }));

interface LevelState extends Level {
  /** The instances that were opened, outermost first. */
  trail: Trail;
}

const TOP: LevelState = { scope: "", prefix: "", trail: [] };

/** The level of the board that one looks at. */
export const useLevel = create<LevelState>(() => TOP);

const equal = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
  a.size === b.size && [...a].every((item) => b.has(item));

export function select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
  const before = useSelection.getState();
  const next = { nodes: new Set(nodes), edges: new Set(edges) };
  if (equal(before.nodes, next.nodes) && equal(before.edges, next.edges)) return;
  useSelection.setState(next);
}

/** Opens an instance of a block, or goes back to a level. */
export function goTo(trail: Trail, nodes: Iterable<string> = []): void {
  useLevel.setState(levelOf(currentDocument(), trail));
  select(nodes);
}

export function forgetSelection(): void {
  select([]);
  useLevel.setState(TOP);
}

// Somebody may delete what is selected, or the block that one stands in.
useDocument.subscribe(({ document }, before) => {
  if (document === before.document) return;
  const level = useLevel.getState();
  const next = levelOf(document, level.trail);
  if (next.scope !== level.scope || next.prefix !== level.prefix) useLevel.setState(next);
});

/** The only node that is selected, if it is one. */
export const onlyNode = ({ nodes, edges }: SelectionState): string | null =>
  nodes.size === 1 && edges.size === 0 ? ([...nodes][0] ?? null) : null;
