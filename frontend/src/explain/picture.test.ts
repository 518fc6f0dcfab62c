import { expect, test } from "vitest";
import { places, touched } from "./arithmetic";
import { between } from "./curve";
import { drawn, sampleGrid, short } from "./picture";
import { written } from "./window";

const size = (fields: Record<string, unknown>) => drawn(fields as never, 1, 4);

test("a picture takes the node's own kernel, stride, padding and dilation", () => {
  const { length, slide, less } = size({ kernel: [3, 5], stride: 2, padding: 1, dilation: 1 });
  expect(slide).toEqual({ kernel: 5, stride: 2, padding: [1, 1], dilation: 1 });
  expect(places(length, slide)).toBe(3);
  expect(less).toBe(false);
});

test("stride 0 of a pooling is its own size; “same” keeps the size", () => {
  expect(size({ kernel: 2, stride: 0, padding: 0 }).slide.stride).toBe(2);
  const same = size({ kernel: 3, stride: 1, padding: "same", dilation: 2 });
  expect(places(same.length, same.slide)).toBe(same.length);
});

test("what is too large to be drawn is drawn smaller, and that is said", () => {
  for (const fields of [
    { kernel: 31 },
    { kernel: 3, dilation: 40 },
    { kernel: 2, stride: 64 },
    { kernel: 3, padding: 9 },
  ]) {
    const { length, slide, less } = size({ stride: 1, padding: 0, dilation: 1, ...fields });
    expect(less).toBe(true);
    expect(places(length, slide)).toBeGreaterThan(0);
    expect(length + slide.padding[0] + slide.padding[1]).toBeLessThanOrEqual(24);
  }
});

test("a cell's arithmetic is written as by hand", () => {
  const two = { kernel: 2, stride: 2, padding: [0, 0], dilation: 1 } as const;
  const cells = touched(sampleGrid(4, 4), two, two, 0, 0);
  expect(written(cells, [], "max", 6)).toBe("max(1, 1, 5, 6) = 6");
  expect(written(cells, [], "mean", 3.25)).toBe("(1 + 1 + 5 + 6)/4 = 3.25");
  expect(written(cells, [1, 0, -1, 2], "convolution", 8)).toBe("1·1 + 1·0 + 5·(−1) + 6·2 = 8");
});

test("numbers are short", () => {
  expect([-23, 0.123456, 2.26e-6, Number.NEGATIVE_INFINITY].map((value) => short(value))).toEqual([
    "−23",
    "0.1235",
    "2.3e−6",
    "−∞",
  ]);
});

test("between two points a curve is straight, and it ends at its ends", () => {
  const xs = [-1, 0, 1];
  const ys = [0, 1, 4];
  expect([-2, -0.5, 0.5, 1, 3].map((x) => between(xs, ys, x))).toEqual([0, 0.5, 2.5, 4, 4]);
});
