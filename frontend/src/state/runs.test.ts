import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunEvents } from "../wire/runSocket";
import type { RunCommand, RunSummary } from "../wire/types";
import { activeRun, commandRun, followRun, openBoardRuns, pickRun, receiveRuns, runsListener, useRuns } from "./runs";

interface Opened {
  run: string;
  events: RunEvents;
  sent: RunCommand[];
  closed: boolean;
}

const sockets = vi.hoisted(() => [] as Opened[]);

vi.mock("../wire/runSocket", () => ({
  openRunSocket: (run: string, _since: () => number, events: RunEvents) => {
    const opened: Opened = { run, events, sent: [], closed: false };
    sockets.push(opened);
    return {
      send: (command: RunCommand) => opened.sent.push(command),
      close: () => {
        opened.closed = true;
      },
    };
  },
}));

const run = (id: string, created: number, state: RunSummary["state"] = "finished") =>
  ({ id, created, state, metrics: {}, step: 0, epoch: 0, seconds: 0 }) as RunSummary;
const looking = () => useRuns.getState().current?.id;

let close: () => void;
beforeEach(() => {
  sockets.length = 0;
  close = openBoardRuns();
});
afterEach(() => close());

test("a board that opens looks at its newest run, so that a reload finds the one that runs", () => {
  runsListener.message({ event: "welcome", runs: [run("a", 1), run("b", 2, "running")] } as never);
  expect(looking()).toBe("b");
  expect(useRuns.getState().list.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(sockets.map((socket) => socket.run)).toEqual(["b"]);
});

test("a board without runs knows that it has none", () => {
  expect(useRuns.getState().known).toBe(false);
  runsListener.message({ event: "welcome", runs: [] } as never);
  expect(useRuns.getState()).toMatchObject({ known: true, current: null });
});

test("a new run is followed, and the old one's line is closed", () => {
  receiveRuns([run("a", 1)], true);
  runsListener.message({ event: "runs", runs: [run("b", 2, "queued")], gone: [] } as never);
  expect(looking()).toBe("b");
  expect(sockets.map(({ run: id, closed }) => [id, closed])).toEqual([
    ["a", true],
    ["b", false],
  ]);
});

test("who picked an earlier run stays with it; picking the newest follows again", () => {
  receiveRuns([run("a", 1), run("b", 2)], true);
  pickRun("a");
  receiveRuns([run("c", 3, "running")]);
  expect(looking()).toBe("a");
  pickRun("c");
  receiveRuns([run("d", 4, "running")]);
  expect(looking()).toBe("d");
});

test("a run that one starts oneself is looked at, whatever was picked", () => {
  receiveRuns([run("a", 1), run("b", 2)], true);
  pickRun("a");
  followRun(run("c", 3, "queued"));
  expect(looking()).toBe("c");
  expect(useRuns.getState().picked).toBe(false);
});

test("the list's news of the run that is looked at opens no second line", () => {
  receiveRuns([run("a", 1, "running")], true);
  receiveRuns([run("a", 1, "finished")]);
  expect(sockets).toHaveLength(1);
  expect(useRuns.getState().current?.summary.state).toBe("finished");
});

test("the run that has not ended is the active one", () => {
  expect(activeRun([run("b", 2), run("a", 1, "paused")])?.id).toBe("a");
  expect(activeRun([run("b", 2, "failed"), run("a", 1, "stopped")])).toBeUndefined();
});

test("a command goes over the line that is open, or over one of its own", () => {
  receiveRuns([run("a", 1), run("b", 2, "running")], true);
  commandRun("b", { command: "pause" });
  expect(sockets[0]?.sent).toEqual([{ command: "pause" }]);
  pickRun("a");
  commandRun("b", { command: "stop" });
  const own = sockets.at(-1) as Opened;
  own.events.open();
  expect(own).toMatchObject({ run: "b", sent: [{ command: "stop" }], closed: true });
});

test("leaving the board forgets its runs and closes the line", () => {
  receiveRuns([run("a", 1, "running")], true);
  close();
  expect(sockets[0]?.closed).toBe(true);
  expect(useRuns.getState()).toMatchObject({ list: [], current: null });
});
