import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { useBoard } from "../state/board";
import { useFacts } from "../state/facts";
import type { BoardInfo, Problem } from "../wire/types";
import * as actions from "./actions";
import { Problems as Notes } from "./NodePanel";
import { Problems } from "./Problems";

const of = (severity: Problem["severity"], at = 0): Problem => ({
  code: `${severity}${at}`,
  severity,
  node: "a",
  edge: null,
  field: null,
  message: `a: ${severity} ${at}.`,
  hint: "",
  fixes: [],
});
const show = (problems: Problem[]) => {
  useFacts.setState({ known: true, problems, nodes: {} });
  render(
    <MantineProvider>
      <Problems />
    </MantineProvider>,
  );
  const button = screen.getByTestId("problems");
  return [button.dataset.tone, button.textContent];
};

beforeEach(() => {
  useBoard.setState({ id: "b1", info: { role: "owner" } as BoardInfo, notices: [] });
  useFacts.setState({ seeking: false });
});

test.each<[string, Problem[], [string, string]]>([
  ["nothing", [], ["good", "No problems"]],
  ["an idea", [of("info")], ["info", "1 idea"]],
  ["two ideas", [of("info"), of("info", 1)], ["info", "2 ideas"]],
  ["advice beside ideas", [of("warning"), of("info"), of("info", 1)], ["warning", "1 piece of advice"]],
  ["an error beside both", [of("error"), of("warning"), of("info")], ["error", "1 problem"]],
])("L-084: %s is counted in its own word and tone", (_, problems, expected) => {
  expect(show(problems)).toEqual(expected);
});

test("L-084: a layer's idea stands in a tone of its own, with what it saves", () => {
  const fix = { title: "Use two 3×3", adds_parameters: -28_672, adds_macs: -29_360_128, edits: [] };
  const thin = { title: "Use a 3×1", adds_parameters: 0, adds_macs: -3_000, edits: [] };
  render(<Notes problems={[of("warning"), { ...of("info"), fixes: [fix, thin] }]} />);
  const [warning, info] = screen.getAllByRole("note");
  expect(info?.className).not.toBe(warning?.className);
  const [first, second] = screen.getAllByRole("button");
  expect(first?.title).toBe("Use two 3×3 (-28,672 parameters, -29,360,128 MACs)");
  expect(first?.textContent).toContain("−28.7\u2009k params");
  expect(second?.textContent).toContain("−3\u2009k MACs");
});

test("ways out wait while they are looked for: they are shown, keep their place, and do nothing", async () => {
  const fix = { title: "Insert Flatten", adds_parameters: 0, adds_macs: 0, edits: [{ path: ["nodes", "a"] }] } as never;
  act(() => useFacts.setState({ seeking: true }));
  const { container, rerender } = render(<Notes problems={[of("error")]} />);
  expect(screen.queryByRole("button")).toBeNull();
  expect(container.querySelector("[aria-busy=true]")?.children).toHaveLength(1);
  rerender(<Notes problems={[{ ...of("error"), fixes: [fix] }]} />);
  const apply = vi.spyOn(actions, "applyFix").mockImplementation(() => undefined);
  fireEvent.click(screen.getByRole("button"));
  expect(apply).not.toHaveBeenCalled();
  act(() => useFacts.setState({ seeking: false }));
  fireEvent.click(screen.getByRole("button"));
  expect(apply).toHaveBeenCalledOnce();
  apply.mockRestore();
});
