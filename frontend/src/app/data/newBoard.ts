/** A board for a data set: its data node, a network that fits, a loss. */
import type { Document, GraphNode, Json } from "../../graph/document";
import type { AboutData, DataSet } from "../../wire/types";
import type { Parts } from "./kinds";

export interface Chosen {
  /** Names of the columns that are to be told; of tables. */
  target: readonly string[];
  /** Names of those that are given; of tables. */
  features: readonly string[];
  /** Whether the target's values are classes; of tables. */
  classes: number;
  task: "auto" | "classes" | "numbers";
  /** All columns as they are taken, those that are taken as they do not look like, and what stands for gaps. */
  columns: AboutData["columns"];
  as: Parts["as"];
  missing: Parts["missing"];
}

/** What leaves the data node: what is given, and what is to be told of it. */
const PORTS = {
  table: ["x", "y"],
  arrays: ["x", "y"],
  images: ["image", "label"],
  text: ["tokens", "target"],
} as const;
const WIDTH = 230;
const HEIGHT = 160;
/** Cards in a row before the next row begins. */
const ROW = 8;

interface Step {
  id: string;
  type: string;
  fields?: Record<string, Json>;
  name?: string;
}

/** `fields`: names of the fields that a data node's form has. */
export function boardFor({ info, about }: DataSet, chosen: Chosen | null, fields: readonly string[]): Document {
  const own: Record<string, Json> = { data: info.id };
  const [input, target] = PORTS[info.kind];
  let steps: Step[];
  let loss = "cross_entropy";
  let unit: Step[] = [];
  if (info.kind === "table" && chosen) {
    own.target = chosen.target.join("; ");
    own.features = chosen.features.join("; ");
    if (chosen.task !== "auto") own.task = chosen.task;
    const used = new Set([...chosen.target, ...chosen.features]);
    for (const [field, kind] of [
      ["as_categories", "category"],
      ["as_numbers", "number"],
    ] as const) {
      const names = Object.keys(chosen.as).filter((name) => used.has(name) && chosen.as[name] === kind);
      const changed = names.filter((name) => about?.columns.find((each) => each.name === name)?.kind !== kind);
      if (changed.length > 0) own[field] = changed.join("; ");
    }
    if (chosen.missing !== "mean") own.missing = chosen.missing;
    if (chosen.classes === 0) {
      loss = "mse";
      unit = unitOf(chosen.columns.find(({ name }) => name === chosen.target[0]));
    }
    // Columns of tables are in all units: metres beside years.
    if (fields.includes("scaling")) own.scaling = "standard";
    steps = [...layers([32, 16], chosen.classes || chosen.target.length), ...unit];
  } else if (info.kind === "images") {
    const [, , height = 32, width = 32] = about?.arrays.images?.shape ?? [];
    steps = convolutions(Math.min(height, width), about?.classes.length ?? 2);
  } else if (info.kind === "arrays") {
    const [, ...shape] = about?.arrays.x?.shape ?? [];
    const [, outputs = 1] = about?.arrays.y?.shape ?? [];
    if (!about?.classes.length) loss = "mse";
    if (fields.includes("scaling")) own.scaling = "standard";
    steps = layers([64, 32], about?.classes.length || outputs);
    if (shape.length > 1) steps.unshift({ id: "flatten", type: "flatten" });
  } else {
    // Of every character the next one: what is told apart are the characters of the text, and one for all unknown.
    own.length = pieceOf(about?.count ?? 0);
    steps = language((about?.characters.length ?? 0) + 1);
  }
  const nodes: Record<string, GraphNode> = { data: { type: info.layer, fields: own } };
  const edges: NonNullable<Document["edges"]> = {};
  const positions: Record<string, { x: number; y: number }> = { data: { x: 0, y: 0 } };
  const place = (id: string) => {
    const at = Object.keys(positions).length;
    positions[id] = { x: (at % ROW) * WIDTH, y: Math.floor(at / ROW) * HEIGHT };
  };
  let before = { from: "data", out: input as string };
  for (const { id, type, fields: set = {}, name } of steps) {
    nodes[id] = { type, fields: set, ...(name ? { name } : {}) };
    edges[`into_${id}`] = { from: before.from, out: before.out, to: id, in: type === "formula" ? "a" : "x" };
    before = { from: id, out: "y" };
    place(id);
  }
  if (steps.length > 0) {
    nodes.loss = { type: loss };
    const into = loss === "mse" ? "prediction" : "logits";
    edges.into_loss = { from: before.from, out: before.out, to: "loss", in: into };
    edges.wanted = { from: "data", out: target as string, to: "loss", in: "target" };
    place("loss");
  }
  return {
    version: 1,
    title: info.title.slice(0, 120),
    nodes,
    edges,
    recipe: {
      batch: info.kind === "images" ? 64 : 32,
      epochs: info.kind === "images" || info.kind === "text" ? 10 : 40,
      test: "locked",
      phases: { main: { optimizer: { type: "adam", fields: { lr: info.kind === "images" ? 0.001 : 0.005 } } } },
    },
    drawing: { positions },
  } as Document;
}

/** A network's numbers lie about 0, a price about 500: its answer is moved to where the target's numbers lie. */
function unitOf(target: AboutData["columns"][number] | undefined): Step[] {
  if (target?.mean == null || !target.deviation) return [];
  const [mean, spread] = [target.mean, target.deviation].map((value) => Number(value.toPrecision(3)));
  return [{ id: "unit", type: "formula", fields: { text: `${spread} * a + ${mean}` }, name: "In the target's unit" }];
}

function layers(hidden: readonly number[], outputs: number): Step[] {
  return [
    ...hidden.flatMap((units, at) => [
      { id: `hidden${at + 1}`, type: "linear", fields: { units }, name: `Hidden layer ${at + 1}` },
      { id: `relu${at + 1}`, type: "relu" },
    ]),
    { id: "out", type: "linear", fields: { units: outputs }, name: "Answer" },
  ];
}

/** Characters of a piece of a text: 32, of a short text so few that there are ten pieces. */
const pieceOf = (characters: number): number => Math.max(2, Math.min(32, Math.floor((characters - 1) / 10)));

/** A vector for every character, a memory that reads them one by one, and from what it holds the next one. */
function language(tokens: number): Step[] {
  return [
    { id: "embedding", type: "embedding", fields: { units: 32 } },
    { id: "memory", type: "lstm", fields: { units: 96 } },
    { id: "out", type: "linear", fields: { units: tokens }, name: "Scores of the next one" },
  ];
}

/** A convolution and a pooling for as long as enough of the picture is left. */
function convolutions(side: number, classes: number): Step[] {
  const steps: Step[] = [];
  let at = 1;
  for (let left = side; left >= 8 && at <= 3; left = Math.floor(left / 2), at += 1) {
    steps.push(
      { id: `conv${at}`, type: "conv2d", fields: { channels: 8 * 2 ** at, kernel: 3, padding: "same" } },
      { id: `act${at}`, type: "relu" },
      { id: `pool${at}`, type: "max_pool2d" },
    );
  }
  return [
    ...steps,
    { id: "flatten", type: "flatten" },
    { id: "hidden", type: "linear", fields: { units: 64 } },
    { id: "relu", type: "relu" },
    { id: "out", type: "linear", fields: { units: classes }, name: "Scores" },
  ];
}
