/** What of a level is seen when it is opened, and after the room for it has changed. */
import { type Node, useStore, useStoreApi } from "@xyflow/react";
import { type RefObject, useEffect, useRef } from "react";
import { nodesOf, type Point, positionKey, positionsOf } from "../graph/document";
import { useBoard } from "../state/board";
import { useDocument } from "../state/document";
import { useLevel } from "../state/selection";
import * as actions from "./actions";
import * as camera from "./camera";

/** Shows the whole level when it is opened, after places were found for nodes that have none. */
export function useOpening(place: (points: Record<string, Point>) => void, nodes: Node[]): void {
  const scope = useLevel((level) => level.scope);
  const prefix = useLevel((level) => level.prefix);
  const shown = useRef<string | null>(null);
  const store = useStoreApi();
  const measured = useStore((state) => {
    for (const node of state.nodeLookup.values()) if (!node.measured.width) return false;
    return state.nodeLookup.size > 0;
  });
  const synced = useBoard((state) => state.synced);
  useEffect(() => {
    const level = `${scope}:${prefix}`;
    // What is drawn on an empty board is seen already: the view stays where it is.
    if (synced && Object.keys(nodesOf(useDocument.getState().document, scope)).length === 0) shown.current = level;
    if (!measured || nodes.length === 0 || shown.current === level) return;
    // The cards of the level before were measured; of these, perhaps only those with the same name.
    const { nodeLookup } = store.getState();
    if (!nodes.every(({ id }) => nodeLookup.get(id)?.measured.width)) return;
    const document = useDocument.getState().document;
    const here = nodesOf(document, scope);
    if (!nodes.every(({ id }) => id in here) || nodes.length !== Object.keys(here).length) return;
    shown.current = level;
    const positions = positionsOf(document);
    const bare = nodes.filter(({ id }) => !(positionKey(scope, id) in positions));
    if (bare.length < nodes.length / 2) {
      camera.showAll();
      return;
    }
    void actions.arranged().then((points) => {
      if (!points) return;
      place(points);
      camera.showPlaces(points);
    });
  }, [scope, prefix, measured, nodes, place, synced, store]);
}

/** Keeps the whole level in sight when the canvas gets another size, until a person looks elsewhere. */
export function useRefit(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const canvas = box.current;
    if (!canvas) return;
    let [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const observer = new ResizeObserver(() => {
      if (canvas.clientWidth === width && canvas.clientHeight === height) return;
      [width, height] = [canvas.clientWidth, canvas.clientHeight];
      camera.stay();
    });
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [box]);
}
