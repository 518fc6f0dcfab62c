import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { startWords } from "../app/words";
import { Run } from "../state/run";
import { useRuns } from "../state/runs";
import { NOW } from "../state/runWatch";
import { useScrub } from "../state/scrub";
import type { RunEvents } from "../wire/runSocket";
import type { RunSummary } from "../wire/types";
import { Scrubber } from "./Scrubber";

startWords();

const summary = { id: "r", state: "running", step: 30, steps: 100, epoch: 3, metrics: {}, origin: null } as unknown;

function shown(change: Partial<RunSummary> = {}) {
  let events: RunEvents | null = null;
  const run = new Run({ ...(summary as RunSummary), ...change }, (_id, _since, given) => {
    events = given;
    return { send: () => undefined, close: () => undefined };
  });
  useRuns.setState({ current: run, list: [run.summary] });
  render(
    <MantineProvider>
      <Scrubber />
    </MantineProvider>,
  );
  const keep = (...steps: number[]) =>
    act(() =>
      (events as unknown as RunEvents).message({
        event: "kept",
        run: "r",
        seq: 1,
        checkpoints: steps.map((step) => ({ step, epoch: step / 10, seconds: step, loss: step === 10 ? 0.1 : null })),
      }),
    );
  return { run, keep };
}

beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
    work();
    return 0;
  });
  useScrub.setState({ run: "", at: NOW });
});

test("before anything is kept there is nothing to move between", () => {
  shown();
  expect(screen.queryByTestId("scrubber")).toBeNull();
});

test("arrows lead through the kept states, and back to now", () => {
  const { keep } = shown();
  keep(0, 10, 20);
  const slider = screen.getByRole("slider");
  expect(slider.getAttribute("aria-valuetext")).toBe("Now");
  fireEvent.keyDown(slider, { key: "ArrowLeft" });
  expect(useScrub.getState()).toEqual({ run: "r", at: 20 });
  fireEvent.keyDown(slider, { key: "ArrowLeft" });
  expect(screen.getByTestId("scrub-where").textContent).toContain("step 10");
  expect(screen.getByTestId("scrub-where").textContent).toContain("least validation loss");
  fireEvent.click(screen.getByTestId("scrub-live"));
  expect(useScrub.getState().at).toBe(NOW);
});

test("a place on the line is the state that is nearest to it; at its end it is now", () => {
  const { keep } = shown();
  keep(0, 10, 20);
  const slider = screen.getByRole("slider");
  slider.getBoundingClientRect = () => ({ left: 100, width: 200 }) as DOMRect;
  slider.setPointerCapture = () => undefined;
  const press = (x: number) => {
    fireEvent(slider, new MouseEvent("pointerdown", { bubbles: true, clientX: x }));
    return useScrub.getState().at;
  };
  // The line is as long as the whole run, 100 steps.
  expect([press(100), press(122), press(138), press(160), press(290)]).toEqual([0, 10, 20, NOW, NOW]);
});

test("a state that is thinned away while one looks at it gives way to its neighbour", () => {
  const { keep } = shown();
  keep(0, 10, 20);
  fireEvent.keyDown(screen.getByRole("slider"), { key: "ArrowLeft" });
  keep(0, 10, 21);
  expect(screen.getByTestId("scrub-where").textContent).toContain("step 21");
});

test("another run begins at its newest state", () => {
  const { keep } = shown({ state: "finished" });
  act(() => useScrub.setState({ run: "another", at: 10 }));
  keep(0, 10);
  expect(screen.getByTestId("scrubber").dataset.at).toBe(String(NOW));
  expect(screen.getByTestId("scrub-where").textContent).toBe("End");
});
