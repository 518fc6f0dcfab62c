/** Where wires end and begin on a node. A block's instance has the ports that its inner nodes name. */
import type { LayerInfo } from "../wire/types";
import type { Document, GraphNode } from "./document";

export interface Port {
  name: string;
  title: string;
  many: boolean;
  optional: boolean;
  /** An output that is computed only where a wire begins at it. */
  spare?: boolean;
}

export interface Ports {
  inputs: readonly Port[];
  outputs: readonly Port[];
}

const NONE: Ports = { inputs: [], outputs: [] };

const place = (node: GraphNode): number => (typeof node.fields?.order === "number" ? node.fields.order : 0);

function blockPorts(document: Document, block: string): Ports {
  const nodes = Object.entries(document.blocks?.[block]?.nodes ?? {});
  const of = (type: string): Port[] =>
    nodes
      .filter(([, node]) => node.type === type)
      .sort(([a, first], [b, second]) => place(first) - place(second) || (a < b ? -1 : 1))
      .map(([id, node]) => ({
        name: id,
        title: node.name || id,
        many: false,
        optional: node.fields?.optional === true,
      }));
  return { inputs: of("block_input"), outputs: of("block_output") };
}

/** Inside a block its own input has nothing before it, and its output nothing behind it. */
export function portsOf(document: Document, node: GraphNode, layer: LayerInfo | undefined): Ports {
  if (node.type === "block") return node.block ? blockPorts(document, node.block) : NONE;
  if (!layer) return NONE;
  return {
    inputs: node.type === "block_input" ? [] : layer.inputs,
    outputs: node.type === "block_output" ? [] : layer.outputs,
  };
}
