/** The nodes of a level in the order in which data pass them. */
import { type GraphEdge, type GraphNode, isWhole } from "./document";
import { isBlockPort } from "./edits";

/** Without a block's own ports; nodes on a circle stand last. */
export function inOrder(nodes: Record<string, GraphNode>, edges: Record<string, GraphEdge>): string[] {
  const waiting = new Map(Object.keys(nodes).map((id) => [id, 0]));
  const behind = new Map<string, string[]>();
  for (const edge of Object.values(edges)) {
    if (!isWhole(edge, nodes)) continue;
    waiting.set(edge.to, (waiting.get(edge.to) ?? 0) + 1);
    behind.set(edge.from, [...(behind.get(edge.from) ?? []), edge.to]);
  }
  const order = [...waiting.keys()].filter((id) => waiting.get(id) === 0);
  for (const id of order) {
    for (const next of behind.get(id) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  const placed = new Set(order);
  const all = [...order, ...Object.keys(nodes).filter((id) => !placed.has(id))];
  return all.filter((id) => !isBlockPort(nodes[id]));
}
