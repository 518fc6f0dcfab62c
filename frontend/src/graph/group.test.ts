import { describe, expect, test } from "vitest";
import { apply } from "./apply";
import { type Document, type GraphEdge, type GraphNode, intoOf, nodesOf, outOf } from "./document";
import { type Done, group, type Refusal, ungroup } from "./group";
import type { Ports } from "./ports";

const port = (name: string, many = false) => ({ name, title: name, many, optional: false });

/** Ports as the catalogue would give them. */
const portsOf = (node: GraphNode): Ports => {
  if (node.type === "data") return { inputs: [], outputs: [port("image"), port("label")] };
  if (node.type === "loss") return { inputs: [port("logits"), port("target")], outputs: [port("y")] };
  return { inputs: [port("x", node.type === "add")], outputs: [port("y")] };
};

function done(result: Done | Refusal): Done {
  if ("why" in result) throw new Error(`refused: ${result.why} ${result.node}`);
  return result;
}

/** A generator of its own, so that a failure can be repeated by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The meaning: what is computed by which node from which, through all blocks. Ids of wires and blocks do not matter. */
function meaning(document: Document): unknown {
  const flat: Record<string, unknown> = {};
  const wires: string[] = [];
  const walk = (scope: string, prefix: string): void => {
    for (const [id, node] of Object.entries(nodesOf(document, scope))) {
      if (node.type === "block") walk(node.block ?? "", `${prefix}${id}/`);
      else if (!node.type.startsWith("block_")) flat[id] = { ...node, fields: node.fields ?? {} };
    }
  };
  walk("", "");
  const source = (scope: string, trail: [string, string][], edge: GraphEdge): string | null => {
    const from = nodesOf(document, scope)[edge.from];
    if (from?.type === "block") {
      const inner = Object.values(document.blocks?.[from.block ?? ""]?.edges ?? {}).find(
        ({ to }) => to === outOf(edge),
      );
      return inner ? source(from.block ?? "", [...trail, [scope, edge.from]], inner) : null;
    }
    if (from?.type === "block_input") {
      const [outer, instance] = trail.at(-1) ?? ["", ""];
      const edges = outer ? document.blocks?.[outer]?.edges : document.edges;
      const wire = Object.values(edges ?? {}).find((each) => each.to === instance && intoOf(each) === edge.from);
      return wire ? source(outer, trail.slice(0, -1), wire) : null;
    }
    return `${edge.from}.${outOf(edge)}`;
  };
  const visit = (scope: string, trail: [string, string][]): void => {
    const edges = scope ? document.blocks?.[scope]?.edges : document.edges;
    for (const edge of Object.values(edges ?? {})) {
      const to = nodesOf(document, scope)[edge.to];
      if (!to || to.type === "block" || to.type.startsWith("block_")) continue;
      const from = source(scope, trail, edge);
      if (from) wires.push(`${from} > ${edge.to}.${intoOf(edge)} ${edge.order ?? ""}`);
    }
    for (const [id, node] of Object.entries(nodesOf(document, scope))) {
      if (node.type === "block") visit(node.block ?? "", [...trail, [scope, id]]);
    }
  };
  visit("", []);
  return { nodes: Object.fromEntries(Object.entries(flat).sort(([a], [b]) => (a < b ? -1 : 1))), wires: wires.sort() };
}

/** Without empty maps, which say nothing. */
const tidied = (document: Document): unknown =>
  JSON.parse(
    JSON.stringify(document, (name, value) =>
      ["fields", "blocks", "exposed"].includes(name) && value && Object.keys(value).length === 0 ? undefined : value,
    ),
  );

function randomBoard(next: (below: number) => number): Document {
  const nodes: Record<string, GraphNode> = { data: { type: "data" } };
  const edges: Record<string, GraphEdge> = {};
  const positions: Record<string, { x: number; y: number }> = { data: { x: 0, y: 0 } };
  const count = 3 + next(9);
  for (let at = 0; at < count; at += 1) {
    const id = `n${at}`;
    const many = next(3) === 0;
    nodes[id] = { type: many ? "add" : "linear", ...(next(4) === 0 ? { fields: { units: next(9) + 1 } } : {}) };
    if (next(5) === 0) nodes[id].weights = `w${next(2)}`;
    positions[id] = { x: 8 * (at + 1), y: 8 * next(20) };
    for (let wire = 0; wire < (many ? 1 + next(3) : 1); wire += 1) {
      const from = at === 0 || next(4) === 0 ? "data" : `n${next(at)}`;
      edges[`e${at}_${wire}`] = { from, out: from === "data" ? "image" : "y", to: id, in: "x", order: `000${wire}` };
    }
  }
  nodes.loss = { type: "loss" };
  positions.loss = { x: 8 * (count + 2), y: 0 };
  edges.end = { from: `n${count - 1}`, out: "y", to: "loss", in: "logits" };
  edges.target = { from: "data", out: "label", to: "loss", in: "target" };
  return { nodes, edges, drawing: { positions } };
}

describe("a selection becomes a block and its parts again", () => {
  let grouped = 0;
  test.each(Array.from({ length: 300 }, (_, seed) => seed))("random board %i keeps its meaning", (seed) => {
    const next = random(seed);
    const board = randomBoard(next);
    const ids = Object.keys(board.nodes ?? {}).filter(() => next(2) === 0);
    const made = group(board, "", ids, portsOf, { title: "Block" });
    if ("why" in made) {
      expect(["nothing", "circle", "weights"]).toContain(made.why);
      return;
    }
    grouped += 1;
    const inside = apply(board, made.edits);
    expect(meaning(inside)).toEqual(meaning(board));
    const [instance = ""] = made.ids;
    // Again inside the block, and out.
    const name = inside.nodes?.[instance]?.block ?? "";
    const inner = Object.keys(nodesOf(inside, name)).filter(
      (id) => !nodesOf(inside, name)[id]?.type.startsWith("block_"),
    );
    const deeper = group(inside, name, inner.slice(0, 2), portsOf, { title: "Inner" });
    if (!("why" in deeper)) {
      const nested = apply(inside, deeper.edits);
      expect(meaning(nested)).toEqual(meaning(board));
      const back = apply(nested, done(ungroup(nested, name, deeper.ids[0] ?? "")).edits);
      expect(meaning(back)).toEqual(meaning(board));
    }
    const back = apply(inside, done(ungroup(inside, "", instance)).edits);
    expect(meaning(back)).toEqual(meaning(board));
    expect(tidied(back)).toEqual(tidied(board));
  });

  test("most of the random selections can be grouped", () => expect(grouped).toBeGreaterThan(60));
});

const chain: Document = {
  nodes: { data: { type: "data" }, a: { type: "linear" }, b: { type: "linear" }, c: { type: "add" } },
  edges: {
    e1: { from: "data", out: "image", to: "a" },
    e2: { from: "a", to: "b" },
    e3: { from: "b", to: "c", order: "1" },
    e4: { from: "a", to: "c", order: "2" },
  },
  recipe: { phases: { main: { updates: ["a", "c"] } } },
  drawing: { positions: { a: { x: 0, y: 0 }, b: { x: 240, y: 0 }, c: { x: 480, y: 0 } } },
};

test("one port for a value that is read twice, named x and y where there is one of each", () => {
  const next = apply(chain, done(group(chain, "", ["a", "b", "c"], portsOf, { title: "My block" })).edits);
  expect(next.nodes?.my_block).toEqual({ type: "block", block: "my_block", fields: {} });
  const ports = Object.entries(next.blocks?.my_block?.nodes ?? {}).filter(([, { type }]) => type.startsWith("block_"));
  expect(ports.map(([id, { type }]) => `${id} ${type}`)).toEqual(["x block_input", "y block_output"]);
  expect(next.recipe?.phases?.main?.updates).toEqual(["my_block/a", "my_block/c"]);
});

test("what would feed itself, parts weights, or takes a port along is refused, and why", () => {
  expect(group(chain, "", ["a", "c"], portsOf, { title: "B" })).toEqual({ why: "circle", node: "b" });
  const shared: Document = {
    ...chain,
    nodes: { ...chain.nodes, a: { type: "linear", weights: "w" }, b: { type: "linear", weights: "w" } },
  };
  expect(group(shared, "", ["a"], portsOf, { title: "B" })).toEqual({ why: "weights", node: "a", other: "b" });
  const inside = apply(chain, done(group(chain, "", ["a", "b", "c"], portsOf, { title: "B" })).edits);
  expect(group(inside, "b_2", ["x"], portsOf, { title: "C" })).toMatchObject({ why: expect.any(String) });
  expect(group(chain, "", [], portsOf, { title: "B" })).toEqual({ why: "nothing" });
});

test("a repeated block becomes its copies, one behind the other, with weights of their own or the same", () => {
  const inside = apply(chain, done(group(chain, "", ["a", "b", "c"], portsOf, { title: "Stage" })).edits);
  const repeat = (more: object): Document => ({
    ...inside,
    nodes: { ...inside.nodes, stage: { ...(inside.nodes?.stage as GraphNode), mode: "repeat", times: 3, ...more } },
  });
  const fresh = apply(repeat({}), done(ungroup(repeat({}), "", "stage")).edits);
  expect(Object.keys(fresh.nodes ?? {})).toHaveLength(1 + 9);
  expect(fresh.blocks).toEqual({});
  const into = (id: string) => Object.values(fresh.edges ?? {}).filter(({ to }) => to === id);
  expect(into("a_2").map(({ from }) => from)).toEqual(["c"]);
  expect(into("a_3").map(({ from }) => from)).toEqual(["c_2"]);
  expect(Object.values(fresh.nodes ?? {}).some(({ weights }) => weights)).toBe(false);
  const tied = apply(repeat({ weights: "w" }), done(ungroup(repeat({ weights: "w" }), "", "stage")).edits);
  expect([tied.nodes?.a?.weights, tied.nodes?.a_3?.weights, tied.nodes?.b_2?.weights]).toEqual(["a", "a", "b"]);
});

test("a loop over time has no parts side by side", () => {
  const inside = apply(chain, done(group(chain, "", ["a", "b", "c"], portsOf, { title: "Cell" })).edits);
  const cell = { ...(inside.nodes?.cell as GraphNode), mode: "over_time" as const };
  expect(ungroup({ ...inside, nodes: { ...inside.nodes, cell } }, "", "cell")).toEqual({ why: "loop", node: "cell" });
});

test("what an instance sets and freezes goes to its parts", () => {
  const made = apply(chain, done(group(chain, "", ["a", "b"], portsOf, { title: "Two" })).edits);
  const set: Document = {
    ...made,
    nodes: { ...made.nodes, two: { ...(made.nodes?.two as GraphNode), fields: { width: 7 }, trainable: false } },
    blocks: {
      two: { ...made.blocks?.two, exposed: { width: { node: "a", field: "units", others: ["b"] } } },
    },
  };
  const back = apply(set, done(ungroup(set, "", "two")).edits);
  expect(back.nodes?.a).toEqual({ type: "linear", fields: { units: 7 }, trainable: false });
  expect(back.nodes?.b?.fields).toEqual({ units: 7 });
});

test("a field that the enclosing block offers stays offered, in and out again", () => {
  const made = apply(chain, done(group(chain, "", ["a", "b", "c"], portsOf, { title: "Outer" })).edits);
  const offering: Document = {
    ...made,
    blocks: { outer: { ...made.blocks?.outer, exposed: { width: { node: "a", field: "units", others: ["b"] } } } },
  };
  const inner = apply(
    offering,
    done(group(offering, "outer", ["b", "c"].slice(0, 1), portsOf, { title: "Inner" })).edits,
  );
  expect(inner.blocks?.outer?.exposed?.width).toMatchObject({ node: "a", field: "units", others: ["inner"] });
  expect(inner.blocks?.inner?.exposed?.units).toMatchObject({ node: "b", field: "units" });
  const back = apply(inner, done(ungroup(inner, "outer", "inner")).edits);
  expect(back.blocks?.outer?.exposed?.width).toMatchObject({ node: "a", field: "units", others: ["b"] });
});
