import { useComputedColorScheme } from "@mantine/core";
import { Link2, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ColourTable, css, DIVERGING, type Theme, unpacked } from "../charts/colours";
import * as format from "../charts/format";
import { signed } from "../charts/signed";
import { exact } from "../graph/amount";
import { levelOf, nodesOf, trailTo } from "../graph/document";
import {
  CELL,
  type Cell,
  columnsFor,
  type Lane,
  type Plan,
  type Recurrent,
  recurrentOf,
  unroll,
} from "../graph/unroll";
import { useLayer } from "../state/catalogue";
import { useDocument } from "../state/document";
import { useNodeFacts } from "../state/facts";
import { useChoice } from "../state/runChoice";
import { bytesOf, type Frame } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { aboutStates } from "../state/runStates";
import { wishFor } from "../state/runViews";
import { useUi } from "../state/ui";
import canvas from "./canvas.module.css";
import { familyColour } from "./Tile";
import classes from "./unrolled.module.css";
import { titleOf } from "./useNode";

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";
/** x₁₂ */
export const indexed = (name: string, index: number): string =>
  name + [...String(index)].map((digit) => DIGITS[Number(digit)] ?? digit).join("");

/** Units whose values have room in a cell. */
const MOST_UNITS = 26;

/** A recurrent layer, or a block that runs over time, once for every step; what it carries is coloured as it learns. */
export function Unrolled({ path }: { path: string }) {
  const { t } = useTranslation("editor");
  const pane = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 900, height: 420 });
  const known = useRecurrent(path);
  const theme = useComputedColorScheme("light");
  const sample = useChoice((choice) => choice.sample);
  const wish = useMemo(() => wishFor("states", path, sample), [path, sample]);
  const frame = useFrame(wish, pane);
  const close = () => useUi.setState({ unrolled: "" });

  useEffect(() => {
    const box = pane.current;
    if (!box) return;
    const measure = () => setRoom({ width: box.clientWidth, height: box.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  return (
    <div ref={pane} className={`${canvas.canvas} ${classes.pane}`} data-testid="unrolled">
      {known ? (
        <>
          <header className={classes.head}>
            <h2>{t("unrolled.title", { title: known.title })}</h2>
            <button type="button" className={classes.close} onClick={close} data-testid="unrolled-close">
              <X size={15} aria-hidden /> {t("tools.fold")}
            </button>
          </header>
          <Drawing known={known} room={room} frame={frame} theme={theme} />
          <p className={classes.caption}>
            <Link2 size={14} aria-hidden />
            <span>
              {t(known.recurrent.varies ? "unrolled.upTo" : "unrolled.shared", {
                count: known.recurrent.steps,
                parameters: exact(known.parameters),
              })}
            </span>
          </p>
        </>
      ) : (
        <div className={classes.nothing}>
          <p>{t("unrolled.nothing")}</p>
          <button type="button" className={classes.close} onClick={close} data-testid="unrolled-close">
            {t("tools.fold")}
          </button>
        </div>
      )}
    </div>
  );
}

interface Known {
  title: string;
  family: string;
  parameters: number;
  recurrent: Recurrent;
}

function useRecurrent(path: string): Known | null {
  const document = useDocument((state) => state.document);
  const facts = useNodeFacts(path);
  const found = useMemo(() => trailTo(document, path), [document, path]);
  const scope = found ? levelOf(document, found.trail).scope : "";
  const node = found ? nodesOf(document, scope)[found.node] : undefined;
  const layer = useLayer(node?.type ?? "");
  return useMemo(() => {
    if (!found || !node) return null;
    const fields = {
      ...Object.fromEntries(layer?.fields.map((field) => [field.name, field.default]) ?? []),
      ...node.fields,
    };
    const recurrent = recurrentOf(document, scope, found.node, fields as Record<string, never>, facts);
    if (!recurrent) return null;
    const block = node.type === "block";
    return {
      title: titleOf(node, layer, document.blocks?.[node.block ?? ""]?.title),
      family: block ? "block" : (layer?.family ?? "recurrent"),
      parameters: facts?.parameters ?? 0,
      recurrent,
    };
  }, [document, scope, found, node, layer, facts]);
}

interface DrawingProps {
  known: Known;
  /** Of the whole pane. */
  room: { width: number; height: number };
  frame: Frame | null;
  theme: Theme;
}

const lineOf = (way: readonly { x: number; y: number }[]) => `M${way.map(({ x, y }) => `${x} ${y}`).join("L")}`;

/** What stands beside and above the drawing. */
const [BESIDE, ABOVE] = [32, 178];
/** How small it is drawn for more steps' sake; and how small it may get before it is scrolled instead. */
const [SMALLER, SMALLEST] = [0.85, 0.72];

function Drawing({ known, room, frame, theme }: DrawingProps) {
  const { t } = useTranslation("editor");
  const { recurrent, family, title } = known;
  // Rather a little smaller than without the steps between.
  const columns = columnsFor((room.width - BESIDE) / SMALLER);
  const plan = useMemo(() => unroll(recurrent, columns), [recurrent, columns]);
  const fits = Math.min((room.width - BESIDE) / plan.width, (room.height - ABOVE) / plan.height);
  const scale = Math.max(SMALLEST, Math.min(1, fits));
  const tokens = aboutStates(frame)?.tokens[0] ?? [];
  const read = (step: number) => (tokens[step - 1] === String(step) ? "" : (tokens[step - 1] ?? ""));
  const values = useValues(frame, recurrent, theme);
  return (
    <div className={classes.scroll}>
      <svg
        width={plan.width * scale}
        height={plan.height * scale}
        viewBox={`0 0 ${plan.width} ${plan.height}`}
        role="img"
        aria-label={t("unrolled.label", { title, count: recurrent.steps })}
        className={classes.drawing}
        style={{ ["--tone" as string]: familyColour(family) }}
      >
        <defs>
          <marker
            id="unrolled-arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0.5L7.5 4L0 7.5Z" className={classes.tip} />
          </marker>
        </defs>
        {plan.lanes.map((lane) => (
          <Band key={`${lane.layer} ${lane.backwards}`} lane={lane} plan={plan} recurrent={recurrent} />
        ))}
        {plan.flows.map(({ way, arrow }) => (
          <path
            key={lineOf(way)}
            d={lineOf(way)}
            className={classes.flow}
            markerEnd={arrow ? "url(#unrolled-arrow)" : undefined}
          />
        ))}
        {plan.carried.map(({ lane, state, step, way, at }) => {
          const { name, wired } = recurrent.states[state] ?? { name: "", wired: false };
          const begins = step === (plan.lanes[lane]?.backwards ? recurrent.steps + 1 : 0);
          return (
            <g key={`${lane} ${state} ${step} ${way[0]?.x}`} data-testid={`carried-${lane}-${state}-${step}`}>
              <path d={lineOf(way)} className={classes.carried} markerEnd="url(#unrolled-arrow)" />
              <text x={at.x} y={at.y} className={classes.state}>
                {indexed(name, step)}
                {begins && !wired ? " = 0" : ""}
              </text>
            </g>
          );
        })}
        {plan.gaps.map((x) =>
          plan.lanes.map(({ top, layer, backwards }) => (
            <text key={`${x} ${layer} ${backwards}`} x={x} y={top + 50} className={classes.gap}>
              …
            </text>
          )),
        )}
        {plan.cells.map((cell) => (
          <CellBox key={`${cell.lane} ${cell.step}`} cell={cell} title={title} values={values} recurrent={recurrent} />
        ))}
        {plan.inputs.map(({ step, x, y }) => (
          <text key={step} x={x} y={y} className={classes.end} data-testid={`input-${step}`}>
            {indexed("x", step)}
            <tspan className={classes.token}>{read(step) ? ` ${read(step)}` : ""}</tspan>
          </text>
        ))}
        {plan.outputs.map(({ step, x, y, half }) => (
          <text key={`${step} ${half}`} x={x} y={y} className={classes.end} data-testid={`output-${step}`}>
            {recurrent.every ? indexed("y", step) : half ? t(`unrolled.${half}`) : "y"}
          </text>
        ))}
      </svg>
    </div>
  );
}

/** Behind the cells of a layer in one direction: they are one cell, with one set of weights. */
function Band({ lane, plan, recurrent }: { lane: Lane; plan: Plan; recurrent: Recurrent }) {
  const { t } = useTranslation("editor");
  const lines = [
    recurrent.layers > 1 && t("unrolled.layer", { layer: lane.layer }),
    recurrent.both && t(lane.backwards ? "unrolled.fromEnd" : "unrolled.fromStart"),
    t("unrolled.same"),
  ].filter((line) => line !== false);
  return (
    <g>
      <rect x={6} y={lane.top + 8} width={plan.width - 12} height={76} rx={10} className={classes.band} />
      {lines.map((line, at) => (
        <text key={line} x={18} y={lane.top + 50 + (at - (lines.length - 1) / 2) * 15} className={classes.bandName}>
          {line}
        </text>
      ))}
    </g>
  );
}

/** Colours and numbers of every state after every step: by lane, state and step. */
type Values = (lane: number, state: number, step: number) => { colour: string; value: number }[] | null;

function useValues(frame: Frame | null, recurrent: Recurrent, theme: Theme): Values {
  return useMemo(() => {
    const about = aboutStates(frame);
    const count = recurrent.states.length;
    const tables = new Map<string, ColourTable>();
    return (lane, state, step) => {
      const name = String(lane * count + state);
      const array = frame && bytesOf(frame, name);
      if (!array || !about) return null;
      const [, rows, units] = array.shape as [number, number, number];
      const backwards = about.lanes[lane * count + state]?.backwards;
      const row = backwards ? step - 1 : step;
      // Of a long sequence only the first steps are sent.
      if (row < 0 || row >= rows) return null;
      const [low, high] = [array.lo[0] ?? 0, array.hi[0] ?? 0];
      const table = tables.get(name) ?? signed(DIVERGING[theme], low, high);
      tables.set(name, table);
      return [...array.data.subarray(row * units, row * units + Math.min(units, MOST_UNITS))].map((byte) => ({
        colour: css(unpacked(table[byte] as number)),
        value: low + (byte / 255) * (high - low),
      }));
    };
  }, [frame, recurrent, theme]);
}

interface CellBoxProps {
  cell: Cell;
  title: string;
  values: Values;
  recurrent: Recurrent;
}

function CellBox({ cell, title, values, recurrent }: CellBoxProps) {
  const { t } = useTranslation("editor");
  const strips = recurrent.states.slice(0, 2);
  const inner = CELL.width - 14;
  return (
    <g transform={`translate(${cell.x} ${cell.y})`} data-testid={`cell-${cell.lane}-${cell.step}`}>
      <rect width={CELL.width} height={CELL.height} rx={8} className={classes.cell} />
      <text x={CELL.width / 2} y={16} className={classes.cellName}>
        {title.length > 11 ? `${title.slice(0, 10)}…` : title}
      </text>
      {strips.map(({ name }, state) => {
        const found = values(cell.lane, state, cell.step);
        const y = 25 + state * 15;
        const label = indexed(name, cell.step);
        return (
          <g key={name} data-live={found ? true : undefined}>
            <title>
              {found
                ? t("unrolled.values", {
                    name: label,
                    values: found
                      .slice(0, 8)
                      .map(({ value }) => format.value(value))
                      .join(", "),
                  })
                : label}
            </title>
            <rect x={7} y={y} width={inner} height={11} rx={2} className={classes.strip} />
            {found?.map(({ colour }, unit) => (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: a unit is its number
                key={unit}
                x={7 + (unit * inner) / found.length}
                y={y}
                width={inner / found.length + 0.3}
                height={11}
                fill={colour}
              />
            ))}
          </g>
        );
      })}
    </g>
  );
}
