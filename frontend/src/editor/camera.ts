/** The canvas as other parts of the page speak to it: where its middle is, what to show. */
import { getViewportForBounds, type ReactFlowInstance, type Rect } from "@xyflow/react";
import type { Point } from "../graph/document";
import { WIDTH } from "../graph/geometry";

const MOST_ZOOM = 1.15;

let flow: ReactFlowInstance | null = null;
let pane: HTMLElement | null = null;
let whole: (() => Rect) | null = null;
/** Everything was shown, and nobody has looked elsewhere since. */
let onAll = false;

/** `bounds`: all that there is to be shown, where that is not nodes. */
export function openCamera(instance: ReactFlowInstance, element: HTMLElement | null, bounds?: () => Rect): void {
  flow = instance;
  pane = element;
  whole = bounds ?? null;
}

export function closeCamera(): void {
  flow = null;
  pane = null;
  whole = null;
  onAll = false;
}

/** A person looks at a part. */
export function leave(): void {
  onAll = false;
}

/** Where everything was shown, it is shown again: the room for it has changed. */
export function stay(): void {
  if (onAll) showAll();
}

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const duration = () => (still() ? 0 : 220);

/** The bars over the canvas stay clear of what is shown. */
export const PADDING = { top: "76px", bottom: "36px", left: "36px", right: "36px" } as const;

/** Shows everything, or the given nodes. */
export function showAll(nodes?: readonly string[]): void {
  onAll = !nodes;
  const box = pane?.getBoundingClientRect();
  if (whole && box) {
    const view = getViewportForBounds(whole(), box.width, box.height, 0.05, MOST_ZOOM, PADDING);
    void flow?.setViewport(view, { duration: duration() });
    return;
  }
  void flow?.fitView({
    nodes: nodes?.map((id) => ({ id })),
    padding: PADDING,
    maxZoom: MOST_ZOOM,
    duration: duration(),
  });
}

/** Shows cards at places where they are about to stand. */
export function showPlaces(places: Readonly<Record<string, Point>>): void {
  const box = pane?.getBoundingClientRect();
  const points = Object.entries(places);
  if (!flow || !box || points.length === 0) return;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [id, { x, y }] of points) {
    const { width = WIDTH, height = 100 } = flow.getNode(id)?.measured ?? {};
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  }
  onAll = true;
  const bounds = { x: left, y: top, width: right - left, height: bottom - top };
  const view = getViewportForBounds(bounds, box.width, box.height, 0.1, MOST_ZOOM, PADDING);
  void flow.setViewport(view, { duration: duration() });
}

/** Brings nodes into view, if they are not. */
export function reveal(nodes: readonly string[]): void {
  if (!flow || !pane || nodes.length === 0) return;
  const visible = visibleArea();
  const { x, y, width, height } = flow.getNodesBounds(nodes as string[]);
  const inside =
    visible &&
    x >= visible.x &&
    y >= visible.y &&
    x + width <= visible.x + visible.width &&
    y + height <= visible.y + visible.height;
  if (inside) return;
  if (visible && (width > visible.width * 0.9 || height > visible.height * 0.85)) {
    showAll(nodes);
    return;
  }
  leave();
  void flow.setCenter(x + width / 2, y + height / 2, { zoom: Math.max(flow.getZoom(), 0.7), duration: duration() });
}

export const zoomBy = (factor: number): void => {
  zoomTo((flow?.getZoom() ?? 1) * factor);
};

export const zoomTo = (zoom: number): void => {
  leave();
  if (flow) void flow.zoomTo(zoom, { duration: still() ? 0 : 120 });
};

/** A point of the screen on the board. */
export const toBoard = (screen: Point): Point | null =>
  flow?.screenToFlowPosition(screen, { snapToGrid: false }) ?? null;

/** A point of the board on the screen. */
export const toScreen = (board: Point): Point | null => flow?.flowToScreenPosition(board) ?? null;

/** The part of the board that is seen. */
export function visibleArea(): Rect | null {
  if (!flow || !pane) return null;
  const box = pane.getBoundingClientRect();
  const from = flow.screenToFlowPosition({ x: box.left, y: box.top }, { snapToGrid: false });
  const to = flow.screenToFlowPosition({ x: box.right, y: box.bottom }, { snapToGrid: false });
  return { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y };
}

export function middle(): Point {
  const area = visibleArea();
  return area ? { x: area.x + area.width / 2, y: area.y + area.height / 2 } : { x: 0, y: 0 };
}

/** The pixels that cards may take, without what the bars over the canvas do. */
export function room(): { width: number; height: number } {
  const box = pane?.getBoundingClientRect();
  return { width: Math.max(320, (box?.width ?? 900) - 72), height: Math.max(240, (box?.height ?? 600) - 112) };
}
