/** Edits are data: the same `{path, value, remove}` as a problem's fixes, here on plain values. */
import type { Edit } from "../wire/types";
import type { Document, Json } from "./document";

export const set = (path: string[], value: unknown): Edit => ({ path, value: value as Edit["value"], remove: false });
export const remove = (path: string[]): Edit => ({ path, value: null, remove: true });

type Tree = { [key: string]: Json };

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A new tree with one value replaced; what is not on the way is shared with the old one. */
function replaced(tree: Tree, path: readonly string[], edit: Edit): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  if (rest.length === 0) {
    if (edit.remove) {
      if (!(key in tree)) return tree;
      const { [key]: _, ...others } = tree;
      return others;
    }
    return { ...tree, [key]: edit.value as Json };
  }
  const inner = tree[key];
  if (!isTree(inner) && edit.remove) return tree;
  return { ...tree, [key]: replaced(isTree(inner) ? inner : {}, rest, edit) };
}

/** The document after the edits, in their order; the given one stays as it is. */
export function apply(document: Document, edits: readonly Edit[]): Document {
  let tree = document as unknown as Tree;
  for (const edit of edits) tree = replaced(tree, edit.path, edit);
  return tree as unknown as Document;
}
