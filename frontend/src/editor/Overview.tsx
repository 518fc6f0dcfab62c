import { MiniMap, type Node, type ReactFlowState, useStore } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { nodesOf } from "../graph/document";
import { WIDTH } from "../graph/geometry";
import { layerOf } from "../state/catalogue";
import { useDocument } from "../state/document";
import { useLevel } from "../state/selection";
import classes from "./canvas.module.css";
import { familyColour } from "./Tile";

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Whether one of the cards, where it is on the canvas now, passes the test. */
function some({ transform: [x, y, zoom], nodeLookup }: ReactFlowState, test: (card: Box) => boolean): boolean {
  for (const { internals, measured } of nodeLookup.values()) {
    const left = internals.positionAbsolute.x * zoom + x;
    const top = internals.positionAbsolute.y * zoom + y;
    const card = {
      left,
      top,
      right: left + (measured.width ?? WIDTH) * zoom,
      bottom: top + (measured.height ?? 80) * zoom,
    };
    if (test(card)) return true;
  }
  return false;
}

/** How much of a card may be cut off before it counts as outside. */
const EDGE = 4;
/** The corner that the map takes. */
const CORNER = { width: 164, height: 116 };

const isNeeded = (state: ReactFlowState): boolean =>
  some(
    state,
    ({ left, top, right, bottom }) =>
      left < -EDGE || top < -EDGE || right > state.width + EDGE || bottom > state.height + EDGE,
  );

const isOverCards = (state: ReactFlowState): boolean =>
  some(
    state,
    ({ left, top, right, bottom }) =>
      right > state.width - CORNER.width &&
      bottom > state.height - CORNER.height &&
      left < state.width &&
      top < state.height,
  );

function colourOf({ id }: Node): string {
  const node = nodesOf(useDocument.getState().document, useLevel.getState().scope)[id];
  return familyColour(node?.type === "block" ? "block" : (layerOf(node?.type ?? "")?.family ?? "block"));
}

/** The map of the whole board: only where something lies outside the view; it steps back where a card is under it. */
export function Overview() {
  const { t } = useTranslation("editor");
  const needed = useStore(isNeeded);
  const aside = useStore(isOverCards);
  if (!needed) return null;
  return (
    <MiniMap
      className={aside ? classes.mapAside : classes.map}
      nodeColor={colourOf}
      nodeStrokeWidth={0}
      nodeBorderRadius={24}
      maskColor="var(--map-mask)"
      pannable
      zoomable
      ariaLabel={t("tools.map")}
      position="bottom-right"
    />
  );
}
