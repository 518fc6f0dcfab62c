import { expect, test } from "vitest";
import { boxOf, HEAD, inputTop, outputsInRows, outputTop, PORT_AT, rowsOf, SPARE_AT } from "./geometry";
import type { Ports } from "./ports";

const port = (name: string, spare = false) => ({ name, title: "", many: false, optional: false, spare });

test("L-031: a spare output is tucked in below a single one, and the card stays as tall as it was", () => {
  const plain: Ports = { inputs: [port("x")], outputs: [port("y")] };
  const pool: Ports = { inputs: [port("x")], outputs: [port("y"), port("indices", true)] };
  expect(rowsOf(pool)).toBe(0);
  expect(outputsInRows(pool)).toBe(false);
  expect([outputTop(pool, 0), outputTop(pool, 1)]).toEqual([PORT_AT, SPARE_AT]);
  expect(SPARE_AT).toBeLessThan(HEAD);
  expect(boxOf("p", pool, 0).height).toBe(boxOf("p", plain, 0).height);
  expect(boxOf("p", pool, 0).outputs).toEqual([
    { port: "y", y: PORT_AT },
    { port: "indices", y: SPARE_AT },
  ]);
});

test("L-087: where the inputs stand in rows anyway, spare outputs do too", () => {
  const two: Ports = { inputs: [port("x"), port("boxes")], outputs: [port("y"), port("boxes", true)] };
  expect(rowsOf(two)).toBe(2);
  expect(outputTop(two, 1)).toBe(inputTop(two, 1));
  const more: Ports = { inputs: [port("x")], outputs: [port("y"), port("a", true), port("b", true)] };
  expect(rowsOf(more)).toBe(3);
  expect(new Set([0, 1, 2].map((at) => outputTop(more, at))).size).toBe(3);
});
