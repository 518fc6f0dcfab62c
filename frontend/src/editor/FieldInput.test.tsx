import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { FieldInfo } from "../wire/types";
import { FieldInput } from "./FieldInput";

const info = (more: Partial<FieldInfo>): FieldInfo => ({
  name: "units",
  title: "Units",
  kind: "int",
  default: 16,
  required: false,
  minimum: 1,
  maximum: 100,
  step: null,
  choices: [],
  labels: [],
  unit: "",
  help: "How many numbers come out.",
  ...more,
});

test("a number is written as it is typed, and a wrong one is refused in words", async () => {
  const onChange = vi.fn();
  const user = userEvent.setup();
  render(<FieldInput field={info({})} value={undefined} onChange={onChange} />);
  const box = screen.getByLabelText("Units");
  expect(box).toHaveProperty("value", "16");
  await user.clear(box);
  expect(screen.getByText("Give a value.")).toBeTruthy();
  await user.type(box, "32");
  expect(onChange.mock.calls.map(([value]) => value)).toEqual([3, 32]);
  await user.type(box, "000");
  expect(screen.getByText("At most 100.")).toBeTruthy();
  expect(box.getAttribute("aria-invalid")).toBe("true");
  expect(onChange).toHaveBeenCalledTimes(2);
});

test("a size takes a number, a pair or a word", async () => {
  const onChange = vi.fn();
  const user = userEvent.setup();
  const field = info({ name: "padding", title: "Padding", kind: "size", default: 0, minimum: 0, choices: ["same"] });
  render(<FieldInput field={field} value={2} onChange={onChange} />);
  await user.click(screen.getByRole("button", { name: "same" }));
  const box = screen.getByLabelText("Padding");
  await user.clear(box);
  await user.type(box, "1×2");
  expect(onChange.mock.calls[0]).toEqual(["same"]);
  expect(onChange.mock.lastCall).toEqual([[1, 2]]);
});

test("a choice shows readable names, a switch its state; a viewer can change neither", async () => {
  const onChange = vi.fn();
  const user = userEvent.setup();
  const kind = info({
    name: "kind",
    title: "Kind",
    kind: "choice",
    default: "a",
    choices: ["a", "b"],
    labels: ["First", "Second"],
  });
  const bias = info({ name: "bias", title: "Bias", kind: "bool", default: true });
  const { rerender } = render(<FieldInput field={kind} value="a" onChange={onChange} />);
  await user.selectOptions(screen.getByLabelText("Kind"), "Second");
  rerender(<FieldInput field={bias} value={undefined} onChange={onChange} />);
  expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("true");
  await user.click(screen.getByRole("switch"));
  expect(onChange.mock.calls.map(([value]) => value)).toEqual(["b", false]);
  rerender(<FieldInput field={bias} value={undefined} disabled onChange={onChange} />);
  await user.click(screen.getByRole("switch"));
  expect(onChange).toHaveBeenCalledTimes(2);
});

test("the server's complaint about a field stands at the field", () => {
  render(<FieldInput field={info({})} value={3} complaint="3 groups do not divide 16." onChange={() => undefined} />);
  expect(screen.getByText("3 groups do not divide 16.")).toBeTruthy();
});
