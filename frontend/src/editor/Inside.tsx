import { useMemo } from "react";
import { inOrder } from "../graph/chain";
import { edgesOf, nodesOf } from "../graph/document";
import { layerOf } from "../state/catalogue";
import { useDocument } from "../state/document";
import { useIcon } from "./icons";
import classes from "./node.module.css";
import { familyColour } from "./Tile";

/** Icons that have room on a card. */
const MOST = 5;

/** What is inside a block, in small: the icons of its layers, the way that data take. */
export function Inside({ block, summary }: { block: string; summary: string }) {
  const nodes = useDocument((state) => nodesOf(state.document, block));
  const edges = useDocument((state) => edgesOf(state.document, block));
  const chain = useMemo(() => inOrder(nodes, edges), [nodes, edges]);
  return (
    <span className={classes.inside} role="img" aria-label={summary}>
      {chain.slice(0, MOST).map((id) => (
        <Dot key={id} type={nodes[id]?.type ?? ""} />
      ))}
      <span>{chain.length > MOST ? `+${chain.length - MOST}` : ""}</span>
    </span>
  );
}

function Dot({ type }: { type: string }) {
  const layer = layerOf(type);
  const Icon = useIcon(type === "block" ? "component" : (layer?.icon ?? "square"));
  return (
    <Icon size={13} style={{ color: familyColour(type === "block" ? "block" : (layer?.family ?? "")) }} aria-hidden />
  );
}
