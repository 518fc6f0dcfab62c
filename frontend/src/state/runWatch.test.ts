import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Asked, keyOf, WatchList } from "./runWatch";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function list() {
  const told: Asked[][] = [];
  return { told, watching: new WatchList((views) => told.push(views)) };
}

test("a key is the server's", () => {
  expect(keyOf({ view: "maps", node: "conv1" })).toBe("maps|conv1||0|0");
  expect(keyOf({ view: "matrix", node: "e/0/a", port: "y", samples: [3, 4], size: 8 })).toBe("matrix|e/0/a|y|3,4|8");
});

test("several components that open together make one message with what each of them wants", () => {
  const { told, watching } = list();
  watching.add({ view: "maps", node: "a" });
  watching.add({ view: "maps", node: "b", samples: [7] });
  vi.runAllTimers();
  expect(told).toHaveLength(1);
  expect(told[0]?.map(keyOf)).toEqual(["maps|a||0|0", "maps|b||7|0"]);
});

test("two who want the same are asked for once, at the faster rate; when one goes, the slower holds", () => {
  const { told, watching } = list();
  watching.add({ view: "maps", node: "a", rate: 2 });
  const fast = watching.add({ view: "maps", node: "a", rate: 10 });
  vi.runAllTimers();
  expect(told.at(-1)?.map(({ rate }) => rate)).toEqual([10]);
  fast.remove();
  vi.runAllTimers();
  expect(told.at(-1)?.map(({ rate }) => rate)).toEqual([2]);
});

test("who is scrolled away is not asked for, and again when back", () => {
  const { told, watching } = list();
  const watcher = watching.add({ view: "maps", node: "a" }, false);
  vi.runAllTimers();
  expect(told).toHaveLength(0);
  watcher.show(true);
  vi.runAllTimers();
  expect(told.at(-1)).toHaveLength(1);
  watcher.show(false);
  vi.runAllTimers();
  expect(told.at(-1)).toEqual([]);
});

test("a hidden tab looks at nothing", () => {
  const { told, watching } = list();
  watching.add({ view: "maps", node: "a" });
  vi.runAllTimers();
  watching.wake(false);
  vi.runAllTimers();
  expect(told.at(-1)).toEqual([]);
  watching.wake(true);
  vi.runAllTimers();
  expect(told.at(-1)).toHaveLength(1);
});

test("nothing is told twice: who leaves and comes back within a moment changes nothing", () => {
  const { told, watching } = list();
  const first = watching.add({ view: "maps", node: "a" });
  vi.runAllTimers();
  first.remove();
  watching.add({ view: "maps", node: "a" });
  vi.runAllTimers();
  expect(told).toHaveLength(1);
});

test("after the socket came back everything is told again", () => {
  const { told, watching } = list();
  watching.add({ view: "maps", node: "a" });
  vi.runAllTimers();
  watching.repeat();
  expect(told).toHaveLength(2);
  expect(told[1]).toEqual(told[0]);
});

test("never more than the server takes, and rather what is seen than what is kept for later", () => {
  const { watching } = list();
  for (let i = 0; i < 300; i++) watching.add({ view: "maps", node: `n${i}`, rate: 0.1 });
  watching.add({ view: "maps", node: "seen", rate: 4 });
  expect(watching.union()).toHaveLength(200);
  expect(watching.union()[0]?.node).toBe("seen");
});
