/** Who else is on the board: their cursors and selections, and one's own, told at most ten times a second. */
import type { Awareness } from "y-protocols/awareness";
import { create } from "zustand";
import type { Scope } from "../graph/document";
import type { Person } from "../wire/types";

export interface Cursor {
  x: number;
  y: number;
  /** The block that it is in; "" is the board itself. */
  block: Scope;
}

export interface Peer {
  client: number;
  user: Person;
  cursor: Cursor | null;
  selection: readonly string[];
}

interface PeopleState {
  me: Person | null;
  peers: readonly Peer[];
}

export const usePeople = create<PeopleState>(() => ({ me: null, peers: [] }));

const CURSOR_EVERY = 100;

/** Follows an awareness; the answer tells one's own cursor and selection, and stops. */
export interface Presence {
  introduce(me: Person): void;
  point(cursor: Cursor | null): void;
  hold(selection: readonly string[]): void;
  stop(): void;
}

export function openPresence(awareness: Awareness): Presence {
  let cursor: Cursor | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const refresh = () => usePeople.setState({ peers: peersOf(awareness) });
  awareness.on("change", refresh);
  awareness.setLocalState({ user: null, cursor: null, selection: [] });
  return {
    introduce(me) {
      usePeople.setState({ me });
      awareness.setLocalStateField("user", me);
    },
    point(next) {
      cursor = next;
      timer ??= setTimeout(() => {
        timer = null;
        awareness.setLocalStateField("cursor", cursor);
      }, CURSOR_EVERY);
    },
    hold(selection) {
      awareness.setLocalStateField("selection", selection);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      awareness.off("change", refresh);
      usePeople.setState({ me: null, peers: [] });
    },
  };
}

const isPerson = (value: unknown): value is Person =>
  typeof value === "object" && value !== null && typeof (value as Person).name === "string";

function cursorOf(value: unknown): Cursor | null {
  if (typeof value !== "object" || value === null) return null;
  const { x, y, block } = value as Partial<Cursor>;
  if (typeof x !== "number" || typeof y !== "number") return null;
  return { x, y, block: typeof block === "string" ? block : "" };
}

/** The others, in a steady order; two tabs of one person are two. */
export function peersOf(awareness: Awareness): Peer[] {
  const peers: Peer[] = [];
  for (const [client, state] of awareness.getStates()) {
    if (client === awareness.clientID) continue;
    const { user, cursor, selection } = state as Record<string, unknown>;
    if (!isPerson(user)) continue;
    peers.push({
      client,
      user: { id: String(user.id ?? client), name: user.name, color: colourOf(user.color) },
      cursor: cursorOf(cursor),
      selection: Array.isArray(selection) ? selection.filter((id): id is string => typeof id === "string") : [],
    });
  }
  return peers.sort((a, b) => a.client - b.client);
}

/** Only a colour may become a style. */
const colourOf = (value: unknown): string =>
  typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value) ? value : "#7a45cf";
