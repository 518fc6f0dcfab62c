import { getViewportForBounds, ReactFlow, useReactFlow, useStore, ViewportPortal } from "@xyflow/react";
import { type MouseEvent, memo, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShallow } from "zustand/react/shallow";
import { type Document, nodesOf, type Point, trailTo } from "../graph/document";
import { Cancelled } from "../graph/layout";
import { chip } from "../graph/shape";
import { alike, type Frame, LEAF, type Leaf, type Unfolded as Plan, unfold } from "../graph/unfold";
import { useCatalogue } from "../state/catalogue";
import { useDocument } from "../state/document";
import { problemsAt, useFacts } from "../state/facts";
import { goTo, onlyNode, useLevel, useSelection } from "../state/selection";
import { useUi } from "../state/ui";
import * as camera from "./camera";
import canvas from "./canvas.module.css";
import { familyColour } from "./Tile";
import { UNFINISHED } from "./unfinished";
import classes from "./unfolded.module.css";
import { titleOf } from "./useNode";

/** Below this zoom nothing of a layer is read but its colour, and a block's title is written larger. */
const FAR = 0.45;

/** The document as it last changed in how things hang together. */
function useStructure(): Document {
  const last = useRef<Document | null>(null);
  return useDocument(({ document }) => {
    if (last.current === null || !alike(last.current, document)) last.current = document;
    return last.current;
  });
}

/** The whole network, every block open in its place. A click selects a layer, which the inspector then edits; a double
 * click folds everything back and shows it on its own level. */
export function Unfolded() {
  const { t } = useTranslation("editor");
  const flow = useReactFlow();
  const pane = useRef<HTMLDivElement>(null);
  const structure = useStructure();
  const [plan, setPlan] = useState<Plan | null>(null);
  const far = useStore(({ transform }) => transform[2] < FAR);
  const shown = useRef(false);

  useEffect(() => {
    camera.openCamera(flow, pane.current, () => ({
      x: 0,
      y: 0,
      width: whole.current.width,
      height: whole.current.height,
    }));
    return camera.closeCamera;
  }, [flow]);

  const whole = useRef({ width: 1, height: 1 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the structure stands for the document
  useEffect(() => {
    let wanted = true;
    const start = performance.now();
    unfold(useDocument.getState().document, camera.room())
      .then((made) => {
        if (!wanted) return;
        performance.measure("unfold", { start });
        whole.current = made;
        setPlan(made);
      })
      .catch((error: unknown) => {
        if (!(error instanceof Cancelled)) throw error;
      });
    return () => {
      wanted = false;
    };
  }, [structure]);

  useEffect(() => {
    const box = pane.current?.getBoundingClientRect();
    if (!plan || !box || shown.current) return;
    shown.current = true;
    const bounds = { x: 0, y: 0, width: plan.width, height: plan.height };
    void flow.setViewport(getViewportForBounds(bounds, box.width, box.height, 0.05, 1.15, camera.PADDING));
  }, [plan, flow]);

  const pick = (event: MouseEvent, open: boolean) => {
    const path =
      event.target instanceof Element ? event.target.closest<HTMLElement>("[data-path]")?.dataset.path : null;
    const found = path ? trailTo(useDocument.getState().document, path) : null;
    if (!found) {
      if (!open) goTo([]);
      return;
    }
    goTo(found.trail, [found.node]);
    if (!open) return;
    useUi.setState({ unfolded: false });
    requestAnimationFrame(() => requestAnimationFrame(() => camera.reveal([found.node])));
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: layers are buttons; this hears them all
    // biome-ignore lint/a11y/useKeyWithClickEvents: a button's Enter is a click
    <div
      ref={pane}
      className={`${canvas.canvas} ${classes.pane}`}
      data-testid="unfolded"
      data-far={far || undefined}
      data-ready={plan !== null || undefined}
      onClick={(event) => pick(event, false)}
      onDoubleClick={(event) => pick(event, true)}
    >
      <ReactFlow
        nodes={NONE}
        edges={NONE}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        panOnScroll
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        minZoom={0.05}
        maxZoom={2.5}
        aria-label={t("unfolded.label")}
        onMove={() => pane.current?.setAttribute("data-moving", "")}
        onMoveEnd={() => pane.current?.removeAttribute("data-moving")}
      >
        <ViewportPortal>{plan && <Drawing plan={plan} />}</ViewportPortal>
      </ReactFlow>
      {!plan && <p className={classes.waiting}>{t("unfolded.waiting")}</p>}
    </div>
  );
}

const NONE: never[] = [];

const lineOf = (way: readonly Point[]): string => `M${way.map(({ x, y }) => `${x} ${y}`).join("L")}`;

const Drawing = memo(function Drawing({ plan }: { plan: Plan }) {
  return (
    <div className={classes.drawing}>
      {plan.frames.map((frame) => (
        <FrameBox key={frame.path} frame={frame} />
      ))}
      <svg className={classes.wires} width={plan.width} height={plan.height} aria-hidden>
        <path d={plan.wires.map(lineOf).join("")} />
      </svg>
      <Leaves leaves={plan.leaves} />
    </div>
  );
});

/** Whether this is what the inspector shows. */
function useChosen(path: string): boolean {
  const prefix = useLevel((level) => level.prefix);
  return useSelection((state) => prefix + onlyNode(state) === path);
}

function FrameBox({ frame }: { frame: Frame }) {
  const { t } = useTranslation("editor");
  const title = useDocument(({ document }) => {
    const instance = nodeAt(document, frame.path);
    return instance?.name || document.blocks?.[frame.block]?.title || frame.block;
  });
  const chosen = useChosen(frame.path.replace(/\/\d+$/, ""));
  const copy = /\/(\d+)$/.exec(frame.path)?.[1];
  const text =
    frame.times > 1
      ? t("unfolded.times", { title, count: frame.times })
      : copy
        ? `${title} ${Number(copy) + 1}`
        : title;
  return (
    <button
      type="button"
      className={classes.frame}
      data-path={frame.path}
      data-deep={frame.deep % 2}
      data-selected={chosen || undefined}
      style={{ left: frame.x, top: frame.y, width: frame.width, height: frame.height }}
      title={text}
    >
      <span>{text}</span>
    </button>
  );
}

/** Every layer. The stores are heard once for all of them: a layer whose words stay is not drawn anew. */
function Leaves({ leaves }: { leaves: readonly Leaf[] }) {
  const document = useDocument((state) => state.document);
  const layers = useCatalogue((state) => state.layers);
  const { nodes, problems } = useFacts(useShallow(({ nodes, problems }) => ({ nodes, problems })));
  const prefix = useLevel((level) => level.prefix);
  const chosen = useSelection((state) => prefix + onlyNode(state));
  return leaves.map(({ path, x, y }) => {
    const node = nodeAt(document, path);
    if (!node) return null;
    const layer = layers.get(node.type);
    const facts = nodes[path];
    const output = facts && Object.values(facts.outputs)[0];
    const worst = problemsAt(problems, path).find(({ severity }) => severity === "error");
    return (
      <LeafBox
        key={path}
        path={path}
        x={x}
        y={y}
        family={node.type === "block" ? "block" : (layer?.family ?? "block")}
        title={titleOf(node, layer)}
        summary={facts?.summary ?? ""}
        shape={output && layer?.family !== "loss" ? chip(output) : ""}
        tone={worst && (UNFINISHED.has(worst.code) ? "unfinished" : "error")}
        chosen={chosen === path}
      />
    );
  });
}

interface LeafProps extends Leaf {
  family: string;
  title: string;
  summary: string;
  shape: string;
  tone: "unfinished" | "error" | undefined;
  chosen: boolean;
}

const LeafBox = memo(function LeafBox({ path, x, y, family, title, summary, shape, tone, chosen }: LeafProps) {
  return (
    <button
      type="button"
      className={classes.leaf}
      data-path={path}
      data-testid={`leaf-${path}`}
      data-tone={tone}
      data-selected={chosen || undefined}
      style={{ left: x, top: y, ...LEAF, ["--tone" as string]: familyColour(family) }}
      title={[title, summary, shape].filter(Boolean).join(" · ")}
    >
      <span className={classes.title}>{title}</span>
      <span className={`${classes.shape} mono`}>{shape}</span>
    </button>
  );
});

/** The node of a path; of a repeated block's copy, its instance. */
function nodeAt(document: Document, path: string) {
  let scope = "";
  const parts = path.split("/");
  for (let at = 0; at < parts.length; at += 1) {
    const node = nodesOf(document, scope)[parts[at] ?? ""];
    if (!node) return undefined;
    const copied = node.mode === "repeat" && /^\d+$/.test(parts[at + 1] ?? "");
    if (at + (copied ? 1 : 0) >= parts.length - 1) return node;
    if (copied) at += 1;
    scope = node.block ?? "";
  }
  return undefined;
}
