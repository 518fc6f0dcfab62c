import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { choose, useChoice } from "../state/runChoice";
import type { Kind, Watchable } from "../state/runViews";
import { FlatLine } from "../views/flat";
import { VIEWS } from "../views/registry";
import { SampleStrip } from "../views/samples";
import { nodeFor } from "./board";
import classes from "./panels.module.css";

/** Views that are of one sample, so that it can be chosen beside them. */
const OF_A_SAMPLE: ReadonlySet<Kind> = new Set([
  "maps",
  "winners",
  "attention",
  "gates",
  "states",
  "choice",
  "numbers",
  "boxes",
]);

interface NodePanelProps {
  nodes: readonly Watchable[];
  kinds: readonly Kind[];
  large: boolean;
}

/** One node's view, enlarged; beside it the other nodes that have such a view, above it the samples. */
export function NodePanel({ nodes, kinds, large }: NodePanelProps) {
  const { t } = useTranslation("dock");
  const focus = useChoice((choice) => choice.focus);
  const fitting = nodes.filter((node) => node.kinds.some((kind) => kinds.includes(kind)));
  const node = nodeFor(fitting, kinds, focus);
  const names = fitting.map(({ group, title }) => `${group} ${title}`);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  const source = nodes.find(({ kinds: own }) => own.includes("samples"));
  if (!node) return null;
  const shown = kinds.filter((kind) => node.kinds.includes(kind));
  const sampled = source && shown.some((kind) => OF_A_SAMPLE.has(kind));
  return (
    <div className={classes.node} data-large={large || undefined}>
      {fitting.length > 1 && (
        <nav className={classes.nodes} aria-label={t("nodes")}>
          {fitting.map(({ path, title, group, family }, i) => (
            <Fragment key={path}>
              {group && group !== fitting[i - 1]?.group && <h4>{group}</h4>}
              <button
                type="button"
                aria-pressed={path === node.path}
                data-testid={`look-${path}`}
                onClick={() => choose({ focus: path })}
                title={group ? `${group} › ${title}` : title}
              >
                <i style={{ background: `var(--${family || "data"})` }} aria-hidden />
                <span>{title}</span>
                {twice.has(`${group} ${title}`) && <small>{path.slice(path.lastIndexOf("/") + 1)}</small>}
              </button>
            </Fragment>
          ))}
        </nav>
      )}
      <div className={classes.nodeMain}>
        {sampled && <SampleStrip node={source.path} />}
        <div className={classes.nodeViews}>
          {shown.map((kind) => {
            if (kind === "samples" || kind === "flat") return null;
            const View = VIEWS[kind];
            return (
              <View key={`${node.path} ${kind}`} node={node.path} title={node.title} facts={node.facts} large={large} />
            );
          })}
        </div>
        {shown.includes("flat") && <FlatLine key={node.path} node={node.path} />}
      </div>
    </div>
  );
}
