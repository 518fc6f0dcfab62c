import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openRunSocket, type RunSocket } from "./runSocket";

/** The server's end of a socket, as a test holds it. */
class Line {
  static all: Line[] = [];
  static readonly OPEN = 1;
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    Line.all.push(this);
  }

  send(text: string): void {
    this.sent.push((JSON.parse(text) as { command: string }).command);
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = Line.OPEN;
    this.onopen?.();
  }

  break(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let socket: RunSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Line);
  Line.all = [];
  socket = openRunSocket("r1", () => 7, {
    message: () => undefined,
    frame: () => undefined,
    open: () => socket.send({ command: "watch", views: [] }),
    lost: () => undefined,
  });
});

afterEach(() => {
  socket.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const line = (): Line => Line.all.at(-1) as Line;

const back = (): Line => {
  vi.advanceTimersByTime(10_000);
  line().accept();
  return line();
};

test("a stop without a connection is told as soon as there is one, once", () => {
  line().accept();
  line().break();
  socket.send({ command: "stop" });
  expect(back().sent).toEqual(["watch", "stop"]);
  vi.advanceTimersByTime(60_000);
  line().break();
  expect(back().sent).toEqual(["watch"]);
});

test("what went out just before the line was lost is told again, for the server may not have heard it", () => {
  line().accept();
  socket.send({ command: "stop" });
  vi.advanceTimersByTime(500);
  line().break(1001);
  expect(back().sent).toEqual(["watch", "stop"]);
});

test("what went out long before is not told again, nor is a step, which twice would be two", () => {
  line().accept();
  socket.send({ command: "pause" });
  vi.advanceTimersByTime(30_000);
  socket.send({ command: "step" });
  line().break();
  expect(back().sent).toEqual(["watch"]);
});

test("steps without a connection are all kept, in order", () => {
  socket.send({ command: "pause" });
  socket.send({ command: "step" });
  socket.send({ command: "step" });
  line().accept();
  expect(line().sent).toEqual(["watch", "pause", "step", "step"]);
});
