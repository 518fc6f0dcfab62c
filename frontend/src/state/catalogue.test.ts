import { expect, test } from "vitest";
import type { Catalogue, LayerInfo } from "../wire/types";
import { itemsOf } from "./catalogue";
import { find } from "./search";

const layer = (type: string, title: string, family: string, aliases: string[] = [], sentence = ""): LayerInfo => ({
  type,
  title,
  family,
  sentence,
  formula: "",
  icon: "square",
  aliases,
  purposes: [],
  fields: [],
  inputs: [],
  outputs: [],
  width: null,
  beware: [],
  examples: [],
  counts: null,
  curved: false,
});

const catalogue: Catalogue = {
  families: [
    { id: "data", title: "Data" },
    { id: "dense", title: "Dense" },
    { id: "convolution", title: "Convolution" },
    { id: "activation", title: "Activation" },
    { id: "block", title: "Blocks" },
  ],
  layers: [
    layer("relu", "ReLU", "activation", [], "Lets positive numbers pass and sets negative ones to zero."),
    layer("leaky_relu", "Leaky ReLU", "activation"),
    layer("linear", "Linear", "dense", ["dense", "fully connected"]),
    layer("conv2d", "Conv2d", "convolution", ["cnn", "convolution"]),
    layer("conv1d", "Conv1d", "convolution", ["convolution"]),
    layer("digits", "Digits", "data", ["mnist"], "Handwritten digits."),
    layer("block", "Block", "block"),
    layer("block_input", "Block input", "block", ["port"]),
  ],
  templates: [
    {
      type: "encoder_layer",
      title: "Encoder layer",
      sentence: "",
      icon: "layers",
      aliases: ["transformer"],
      block: {},
      instance: {},
    },
  ],
  augmentations: [],
  optimizers: [],
  schedules: [],
  recipe: [],
  node: [],
};

const titles = (query: string) => find(itemsOf(catalogue, false), query).map(({ title }) => title);

test("the palette stands in the order of the families; a block's ports are offered inside a block only", () => {
  expect(titles("")).toEqual(["Digits", "Linear", "Conv2d", "Conv1d", "ReLU", "Leaky ReLU", "Encoder layer"]);
  expect(itemsOf(catalogue, true).map(({ key }) => key)).toContain("block_input");
});

test("a name beats an alias, an alias beats a purpose", () => {
  expect(titles("relu")).toEqual(["ReLU", "Leaky ReLU"]);
  expect(titles("dense")[0]).toBe("Linear");
  expect(titles("mnist")).toEqual(["Digits"]);
  expect(titles("handwritten")).toEqual(["Digits"]);
  expect(titles("transf")).toEqual(["Encoder layer"]);
});

test("letters that are left out are forgiven, others are not", () => {
  expect(titles("cnv2")).toEqual(["Conv2d"]);
  expect(titles("zzz")).toEqual([]);
});

test("every word must be found", () => {
  expect(titles("leaky re")).toEqual(["Leaky ReLU"]);
  expect(titles("leaky digits")).toEqual([]);
});
