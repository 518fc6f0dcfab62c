import { MantineProvider } from "@mantine/core";
import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useBoard } from "../state/board";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { choose, useChoice } from "../state/runChoice";
import { openBoardRuns, receiveRuns } from "../state/runs";
import { select } from "../state/selection";
import { useUi } from "../state/ui";
import type { RunEvents } from "../wire/runSocket";
import type { BoardInfo, NodeFacts, RunCommand, RunMessage, RunSummary } from "../wire/types";
import { Dock } from "./Dock";

const line = vi.hoisted(() => ({ events: null as RunEvents | null, sent: [] as RunCommand[] }));

vi.mock("../wire/runSocket", () => ({
  openRunSocket: (_run: string, _since: () => number, events: RunEvents) => {
    line.events = events;
    return { send: (command: RunCommand) => line.sent.push(command), close: () => undefined };
  },
}));

const facts = (type: string, views: string[], output = "float[C 6, H 8, W 8]"): NodeFacts =>
  ({ type, views, outputs: { [type === "cross_entropy" ? "loss" : "y"]: output } }) as unknown as NodeFacts;

const run: RunSummary = {
  id: "r",
  board: "b",
  title: "",
  state: "running",
  position: 0,
  message: "",
  step: 40,
  steps: 100,
  epoch: 3.2,
  epochs: 8,
  seconds: 20,
  rate: 0.01,
  dials: {},
  seed: 0,
  hash: "",
  restarts: 0,
  metrics: {},
  created: 1,
  origin: null,
};

let close: () => void;
beforeEach(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
  line.sent.length = 0;
  close = openBoardRuns();
  useBoard.setState({ id: "b", info: { role: "owner" } as BoardInfo });
  useDocument.setState({
    document: {
      nodes: {
        conv: { type: "conv2d", name: "First" },
        more: { type: "conv2d", name: "Second" },
        loss: { type: "cross_entropy" },
      },
    },
  });
  useFacts.setState({
    known: true,
    nodes: {
      conv: facts("conv2d", ["maps", "filters"]),
      more: facts("conv2d", ["maps", "filters"]),
      loss: facts("cross_entropy", ["matrix"]),
    },
  });
  useUi.setState({ dockOpen: true, dock: 264 });
  choose({ focus: null, sample: 0 });
});
afterEach(() => close());

const show = () =>
  render(
    <MantineProvider>
      <Dock />
    </MantineProvider>,
  );

/** What the run tells, as if its socket had. */
async function tell(message: Partial<RunMessage> & { event: RunMessage["event"] }) {
  await act(async () => {
    line.events?.message({ run: "r", seq: 1, ...message } as RunMessage);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

test("before the first run every panel says what it will show", () => {
  show();
  expect(screen.getByTestId("run-state").textContent).toBe("Not trained yet");
  expect(screen.getByTestId("curve-loss").textContent).toContain("Press Train to see the loss fall.");
  expect(screen.getByTestId("view-confusion").textContent).toContain("Press Train to see");
});

test("tabs are those that the board has, and the arrow keys go through them", async () => {
  show();
  expect(screen.getAllByRole("tab").map(({ textContent }) => textContent)).toEqual([
    "Overview",
    "Activations",
    "Filters",
    "Predictions",
    "Costs",
  ]);
  screen.getByTestId("dock-tab-overview").focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(screen.getByTestId("dock-tab-filters").getAttribute("aria-selected")).toBe("true");
  expect(document.activeElement).toBe(screen.getByTestId("dock-tab-filters"));
  await userEvent.keyboard("{ArrowRight}");
  expect(screen.getByTestId("view-confusion")).toBeTruthy();
});

test("a running run shows how far it is, and its curves as they come", async () => {
  show();
  act(() => receiveRuns([run], true));
  await tell({
    event: "snapshot",
    summary: run,
    points: [{ step: 1, epoch: 0, seconds: 0, values: { "train.loss": 2 } }],
    notes: [],
    kept: [],
    problem: null,
  });
  expect(screen.getByTestId("run-state").textContent).toBe("Training");
  expect(screen.getByTestId("dock").textContent).toContain("epoch 4 / 8");
  expect(screen.getByTestId("dock").textContent).toContain("30 s left");
  expect(screen.getByTestId("curve-loss").dataset.points).toBe("1");
  await tell({
    event: "metrics",
    points: [{ step: 41, epoch: 3.3, seconds: 21, values: { "train.loss": 1.5, "validation.accuracy": 0.5 } }],
  });
  expect(screen.getByTestId("curve-loss").dataset.points).toBe("2");
  expect(screen.getByTestId("curve-metric").dataset.points).toBe("1");
});

test("starts, ends and failures are said aloud, also the way out of a failure", async () => {
  show();
  act(() => receiveRuns([{ ...run, state: "preparing" }], true));
  const { event: _, ...state } = { event: "state" as const, ...run };
  await tell({ ...state, event: "state", state: "running" } as never);
  expect(screen.getByTestId("run-speech").textContent).toBe("Training has started.");
  await tell({
    event: "failed",
    problem: {
      code: "nan",
      severity: "error",
      node: "conv",
      edge: null,
      field: null,
      message: "NaN at First.",
      hint: "Lower the rate.",
      fixes: [],
    },
  });
  expect(screen.getByTestId("run-speech").textContent).toContain("NaN at First.");
  expect(screen.getByTestId("run-failure").textContent).toContain("Lower the rate.");
  await userEvent.click(screen.getByRole("button", { name: "Show the node" }));
  expect(useChoice.getState().focus).toBe("conv");
});

test("a run that had ended before the page opened is no news; one that came back says so", async () => {
  show();
  act(() => receiveRuns([{ ...run, state: "finished", restarts: 2, metrics: { "test.accuracy": 0.983 } }], true));
  expect(screen.getByTestId("run-speech").textContent).toBe("");
  expect(screen.getByTestId("dock").textContent).toContain("test accuracy 98.3");
  expect(screen.getByTestId("restored").textContent).toContain("came back from a checkpoint");
});

test("a node that is clicked on the canvas is the one enlarged", async () => {
  show();
  await userEvent.click(screen.getByTestId("dock-tab-activations"));
  expect(screen.getByTestId("look-conv").getAttribute("aria-pressed")).toBe("true");
  act(() => select(["more"]));
  expect(screen.getByTestId("look-more").getAttribute("aria-pressed")).toBe("true");
});

test("a new learning rate is sent when it is entered, nonsense is not", async () => {
  show();
  act(() => receiveRuns([run], true));
  const rate = screen.getByTestId("rate");
  await userEvent.clear(rate);
  await userEvent.type(rate, "-3{Enter}");
  await userEvent.clear(rate);
  await userEvent.type(rate, "0.005{Enter}");
  expect(line.sent.filter(({ command }) => command === "rate")).toEqual([{ command: "rate", value: 0.005 }]);
});

test("the dock is hidden, shown again, and resized with the keyboard", async () => {
  show();
  await userEvent.click(screen.getByTestId("dock-collapse"));
  expect(screen.queryByRole("tabpanel")).toBeNull();
  await userEvent.click(screen.getByTestId("dock-collapse"));
  expect(screen.getByRole("tabpanel")).toBeTruthy();
  screen.getByRole("slider", { name: "Height of the training panel" }).focus();
  await userEvent.keyboard("{ArrowUp}");
  expect(useUi.getState().dock).toBe(288);
});

test("whole screen is left with Escape", async () => {
  show();
  await userEvent.click(screen.getByTestId("dock-enlarge"));
  expect(screen.getByTestId("dock").dataset.large).toBe("true");
  await userEvent.keyboard("{Escape}");
  expect(screen.getByTestId("dock").dataset.large).toBeUndefined();
});
