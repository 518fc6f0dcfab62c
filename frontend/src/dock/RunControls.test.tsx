import { MantineProvider } from "@mantine/core";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { useBoard } from "../state/board";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { useRuns } from "../state/runs";
import * as http from "../wire/http";
import type { BoardInfo, Problem, RunCommand, RunSummary, StepPart } from "../wire/types";
import { RunControls } from "./RunControls";

const sent = vi.hoisted(() => [] as RunCommand[]);

vi.mock("../wire/runSocket", () => ({
  openRunSocket: () => ({ send: (command: RunCommand) => sent.push(command), close: () => undefined }),
}));

const run = (state: RunSummary["state"], change: Partial<RunSummary> = {}) =>
  ({ id: "r", created: 1, state, position: 0, metrics: {}, step: 5, epoch: 0, seconds: 0, ...change }) as RunSummary;
const problem = { code: "x", severity: "error", message: "wrong" } as Problem;

beforeEach(() => {
  sent.length = 0;
  useRuns.setState({ list: [], current: null, picked: false, known: true });
  useBoard.setState({ id: "b1", info: { role: "owner" } as BoardInfo, notices: [] });
  useDocument.setState({ document: { nodes: { a: { type: "linear" } } } });
  useFacts.setState({ known: true, problems: [], nodes: {} });
});

const show = () =>
  render(
    <MantineProvider>
      <RunControls />
    </MantineProvider>,
  );
const button = () => screen.getByTestId("train");

test("Train starts a run, which is then looked at and can be paused", async () => {
  const train = vi.spyOn(http, "train").mockResolvedValue(run("running"));
  show();
  await userEvent.click(button());
  expect(train).toHaveBeenCalledWith("b1");
  await waitFor(() => expect(button().textContent).toContain("Pause"));
  await userEvent.click(button());
  expect(sent).toContainEqual({ command: "pause" });
});

test("a board with problems cannot be trained, and the button says how many there are", async () => {
  const train = vi.spyOn(http, "train");
  useFacts.setState({ problems: [problem, problem, { ...problem, severity: "warning" }] });
  show();
  expect(button().getAttribute("aria-disabled")).toBe("true");
  expect(button().textContent).toContain("2 problems on the board must be solved");
  await userEvent.click(button());
  expect(train).not.toHaveBeenCalled();
});

test.each([
  ["an empty board", () => useDocument.setState({ document: {} }), "needs a data source"],
  ["a viewer", () => useBoard.setState({ info: { role: "viewer" } as BoardInfo }), "Only its editors can train it"],
  ["a board that is still read", () => useFacts.setState({ known: false }), "still being read"],
])("%s cannot be trained, and why is said", (_, arrange, words) => {
  arrange();
  show();
  expect(button().getAttribute("aria-disabled")).toBe("true");
  expect(button().textContent).toContain(words);
});

test("what the server refuses is said in its words, and Train can be pressed again", async () => {
  vi.spyOn(http, "train").mockRejectedValue(new http.Refusal(409, "The board needs a loss."));
  show();
  await userEvent.click(button());
  await waitFor(() => expect(useBoard.getState().notices.at(-1)?.text).toBe("The board needs a loss."));
  expect(button().textContent).toContain("Train");
});

test("a run that waits says its place; one that comes back says so", () => {
  useRuns.setState({ list: [run("queued", { position: 3 })] });
  const { unmount } = show();
  expect(button().textContent).toContain("Queued: 3");
  unmount();
  useRuns.setState({ list: [run("resuming")] });
  show();
  expect(button().textContent).toContain("Coming back");
});

test("a paused run is resumed, or steps, or is stopped", async () => {
  useRuns.setState({ list: [run("paused")] });
  const { followRun } = await import("../state/runs");
  followRun(run("paused"));
  show();
  expect(button().textContent).toContain("Resume");
  for (const name of ["step", "forward", "backward", "update", "stop"]) {
    await userEvent.click(screen.getByTestId(`run-${name}`));
  }
  await userEvent.click(button());
  const step = (part: StepPart) => ({ command: "step", part });
  const parts = (["whole", "forward", "backward", "update"] as const).map(step);
  expect(sent).toEqual([...parts, { command: "stop" }, { command: "resume" }]);
});

test("a run that has ended can be started anew", () => {
  useRuns.setState({ list: [run("failed")] });
  show();
  expect(button().textContent).toContain("Train");
  expect(screen.queryByTestId("run-stop")).toBeNull();
  expect(screen.queryByTestId("run-step")).toBeNull();
});
