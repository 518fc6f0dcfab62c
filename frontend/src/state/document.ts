/** The open board's document, for components: a store that selectors read, and the edits that change it. */
import { create } from "zustand";
import type { Document } from "../graph/document";
import type { Move } from "../graph/moves";
import type { Edit } from "../wire/types";
import type { SharedDocument } from "./shared";

interface DocumentState {
  document: Document;
  canUndo: boolean;
  canRedo: boolean;
}

const EMPTY: DocumentState = { document: {}, canUndo: false, canRedo: false };

export const useDocument = create<DocumentState>(() => EMPTY);

let shared: SharedDocument | null = null;
let locked = true;

/** Makes `next` the open document; the answer closes it. */
export function openDocument(next: SharedDocument): () => void {
  shared = next;
  const refresh = () => useDocument.setState({ document: next.snapshot, canUndo: next.canUndo, canRedo: next.canRedo });
  refresh();
  const stop = next.subscribe(refresh);
  return () => {
    stop();
    if (shared === next) {
      shared = null;
      locked = true;
      useDocument.setState(EMPTY, true);
    }
  };
}

/** A viewer's page is locked: the server would drop the edits and the copies would differ. */
export function lockDocument(now: boolean): void {
  locked = now;
}

export const currentDocument = (): Document => useDocument.getState().document;

/** Applies edits in one transaction; edits with the same merge key that follow each other are one step of undo. */
export function edit(edits: readonly Edit[], merge?: string, moves?: readonly Move[]): void {
  if (!locked) shared?.edit(edits, merge, moves);
}

/** Ends a gesture: the next edit is a step of its own. */
export function finishEdit(): void {
  shared?.finish();
}

export function undo(): void {
  if (locked) return;
  shared?.undo();
  refreshUndo();
}

export function redo(): void {
  if (locked) return;
  shared?.redo();
  refreshUndo();
}

/** This page's number among all that draw on the board. */
export const clientNumber = (): number => shared?.doc.clientID ?? 0;

function refreshUndo(): void {
  if (shared) useDocument.setState({ canUndo: shared.canUndo, canRedo: shared.canRedo });
}
