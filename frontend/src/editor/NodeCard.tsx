import { Handle, type NodeProps, Position, useUpdateNodeInternals } from "@xyflow/react";
import { CircleOff, IterationCw, Link2, Lock, RedoDot, Repeat2, Snowflake, TriangleAlert } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../charts/format";
import { amount, exact } from "../graph/amount";
import { nodesOf } from "../graph/document";
import { inputTop, outputsInRows, outputTop, rowsOf } from "../graph/geometry";
import type { Port } from "../graph/ports";
import { currentDocument, useDocument } from "../state/document";
import { useErrorsInside, useNodeFacts, useProblemsAt } from "../state/facts";
import { usePeople } from "../state/people";
import { point, usePointed } from "../state/pointed";
import { useBeganAnew } from "../state/runHooks";
import { useLevel, useSelection } from "../state/selection";
import { useStage } from "../state/stage";
import type { NodeFacts, Problem } from "../wire/types";
import { Blank, useFar } from "./FarView";
import { FixButtons } from "./FixButtons";
import { Inside } from "./Inside";
import classes from "./node.module.css";
import { useSlots } from "./slots";
import { familyColour, Tile } from "./Tile";
import { UNFINISHED } from "./unfinished";
import { type Known, useKnown } from "./useNode";

/** `encoder: needs …` → `needs …`: the card says whose it is. */
export function withoutLabel(message: string): string {
  const at = message.indexOf(": ");
  const rest = at > 0 && at < 90 ? message.slice(at + 2) : message;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

export const NodeCard = memo(function NodeCard({ id, selected }: NodeProps) {
  const known = useKnown(id);
  const painted = useFar((state) => state.painted);
  if (!known) return null;
  return painted ? <Blank id={id} title={known.title} /> : <Card known={known} selected={selected ?? false} />;
});

function Card({ known, selected }: { known: Known; selected: boolean }) {
  const { t } = useTranslation("editor");
  const { id, path, node, layer, ports, title, family } = known;
  const facts = useNodeFacts(path);
  const problems = useProblemsAt(path);
  const inside = useErrorsInside(path);
  const { Thumbnail } = useSlots();
  const worst = problems.find(({ severity }) => severity === "error");
  const advice = problems.find(({ severity }) => severity === "warning");
  const tone = worst ? (UNFINISHED.has(worst.code) ? "unfinished" : "error") : inside > 0 ? "error" : undefined;
  const isBlock = node.type === "block";
  const times = isBlock && node.mode === "repeat" ? (node.times ?? 1) : 1;
  const summary = useSummary(known, facts);
  const linked = useLinked(id, node.weights ?? "");
  const pointed = usePointed((state) => state.path === path);
  const anew = useBeganAnew(path);
  return (
    <article
      className={classes.card}
      data-testid={`node-${id}`}
      data-tone={tone}
      data-selected={selected || undefined}
      data-idle={facts?.idle || node.ablation || undefined}
      data-linked={linked || undefined}
      data-pointed={pointed || undefined}
      onPointerEnter={() => point(path)}
      onPointerLeave={() => point(null)}
      data-stacked={isBlock || undefined}
      data-type={node.type}
      data-family={family}
      style={{ ["--tone" as string]: familyColour(family) }}
      aria-label={t("node.label", { title, summary: summary || id })}
    >
      <Holders id={id} />
      <header className={classes.head}>
        <Tile icon={known.icon} family={family} size={26} />
        <div className={classes.names}>
          <div className={classes.title} title={title} data-long={title.length > (times > 1 ? 10 : 18) || undefined}>
            {title}
          </div>
          <div className={classes.summary} title={summary}>
            {isBlock ? <Inside block={node.block ?? ""} summary={summary} /> : summary}
          </div>
        </div>
        <div className={classes.badges}>
          {times > 1 && (
            <span
              className={classes.times}
              title={t(node.weights ? "node.timesShared" : "node.timesHint", { count: times })}
            >
              {t("node.times", { count: times })}
            </span>
          )}
          {isBlock && times === 1 && node.mode === "repeat" && <Repeat2 size={13} aria-hidden />}
          {isBlock && node.mode === "over_time" && (
            <span title={t("block.overTime")}>
              <IterationCw size={13} aria-label={t("block.overTime")} />
            </span>
          )}
          {node.weights && (
            <span title={t("node.shared", { name: node.weights })}>
              <Link2 size={13} aria-label={t("node.shared", { name: node.weights })} />
            </span>
          )}
          {node.ablation && (
            <span className={classes.off} title={t(`ablation.${node.ablation}Hint`)} data-testid={`off-${id}`}>
              {node.ablation === "mute" ? (
                <CircleOff size={14} aria-label={t("ablation.mute")} />
              ) : (
                <RedoDot size={14} aria-label={t("ablation.bypass")} />
              )}
            </span>
          )}
          {anew && (
            <span className={classes.anew} title={t("node.anew")} data-testid={`anew-${path}`}>
              {t("node.anewShort")}
            </span>
          )}
          {node.trainable === false && (
            <span title={t("node.frozen")}>
              <Snowflake size={13} aria-label={t("node.frozen")} />
            </span>
          )}
          {worst || inside > 0 ? (
            <TriangleAlert
              size={15}
              className={tone === "unfinished" ? classes.quiet : classes.alarm}
              aria-label={t("node.error")}
            />
          ) : (
            advice && (
              <span title={withoutLabel(advice.message)}>
                <TriangleAlert size={14} className={classes.advice} aria-label={t("node.warning")} />
              </span>
            )
          )}
        </div>
      </header>
      <PortNames ports={ports} />
      <div className={classes.picture}>
        <Thumbnail node={path} />
      </div>
      {facts && facts.parameters + facts.macs > 0 && <Costs facts={facts} />}
      {worst ? (
        <Complaint problem={worst} quiet={tone === "unfinished"} editable />
      ) : (
        inside > 0 && <div className={classes.complaint}>{t("node.inside", { count: inside })}</div>
      )}
      {!layer && !isBlock && <div className={classes.complaint}>{t("node.unknown", { type: node.type })}</div>}
      <Moved path={path} />
      <Handles known={known} reachable={selected} />
    </article>
  );
}

/** Below a card, after the update of a step that is taken part by part: by how much its weights were moved. */
function Moved({ path }: { path: string }) {
  const { t } = useTranslation("dock");
  const change = useStage((stage) => (stage.part === "update" ? stage.changes.get(path) : undefined));
  if (!change) return null;
  const share = change.share < 1e-4 ? "<0.01\u2009%" : percent(change.share, change.share < 0.01 ? 2 : 1);
  return (
    <div className={classes.moved} title={t("step.movedHelp", { share })} data-testid={`moved-${path}`}>
      {change.single
        ? t("step.single", { before: value(change.single.before), after: value(change.single.after) })
        : t("step.moved", { share })}
    </div>
  );
}

/** Whether a node that shares its weights with this one is selected. */
function useLinked(id: string, weights: string): boolean {
  const scope = useLevel((level) => level.scope);
  return useSelection(({ nodes }) => {
    if (!weights || nodes.has(id)) return false;
    const all = nodesOf(currentDocument(), scope);
    return [...nodes].some((other) => all[other]?.weights === weights);
  });
}

/** The line under the title; a layer with a name of its own says there what it is. */
function useSummary({ node, layer, family }: Known, facts: NodeFacts | undefined): string {
  const { t } = useTranslation("editor");
  const inner = useDocument((state) =>
    node.block
      ? Object.values(nodesOf(state.document, node.block)).filter(({ type }) => !type.startsWith("block_")).length
      : 0,
  );
  const own = facts?.summary ?? "";
  if (node.type === "block") return t("node.layers", { count: inner });
  // The port of a block is called by its id, which is its name outside.
  if (node.type.startsWith("block_") && layer) return layer.title;
  if (node.name && layer) return own ? `${layer.title} ${own}` : layer.title;
  return own || t(`families.${family}` as "families.data", { defaultValue: family });
}

function Costs({ facts }: { facts: NodeFacts }) {
  const { t } = useTranslation("editor");
  return (
    <div className={classes.costs}>
      <span title={t("node.parametersExact", { count: facts.parameters, exact: exact(facts.parameters) })}>
        <b className="mono">{amount(facts.parameters)}</b> {t("node.parameters")}
      </span>
      <span title={t("node.macsExact", { exact: exact(facts.macs) })}>
        <b className="mono">{amount(facts.macs)}</b> {t("node.macs")}
      </span>
    </div>
  );
}

/** What is wrong, in two lines and with the best way out: no taller than the picture and costs whose place it takes. The
 * inspector and the list of problems have all of it. */
function Complaint({ problem, quiet, editable }: { problem: Problem; quiet: boolean; editable: boolean }) {
  return (
    <div className={quiet ? classes.remark : classes.complaint} role="note">
      <p title={withoutLabel(problem.message)}>{withoutLabel(problem.message)}</p>
      {editable && <FixButtons problem={problem} most={1} prefix="fix" narrow />}
    </div>
  );
}

/** Names beside the ports, where a side has more than one. */
function PortNames({ ports }: { ports: Known["ports"] }) {
  const rows = rowsOf(ports);
  if (rows === 0) return null;
  const inputs = ports.inputs.length > 1 ? ports.inputs : [];
  const outputs = outputsInRows(ports) ? ports.outputs : [];
  return (
    <div className={classes.ports}>
      <ul>
        {inputs.map((port) => (
          <li key={port.name} data-optional={port.optional || undefined}>
            {port.title || port.name}
          </li>
        ))}
      </ul>
      <ul>
        {outputs.map((port) => (
          <li key={port.name} data-optional={port.spare || undefined}>
            {port.title || port.name}
          </li>
        ))}
      </ul>
    </div>
  );
}

/**
 * With the keyboard a selected card's ports are reached by Tab, all of them as one stop: arrow keys lead from port to
 * port, so that ports which stand close together on a small card are told apart. Enter takes one end of a wire, then the
 * other.
 */
function Handles({ known: { id, ports, title, family }, reachable }: { known: Known; reachable: boolean }) {
  const { t } = useTranslation("editor");
  const measure = useUpdateNodeInternals();
  const first = useRef(true);
  const [at, setAt] = useState(0);
  const count = ports.inputs.length + ports.outputs.length;
  const stop = Math.min(at, count - 1);
  // A block's ports come and go with what is inside: React Flow looks for them only when it is told to.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the ports that it is about
  useEffect(() => {
    if (!first.current) measure(id);
    first.current = false;
  }, [ports, id, measure]);
  const one = (port: Port, row: number, side: "in" | "out") => {
    const place = side === "in" ? row : ports.inputs.length + row;
    return (
      <Handle
        key={`${side} ${port.name}`}
        id={port.name}
        type={side === "in" ? "target" : "source"}
        position={side === "in" ? Position.Left : Position.Right}
        className={classes.handle}
        style={{ top: side === "in" ? inputTop(ports, row) : outputTop(ports, row) }}
        data-testid={`handle-${id}-${side}-${port.name}`}
        data-optional={port.optional || undefined}
        data-spare={port.spare || undefined}
        title={port.spare ? t("node.spare", { port: port.title || port.name }) : undefined}
        data-quiet={(family === "loss" && side === "out") || undefined}
        aria-label={t(side === "in" ? "node.input" : "node.output", { port: port.title || port.name, node: title })}
        role="button"
        tabIndex={reachable && place === stop ? 0 : -1}
        data-port={place}
        onFocus={() => setAt(place)}
        onKeyDown={(event) => {
          const next = portBeside(event.key, place, ports.inputs.length, count);
          if (next === null && event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          if (next === null) event.currentTarget.click();
          else event.currentTarget.parentElement?.querySelector<HTMLElement>(`[data-port="${next}"]`)?.focus();
        }}
      />
    );
  };
  return (
    <>
      {ports.inputs.map((port, at) => one(port, at, "in"))}
      {ports.outputs.map((port, at) => one(port, at, "out"))}
    </>
  );
}

/** The port that an arrow key leads to, inputs counted before outputs; null where the key is no arrow. */
function portBeside(key: string, place: number, inputs: number, count: number): number | null {
  if (key === "ArrowUp") return Math.max(0, place - 1);
  if (key === "ArrowDown") return Math.min(count - 1, place + 1);
  if (key === "ArrowLeft") return place < inputs || inputs === 0 ? place : 0;
  if (key === "ArrowRight") return place >= inputs || inputs === count ? place : inputs;
  return null;
}

/** Who else has selected this node. */
function Holders({ id }: { id: string }) {
  const holders = usePeople((state) =>
    state.peers
      .filter((peer) => peer.selection.includes(id))
      .map(holderOf)
      .join("|"),
  );
  if (!holders) return null;
  const [first] = holders.split("|");
  const colour = first?.slice(0, 7) ?? "";
  const names = holders
    .split("|")
    .map((text) => text.slice(7))
    .join(", ");
  return (
    <span className={classes.holder} style={{ ["--person" as string]: colour }}>
      <Lock size={9} aria-hidden /> {names}
    </span>
  );
}

const holderOf = ({ user }: { user: { name: string; color: string } }) =>
  `${user.color}${user.name.replaceAll("|", " ")}`;
