import { useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { create } from "zustand";
import { edgesOf, intoOf, isWhole, nodesOf, outOf } from "../graph/document";
import { inputTop, outputTop, WIDTH } from "../graph/geometry";
import { mismatch } from "../graph/mismatch";
import { portsOf } from "../graph/ports";
import { chip, chipWidth } from "../graph/shape";
import { type Card, type Line, type Way, wires } from "../graph/wires";
import { layerOf } from "../state/catalogue";
import { useDocument } from "../state/document";
import { problemOfEdge, useFacts } from "../state/facts";
import { useLevel } from "../state/selection";

/** The ways of the open level's wires; one that did not change keeps its object. */
export const useWires = create<{ ways: ReadonlyMap<string, Way> }>(() => ({ ways: new Map() }));

/** Above this many cards wires take the direct way: nobody follows one by eye there. */
const MOST_CARDS = 400;

/** What the chip on a wire says. */
export function chipOf(id: string, source: string, port: string, prefix: string): string {
  const { nodes, problems } = useFacts.getState();
  const type = nodes[prefix + source]?.outputs[port];
  const problem = problemOfEdge(problems, prefix, id);
  if (problem) return mismatch(problem, type);
  return type ? chip(type) : "";
}

/** Finds the ways anew whenever cards, wires or what is written on them change: at most once a frame. */
export function Wires() {
  const flow = useStoreApi();
  useEffect(() => {
    let frame = 0;
    const refresh = () => {
      frame = 0;
      useWires.setState(({ ways }) => ({ ways: kept(ways, compute()) }));
    };
    const soon = () => {
      frame ||= requestAnimationFrame(refresh);
    };
    const compute = () => {
      const cards: Card[] = [];
      for (const [id, { internals, measured }] of flow.getState().nodeLookup) {
        const { x, y } = internals.positionAbsolute;
        cards.push({ id, x, y, width: measured.width ?? WIDTH, height: measured.height ?? 80 });
      }
      return wires(linesOf(cards), cards.length > MOST_CARDS ? [] : cards);
    };
    let { nodes, edges } = flow.getState();
    const stops = [
      flow.subscribe((state) => {
        if (state.nodes === nodes && state.edges === edges) return;
        ({ nodes, edges } = state);
        soon();
      }),
      useFacts.subscribe(soon),
      useDocument.subscribe(soon),
    ];
    soon();
    return () => {
      if (frame) cancelAnimationFrame(frame);
      for (const stop of stops) stop();
    };
  }, [flow]);
  return null;
}

function linesOf(cards: readonly Card[]): Line[] {
  const { document } = useDocument.getState();
  const { scope, prefix } = useLevel.getState();
  const nodes = nodesOf(document, scope);
  const placed = new Map(cards.map((card) => [card.id, card]));
  const ports = new Map(
    Object.entries(nodes).map(([id, node]) => [id, portsOf(document, node, layerOf(node.type))] as const),
  );
  const point = (id: string, name: string, right: boolean) => {
    const [card, all] = [placed.get(id), ports.get(id)];
    if (!card || !all) return null;
    const at = (right ? all.outputs : all.inputs).findIndex((port) => port.name === name);
    const top = right ? outputTop(all, at) : inputTop(all, at);
    return at >= 0 ? { x: card.x + (right ? card.width : 0), y: card.y + top } : null;
  };
  return Object.entries(edgesOf(document, scope)).flatMap(([id, edge]): Line[] => {
    if (!isWhole(edge, nodes)) return [];
    const from = point(edge.from, outOf(edge), true);
    const to = point(edge.to, intoOf(edge), false);
    if (!from || !to) return [];
    const text = chipOf(id, edge.from, outOf(edge), prefix);
    return [{ id, source: edge.from, target: edge.to, from, to, chip: text ? chipWidth(text) : 0 }];
  });
}

function kept(before: ReadonlyMap<string, Way>, next: Map<string, Way>): ReadonlyMap<string, Way> {
  for (const [id, way] of next) {
    const old = before.get(id);
    if (old && old.d === way.d && old.label.x === way.label.x && old.label.y === way.label.y) next.set(id, old);
  }
  return next;
}
