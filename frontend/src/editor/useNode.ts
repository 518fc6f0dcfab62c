/** A node of the open level with all that is known of it. */
import { useMemo } from "react";
import { type GraphNode, nodesOf } from "../graph/document";
import { type Ports, portsOf } from "../graph/ports";
import { useLayer } from "../state/catalogue";
import { useDocument } from "../state/document";
import { useLevel } from "../state/selection";
import type { LayerInfo } from "../wire/types";

export interface Known {
  id: string;
  /** Its path in the board: `encoder/0/attention`. */
  path: string;
  node: GraphNode;
  layer: LayerInfo | undefined;
  ports: Ports;
  title: string;
  family: string;
  icon: string;
}

const NO_BLOCKS = {};

/** Where a block begins or ends. */
const isPort = ({ type }: GraphNode) => type === "block_input" || type === "block_output";

export function useKnown(id: string): Known | null {
  const scope = useLevel((level) => level.scope);
  const prefix = useLevel((level) => level.prefix);
  const node = useDocument((state) => nodesOf(state.document, scope)[id]);
  const layer = useLayer(node?.type ?? "");
  const block = useDocument((state) => (node?.block ? state.document.blocks?.[node.block] : undefined));
  return useMemo(() => {
    if (!node) return null;
    const document = { blocks: node.block && block ? { [node.block]: block } : NO_BLOCKS };
    const isBlock = node.type === "block";
    return {
      id,
      path: prefix + id,
      node,
      layer,
      ports: portsOf(document, node, layer),
      title: isBlock || isPort(node) ? node.name || block?.title || node.block || id : titleOf(node, layer),
      family: isBlock ? "block" : (layer?.family ?? "block"),
      icon: isBlock ? (layer?.icon ?? "component") : (layer?.icon ?? "square"),
    };
  }, [id, prefix, node, layer, block]);
}

/** What a node is called in a sentence or a list. */
export function titleOf(node: GraphNode, layer: LayerInfo | undefined, blockTitle?: string): string {
  return node.name || (node.type === "block" ? blockTitle || node.block || "" : "") || layer?.title || node.type;
}
