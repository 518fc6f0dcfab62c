/** The canvas as other parts of the page speak to it: where its middle is, what to show. */
import type { ReactFlowInstance, Rect } from "@xyflow/react";
import type { Point } from "../graph/document";

let flow: ReactFlowInstance | null = null;
let pane: HTMLElement | null = null;

export function openCamera(instance: ReactFlowInstance, element: HTMLElement | null): void {
  flow = instance;
  pane = element;
}

export function closeCamera(): void {
  flow = null;
  pane = null;
}

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const duration = () => (still() ? 0 : 220);

/** Shows everything, or the given nodes; the bars over the canvas stay clear of them. */
export function showAll(nodes?: readonly string[]): void {
  void flow?.fitView({
    nodes: nodes?.map((id) => ({ id })),
    padding: { top: "76px", bottom: "36px", left: "36px", right: "36px" },
    maxZoom: 1.15,
    duration: duration(),
  });
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
  void flow.setCenter(x + width / 2, y + height / 2, { zoom: Math.max(flow.getZoom(), 0.7), duration: duration() });
}

export const zoomBy = (factor: number): void => {
  if (flow) void flow.zoomTo(flow.getZoom() * factor, { duration: still() ? 0 : 120 });
};

export const zoomTo = (zoom: number): void => {
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

/** Width to height of the canvas. */
export function aspect(): number {
  const box = pane?.getBoundingClientRect();
  return box && box.height > 0 ? box.width / box.height : 1.6;
}
