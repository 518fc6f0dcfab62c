import { ChevronRight } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { rootOf } from "../graph/document";
import { useMayEdit } from "../state/board";
import { useProblemsAt } from "../state/facts";
import { useLevel } from "../state/selection";
import { useUi } from "../state/ui";
import { FormsField } from "./FormsField";
import classes from "./inspector.module.css";
import type { Known } from "./useNode";

const TrainedSamples = lazy(() => import("./TrainedSamples").then((module) => ({ default: module.TrainedSamples })));

/** Of a data node: what is done to its samples before a network sees them, and how they look then. */
export function SamplesSection({ known: { id, path, node, layer } }: { known: Known }) {
  const { t } = useTranslation("editor");
  const editable = useMayEdit();
  const scope = useLevel((level) => level.scope);
  const problems = useProblemsAt(path);
  const open = useUi((state) => state.seen);
  const fields = layer?.fields.filter(({ kind }) => kind === "forms") ?? [];
  const data = layer?.fields.some(({ name }) => name === "data") ? node.fields?.data : undefined;
  const set = typeof data === "string" ? data : layer?.fields.find(({ name }) => name === "data")?.default;
  const look = layer?.family === "data" && typeof set === "string" && set !== "" && (
    <p className={classes.text}>
      <a href={`/data/${encodeURIComponent(set)}`} target="_blank" rel="noreferrer" data-testid="look-at-data">
        {t("seen.look")}
      </a>
    </p>
  );
  if (fields.length === 0) return look ? <section className={classes.section}>{look}</section> : null;
  return (
    <>
      {look && <section className={classes.section}>{look}</section>}
      {fields.map((field) => (
        <section key={field.name} className={classes.section} aria-label={field.title}>
          <h3>{field.title}</h3>
          <p className={classes.text}>{field.help}</p>
          <FormsField
            field={field}
            value={node.fields?.[field.name]}
            path={[...rootOf(scope), "nodes", id, "fields", field.name]}
            disabled={!editable}
            complaint={problems.find(({ field: about }) => about === field.name)?.message}
          />
        </section>
      ))}
      <section className={classes.section} aria-label={t("seen.title")}>
        <h3>
          <button
            type="button"
            className={classes.fold}
            aria-expanded={open}
            data-testid="seen"
            onClick={() => useUi.setState({ seen: !open })}
          >
            <ChevronRight size={16} aria-hidden />
            {t("seen.title")}
          </button>
        </h3>
        {open && (
          <Suspense fallback={null}>
            <TrainedSamples key={path} path={path} />
          </Suspense>
        )}
      </section>
    </>
  );
}
