import { expect, test } from "vitest";
import { channelOf, csv, histogram, layoutOf, npy, scaled } from "./tensor";

const T = { data: Float32Array.from({ length: 12 }, (_, at) => at / 8), shape: [2, 2, 3], axes: ["C", "H", "W"] };

test("the last axes are rows and columns, all others channels", () => {
  expect(layoutOf(T)).toEqual({ channels: 2, down: 2, across: 3 });
  expect(layoutOf({ shape: [5] })).toEqual({ channels: 1, down: 1, across: 5 });
  expect(layoutOf({ shape: [] })).toEqual({ channels: 1, down: 1, across: 1 });
  expect([...channelOf(T, 1)]).toEqual([...T.data.subarray(6)]);
  expect(channelOf(T, -1)).toBe(T.data);
});

test("every finite number is in one bin", () => {
  const found = histogram([0, 1, 2, 4, Number.NaN, Number.POSITIVE_INFINITY], 4);
  expect(found).toEqual({ low: 0, high: 4, counts: [1, 1, 1, 1] });
  expect(histogram([3, 3], 4)).toEqual({ low: 3, high: 3, counts: [2] });
  expect(histogram([Number.NaN], 4).counts).toEqual([]);
});

test("bytes go from the least to the largest", () => {
  expect([...scaled(Float32Array.of(-1, 0, 1))]).toEqual([0, 128, 255]);
  expect([...scaled(Float32Array.of(2, 2))]).toEqual([0, 0]);
});

test("NumPy's header fills blocks of 64 bytes and names type and shape", () => {
  for (const [tensor, says] of [
    [T, "'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3)"],
    [{ data: Int32Array.of(7), shape: [1], axes: ["T"] }, "'descr': '<i4', 'fortran_order': False, 'shape': (1,)"],
    [{ data: Float32Array.of(0.5), shape: [], axes: [] }, "'shape': ()"],
  ] as const) {
    const file = npy({ ...tensor });
    const start = file.length - tensor.data.byteLength;
    expect(start % 64).toBe(0);
    expect([...file.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    expect(new DataView(file.buffer).getUint16(8, true)).toBe(start - 10);
    const header = new TextDecoder().decode(file.subarray(10, start));
    expect(header).toContain(says);
    expect(header.endsWith("\n")).toBe(true);
    const view = new DataView(file.buffer, start);
    const read = [...tensor.data].map((_, at) =>
      tensor.data instanceof Int32Array ? view.getInt32(4 * at, true) : view.getFloat32(4 * at, true),
    );
    expect(read).toEqual([...tensor.data]);
  }
});

test("a table has a row for every place but along the last axis", () => {
  expect(csv(T).split("\n")).toEqual([
    "C,H,W0,W1,W2",
    "0,0,0,0.125,0.25",
    "0,1,0.375,0.5,0.625",
    "1,0,0.75,0.875,1",
    "1,1,1.125,1.25,1.375",
    "",
  ]);
  expect(csv({ data: Float32Array.of(0.1, Number.NaN), shape: [2], axes: ["D"] })).toBe("D0,D1\n0.1,nan\n");
  expect(csv({ data: Float32Array.of(-1 / 3), shape: [], axes: [] })).toBe("value\n-0.33333334\n");
});
