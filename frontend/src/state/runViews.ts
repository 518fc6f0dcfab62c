/** Which nodes of the board can be looked at, and how: read off the facts, so that a new layer needs nothing here. */

import { type Document, type GraphNode, nodesOf, trailTo } from "../graph/document";
import { parseType } from "../graph/shape";
import type { LayerInfo, NodeFacts, Subscription } from "../wire/types";

/** A kind of picture. A wire view may be drawn in several ways: a loss's `matrix` counts confusions, a recurrent layer's shows its gates, another's attention. */
export type Kind =
  | "plane"
  | "fit"
  | "threshold"
  | "neurons"
  | "maps"
  | "winners"
  | "flat"
  | "filters"
  | "attention"
  | "gates"
  | "states"
  | "statistics"
  | "through"
  | "terrain"
  | "confusion"
  | "choice"
  | "numbers"
  | "boxes"
  | "samples";

export interface Watchable {
  path: string;
  /** Its own name, and that of the block instances that it is in: `Encoder layer 2`, empty at the top. */
  title: string;
  group: string;
  family: string;
  facts: NodeFacts;
  kinds: readonly Kind[];
}

/** A block's ports only pass on what is seen at their neighbours. */
const PASSING: ReadonlySet<string> = new Set(["block_input", "block_output"]);

export function kindsOf(facts: NodeFacts): Kind[] {
  if (PASSING.has(facts.type)) return [];
  const loss = "loss" in facts.outputs;
  return facts.views.flatMap((view): Kind[] => {
    switch (view) {
      case "plane":
        return [loss ? "plane" : "neurons"];
      case "matrix":
        return [loss ? "confusion" : facts.views.includes("states") ? "gates" : "attention"];
      case "maps":
      case "filters":
      case "fit":
      case "threshold":
      case "boxes":
      case "samples":
      case "winners":
      case "flat":
      case "states":
      case "statistics":
      case "through":
      case "terrain":
      case "choice":
      case "numbers":
        return [view];
      default:
        return [];
    }
  });
}

/** A node's name, and the instances of blocks that it is in: `Attention` in `Encoder layer 2`. */
export function namesOf(
  document: Document,
  path: string,
  layers: ReadonlyMap<string, LayerInfo>,
): { title: string; group: string } {
  const found = trailTo(document, path);
  if (!found) return { title: path, group: "" };
  const name = (node: GraphNode | undefined, id: string): string =>
    node?.name || (node?.block && document.blocks?.[node.block]?.title) || layers.get(node?.type ?? "")?.title || id;
  let scope = "";
  const groups: string[] = [];
  for (const { node, index } of found.trail) {
    const instance = nodesOf(document, scope)[node];
    groups.push(instance?.mode === "repeat" ? `${name(instance, node)} ${index + 1}` : name(instance, node));
    scope = instance?.block ?? "";
  }
  return { title: name(nodesOf(document, scope)[found.node], found.node), group: groups.join(" › ") };
}

/** Nodes with something to look at, in the order of the facts: from the data to the losses. */
export function watchable(
  document: Document,
  facts: Readonly<Record<string, NodeFacts>>,
  layers: ReadonlyMap<string, LayerInfo>,
): Watchable[] {
  return Object.entries(facts).flatMap(([path, node]) => {
    const kinds = kindsOf(node);
    if (kinds.length === 0) return [];
    return [
      { path, ...namesOf(document, path, layers), family: layers.get(node.type)?.family ?? "", facts: node, kinds },
    ];
  });
}

/** Side of a neuron's heat-map, and of the decision plane. */
const [NEURON_SIDE, PLANE_SIDE] = [40, 100];
/** Most channels of a layer, most filters of a convolution that are asked for. */
const MOST_CHANNELS = 64;
/** Most channels of a pooling whose winners are asked for. */
const MOST_WINNERS = 16;
/** Pictures of a detector that the dock shows beside each other. */
export const PICTURES = 6;
/** Samples that a run keeps for looking at. */
const SAMPLES = 64;

/** Samples from the chosen one on, of those that the run keeps for looking at. */
export const samplesFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (first + i) % SAMPLES);

/** What the dock asks for to show a node in a certain way; equal wishes are one, wherever they are made. */
export function wishFor(kind: Kind, node: string, sample: number): Subscription {
  switch (kind) {
    case "plane":
      return { view: "plane", node, size: PLANE_SIDE, rate: 8 };
    case "threshold":
      return { view: "threshold", node, rate: 2 };
    case "fit":
      return { view: "fit", node, rate: 6 };
    case "neurons":
      return { view: "plane", node, size: NEURON_SIDE, rate: 5 };
    case "maps":
      return { view: "maps", node, samples: [sample], size: MOST_CHANNELS, rate: 5 };
    case "winners":
      return { view: "winners", node, samples: [sample], size: MOST_WINNERS, rate: 4 };
    case "flat":
      return { view: "flat", node, rate: 1 };
    case "filters":
      return { view: "filters", node, size: MOST_CHANNELS, rate: 4 };
    case "states":
      return { view: "states", node, samples: [sample], rate: 4 };
    case "statistics":
      return { view: "statistics", node, rate: 4 };
    case "terrain":
      return { view: "terrain", node, rate: 4 };
    case "through":
      return { view: "through", node, rate: 4 };
    case "choice":
      return { view: "choice", node, samples: [sample], rate: 5 };
    case "numbers":
      return { view: "numbers", node, samples: [sample], rate: 5 };
    case "attention":
    case "gates":
      return { view: "matrix", node, samples: [sample], rate: 4 };
    case "confusion":
      return { view: "matrix", node, rate: 3 };
    case "boxes":
      return { view: "boxes", node, samples: samplesFrom(sample, PICTURES), rate: 4 };
    case "samples":
      return { view: "samples", node, rate: 1 };
  }
}

/** What a thumbnail shows of a node, and of how many units, maps or heads; null: nothing. */
export interface Thumbnail {
  kind: Kind;
  layout: "image" | "signal" | "vector" | "sequence" | "points" | "tokens" | "";
  count: number;
}

/** What is asked for a thumbnail: the same as the dock's view, but for maps, where a few channels cost less. */
export const thumbnailWish = (node: string, { kind, count }: Thumbnail, sample: number): Subscription => ({
  ...wishFor(kind, node, sample),
  rate: 4,
  ...(kind === "maps" ? { size: count } : {}),
});

const FIRST: readonly Kind[] = [
  "numbers",
  "choice",
  "neurons",
  "attention",
  "gates",
  "plane",
  "fit",
  "boxes",
  "confusion",
  "maps",
  "samples",
];

export function thumbnailOf(facts: NodeFacts): Thumbnail | null {
  const kinds = kindsOf(facts);
  const kind = FIRST.find((each) => kinds.includes(each));
  if (!kind) return null;
  const types = Object.values(facts.outputs).map(parseType);
  const axes = types[0]?.axes ?? [];
  const size = axes[0]?.size ?? 0;
  if (kind === "samples") {
    const layout = types.some((type) => type?.axes.some(({ name }) => name === "H"))
      ? "image"
      : types.some((type) => type?.element === "index" && type.axes.length > 0)
        ? "tokens"
        : "points";
    // Plain numbers have no picture: a point has a class that it is coloured by.
    if (layout === "points" && !types.some((type) => type?.element === "index")) return null;
    return { kind, layout, count: 6 };
  }
  if (kind === "choice") {
    const places = axes.filter(({ name }) => name === "H" || name === "W" || name === "T").length;
    return { kind, layout: places === 2 ? "image" : places === 1 ? "sequence" : "vector", count: 1 };
  }
  if (kind === "maps") {
    const layout =
      axes.length === 3 ? "image" : axes[1]?.name === "L" ? "signal" : axes.length === 2 ? "sequence" : "vector";
    return { kind, layout, count: layout === "image" || layout === "signal" ? Math.min(6, size) : 1 };
  }
  if (kind === "neurons") return { kind, layout: "", count: Math.min(8, size) };
  return { kind, layout: "", count: kind === "attention" || kind === "gates" ? 4 : kind === "boxes" ? 3 : 1 };
}

/**
 * What a card shows, and of which node: its own picture; of an instance of a block the first attention in it, or else
 * what comes out at its end. Null where there is nothing to see.
 */
export function pictured(
  nodes: Readonly<Record<string, NodeFacts>>,
  path: string,
): { path: string; thumbnail: Thumbnail } | null {
  const own = nodes[path];
  let found = own && path;
  if (!own || own.type === "block") {
    const inside = Object.keys(nodes).filter((inner) => inner.startsWith(`${path}/`));
    const having = (kind: Kind) => inside.filter((inner) => kindsOf(nodes[inner] as NodeFacts).includes(kind));
    found = having("attention")[0] ?? having("gates")[0] ?? having("maps").at(-1);
  }
  const thumbnail = found && thumbnailOf(nodes[found] as NodeFacts);
  return found && thumbnail ? { path: found, thumbnail } : null;
}

/** A thumbnail's height in CSS pixels, known before the first picture: a card never changes its size while it trains. */
export function thumbnailHeight({ kind, layout, count }: Thumbnail): number {
  if (kind === "neurons") return count > 4 ? 68 : 34;
  if (kind === "plane" || kind === "fit" || kind === "confusion" || layout === "points") return 72;
  if (kind === "attention" || kind === "gates") return 38;
  if (kind === "choice") return layout === "image" ? 72 : 30;
  if (kind === "boxes") return 50;
  if (kind === "numbers") return 34;
  if (layout === "vector") return 12;
  if (layout === "sequence" || layout === "signal") return 28;
  return 25;
}
