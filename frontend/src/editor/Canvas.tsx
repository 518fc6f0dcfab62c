import {
  applyEdgeChanges,
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  ConnectionMode,
  type Edge,
  type EdgeChange,
  type FinalConnectionState,
  type Node,
  type NodeChange,
  PanOnScrollMode,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { type DragEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { edgesOf, intoOf, isWhole, nodesOf, outOf, type Point, positionKey, positionsOf } from "../graph/document";
import { GRID, snapped } from "../graph/edits";
import { HEAD, WIDTH } from "../graph/geometry";
import { useMayEdit } from "../state/board";
import { useCatalogue } from "../state/catalogue";
import { useDocument } from "../state/document";
import { select, useLevel, useSelection } from "../state/selection";
import { useUi } from "../state/ui";
import { AskedChip } from "./AskedChip";
import * as actions from "./actions";
import { Cursors, tellCursor } from "./Cursors";
import * as camera from "./camera";
import classes from "./canvas.module.css";
import { Empty } from "./Empty";
import { FAR, FarView, useFar } from "./FarView";
import { DRAGGED, itemOf } from "./items";
import { openMenu } from "./menu";
import { NodeCard } from "./NodeCard";
import { Overview } from "./Overview";
import { openQuickAdd } from "./quick";
import { useOpening, useRefit } from "./useOpening";
import { WireEdge } from "./WireEdge";
import { Wires } from "./Wires";

const nodeTypes = { layer: NodeCard };
const edgeTypes = { wire: WireEdge };

/** From far away a card shows only what it is; at half size its text is larger in proportion. */
const detailAt = (zoom: number): "far" | "half" | undefined => (zoom < FAR ? "far" : zoom < 0.76 ? "half" : undefined);

const NOTHING: Record<string, never> = {};
const NO_EDGES: Edge[] = [];

/** Nodes of the open level for React Flow: one that did not change keeps its object. */
function useNodes() {
  const scope = useLevel((level) => level.scope);
  const catalogued = useCatalogue((state) => state.catalogue !== null);
  // Without the catalogue a card has no ports, and no wire could be drawn.
  const graph = useDocument((state) => (catalogued ? nodesOf(state.document, scope) : NOTHING));
  const positions = useDocument((state) => positionsOf(state.document));
  const selection = useSelection((state) => state.nodes);
  const [nodes, setNodes] = useState<Node[]>([]);
  const unplaced = useRef<Record<string, Point>>({});

  useEffect(() => {
    setNodes((before) => {
      const known = new Map(before.map((node) => [node.id, node]));
      return Object.keys(graph).map((id, at) => {
        const old = known.get(id);
        const position = positions[positionKey(scope, id)] ?? unplaced.current[positionKey(scope, id)] ?? fallback(at);
        const selected = selection.has(id);
        if (old && (old.dragging || (old.position.x === position.x && old.position.y === position.y))) {
          return old.selected === selected ? old : { ...old, selected };
        }
        return old
          ? { ...old, position, selected }
          : { id, type: "layer", position, selected, data: {}, initialWidth: WIDTH, initialHeight: HEAD + 27 };
      });
    });
  }, [graph, positions, selection, scope]);

  /** Places for nodes that have none, of this page only. */
  const place = useCallback(
    (points: Record<string, Point>) => {
      for (const [id, point] of Object.entries(points)) unplaced.current[positionKey(scope, id)] = point;
      setNodes((before) =>
        before.map((node) => {
          const point = positionKey(scope, node.id) in positions ? undefined : points[node.id];
          return point ? { ...node, position: point } : node;
        }),
      );
    },
    [scope, positions],
  );
  return { nodes, setNodes, place };
}

const fallback = (at: number): Point => ({ x: (at % 5) * 280, y: Math.floor(at / 5) * 180 });

function useEdges() {
  const scope = useLevel((level) => level.scope);
  const catalogued = useCatalogue((state) => state.catalogue !== null);
  const graph = useDocument((state) => (catalogued ? edgesOf(state.document, scope) : NOTHING));
  const nodes = useDocument((state) => nodesOf(state.document, scope));
  const selection = useSelection((state) => state.edges);
  const [edges, setEdges] = useState<Edge[]>([]);
  useEffect(() => {
    setEdges((before) => {
      const known = new Map(before.map((edge) => [edge.id, edge]));
      return Object.entries(graph).flatMap(([id, edge]) => {
        if (!isWhole(edge, nodes)) return [];
        const old = known.get(id);
        const next: Edge = {
          id,
          type: "wire",
          source: edge.from,
          sourceHandle: outOf(edge),
          target: edge.to,
          targetHandle: intoOf(edge),
          selected: selection.has(id),
          zIndex: 0,
        };
        const same =
          old &&
          old.source === next.source &&
          old.target === next.target &&
          old.sourceHandle === next.sourceHandle &&
          old.targetHandle === next.targetHandle &&
          old.selected === next.selected;
        return [same ? old : next];
      });
    });
  }, [graph, nodes, selection]);
  return { edges, setEdges };
}

export function Canvas() {
  const { t } = useTranslation("editor");
  const editable = useMayEdit();
  const tool = useUi((state) => state.tool);
  const minimap = useUi((state) => state.minimap);
  const { nodes, setNodes, place } = useNodes();
  const { edges, setEdges } = useEdges();
  const painted = useFar((state) => state.painted);
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const detail = useStore((state) => detailAt(state.transform[2]));
  const coarse = useMemo(() => window.matchMedia("(pointer: coarse)").matches, []);
  useOpening(place, nodes);
  useRefit(box);

  useEffect(() => {
    camera.openCamera(flow, box.current);
    return camera.closeCamera;
  }, [flow]);

  const onNodesChange = useCallback(
    (changes: NodeChange[]) => {
      const kept = changes.filter(({ type }) => type !== "remove" && type !== "select");
      if (kept.length > 0) setNodes((before) => applyNodeChanges(kept, before));
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length > 0) {
        const next = new Set(useSelection.getState().nodes);
        for (const { id, selected } of chosen) {
          if (selected) next.add(id);
          else next.delete(id);
        }
        select(next, useSelection.getState().edges);
      }
    },
    [setNodes],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange[]) => {
      const chosen = changes.filter((change) => change.type === "select");
      const kept = changes.filter(({ type }) => type !== "remove" && type !== "select");
      if (kept.length > 0) setEdges((before) => applyEdgeChanges(kept, before));
      if (chosen.length === 0) return;
      const next = new Set(useSelection.getState().edges);
      for (const { id, selected } of chosen) {
        if (selected) next.add(id);
        else next.delete(id);
      }
      select(useSelection.getState().nodes, next);
    },
    [setEdges],
  );

  const onConnect = useCallback(({ source, sourceHandle, target, targetHandle }: Connection) => {
    if (sourceHandle && targetHandle) {
      actions.join({ from: source, out: sourceHandle, to: target, into: targetHandle });
    }
  }, []);

  const onConnectEnd = useCallback((event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
    if (state.toHandle || !state.fromHandle?.id || !state.fromNode) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(".react-flow__node")) return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (!point) return;
    const screen = { x: point.clientX, y: point.clientY };
    const at = camera.toBoard(screen);
    if (!at) return;
    openQuickAdd({
      screen,
      at: { x: at.x, y: at.y - 24 },
      wire: {
        node: state.fromNode.id,
        port: state.fromHandle.id,
        side: state.fromHandle.type === "source" ? "out" : "in",
      },
    });
  }, []);

  const onReconnect = useCallback((old: Edge, { source, sourceHandle, target, targetHandle }: Connection) => {
    if (sourceHandle && targetHandle) {
      actions.rejoin(old.id, { from: source, out: sourceHandle, to: target, into: targetHandle });
    }
  }, []);

  const lastTold = useRef(0);
  const onDrag = useCallback((_: unknown, __: Node, dragged: Node[]) => {
    const now = performance.now();
    if (now - lastTold.current < 60) return;
    lastTold.current = now;
    actions.drag(Object.fromEntries(dragged.map(({ id, position }) => [id, snapped(position)])));
  }, []);
  const onDragStop = useCallback((_: unknown, __: Node, dragged: Node[]) => {
    actions.drag(Object.fromEntries(dragged.map(({ id, position }) => [id, snapped(position)])));
    actions.endDrag();
  }, []);

  const onDrop = (event: DragEvent) => {
    const item = itemOf(event.dataTransfer.getData(DRAGGED));
    const at = camera.toBoard({ x: event.clientX, y: event.clientY });
    if (!item || !at) return;
    event.preventDefault();
    const onEdge = document
      .elementsFromPoint(event.clientX, event.clientY)
      .map((element) => element.closest(".react-flow__edge")?.getAttribute("data-id"))
      .find(Boolean);
    actions.add(item, { at: { x: at.x - WIDTH / 2, y: at.y - 24 }, onEdge: onEdge ?? undefined });
  };

  const onDoubleClick = (event: MouseEvent) => {
    if (!editable || !(event.target instanceof Element) || !event.target.classList.contains("react-flow__pane")) return;
    const screen = { x: event.clientX, y: event.clientY };
    const at = camera.toBoard(screen);
    if (at) openQuickAdd({ screen, at: { x: at.x - WIDTH / 2, y: at.y - 24 } });
  };

  const onNodeDoubleClick = useCallback((_: unknown, { id }: Node) => actions.openBlock(id), []);

  const isValid = useCallback((wire: Connection | Edge) => wire.source !== wire.target, []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is done here by pointer, keys and the palette do too
    <div
      className={classes.canvas}
      ref={box}
      data-detail={detail}
      data-painted={painted || undefined}
      data-tool={tool}
      data-locked={!editable || undefined}
      onDoubleClick={onDoubleClick}
      onDragOver={(event) => {
        if (!editable || !event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDrop={onDrop}
      onPointerMove={(event) => tellCursor({ x: event.clientX, y: event.clientY })}
      onPointerLeave={() => tellCursor(null)}
      data-testid="canvas"
    >
      <ReactFlow
        nodes={nodes}
        edges={painted ? NO_EDGES : edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        onReconnect={onReconnect}
        onNodeDragStart={actions.startDrag}
        onNodeDrag={onDrag}
        onNodeDragStop={onDragStop}
        onSelectionDragStart={actions.startDrag}
        onSelectionDrag={(event, dragged) => onDrag(event, dragged[0] as Node, dragged)}
        onSelectionDragStop={(event, dragged) => onDragStop(event, dragged[0] as Node, dragged)}
        onNodeDoubleClick={onNodeDoubleClick}
        onNodeContextMenu={(event, { id }) => openMenu(event, "node", id)}
        onEdgeContextMenu={(event, { id }) => openMenu(event, "edge", id)}
        onSelectionContextMenu={(event) => openMenu(event, "node")}
        onPaneContextMenu={(event) => openMenu(event, "pane")}
        onMoveStart={(event) => {
          if (event) camera.leave();
          box.current?.setAttribute("data-moving", "");
        }}
        onMoveEnd={() => box.current?.removeAttribute("data-moving")}
        isValidConnection={isValid}
        connectionMode={ConnectionMode.Strict}
        connectionRadius={coarse ? 36 : 22}
        connectOnClick={editable}
        nodesDraggable={editable}
        nodesConnectable={editable}
        edgesReconnectable={editable}
        elementsSelectable
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        panActivationKeyCode="Space"
        selectionOnDrag={tool === "select" && !coarse}
        selectionMode={SelectionMode.Partial}
        panOnDrag={tool === "select" && !coarse ? [1, 2] : true}
        panOnScroll={!coarse}
        panOnScrollMode={PanOnScrollMode.Free}
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        snapToGrid
        snapGrid={[GRID, GRID]}
        minZoom={0.1}
        maxZoom={2.5}
        elevateNodesOnSelect
        onlyRenderVisibleElements={nodes.length > 250}
        ariaLabelConfig={{ "node.a11yDescription.default": "", "edge.a11yDescription.default": "" }}
        aria-label={t("canvas.label")}
        colorMode="system"
      >
        <Background
          variant={BackgroundVariant.Dots}
          gap={24}
          size={1.4}
          color="var(--canvas-dots)"
          bgColor="transparent"
        />
        <FarView />
        {minimap && <Overview />}
        <Wires />
        <Cursors />
      </ReactFlow>
      <Empty />
      <AskedChip />
    </div>
  );
}
