import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { percent } from "../charts/format";
import { valueAt } from "../charts/LineChart";
import { useChoice } from "../state/runChoice";
import { useCurrentRun, useSummary } from "../state/runHooks";
import type { Kind, Watchable } from "../state/runViews";
import { NOW } from "../state/runWatch";
import { useScrubbed } from "../state/scrub";
import { VIEWS } from "../views/registry";
import { nodeFor } from "./board";
import { LossCurve, MetricCurve } from "./Curves";
import classes from "./panels.module.css";

/** What says most of a board, first. */
const MAIN: readonly Kind[] = ["plane", "fit", "boxes", "attention", "gates", "maps", "neurons", "numbers"];

type Large = keyof typeof VIEWS;
const isLarge = (kind: Kind): kind is Large => kind in VIEWS;

interface Picture {
  node: Watchable;
  kind: Large;
}

/** What says nothing without the picture beside it, or has a place of its own. */
const BESIDE: ReadonlySet<Kind> = new Set(["winners", "flat", "confusion", "threshold", "terrain"]);

/** The board's main picture; of the node that is clicked, its own. */
export function mainPicture(nodes: readonly Watchable[], focus: string | null): Picture | null {
  const focused = nodes.find(({ path }) => path === focus);
  const own = focused?.kinds.find((kind) => isLarge(kind) && !BESIDE.has(kind));
  if (focused && own && isLarge(own)) return { node: focused, kind: own };
  for (const kind of MAIN) {
    const node = nodeFor(nodes, [kind], null);
    if (node && isLarge(kind)) return { node, kind };
  }
  return null;
}

/** The latest value of a series, or the one at the state that is looked at; undefined where there is none. */
function useMetric(name: string): number | undefined {
  const run = useCurrentRun();
  const at = useScrubbed(run);
  const latest = useSummary()?.metrics[name];
  const series = at === NOW ? undefined : run?.curves.series.get(name);
  if (at === NOW || !series) return latest;
  const value = valueAt(series, at);
  return Number.isNaN(value) ? undefined : value;
}

/** Both curves, the board's main picture, and what is mistaken for what. */
export function Overview({ nodes, large }: { nodes: readonly Watchable[]; large: boolean }) {
  const { t } = useTranslation("dock");
  const focus = useChoice((choice) => choice.focus);
  const accuracy = useMetric("validation.accuracy");
  const picture = mainPicture(nodes, focus);
  const confusion = nodeFor(nodes, ["confusion"], null);
  return (
    <div className={classes.overview} data-large={large || undefined}>
      <section className={classes.panel} data-panel="loss">
        <LossCurve />
      </section>
      <section className={classes.panel} data-panel="metric">
        <MetricCurve />
      </section>
      {picture && (
        <Panel
          name="picture"
          wide={picture.kind !== "plane"}
          title={t(`view.${picture.kind}`, { title: picture.node.title })}
          note={picture.kind === "maps" ? sizeOf(picture.node) : ""}
          hint={picture.node.group}
        >
          <View picture={picture} large={large} />
        </Panel>
      )}
      {confusion && (
        <Panel
          name="confusion"
          title={t("view.confusion")}
          note={accuracy === undefined ? "" : t("panel.accuracy", { value: percent(accuracy) })}
        >
          <View picture={{ node: confusion, kind: "confusion" }} large={large} />
        </Panel>
      )}
    </div>
  );
}

function View({ picture: { node, kind }, large }: { picture: Picture; large: boolean }) {
  const Component = VIEWS[kind];
  return <Component key={node.path} node={node.path} title={node.title} facts={node.facts} large={large} brief />;
}

interface PanelProps {
  name: string;
  title: string;
  note: string;
  wide?: boolean;
  /** Where the node is, for who points at the title. */
  hint?: string;
  children: ReactNode;
}

function Panel({ name, title, note, wide, hint, children }: PanelProps) {
  return (
    <section className={classes.panel} data-panel={name} data-wide={wide || undefined}>
      <header className={classes.panelHead}>
        <h3 title={hint ? `${hint} › ${title}` : undefined}>{title}</h3>
        <span>{note}</span>
      </header>
      <div className={classes.panelBody}>{children}</div>
    </section>
  );
}

/** `6×28×28` of `float[C 6, H 28, W 28]`. */
function sizeOf({ facts }: Watchable): string {
  const [type] = Object.values(facts.outputs);
  return type ? (type.match(/\d+(?=[,\]])/g) ?? []).join("×") : "";
}
