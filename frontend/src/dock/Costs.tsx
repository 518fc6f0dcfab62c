import { ChevronDown, ChevronRight } from "lucide-react";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { reveal } from "../editor/camera";
import { amount, exact, memory } from "../graph/amount";
import { trailTo } from "../graph/document";
import { chip } from "../graph/shape";
import { useBoard } from "../state/board";
import { useCatalogue } from "../state/catalogue";
import { currentDocument, useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { point, usePointed } from "../state/pointed";
import { namesOf } from "../state/runViews";
import { goTo, useLevel, useSelection } from "../state/selection";
import {
  type Costs as Amounts,
  ancestorsOf,
  countOf,
  groupsOf,
  MEASURES,
  type Measure,
  mostOf,
  type Row,
  share,
  shownOf,
  treeOf,
} from "./costs";
import classes from "./costs.module.css";

const written = (measure: Measure, value: number) => (measure === "memory" ? memory(value) : amount(value));
/** Up to so many layers a board's blocks stand open. */
const FEW = 24;

/** Where parameters, multiply-adds, other operations and memory sit: a bar for every layer and block. */
export function Costs() {
  const { t } = useTranslation("dock");
  const nodes = useFacts((state) => state.nodes);
  const totals = useFacts((state) => state.totals);
  const layers = useCatalogue((state) => state.layers);
  const board = useBoard((state) => state.info?.id);
  const document = useDocument((state) => state.document);
  const prefix = useLevel((level) => level.prefix);
  const selection = useSelection((state) => state.nodes);
  const tree = useMemo(() => treeOf(nodes), [nodes]);
  const groups = useMemo(() => groupsOf(tree), [tree]);
  const [by, setBy] = useState<Measure | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const table = useRef<HTMLDivElement>(null);
  const open = useMemo(() => chosen ?? new Set(countOf(tree) <= FEW ? groups : []), [chosen, tree, groups]);
  const latest = useRef(open);
  latest.current = open;
  const selected = useMemo(() => new Set([...selection].map((id) => prefix + id)), [selection, prefix]);
  const only = selected.size === 1 ? [...selected][0] : undefined;
  const shown = useMemo(() => shownOf(tree, open, by), [tree, open, by]);
  const most = useMemo(() => mostOf(shown), [shown]);
  const whole: Amounts = {
    parameters: totals.parameters,
    macs: totals.macs,
    operations: totals.operations,
    memory: totals.training_bytes,
  };

  // What is selected on the board is opened and brought into view here.
  useEffect(() => {
    if (only === undefined) return;
    const closed = ancestorsOf(only);
    const now = latest.current;
    if (!closed.every((path) => now.has(path))) setChosen(new Set([...now, ...closed]));
    requestAnimationFrame(() =>
      table.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }),
    );
  }, [only]);

  const toggle = (path: string) => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setChosen(next);
  };
  return (
    <div className={classes.costs} ref={table} data-testid="costs">
      <table>
        <colgroup>
          <col />
          <col />
          {MEASURES.map((measure) => (
            <col key={measure} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">
              <button type="button" aria-pressed={by === null} onClick={() => setBy(null)} title={t("costs.inOrder")}>
                {t("costs.layer")}
              </button>
              {groups.length > 0 && (
                <button
                  type="button"
                  className={classes.all}
                  data-testid="costs-all"
                  onClick={() => setChosen(new Set(open.size > 0 ? [] : groups))}
                >
                  {open.size > 0 ? t("costs.closeAll") : t("costs.openAll")}
                </button>
              )}
            </th>
            <th scope="col" className={classes.output}>
              {t("costs.output")}
            </th>
            {MEASURES.map((measure) => (
              <th key={measure} scope="col" aria-sort={by === measure ? "descending" : "none"}>
                <button
                  type="button"
                  data-testid={`costs-by-${measure}`}
                  aria-pressed={by === measure}
                  title={t(`costs.${measure}Hint`)}
                  onClick={() => setBy(by === measure ? null : measure)}
                >
                  {t(`costs.${measure}`)}
                  {by === measure && <ChevronDown size={13} aria-hidden />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody onPointerLeave={() => point(null)}>
          {shown.map(({ row, depth }) => (
            <Line
              key={row.path}
              row={row}
              depth={depth}
              title={titleOf(row, document, layers, t("costs.copy"))}
              family={layers.get(row.facts?.type ?? "")?.family ?? "block"}
              open={row.rows.length > 0 ? open.has(row.path) : undefined}
              selected={selected.has(row.path)}
              most={most[depth] as Amounts}
              whole={whole}
              onToggle={toggle}
            />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              {t("costs.total")}
              {board && (
                <a className={classes.compare} href={`/b/${board}/compare`} data-testid="costs-compare">
                  {t("costs.compare")}
                </a>
              )}
            </th>
            <td className={classes.output}>{t("costs.layers", { count: countOf(tree) })}</td>
            {MEASURES.map((measure) => (
              <td key={measure} className="mono" title={exact(whole[measure])} data-testid={`costs-total-${measure}`}>
                {written(measure, whole[measure])}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

type Documents = Parameters<typeof namesOf>[0];
type Layers = Parameters<typeof namesOf>[2];

/** A node's name, or of one copy of a repeated block its number. */
function titleOf(row: Row, document: Documents, layers: Layers, copy: string): string {
  if (row.facts) return namesOf(document, row.path, layers).title;
  return `${copy} ${Number(row.path.slice(row.path.lastIndexOf("/") + 1)) + 1}`;
}

/** Goes to a node on the board, into its block if need be. */
function show(path: string): void {
  const found = trailTo(currentDocument(), path);
  if (!found) return;
  goTo(found.trail, [found.node]);
  requestAnimationFrame(() => requestAnimationFrame(() => reveal([found.node])));
}

interface LineProps {
  row: Row;
  depth: number;
  title: string;
  family: string;
  /** Absent for a layer. */
  open: boolean | undefined;
  selected: boolean;
  most: Amounts;
  whole: Amounts;
  onToggle: (path: string) => void;
}

const Line = memo(function Line({ row, depth, title, family, open, selected, most, whole, onToggle }: LineProps) {
  const { t } = useTranslation("dock");
  const pointed = usePointed((state) => state.path === row.path);
  const output = Object.values(row.facts?.outputs ?? {})[0];
  return (
    <tr
      aria-selected={selected}
      data-pointed={pointed || undefined}
      data-testid={`costs-${row.path}`}
      onPointerEnter={() => point(row.path)}
    >
      <th scope="row" style={{ paddingLeft: 6 + 16 * depth }}>
        {open === undefined ? (
          <i className={classes.dot} style={{ background: `var(--${family})` }} aria-hidden />
        ) : (
          <button
            type="button"
            className={classes.fold}
            aria-expanded={open}
            aria-label={t(open ? "costs.close" : "costs.open", { title })}
            onClick={() => onToggle(row.path)}
          >
            {open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
          </button>
        )}
        <button
          type="button"
          className={classes.name}
          title={row.path}
          onClick={() => (row.facts ? show(row.path) : onToggle(row.path))}
        >
          {title}
        </button>
      </th>
      <td className={`${classes.output} mono`}>{output ? chip(output) : ""}</td>
      {MEASURES.map((measure) => {
        const value = row.costs[measure];
        return (
          <td key={measure} className={classes.amount} title={exact(value)}>
            <span className={classes.track} aria-hidden>
              {value > 0 && (
                <i
                  style={{ width: `${(100 * value) / most[measure]}%`, background: `var(--${family})` }}
                  data-group={open !== undefined || undefined}
                />
              )}
            </span>
            <b className="mono">{value ? written(measure, value) : "–"}</b>
            <small className="mono">{share(value, whole[measure])}</small>
          </td>
        );
      })}
    </tr>
  );
});
