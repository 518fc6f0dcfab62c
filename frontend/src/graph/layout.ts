/** Arranging a graph: ELK's layered layout, in a worker that is only loaded when it is asked for. */
import type { ELK as Elk, ElkNode } from "elkjs/lib/elk-api";
import type { Point } from "./document";
import { snapped } from "./edits";

export interface Box {
  id: string;
  width: number;
  height: number;
  /** Where wires end, from the top. */
  inputs: { port: string; y: number }[];
  outputs: { port: string; y: number }[];
}

export interface Line {
  id: string;
  from: string;
  out: string;
  to: string;
  into: string;
  /** How wide the chip on it is. */
  label: number;
}

export class Cancelled extends Error {
  constructor() {
    super("the layout was cancelled");
    this.name = "Cancelled";
  }
}

let worker: Elk | null = null;
let running = 0;
/** The worker has a layout under way, and hears nothing until that is done. */
let busy = false;

async function start(): Promise<Elk> {
  if (worker) return worker;
  const [{ default: ELK }, { default: address }] = await Promise.all([
    import("elkjs/lib/elk-api.js"),
    import("elkjs/lib/elk-worker.min.js?url"),
  ]);
  worker ??= new ELK({ workerFactory: () => new Worker(address) });
  return worker;
}

/** Stops a layout that is under way; its promise is rejected with Cancelled. A worker at rest is kept, since its code
 * takes longer to load than most layouts. */
function cancel(): void {
  running += 1;
  if (!busy) return;
  worker?.terminateWorker();
  worker = null;
  busy = false;
}

/** Room between two columns: the widest chip between them and a little wire on both sides. */
const roomFor = (lines: readonly Line[]) => Math.max(64, ...lines.map(({ label }) => label + 40));

/** How willingly long chains are broken into rows; 0 leaves one row. */
const BREAKS = [0, 0.7, 1.2, 1.9];

/** As large as a card need be to be read with ease; beyond it fewer rows count more. */
const READABLE = 0.8;

/** What a layout asks of ELK. */
export interface Layouts {
  run: (graph: ElkNode) => Promise<ElkNode>;
  /** Of several ways to break a long chain into rows the one that is seen largest on the screen. */
  best: (graph: (breaks: number) => ElkNode, screen: Screen) => Promise<ElkNode>;
}

interface Screen {
  width: number;
  height: number;
}

/** Does a layout in the worker, after stopping the one under way. Rejected with Cancelled when it is stopped itself. */
export async function settle<T>(work: (layouts: Layouts) => Promise<T>): Promise<T> {
  cancel();
  running += 1;
  const mine = running;
  const elk = await start();
  if (mine !== running) throw new Cancelled();
  const over = stopped(mine);
  const run = async (graph: ElkNode) => {
    busy = true;
    const done = await Promise.race([elk.layout(graph), over.promise]);
    if (mine === running) busy = false;
    return done;
  };
  const best = async (graph: (breaks: number) => ElkNode, screen: Screen) => {
    const zoom = ({ width = 1, height = 1 }: ElkNode) =>
      Math.min(READABLE, screen.width / width, screen.height / height);
    const tried: ElkNode[] = [];
    for (const breaks of BREAKS) tried.push(await run(graph(breaks)));
    return tried.reduce((a, b) => (zoom(b) > zoom(a) * 1.03 ? b : a));
  };
  try {
    return await work({ run, best });
  } finally {
    over.forget();
  }
}

/** New positions (upper left corners). */
export async function layout(
  boxes: readonly Box[],
  lines: readonly Line[],
  screen: Screen,
): Promise<Record<string, Point>> {
  const aspect = screen.width / Math.max(1, screen.height);
  const graph = (breaks: number) => graphOf(boxes, lines, aspect, breaks);
  const best = await settle(({ run, best }) => (boxes.length > 4 ? best(graph, screen) : run(graph(0))));
  const placed: Record<string, Point> = {};
  for (const { id, x = 0, y = 0 } of best.children ?? []) placed[id] = snapped({ x, y });
  return placed;
}

/** Rejected once another layout has begun: a worker that was ended answers nothing. */
function stopped(mine: number): { promise: Promise<never>; forget: () => void } {
  let watch: ReturnType<typeof setInterval> | undefined;
  const promise = new Promise<never>((_, reject) => {
    watch = setInterval(() => {
      if (mine !== running) reject(new Cancelled());
    }, 50);
  });
  promise.catch(() => undefined);
  return { promise, forget: () => clearInterval(watch) };
}

function graphOf(boxes: readonly Box[], lines: readonly Line[], aspect: number, breaks: number): ElkNode {
  const room = roomFor(lines);
  return {
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.aspectRatio": String(aspect),
      "elk.layered.wrapping.strategy": breaks > 0 ? "MULTI_EDGE" : "OFF",
      "elk.layered.wrapping.additionalEdgeSpacing": "40",
      "elk.layered.wrapping.correctionFactor": String(breaks || 1),
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
      "elk.layered.considerModelOrder.strategy": "PREFER_EDGES",
      "elk.layered.spacing.nodeNodeBetweenLayers": String(room),
      "elk.spacing.nodeNode": "48",
      "elk.spacing.componentComponent": "72",
      "elk.separateConnectedComponents": "true",
      "elk.edgeRouting": "ORTHOGONAL",
    },
    children: boxes.map(({ id, width, height, inputs, outputs }) => ({
      id,
      width,
      height,
      layoutOptions: { "elk.portConstraints": "FIXED_POS" },
      ports: [
        ...inputs.map(({ port, y }) => ({ id: `${id}|in|${port}`, width: 0, height: 0, x: 0, y })),
        ...outputs.map(({ port, y }) => ({ id: `${id}|out|${port}`, width: 0, height: 0, x: width, y })),
      ],
    })),
    edges: lines.map(({ id, from, out, to, into }) => ({
      id,
      sources: [`${from}|out|${out}`],
      targets: [`${to}|in|${into}`],
    })),
  };
}
