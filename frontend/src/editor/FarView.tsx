import { useComputedColorScheme } from "@mantine/core";
import { type ReactFlowState, useStore, useStoreApi } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";
import { create } from "zustand";
import { nodesOf } from "../graph/document";
import { WIDTH } from "../graph/geometry";
import { layerOf } from "../state/catalogue";
import { useDocument } from "../state/document";
import { problemOfEdge, problemsAt, useFacts } from "../state/facts";
import { useLevel, useSelection } from "../state/selection";
import classes from "./canvas.module.css";
import { type FarCard, type FarWires, inkOfBoard, paintFar } from "./farPicture";
import { UNFINISHED } from "./unfinished";
import { useWires } from "./Wires";

/** A card shows only what it is below this zoom … */
export const FAR = 0.42;
/** … and a board of more cards than this is painted then. */
const MANY = 120;
/** Pixels painted beyond each edge of the screen, so that a shift of the view needs no new picture. */
const BEYOND = 400;

interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const isFar = ({ transform, nodeLookup }: ReactFlowState): boolean => transform[2] < FAR && nodeLookup.size > MANY;

/** Whether the board is painted: cards are then empty boxes, which the pointer still finds, and wires are not there. */
export const useFar = create<{ painted: boolean }>(() => ({ painted: false }));

/** The picture in place of cards and wires, where there are many and far away. */
export function FarView() {
  const flow = useStoreApi();
  const far = useStore(isFar);
  const { painted } = useFar();
  useEffect(() => {
    // A card that was never drawn has no size yet.
    const { nodeLookup } = flow.getState();
    useFar.setState({ painted: far && [...nodeLookup.values()].every(({ measured }) => measured.height) });
  }, [far, flow]);
  useEffect(() => () => useFar.setState({ painted: false }), []);
  return painted ? <Picture /> : null;
}

/** In place of a card while the board is painted: as large as the card was. */
export function Blank({ id, title }: { id: string; title: string }) {
  const flow = useStoreApi();
  const [size] = useState(() => flow.getState().nodeLookup.get(id)?.measured);
  const box = { width: size?.width ?? WIDTH, height: size?.height ?? 80 };
  return <article style={box} aria-label={title} data-testid={`node-${id}`} />;
}

function Picture() {
  const flow = useStoreApi();
  const surface = useRef<HTMLCanvasElement>(null);
  const theme = useComputedColorScheme();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme changes the colours that are read for painting
  useEffect(() => {
    const canvas = surface.current;
    const pane = canvas?.closest<HTMLElement>("[data-testid=canvas]");
    const context = canvas?.getContext("2d");
    if (!canvas || !pane || !context) return;
    const ink = inkOfBoard(pane);
    const density = window.devicePixelRatio || 1;
    let painted: Area | null = null;
    let zoomed = 0;
    let frame = 0;
    let cards: FarCard[] = [];
    let wires: FarWires | null = null;
    let bounds: Area | null = null;

    /** What is to be seen of the board, in its own pixels, `beyond` more on every side; nothing where nothing is. */
    const seen = (beyond: number): Area | null => {
      const { transform, width, height } = flow.getState();
      const [x, y, zoom] = transform;
      if (!bounds) return null;
      const margin = beyond / zoom;
      const area = {
        left: Math.max(bounds.left, -x / zoom - margin),
        top: Math.max(bounds.top, -y / zoom - margin),
        right: Math.min(bounds.right, (width - x) / zoom + margin),
        bottom: Math.min(bounds.bottom, (height - y) / zoom + margin),
      };
      return area.right > area.left && area.bottom > area.top ? area : null;
    };

    const paint = () => {
      const zoom = flow.getState().transform[2];
      const area = seen(BEYOND);
      painted = area;
      zoomed = zoom;
      canvas.hidden = area === null;
      if (!area || !wires) return;
      const scale = zoom * density;
      canvas.width = Math.ceil((area.right - area.left) * scale);
      canvas.height = Math.ceil((area.bottom - area.top) * scale);
      canvas.style.width = `${canvas.width / density}px`;
      canvas.style.height = `${canvas.height / density}px`;
      context.setTransform(scale, 0, 0, scale, -area.left * scale, -area.top * scale);
      const shown = cards.filter(
        ({ x, y, width, height }) =>
          x < area.right && y < area.bottom && x + width + 12 > area.left && y + height + 12 > area.top,
      );
      paintFar(context, shown, wires, ink, zoom);
    };

    const move = () => {
      const { transform } = flow.getState();
      const [x, y, zoom] = transform;
      const needed = seen(0);
      if (zoom !== zoomed || (needed && !(painted && covers(painted, needed)))) paint();
      if (painted) canvas.style.transform = `translate(${x + painted.left * zoom}px, ${y + painted.top * zoom}px)`;
    };

    let stale = true;
    const refresh = () => {
      frame = 0;
      if (stale) {
        stale = false;
        cards = cardsOf(flow.getState());
        wires = wiresOf();
        bounds = boundsOf(cards);
        zoomed = 0;
      }
      move();
    };
    const soon = () => {
      frame ||= requestAnimationFrame(refresh);
    };
    const anew = () => {
      stale = true;
      soon();
    };
    let { nodes, transform } = flow.getState();
    const stops = [
      flow.subscribe((state) => {
        if (state.nodes !== nodes) anew();
        if (state.transform !== transform) soon();
        ({ nodes, transform } = state);
      }),
      useWires.subscribe(anew),
      useFacts.subscribe(anew),
      useDocument.subscribe(anew),
      useSelection.subscribe(anew),
    ];
    refresh();
    return () => {
      if (frame) cancelAnimationFrame(frame);
      for (const stop of stops) stop();
    };
  }, [flow, theme]);

  return (
    <div className={classes.picture} aria-hidden data-testid="far-picture">
      <canvas ref={surface} />
    </div>
  );
}

const covers = (a: Area, b: Area): boolean =>
  a.left <= b.left && a.top <= b.top && a.right >= b.right && a.bottom >= b.bottom;

function boundsOf(cards: readonly FarCard[]): Area | null {
  if (cards.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of cards) {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  }
  // Wires lead around the cards at the border.
  return { left: left - 80, top: top - 80, right: right + 80, bottom: bottom + 80 };
}

function cardsOf({ nodeLookup }: ReactFlowState): FarCard[] {
  const { document } = useDocument.getState();
  const { scope, prefix } = useLevel.getState();
  const { problems } = useFacts.getState();
  const chosen = useSelection.getState().nodes;
  const nodes = nodesOf(document, scope);
  const broken = new Set(
    problems.flatMap(({ severity, node }) => {
      const rest = severity === "error" && node?.startsWith(prefix) ? node.slice(prefix.length) : "";
      return rest.includes("/") ? [rest.slice(0, rest.indexOf("/"))] : [];
    }),
  );
  const cards: FarCard[] = [];
  for (const [id, { internals, measured }] of nodeLookup) {
    const node = nodes[id];
    if (!node) continue;
    const layer = layerOf(node.type);
    const block = node.block ? document.blocks?.[node.block] : undefined;
    const worst = problemsAt(problems, prefix + id).find(({ severity }) => severity === "error");
    const { x, y } = internals.positionAbsolute;
    cards.push({
      x,
      y,
      width: measured.width ?? WIDTH,
      height: measured.height ?? 80,
      title: node.name || block?.title || layer?.title || node.block || node.type,
      family: node.type === "block" ? "block" : (layer?.family ?? "block"),
      tone: worst ? (UNFINISHED.has(worst.code) ? "unfinished" : "error") : broken.has(id) ? "error" : undefined,
      selected: chosen.has(id),
      stacked: node.type === "block",
    });
  }
  return cards;
}

function wiresOf(): FarWires {
  const { problems } = useFacts.getState();
  const { prefix } = useLevel.getState();
  const chosen = useSelection.getState().edges;
  const found: FarWires = { plain: new Path2D(), wrong: new Path2D(), selected: new Path2D() };
  for (const [id, way] of useWires.getState().ways) {
    const kind = problemOfEdge(problems, prefix, id) ? "wrong" : chosen.has(id) ? "selected" : "plain";
    found[kind].addPath(new Path2D(way.d));
  }
  return found;
}
