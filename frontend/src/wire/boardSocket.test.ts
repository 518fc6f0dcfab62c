import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { BoardSocket, type Saving } from "./boardSocket";

/** The server's end of a socket, as a test holds it. */
class Line {
  static all: Line[] = [];
  static readonly OPEN = 1;
  readyState = 0;
  binaryType = "blob";
  sent: Uint8Array[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    Line.all.push(this);
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = Line.OPEN;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  give(bytes: number[]): void {
    this.onmessage?.({ data: new Uint8Array(bytes).buffer });
  }

  break(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  /** Frames of the document's updates: step 2 and update. */
  get updates(): number {
    return this.sent.filter(([kind, type]) => kind === 0 && (type === 1 || type === 2)).length;
  }
}

/** The server asks what the page has: sync step 1 with an empty state vector. */
const STEP1 = [0, 0, 1, 0];

let saving: Saving[];
let ends: number[];
let role: "editor" | "viewer";
let doc: Y.Doc;
let socket: BoardSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Line);
  Line.all = [];
  [saving, ends, role, doc] = [[], [], "editor", new Y.Doc()];
  socket = new BoardSocket("b1", doc, new Awareness(doc), {
    onMessage: () => undefined,
    onSaving: (now) => saving.push(now),
    onSynced: () => undefined,
    onConnection: (connection, code) => {
      if (connection === "ended") ends.push(code ?? 0);
    },
    mayWrite: () => role === "editor",
  });
});

afterEach(() => {
  socket.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const line = (): Line => Line.all.at(-1) as Line;
const draw = (value: number) => doc.getMap("nodes").set("n", value);

test("an edit is saved once the server says that as many frames as were sent are on its disk", () => {
  line().accept();
  line().give(STEP1);
  line().say({ event: "saved", count: 1 });
  expect(saving.at(-1)).toBe("saved");
  draw(1);
  draw(2);
  expect(line().updates).toBe(3);
  line().say({ event: "saved", count: 2 });
  expect(saving.at(-1)).toBe("saving");
  line().say({ event: "saved", count: 3 });
  expect(saving.at(-1)).toBe("saved");
});

test("what was drawn without a connection is sent when it is back, and counted anew", () => {
  line().accept();
  line().give(STEP1);
  line().say({ event: "saved", count: 1 });
  line().break();
  draw(1);
  expect(saving.at(-1)).toBe("offline");
  vi.advanceTimersByTime(10_000);
  expect(Line.all).toHaveLength(2);
  line().accept();
  line().give(STEP1);
  expect(line().updates).toBe(1);
  expect(saving.at(-1)).toBe("saving");
  line().say({ event: "saved", count: 1 });
  expect(saving.at(-1)).toBe("saved");
});

test("a viewer's page sends no update, whatever is done to its document", () => {
  role = "viewer";
  line().accept();
  line().give(STEP1);
  draw(1);
  expect(line().updates).toBe(0);
});

test("a board that is refused or unknown is not tried again", () => {
  line().accept();
  line().break(4404);
  vi.advanceTimersByTime(60_000);
  expect(ends).toEqual([4404]);
  expect(Line.all).toHaveLength(1);
});

test("what is too long is not sent again and again", () => {
  line().accept();
  line().break(1009);
  vi.advanceTimersByTime(60_000);
  expect(ends).toEqual([1009]);
  expect(Line.all).toHaveLength(1);
});

test("waits grow while nobody answers", () => {
  const waited: number[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    line().break();
    const before = Line.all.length;
    let wait = 0;
    while (Line.all.length === before) {
      vi.advanceTimersByTime(25);
      wait += 25;
    }
    waited.push(wait);
  }
  expect(waited[4]).toBeGreaterThan((waited[0] ?? 0) * 4);
  expect(Math.max(...waited)).toBeLessThanOrEqual(8_025);
});
