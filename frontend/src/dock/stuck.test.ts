import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunSummary } from "../wire/types";
import { LEAST, useStuck } from "./stuck";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const run = (change: Partial<RunSummary> = {}) =>
  ({ id: "r", state: "running", step: 10, seconds: 1, ...change }) as RunSummary;

const after = (seconds: number) => act(() => vi.advanceTimersByTime(1000 * seconds));

test("R-019: a run that makes no step for long is named, until it makes one", () => {
  const { result, rerender } = renderHook(({ summary }) => useStuck(summary, true), {
    initialProps: { summary: run() },
  });
  after(LEAST - 1);
  expect(result.current).toBeNull();
  after(3);
  expect(result.current).toBe(LEAST + 2);
  rerender({ summary: run({ step: 11 }) });
  expect(result.current).toBeNull();
});

test("R-019: steps that usually take long are given longer", () => {
  const { result } = renderHook(() => useStuck(run({ step: 10, seconds: 60 }), true));
  after(40);
  expect(result.current).toBeNull();
  after(10);
  expect(result.current).toBe(50);
});

test.each([
  ["paused", true],
  ["finished", true],
  ["running", false],
] as const)("a run that is %s (connected: %s) is not stuck", (state, connected) => {
  const { result } = renderHook(() => useStuck(run({ state }), connected));
  after(3 * LEAST);
  expect(result.current).toBeNull();
});
