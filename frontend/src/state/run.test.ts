import { beforeEach, expect, test, vi } from "vitest";
import type { RunEvents } from "../wire/runSocket";
import type { Curve, RunCommand, RunMessage, RunSummary } from "../wire/types";
import { Run } from "./run";

const summary = (change: Partial<RunSummary> = {}): RunSummary => ({
  id: "r1",
  board: "b",
  title: "Spiral",
  state: "running",
  position: 0,
  message: "",
  step: 0,
  steps: 100,
  epoch: 0,
  epochs: 10,
  seconds: 0,
  rate: 0.01,
  dials: {},
  seed: 0,
  hash: "",
  restarts: 0,
  metrics: {},
  created: 1,
  origin: null,
  ...change,
});

const point = (step: number, values: Record<string, number>): Curve => ({
  step,
  epoch: step / 10,
  seconds: step,
  values,
});

/** A run whose socket is in the test's hands. */
function opened() {
  const sent: RunCommand[] = [];
  let events: RunEvents | null = null;
  let since: () => number = () => -1;
  const run = new Run(summary(), (_, asked, given) => {
    since = asked;
    events = given;
    return { send: (command) => sent.push(command), close: () => undefined };
  });
  const socket = events as unknown as RunEvents;
  const tell = (message: Partial<RunMessage> & { event: RunMessage["event"] }) =>
    socket.message({ run: "r1", seq: since() + 1, ...message } as RunMessage);
  return { run, sent, socket, tell, since: () => since() };
}

beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
    work();
    return 0;
  });
});

const read = (run: Run, name: string) => {
  const series = run.curves.series.get(name);
  return series ? [...series.y.subarray(0, series.length)] : null;
};

test("a snapshot brings the whole past", () => {
  const { run, tell } = opened();
  tell({
    event: "snapshot",
    summary: summary({ state: "paused", step: 2, restarts: 1 }),
    points: [point(1, { "train.loss": 3 }), point(2, { "train.loss": 2 })],
    notes: [{ event: "noted", run: "r1", seq: 1, step: 1, text: "rate 0.1" }],
    kept: [{ step: 2, epoch: 0.2, seconds: 2, loss: null }],
    problem: null,
  });
  expect(run.summary).toMatchObject({ state: "paused", step: 2, restarts: 1 });
  expect(read(run, "train.loss")).toEqual([3, 2]);
  expect(run.notes.map(({ text }) => text)).toEqual(["rate 0.1"]);
  expect(run.kept.map(({ step }) => step)).toEqual([2]);
});

test("the kept states are those told last; a rewind takes back what came later", () => {
  const { run, tell } = opened();
  const heard = vi.fn();
  run.listen("kept", heard);
  const kept = (...steps: number[]) => steps.map((step) => ({ step, epoch: step, seconds: step, loss: null }));
  tell({ event: "kept", checkpoints: kept(0, 4, 8) });
  tell({ event: "kept", checkpoints: kept(0, 8, 9) });
  expect(run.kept.map(({ step }) => step)).toEqual([0, 8, 9]);
  tell({ event: "rewound", step: 8 });
  expect(run.kept.map(({ step }) => step)).toEqual([0, 8]);
  expect(heard).toHaveBeenCalledTimes(3);
});

test("metrics are appended and move the progress", () => {
  const { run, tell } = opened();
  tell({ event: "metrics", points: [point(5, { "train.loss": 2, rate: 0.005 }), point(6, { "train.loss": 1 })] });
  tell({ event: "metrics", points: [point(7, { "train.loss": 0.5 })] });
  expect(read(run, "train.loss")).toEqual([2, 1, 0.5]);
  expect(run.summary).toMatchObject({ step: 7, epoch: 0.7, metrics: { "train.loss": 0.5 } });
});

test("a rewind takes back points, notes and the step", () => {
  const { run, tell } = opened();
  tell({ event: "metrics", points: [1, 2, 3].map((step) => point(step, { a: step })) });
  tell({ event: "noted", step: 3, text: "late" });
  tell({ event: "rewound", step: 1 });
  expect(read(run, "a")).toEqual([1]);
  expect(run.notes).toEqual([]);
  expect(run.summary.step).toBe(1);
});

test("the state that is told replaces the one that was known, and nothing else", () => {
  const { run, tell } = opened();
  tell({ event: "metrics", points: [point(5, { a: 1 })] });
  tell({
    event: "state",
    state: "resuming",
    position: 0,
    message: "coming back",
    step: 4,
    steps: 100,
    epoch: 0.4,
    epochs: 10,
    seconds: 4,
    rate: 0.01,
    restarts: 1,
  });
  expect(run.summary).toMatchObject({ id: "r1", title: "Spiral", state: "resuming", step: 4, metrics: { a: 1 } });
  expect(run.summary).not.toHaveProperty("event");
});

test("a failure and an end are kept, with what was measured last", () => {
  const { run, tell } = opened();
  tell({ event: "end", state: "finished", metrics: { "test.accuracy": 0.98 } });
  expect(run.summary).toMatchObject({ state: "finished", metrics: { "test.accuracy": 0.98 } });
  const problem = {
    code: "nonfinite",
    severity: "error" as const,
    node: "conv1",
    edge: null,
    field: null,
    message: "NaN at conv1",
    hint: "",
    fixes: [],
  };
  tell({ event: "failed", problem });
  expect(run.problem?.message).toBe("NaN at conv1");
  expect(run.summary).toMatchObject({ state: "failed", message: "NaN at conv1" });
});

test("who comes back names the last event that was seen, and asks again for what is watched", () => {
  const { run, sent, socket, tell, since } = opened();
  expect(since()).toBe(0);
  tell({ event: "noted", step: 1, text: "a", seq: 7 });
  expect(since()).toBe(7);
  run.watching.add({ view: "maps", node: "conv1" });
  socket.open();
  expect(sent).toEqual([
    { command: "watch", views: [{ view: "maps", node: "conv1", port: "", samples: [0], size: 0, rate: 5, at: -1 }] },
  ]);
  expect(run.connected).toBe(true);
  socket.lost();
  expect(run.connected).toBe(false);
});

test("a listener hears of its own topic once a picture, however much happened in between", () => {
  const work: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (each: () => void) => work.push(each));
  const { run, tell } = opened();
  const [curves, state] = [vi.fn(), vi.fn()];
  run.listen("curves", curves);
  run.listen("summary", state);
  for (let step = 1; step <= 20; step++) tell({ event: "metrics", points: [point(step, { a: step })] });
  tell({ event: "noted", step: 20, text: "x" });
  expect(curves).not.toHaveBeenCalled();
  for (const each of work.splice(0)) each();
  expect([curves.mock.calls.length, state.mock.calls.length]).toEqual([1, 1]);
  tell({ event: "noted", step: 21, text: "y" });
  for (const each of work.splice(0)) each();
  expect([curves.mock.calls.length, state.mock.calls.length]).toEqual([2, 1]);
});

test("of pictures of one key that come faster than the screen shows them, the last is shown", () => {
  const work: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (each: () => void) => work.push(each));
  const { run, socket } = opened();
  const shown: number[] = [];
  run.frames.listen("k", () => shown.push(run.frames.get("k")?.header.step ?? -1));
  for (const step of [1, 2, 3]) {
    const text = JSON.stringify({ event: "view", key: "k", step, arrays: [] }).padEnd(64);
    const buffer = new ArrayBuffer(8 + text.length);
    new DataView(buffer).setUint32(0, text.length, true);
    new Uint8Array(buffer).set(new TextEncoder().encode(text), 8);
    socket.frame(buffer);
  }
  for (const each of work.splice(0)) each();
  expect(shown).toEqual([3]);
});

test("a run that is closed says nothing any more", () => {
  const { run, tell } = opened();
  const heard = vi.fn();
  run.listen("summary", heard);
  run.close();
  tell({ event: "end", state: "finished", metrics: {} });
  expect(heard).not.toHaveBeenCalled();
});
