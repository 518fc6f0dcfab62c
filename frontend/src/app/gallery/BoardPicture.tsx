import { useMemo } from "react";
import { useIcon } from "../../editor/icons";
import { familyColour } from "../../editor/Tile";
import type { Document } from "../../graph/document";
import { useCatalogue } from "../../state/catalogue";
import classes from "./gallery.module.css";
import { drawBoard, type PictureNode, TILE } from "./picture";

interface BoardPictureProps {
  document: Document;
  label: string;
  /** Names under the tiles, where the picture is large enough to read them. */
  named?: boolean;
}

/** The graph of a board, small: what is in it and how it is wired, not what stands exactly where. */
export function BoardPicture({ document, label, named = false }: BoardPictureProps) {
  const layers = useCatalogue((state) => state.layers);
  const picture = useMemo(() => drawBoard(document, (type) => layers.get(type)?.title), [document, layers]);
  return (
    <svg
      className={classes.graph}
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      preserveAspectRatio="xMidYMid meet"
      role="img"
      aria-label={label}
    >
      {picture.wires.map(({ path, far }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: wires have no other name and never move
        <path key={i} className={classes.wire} data-far={far || undefined} d={path} />
      ))}
      {picture.nodes.map((node) => (
        <Node
          key={node.id}
          node={node}
          named={named}
          family={node.stacked ? "block" : (layers.get(node.type)?.family ?? "")}
          icon={node.stacked ? "boxes" : (layers.get(node.type)?.icon ?? "square")}
        />
      ))}
    </svg>
  );
}

function Node({ node, family, icon, named }: { node: PictureNode; family: string; icon: string; named: boolean }) {
  const Icon = useIcon(icon);
  const half = TILE / 2;
  const colour = familyColour(family);
  const card = { x: -half, y: -half, width: TILE, height: TILE, rx: 11 };
  return (
    <g transform={`translate(${node.x} ${node.y})`} style={{ color: colour }}>
      {node.stacked && (
        <>
          <rect {...card} transform="translate(7 -7)" className={classes.behind} />
          <rect {...card} transform="translate(3.5 -3.5)" className={classes.behind} />
        </>
      )}
      <rect {...card} className={classes.card} />
      <rect {...card} className={classes.tint} />
      <Icon x={-12} y={-12} width={24} height={24} strokeWidth={1.75} aria-hidden />
      {node.times > 1 && (
        <g transform={`translate(${half} ${-half})`}>
          <rect x={-13} y={-9} width={26} height={18} rx={9} className={classes.times} />
          <text className={classes.timesText} y={4.5}>
            ×{node.times}
          </text>
        </g>
      )}
      {named &&
        node.label.map((line, i) => (
          <text key={line} className={classes.nodeLabel} y={half + 16 + 14 * i}>
            {line}
          </text>
        ))}
    </g>
  );
}
