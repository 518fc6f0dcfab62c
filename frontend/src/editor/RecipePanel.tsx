import { FlaskConical } from "lucide-react";
import { useTranslation } from "react-i18next";
import { amount, exact, memory } from "../graph/amount";
import { remove, set } from "../graph/apply";
import type { Form, Json } from "../graph/document";
import { same } from "../graph/edits";
import { useMayEdit } from "../state/board";
import { useCatalogue } from "../state/catalogue";
import { edit, useDocument } from "../state/document";
import { useFacts, useNarrowest } from "../state/facts";
import type { FieldInfo, FormInfo } from "../wire/types";
import { allowed } from "./actions";
import { FieldGroup } from "./FieldGroup";
import { FieldInput } from "./FieldInput";
import { Formula } from "./Formula";
import classes from "./inspector.module.css";
import { openLesson } from "./Lesson";
import { Problems } from "./NodePanel";
import { RateCourse, useRates } from "./RateCourse";
import { SplitBar } from "./SplitBar";

export const numberField = (
  name: string,
  title: string,
  fallback: Json,
  minimum: number | null = null,
  maximum: number | null = null,
): FieldInfo => ({
  name,
  title,
  kind: "int",
  default: fallback as FieldInfo["default"],
  required: false,
  minimum,
  maximum,
  step: null,
  choices: [],
  labels: [],
  unit: "",
  help: "",
});

/** What cannot be drawn: how the board is trained. Fields come from the catalogue, by their path in the recipe. */
export function RecipePanel() {
  const { t } = useTranslation("editor");
  const editable = useMayEdit();
  const catalogue = useCatalogue((state) => state.catalogue);
  const recipe = useDocument((state) => state.document.recipe);
  const about = useDocument((state) => state.document.about);
  const title = useDocument((state) => state.document.title);
  const problems = useFacts((state) => state.problems).filter(({ node }) => node === null);
  const phases = Object.entries(recipe?.phases ?? { main: {} });
  const changes = ({ schedule }: { schedule?: Form }) => (schedule?.type ?? "constant") !== "constant";
  // Asked once for all phases, and not at all where every rate stays.
  const rates = useRates(phases.some(([, phase]) => changes(phase)));
  const fields = catalogue?.recipe ?? [];
  const split = fields.filter(({ name }) => name.startsWith("split") || name === "test");
  const budget = fields.filter(({ name }) => name.startsWith("budget."));
  // What goes with a choice is shown with it: nothing to wait for, nothing to gain; no mean, no memory.
  const averaging = at(recipe, ["averaging", "kind"]) ?? "none";
  const patient = Number(at(recipe, ["stopping", "patience"]) ?? 0) > 0;
  const shown: Record<string, boolean> = {
    "stopping.patience": true,
    "stopping.least": patient,
    "averaging.kind": true,
    "averaging.decay": averaging === "ema",
    "averaging.start": averaging === "mean",
    "ensemble.snapshots": true,
    "ensemble.mirror": true,
  };
  const steady = fields.filter(({ name }) => shown[name]);
  const training = fields.filter(({ name }) => !name.includes(".") && name !== "test");
  // How often a phase runs matters only beside another one.
  const ofPhase = (phase: (typeof phases)[number][1]) => {
    const pulls = Number(at(phase, ["penalty", "l1"]) ?? 0) + Number(at(phase, ["penalty", "l2"]) ?? 0) > 0;
    return fields.filter(
      ({ name }) =>
        name.startsWith("phase.") &&
        (phases.length > 1 || name !== "phase.every") &&
        (pulls || name !== "phase.penalty.biases"),
    );
  };
  const recipeField = (field: FieldInfo) => {
    const path = field.name.split(".");
    return (
      <FieldInput
        key={field.name}
        field={field}
        value={at(recipe, path)}
        disabled={!editable}
        compact
        onChange={(value) => write(["recipe", ...path], value, field.default as Json)}
      />
    );
  };
  return (
    <>
      <header className={classes.head}>
        <span className={classes.recipe} aria-hidden>
          <FlaskConical size={20} />
        </span>
        <div className={classes.names}>
          <h2>{t("recipe.title")}</h2>
          <p>{t("recipe.subtitle")}</p>
        </div>
      </header>
      <Problems problems={problems} />
      {phases.map(([id, phase]) => (
        <section key={id} className={classes.section}>
          {phases.length > 1 && <h3>{t("recipe.phase", { id })}</h3>}
          <FormFields
            title={t("recipe.optimizer")}
            name="optimizer"
            forms={catalogue?.optimizers ?? []}
            usual="adam"
            form={phase.optimizer}
            path={["recipe", "phases", id, "optimizer"]}
            disabled={!editable}
          />
          <FormFields
            title={t("recipe.schedule")}
            name="schedule"
            forms={catalogue?.schedules ?? []}
            usual="constant"
            form={phase.schedule}
            path={["recipe", "phases", id, "schedule"]}
            disabled={!editable}
          />
          {changes(phase) && <RateCourse phase={id} drawn={rates[id]} />}
          <FieldGroup fields={ofPhase(phase)}>
            {ofPhase(phase).map((field) => {
              const name = field.name.slice("phase.".length);
              return (
                <FieldInput
                  key={name}
                  field={{ ...field, name }}
                  value={at(phase, name.split("."))}
                  disabled={!editable}
                  compact
                  onChange={(value) =>
                    write(["recipe", "phases", id, ...name.split(".")], value, field.default as Json)
                  }
                />
              );
            })}
          </FieldGroup>
        </section>
      ))}
      <section className={classes.section}>
        <h3>{t("recipe.training")}</h3>
        <FieldGroup fields={training}>{training.map(recipeField)}</FieldGroup>
      </section>
      {steady.length > 0 && (
        <section className={classes.section}>
          <h3>{t("recipe.steady")}</h3>
          <FieldGroup fields={steady}>{steady.map(recipeField)}</FieldGroup>
        </section>
      )}
      {split.length > 0 && (
        <section className={classes.section}>
          <h3>{t("recipe.data")}</h3>
          <SplitBar fields={split} disabled={!editable} />
          <FieldGroup fields={split}>{split.map(recipeField)}</FieldGroup>
          <p className={classes.text}>{t("recipe.testShare", { percent: rest(recipe?.split, split) })}</p>
        </section>
      )}
      {budget.length > 0 && (
        <section className={classes.section}>
          <h3>{t("recipe.budget")}</h3>
          <FieldGroup fields={budget}>{budget.map(recipeField)}</FieldGroup>
        </section>
      )}
      <Totals />
      {(about?.summary || (about?.tries?.length ?? 0) > 0) && (
        <section className={classes.section}>
          <h3>{title || t("recipe.about")}</h3>
          {about?.summary && <p className={classes.text}>{about.summary}</p>}
          {(about?.lesson?.length ?? 0) > 0 && (
            <button type="button" className={classes.lesson} onClick={openLesson}>
              {t("lesson.read")}
            </button>
          )}
          {about?.tries && about.tries.length > 0 && (
            <>
              <h3>{t("recipe.tries")}</h3>
              <ul className={classes.tries}>
                {about.tries.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </>
          )}
        </section>
      )}
    </>
  );
}

/** Percent of the samples that are trained on. */
function rest(split: { validation?: number; test?: number } | undefined, fields: readonly FieldInfo[]): string {
  const usual = (name: string) => Number(fields.find((field) => field.name === `split.${name}`)?.default ?? 0);
  const share = 1 - (split?.validation ?? usual("validation")) - (split?.test ?? usual("test"));
  return String(Math.round(share * 1000) / 10);
}

function at(value: unknown, path: readonly string[]): Json | undefined {
  let here = value;
  for (const key of path) here = (here as Record<string, unknown> | undefined)?.[key];
  return here as Json | undefined;
}

function write(path: string[], value: Json, fallback: Json): void {
  if (allowed()) edit([same(value, fallback) ? remove(path) : set(path, value)], path.join("."));
}

interface FormProps {
  title: string;
  name: string;
  forms: readonly FormInfo[];
  usual: string;
  form: Form | undefined;
  path: string[];
  disabled: boolean;
}

/** An optimizer or a schedule: which one, and its own fields. */
function FormFields({ title, name, forms, usual, form, path, disabled }: FormProps) {
  const type = form?.type ?? usual;
  const info = forms.find((each) => each.type === type);
  return (
    <>
      <FieldInput
        field={{
          ...numberField(name, title, usual),
          kind: "choice",
          choices: forms.map((each) => each.type),
          labels: forms.map((each) => each.title),
          help: info?.sentence ?? "",
        }}
        value={type}
        disabled={disabled}
        onChange={(value) => {
          if (allowed()) edit([set(path, { type: value, fields: kept(form, forms, value) })]);
        }}
      />
      {info?.formula && <Formula text={info.formula} label={info.sentence} />}
      {info && info.fields.length > 0 && (
        <FieldGroup fields={info.fields}>
          {info.fields.map((field) => (
            <FieldInput
              key={field.name}
              field={field}
              value={form?.fields?.[field.name]}
              disabled={disabled}
              compact
              onChange={(value) => write([...path, "fields", field.name], value, field.default as Json)}
            />
          ))}
        </FieldGroup>
      )}
    </>
  );
}

/** A learning rate that was set stays when the optimizer is changed, where the new one has such a field. */
function kept(form: Form | undefined, forms: readonly FormInfo[], type: Json): Record<string, Json> {
  const names = new Set(forms.find((each) => each.type === type)?.fields.map((field) => field.name));
  return Object.fromEntries(Object.entries(form?.fields ?? {}).filter(([field]) => names.has(field)));
}

function Totals() {
  const { t } = useTranslation("editor");
  const sees = useNarrowest();
  const totals = useFacts((state) => state.totals);
  const rows: [string, string, string][] = [
    [t("inspector.parameters"), amount(totals.parameters), exact(totals.parameters)],
    [t("recipe.trainable"), amount(totals.trainable_parameters), exact(totals.trainable_parameters)],
    [t("inspector.macs"), amount(totals.macs), exact(totals.macs)],
    [t("inspector.flops"), amount(totals.flops), exact(totals.flops)],
    [
      t("inspector.operations"),
      amount(totals.operations),
      `${exact(totals.operations)} · ${t("totals.operationsHint")}`,
    ],
    [t("recipe.trainMemory"), memory(totals.training_bytes), exact(totals.training_bytes)],
  ];
  if (sees) {
    const [height, width] = sees.size;
    const words = sees.whole ? t("inspector.receptiveWhole") : `${height}×${width}`;
    rows.push([t("inspector.receptive"), words, t("totals.seesHint")]);
  }
  return (
    <section className={classes.section}>
      <h3>{t("recipe.totals")}</h3>
      <dl className={classes.facts}>
        {rows.map(([title, short, long]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd className="mono" title={long}>
              {short}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
