/**
 * The document that several people draw on: a Y.Doc, a plain snapshot of it, and an undo that knows whose edit is whose.
 * The snapshot shares everything that did not change, so that `===` tells what did.
 */
import * as Y from "yjs";
import { set } from "../graph/apply";
import type { Document, Json } from "../graph/document";
import { dangling } from "../graph/edits";
import { inSight, type Move } from "../graph/moves";
import type { Edit } from "../wire/types";
import { History } from "./history";
import { ROOTS, type Root, toPlain, write } from "./written";

type Plain = Record<string, Json>;

/** `tree` with the value at `path` replaced (undefined: removed); the rest is shared. */
function patched(tree: Plain, path: readonly (string | number)[], value: Json | undefined): Plain {
  const [key, ...rest] = path;
  const name = String(key);
  if (rest.length === 0) {
    if (value === undefined) {
      const { [name]: _, ...others } = tree;
      return others;
    }
    return { ...tree, [name]: value };
  }
  const inner = tree[name];
  const branch = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Plain) : {};
  return { ...tree, [name]: patched(branch, rest, value) };
}

export class SharedDocument {
  readonly doc = new Y.Doc();
  private readonly history = new History();
  private readonly listeners = new Set<() => void>();
  private roots: Record<Root, Plain>;
  private plain: Document;

  constructor() {
    this.roots = Object.fromEntries(ROOTS.map((root) => [root, {}])) as Record<Root, Plain>;
    this.plain = this.assembled();
    for (const root of ROOTS) {
      const map = this.doc.getMap(root);
      map.observeDeep((events) => {
        for (const event of events) this.follow(root, event as Y.YMapEvent<unknown>);
      });
    }
    this.doc.on("afterTransaction", (transaction) => {
      if (transaction.changed.size === 0) return;
      this.plain = this.assembled();
      for (const listener of this.listeners) listener();
    });
  }

  /** The document as it is now; a new object after every change. */
  get snapshot(): Document {
    return this.plain;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Applies edits at once: others see all or nothing, undo takes them back together. With a `merge` key, edits that
   * follow each other (a drag, typing into a field) are one step. With `moves`, nodes that the edits make anew elsewhere
   * are not deleted where they stood: what others still write there is carried along.
   */
  edit(edits: readonly Edit[], merge?: string, moves: readonly Move[] = []): void {
    if (edits.length === 0) return;
    this.history.record(this.plain, edits, merge, moves);
    this.write(edits, moves);
  }

  /** The next edit starts a step of its own, whatever its merge key. */
  finish(): void {
    this.history.finish();
  }

  /** Removes what no edit meant to leave: wires that lost an end when a delete crossed them. */
  tidy(): void {
    this.write(dangling(this.plain));
  }

  /** Takes over a whole document (a board that lives in this page only). */
  load(document: Document): void {
    const { version: _, title, ...parts } = document;
    const edits = [set(["title"], title ?? "")];
    for (const [root, value] of Object.entries(parts)) {
      for (const [key, inner] of Object.entries(value as Plain)) edits.push(set([root, key], inner));
    }
    this.write(edits);
  }

  undo(): void {
    const { edits, moves } = this.history.undo(this.plain);
    this.write(edits, moves);
  }

  redo(): void {
    const { edits, moves } = this.history.redo(this.plain);
    this.write(edits, moves);
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  close(): void {
    this.doc.destroy();
    this.listeners.clear();
  }

  /** All at once, for oneself and for the others. */
  private write(edits: readonly Edit[], moves: readonly Move[] = []): void {
    if (edits.length === 0) return;
    this.doc.transact(() => write(this.doc, edits, moves));
  }

  private follow(root: Root, event: Y.YMapEvent<unknown>): void {
    if (!(event.target instanceof Y.Map)) {
      this.roots[root] = toPlain(this.doc.getMap(root)) as Plain;
      return;
    }
    // A map that was itself replaced in this transaction is read with its parent.
    if (event.target !== this.doc.getMap(root) && event.target._item?.deleted) return;
    for (const key of event.keysChanged) {
      const value = event.target.has(key) ? toPlain(event.target.get(key)) : undefined;
      this.roots[root] = patched(this.roots[root], [...event.path, key], value);
    }
  }

  private assembled(): Document {
    const { meta, moved, ...parts } = this.roots;
    const title = typeof meta.title === "string" ? meta.title : "";
    return inSight({ ...parts, version: 1, title } as unknown as Document, moved);
  }
}
