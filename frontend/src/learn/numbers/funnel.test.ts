import { expect, test } from "vitest";
import { funnel } from "./funnel";

test("V-048: LeNet-5 gets lower and deeper; an activation changes no size", () => {
  const sizes = funnel({
    data: { type: "digits", outputs: { image: "float[C 1, H 32, W 32]", label: "index<10>[]" } },
    conv1: { type: "conv2d", outputs: { y: "float[C 6, H 28, W 28]" } },
    tanh1: { type: "tanh", outputs: { y: "float[C 6, H 28, W 28]" } },
    pool1: { type: "avg_pool2d", outputs: { y: "float[C 6, H 14, W 14]" } },
    scores: { type: "linear", outputs: { y: "float[D 10]" } },
    loss: { type: "cross_entropy", outputs: { loss: "float[]" } },
  });
  expect(sizes.map(({ id, channels, side, numbers }) => [id, channels, side, numbers])).toEqual([
    ["data", 1, 32, 1024],
    ["conv1", 6, 28, 4704],
    ["pool1", 6, 14, 1176],
    ["scores", 10, 1, 10],
  ]);
});
