import { expect, test } from "vitest";
import type { LayerInfo } from "../wire/types";
import { pictureOf } from "./registry";
import { StampsPicture } from "./stamps";

const layer = (type: string, family: string): LayerInfo => ({ type, family, fields: [] }) as unknown as LayerInfo;

test("a transposed convolution stamps; transposing, which exchanges axes, does not", () => {
  expect(pictureOf(layer("conv_transpose2d", "convolution"))).toBe(StampsPicture);
  expect(pictureOf(layer("transpose", "shape"))).toBeNull();
});
