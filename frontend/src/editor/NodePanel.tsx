import { ChevronRight } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { isBlockPort } from "../graph/edits";
import { useMayEdit } from "../state/board";
import { useNodeFacts, useProblemsAt } from "../state/facts";
import { useUi } from "../state/ui";
import type { Problem } from "../wire/types";
import { AblationField } from "./AblationField";
import * as actions from "./actions";
import { ExposeButton } from "./ExposeButton";
import { FactsTable } from "./FactsTable";
import { FieldGroup } from "./FieldGroup";
import { FieldInput, Switch } from "./FieldInput";
import { FirstWeights } from "./FirstWeights";
import { FixButtons } from "./FixButtons";
import { Formula } from "./Formula";
import classes from "./inspector.module.css";
import { NameField } from "./NameField";
import { withoutLabel } from "./NodeCard";
import { SamplesSection } from "./SamplesSection";
import { Tile } from "./Tile";
import { UnrollButton } from "./UnrollButton";
import { UNFINISHED } from "./unfinished";
import type { Known } from "./useNode";

const HowItWorks = lazy(() => import("../explain/HowItWorks").then((module) => ({ default: module.HowItWorks })));

/** One layer: its complaint and ways out, its fields, its numbers, what it computes. */
export function NodePanel({ known }: { known: Known }) {
  const { t } = useTranslation("editor");
  const { id, path, node, layer } = known;
  const editable = useMayEdit();
  const facts = useNodeFacts(path);
  const problems = useProblemsAt(path);
  const learns = (facts?.parameters ?? 0) > 0;
  const fields = layer?.fields.filter(({ kind }) => kind !== "forms") ?? [];
  return (
    <>
      <PanelHead known={known} kind={layer?.title ?? node.type}>
        {learns && (
          <label htmlFor={`frozen-${id}`} className={classes.frozen} title={t("inspector.frozenHint")}>
            <Switch
              id={`frozen-${id}`}
              checked={node.trainable === false}
              disabled={!editable}
              testId="frozen"
              onChange={(frozen) => actions.changeProperty(id, "trainable", !frozen, true)}
            />
            <span>{t("inspector.frozen")}</span>
          </label>
        )}
      </PanelHead>
      <Problems problems={problems} />
      <section className={classes.section} aria-label={t("inspector.settings")}>
        {fields.length > 0 && (
          <FieldGroup fields={fields}>
            {fields.map((field) => (
              <FieldInput
                key={field.name}
                aside={<ExposeButton id={id} field={field} disabled={!editable} />}
                field={field}
                value={node.fields?.[field.name]}
                disabled={!editable}
                compact
                complaint={
                  problems.find(({ field: about, severity }) => about === field.name && severity !== "info")?.message
                }
                onChange={(value) => actions.change(id, field.name, value, field.default as never)}
              />
            ))}
          </FieldGroup>
        )}
        {!layer && <p className={classes.text}>{t("inspector.unknownLayer", { type: node.type })}</p>}
        <NameField id={id} name={node.name ?? ""} placeholder={layer?.title ?? node.type} disabled={!editable} />
        {learns && layer && layer.family !== "data" && <FirstWeights known={known} disabled={!editable} />}
        {learns && <WeightsField known={known} disabled={!editable} />}
        {!isBlockPort(node) && <AblationField known={known} disabled={!editable} />}
        <UnrollButton path={path} />
      </section>
      <SamplesSection known={known} />
      {layer && <Explained layer={layer} fields={node.fields} facts={facts} />}
      <FactsTable facts={facts} learns={learns} />
      {layer && (
        <section className={classes.section}>
          <h3>{t("inspector.computes")}</h3>
          {layer.formula && <Formula text={layer.formula} label={layer.sentence} />}
          {facts?.numbers && (
            <div className={classes.numbers}>
              <Formula text={facts.numbers} label={t("inspector.numbers")} />
            </div>
          )}
          <p className={classes.text}>{layer.sentence}</p>
        </section>
      )}
    </>
  );
}

/** How the layer works, opened by a button; its pictures are loaded when they are first asked for. */
function Explained(props: React.ComponentProps<typeof HowItWorks>) {
  const { t } = useTranslation("explain");
  const open = useUi((state) => state.explain);
  return (
    <section className={classes.section} aria-label={t("title")}>
      <h3>
        <button
          type="button"
          className={classes.fold}
          aria-expanded={open}
          data-testid="explain"
          onClick={() => useUi.setState({ explain: !open })}
        >
          <ChevronRight size={16} aria-hidden />
          {t("title")}
        </button>
      </h3>
      {open && (
        <Suspense fallback={<div className={classes.loading} />}>
          <HowItWorks key={props.layer.type} {...props} />
        </Suspense>
      )}
    </section>
  );
}

export function PanelHead({ known, kind, children }: { known: Known; kind: string; children?: React.ReactNode }) {
  return (
    <header className={classes.head}>
      <Tile icon={known.icon} family={known.family} size={34} />
      <div className={classes.names}>
        <h2 title={known.title}>{known.title}</h2>
        <p>
          {kind === known.title ? "" : `${kind} · `}
          <span className="mono">{known.id}</span>
        </p>
      </div>
      {children}
    </header>
  );
}

/** Complaints with every way out. */
export function Problems({ problems }: { problems: readonly Problem[] }) {
  return problems.map((problem, at) => (
    <section
      key={`${problem.code} ${problem.message}`}
      className={
        problem.severity === "error" && UNFINISHED.has(problem.code) ? classes.warning : classes[problem.severity]
      }
      role="note"
    >
      <p>
        <b>{withoutLabel(problem.message)}</b>
        {problem.hint && <> {problem.hint}</>}
      </p>
      <FixButtons problem={problem} prefix={at === 0 ? "inspector-fix" : `inspector-fix-${at}`} />
    </section>
  ));
}

/** Layers with the same word here share their parameters. */
function WeightsField({ known: { id, node }, disabled }: { known: Known; disabled: boolean }) {
  const { t } = useTranslation("editor");
  return (
    <FieldInput
      field={{
        name: "weights",
        title: t("inspector.weights"),
        kind: "text",
        default: "",
        required: false,
        minimum: null,
        maximum: null,
        step: null,
        choices: [],
        labels: [],
        unit: "",
        help: t("inspector.weightsHint"),
      }}
      value={node.weights ?? ""}
      disabled={disabled}
      onChange={(value) => actions.changeProperty(id, "weights", String(value).slice(0, 64), "")}
    />
  );
}
