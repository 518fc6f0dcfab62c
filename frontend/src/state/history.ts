/**
 * What a person can take back: for every step the places that were written, with what stood there before and after.
 *
 * A place is only ever taken back while it still holds what this person wrote. So undo never touches what somebody else
 * did since: their value stays, a node that they changed or wired stays.
 */
import { apply, remove, set } from "../graph/apply";
import { type Document, edgesOf, isWhole, type Json, nodesOf, rootOf } from "../graph/document";
import { same } from "../graph/edits";
import { type Move, type Place, reversed } from "../graph/moves";
import type { Edit } from "../wire/types";

interface Change {
  path: string[];
  /** Undefined where nothing stood. */
  before: Json | undefined;
  after: Json | undefined;
}

interface Step {
  changes: Change[];
  /** Nodes that moved. Such a step is taken back whole or not at all: half of it would leave them twice, or nowhere. */
  moves: Move[];
  /** It was taken back; what takes it up again are its moves as they were. */
  undone?: boolean;
}

/** What takes a step back. */
interface Back {
  edits: Edit[];
  moves: readonly Move[];
}

/** Steps that are kept. */
const MOST_STEPS = 300;
/** Edits with one merge key become one step when they follow within this time. */
const MERGE_WITHIN = 1500;

function at(document: Document, path: readonly string[]): Json | undefined {
  let here: unknown = document;
  for (const key of path) {
    if (typeof here !== "object" || here === null || Array.isArray(here)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here as Json | undefined;
}

const begins = (path: readonly string[], start: readonly string[]) => start.every((key, i) => path[i] === key);
const related = (a: readonly string[], b: readonly string[]) => begins(a, b) || begins(b, a);

export class History {
  private readonly done: Step[] = [];
  private readonly undone: Step[] = [];
  private merging: { key: string; until: number } | null = null;

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Keeps what the edits change in the document as it is before them. */
  record(document: Document, edits: readonly Edit[], merge?: string, moves: readonly Move[] = []): void {
    const now = performance.now();
    const last = this.done.at(-1);
    const continues = last && merge !== undefined && this.merging?.key === merge && now < this.merging.until;
    const step: Step = continues ? last : { changes: [], moves: [] };
    let here = document;
    for (const edit of edits) {
      const before = at(here, edit.path);
      here = apply(here, [edit]);
      const after = at(here, edit.path);
      if (!same(before, after)) note(step.changes, { path: edit.path, before, after });
    }
    step.moves.push(...moves);
    if (step.changes.length === 0) return;
    this.merging = merge === undefined ? null : { key: merge, until: now + MERGE_WITHIN };
    this.undone.length = 0;
    if (continues) return;
    this.done.push(step);
    if (this.done.length > MOST_STEPS) this.done.shift();
  }

  /** The next edit starts a step of its own, whatever its merge key. */
  finish(): void {
    this.merging = null;
  }

  /** The edits that take the latest step back; a step of which nothing is left is passed over. */
  undo(document: Document): Back {
    return this.back(document, this.done, this.undone);
  }

  redo(document: Document): Back {
    return this.back(document, this.undone, this.done);
  }

  private back(document: Document, from: Step[], to: Step[]): Back {
    this.merging = null;
    for (let step = from.pop(); step; step = from.pop()) {
      const moves = step.undone ? step.moves : reversed(step.moves);
      const kept: Step = { changes: [], moves: step.moves, undone: !step.undone };
      const edits = step.moves.length > 0 ? moveBack(document, step, moves, kept) : takeBack(document, step, kept);
      if (edits.length === 0) continue;
      to.push(kept);
      return { edits, moves };
    }
    return { edits: [], moves: [] };
  }
}

/** The edits that take back what still is as the step left it. */
function takeBack(document: Document, step: Step, kept: Step): Edit[] {
  const edits: Edit[] = [];
  let here = document;
  for (const { path, before, after } of [...step.changes].reverse()) {
    if (!same(at(here, path), after)) continue;
    const edit = before === undefined ? remove(path) : set(path, before);
    const next = apply(here, [edit]);
    if (before === undefined && carriesOthers(next, step.changes, path)) continue;
    here = next;
    edits.push(edit);
    kept.changes.push({ path, before: after, after: before });
  }
  return edits;
}

/**
 * The edits that bring nodes back which a step moved, with what was changed in them since, by whomever. None where the
 * board has changed so that they cannot all go back.
 */
function moveBack(document: Document, step: Step, moves: readonly Move[], kept: Step): Edit[] {
  const edits: Edit[] = [];
  /** What the step wrote at a place, and what it found there. */
  const [wrote, found] = (["after", "before"] as const).map((side) => (place: Place): Json | undefined => {
    const path = pathOf(place);
    const change = step.changes.find((each) => begins(path, each.path));
    return change?.[side] === undefined ? undefined : inside(change[side], path.slice(change.path.length));
  }) as [(place: Place) => Json | undefined, (place: Place) => Json | undefined];
  // As it was when the step was done, but for what else has changed: the nodes' own values do not count.
  let here = document;
  const brought = new Map<string, Json>();
  for (const { from, to } of moves) {
    const [now, then] = [at(here, pathOf(from)), wrote(from)];
    if (now === undefined || then === undefined) return [];
    const homes = to.filter(({ fields }) => !fields);
    if (homes.length === 0) continue; // it goes nowhere, so it must be as it was
    here = apply(here, [set(pathOf(from), then)]);
    for (const home of homes) {
      const old = found(home);
      if (old !== undefined) brought.set(pathOf(home).join("/"), patch(old, then, now));
    }
  }
  for (const { path, before, after } of [...step.changes].reverse()) {
    const isDrawn = path[0] === "drawing";
    if (!isDrawn && !same(at(here, path), after)) return [];
    const value = before === undefined ? undefined : withNodes(before, path, brought);
    const edit = value === undefined ? remove(path) : set(path, value);
    const next = apply(here, [edit]);
    if (value === undefined && carriesOthers(next, step.changes, path)) return [];
    here = next;
    edits.push(edit);
  }
  // What takes it up again compares with the board as it is now, before and after.
  for (const { path } of [...step.changes].reverse()) {
    kept.changes.push({ path, before: at(document, path), after: at(here, path) });
  }
  return edits;
}

const pathOf = ({ scope, node }: Place): string[] => [...rootOf(scope), "nodes", node];

function inside(value: Json | undefined, path: readonly string[]): Json | undefined {
  return at({ value } as unknown as Document, ["value", ...path]);
}

/** `old` with the keys, and the fields, that differ between two later versions of it. */
function patch(old: Json, then: Json, now: Json): Json {
  const [start, end] = [then as Record<string, Json>, now as Record<string, Json>];
  const next = { ...(old as Record<string, Json>) };
  for (const key of new Set([...Object.keys(start), ...Object.keys(end)])) {
    if (same(start[key], end[key])) continue;
    if (key === "fields") next.fields = patch(next.fields ?? {}, start.fields ?? {}, end.fields ?? {});
    else if (end[key] === undefined) delete next[key];
    else next[key] = end[key];
  }
  return next;
}

/** A value that is written at a path, with the nodes in it, or itself, as they are brought back. */
function withNodes(value: Json, path: readonly string[], brought: ReadonlyMap<string, Json>): Json {
  let tree: Document = { value } as unknown as Document;
  const start = path.join("/");
  for (const [place, node] of brought) {
    if (place !== start && !place.startsWith(`${start}/`)) continue;
    const rest = place === start ? [] : place.slice(start.length + 1).split("/");
    tree = apply(tree, [set(["value", ...rest], node)]);
  }
  return at(tree, ["value"]) as Json;
}

/** Adds a change to a step; a place that is written again keeps what stood there first. */
function note(step: Change[], change: Change): void {
  for (let index = step.length - 1; index >= 0; index -= 1) {
    const earlier = step[index] as Change;
    if (earlier.path.length === change.path.length && begins(earlier.path, change.path)) {
      earlier.after = change.after;
      return;
    }
    if (related(earlier.path, change.path)) break;
  }
  step.push(change);
}

/** Whether a node that would go has a wire that the same step did not draw: it is somebody else's. */
function carriesOthers(without: Document, step: readonly Change[], path: readonly string[]): boolean {
  const scope = path[0] === "blocks" ? (path[1] ?? "") : "";
  const [kind, id] = path.slice(scope ? 2 : 0);
  if (kind !== "nodes" || !id || path.length !== (scope ? 4 : 2)) return false;
  const nodes = nodesOf(without, scope);
  const own = new Set(step.map((change) => change.path.at(-1)));
  return Object.entries(edgesOf(without, scope)).some(
    ([edge, wire]) => !own.has(edge) && !isWhole(wire, nodes) && (wire.from === id || wire.to === id),
  );
}
