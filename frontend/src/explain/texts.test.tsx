import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import "../app/words";
import { Examples } from "./texts";

test("what arrives at a port of several wires may be of several kinds: a vector and a number", () => {
  const example = { says: "A number is added to each.", inputs: { x: [[1, 5], 2] }, outputs: { y: [3, 7] } };
  const { container } = render(
    <MantineProvider>
      <Examples examples={[{ ...example, fields: {}, weights: {} }]} />
    </MantineProvider>,
  );
  const tables = [...container.querySelectorAll("table")].map((table) => table.textContent);
  expect(tables).toEqual(["15", "37"]);
  expect(container.textContent).toContain("2");
});
