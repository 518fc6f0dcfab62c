import { expect, test } from "vitest";
import { type Findable, find, match, slips } from "./search";

const item = (
  key: string,
  title: string,
  aliases: string[] = [],
  purposes: string[] = [],
  sentence = "",
): Findable => ({ key, title, aliases, purposes, sentence });

const ITEMS = [
  item("dropout", "Dropout", ["regularisation", "drop"], ["prevent overfitting"], "Sets numbers to zero by chance."),
  item("linear", "Linear", ["fc", "dense", "fully connected"], ["classify"], "A weighted sum of all inputs."),
  item("densenet", "Dense block", ["densenet"], [], "Joins what all earlier layers found."),
  item("conv2d", "Conv2d", ["convolution", "cnn", "1×1"], ["find patterns in images"], "Slides small kernels."),
  item("conv_transpose2d", "Transposed convolution", ["deconv", "deconvolution"], ["make larger"]),
  item("max_pool2d", "Max pooling", ["maxpool", "downsample"], ["make smaller"], "Keeps the largest number."),
  item("concat", "Concatenate", ["join", "+"], ["join branches"], "Puts inputs side by side."),
  item("leaky_relu", "Leaky ReLU", ["lrelu"]),
  item("relu", "ReLU", ["rectifier"]),
  item("swish_beta", "Swish-β", ["learned swish"]),
  item("silu", "SiLU", ["swish"]),
  item("sigmoid", "Sigmoid", ["logistic", "σ"]),
];

test.each([
  ["relu", "relu"],
  ["ReLU", "relu"],
  ["swish", "silu"],
  ["swish-β", "swish_beta"],
  ["swish beta", "swish_beta"],
  ["leaky relu", "leaky_relu"],
  ["leakyrelu", "leaky_relu"],
  ["fc", "linear"],
  ["dense", "linear"],
  ["dense block", "densenet"],
  ["fully-connected layer", "linear"],
  ["deconv", "conv_transpose2d"],
  ["conv", "conv2d"],
  ["max pool", "max_pool2d"],
  ["maxpool2d", "max_pool2d"],
  ["make smaller", "max_pool2d"],
  ["make it smaller", "max_pool2d"],
  ["make larger", "conv_transpose2d"],
  ["prevent overfitting", "dropout"],
  ["overfit", "dropout"],
  ["against overfitting", undefined],
  ["join branches", "concat"],
  ["patterns in images", "conv2d"],
  ["1×1", "conv2d"],
  ["1x1", "conv2d"],
  ["σ", "sigmoid"],
  ["drpout", "dropout"],
  ["sigmiod", "sigmoid"],
  ["convlution", "conv2d"],
  ["weighted sum", "linear"],
  ["qqqq", undefined],
  ["???", undefined],
])("“%s” finds %s first", (query, key) => {
  expect(find(ITEMS, query)[0]?.key).toBe(key);
});

test("a name beats another name, that a purpose, that the sentence, that a slip", () => {
  const ranked = [
    item("glow", "Glow"),
    item("a", "Glowing"),
    item("b", "Bee", ["glow"]),
    item("c", "Cee", [], ["glow"]),
    item("d", "Dee", [], [], "It lets things glow."),
    item("e", "Glaw"),
  ].map((each) => match(each, "glow"));
  const [name, begins, alias, purpose, sentence, slip] = ranked as [number, number, number, number, number, number];
  expect(name).toBeGreaterThan(alias);
  expect(alias).toBeGreaterThan(begins);
  expect(begins).toBeGreaterThan(purpose);
  expect(purpose).toBeGreaterThan(sentence);
  expect(sentence).toBeGreaterThan(slip);
  expect(slip).toBeGreaterThan(0);
});

test("slips count letters that are wrong, missing, too many, or have changed places", () => {
  expect(slips("relu", "relu")).toBe(0);
  expect(slips("rleu", "relu")).toBe(1);
  expect(slips("rel", "relu")).toBe(1);
  expect(slips("relux", "relu")).toBe(1);
  expect(slips("", "abc")).toBe(3);
});

test("without a query everything stays in its order", () => {
  expect(find(ITEMS, "  ")).toEqual(ITEMS);
});
