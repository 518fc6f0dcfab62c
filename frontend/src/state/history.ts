/**
 * What a person can take back: for every step the places that were written, with what stood there before and after.
 *
 * A place is only ever taken back while it still holds what this person wrote. So undo never touches what somebody else
 * did since: their value stays, a node that they changed or wired stays.
 */
import { apply, remove, set } from "../graph/apply";
import { type Document, edgesOf, isWhole, type Json, nodesOf } from "../graph/document";
import { same } from "../graph/edits";
import type { Edit } from "../wire/types";

interface Change {
  path: string[];
  /** Undefined where nothing stood. */
  before: Json | undefined;
  after: Json | undefined;
}

type Step = Change[];

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
  record(document: Document, edits: readonly Edit[], merge?: string): void {
    const now = performance.now();
    const last = this.done.at(-1);
    const continues = last && merge !== undefined && this.merging?.key === merge && now < this.merging.until;
    const step: Step = continues ? last : [];
    let here = document;
    for (const edit of edits) {
      const before = at(here, edit.path);
      here = apply(here, [edit]);
      const after = at(here, edit.path);
      if (!same(before, after)) note(step, { path: edit.path, before, after });
    }
    if (step.length === 0) return;
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
  undo(document: Document): Edit[] {
    return this.back(document, this.done, this.undone);
  }

  redo(document: Document): Edit[] {
    return this.back(document, this.undone, this.done);
  }

  private back(document: Document, from: Step[], to: Step[]): Edit[] {
    this.merging = null;
    for (let step = from.pop(); step; step = from.pop()) {
      const edits: Edit[] = [];
      const kept: Step = [];
      let here = document;
      for (const { path, before, after } of [...step].reverse()) {
        if (!same(at(here, path), after)) continue;
        const edit = before === undefined ? remove(path) : set(path, before);
        const next = apply(here, [edit]);
        if (before === undefined && carriesOthers(next, step, path)) continue;
        here = next;
        edits.push(edit);
        kept.push({ path, before: after, after: before });
      }
      if (edits.length === 0) continue;
      to.push(kept);
      return edits;
    }
    return [];
  }
}

/** Adds a change to a step; a place that is written again keeps what stood there first. */
function note(step: Step, change: Change): void {
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
function carriesOthers(without: Document, step: Step, path: readonly string[]): boolean {
  const scope = path[0] === "blocks" ? (path[1] ?? "") : "";
  const [kind, id] = path.slice(scope ? 2 : 0);
  if (kind !== "nodes" || !id || path.length !== (scope ? 4 : 2)) return false;
  const nodes = nodesOf(without, scope);
  const own = new Set(step.map((change) => change.path.at(-1)));
  return Object.entries(edgesOf(without, scope)).some(
    ([edge, wire]) => !own.has(edge) && !isWhole(wire, nodes) && (wire.from === id || wire.to === id),
  );
}
