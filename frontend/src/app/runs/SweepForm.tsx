import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../../wire/http";
import type { SweepAxis, SweepField, SweepInfo } from "../../wire/types";
import { settingValue } from "./names";
import classes from "./runs.module.css";
import own from "./sweeps.module.css";

const METRICS = ["validation.loss", "validation.accuracy", "train.loss"] as const;
const keyOf = (path: readonly string[]) => path.join(".");

/** How a field is varied when it is chosen: over the range that is offered, or over all its choices. */
function axisOf(field: SweepField): SweepAxis {
  const title = `${field.where === "Recipe" ? "" : `${field.where} `}${field.title}`;
  if (field.kind === "switch") return { path: field.path, title, values: [false, true] };
  if (field.kind === "choice") return { path: field.path, title, values: field.choices };
  const { least, most, log, whole } = field;
  return { path: field.path, title, least, most, log, whole, count: 4 };
}

/** How many settings a grid has along an axis, before equal whole numbers become one. */
const along = ({ values, least = 0, most = 0, count = 5, whole }: SweepAxis): number =>
  values && values.length > 0 ? values.length : Math.max(1, whole ? Math.min(count, most - least + 1) : count);

interface SweepFormProps {
  id: string;
  mayChange: boolean;
  onStarted: (sweep: SweepInfo) => void;
}

/** Which fields are varied, how, and for how long. */
export function SweepForm({ id, mayChange, onStarted }: SweepFormProps) {
  const { t } = useTranslation("runs");
  const [fields, setFields] = useState<readonly SweepField[]>([]);
  const [axes, setAxes] = useState<readonly SweepAxis[]>([]);
  const [how, setHow] = useState<"grid" | "random">("grid");
  const [runs, setRuns] = useState(20);
  const [minutes, setMinutes] = useState(0);
  const [seed, setSeed] = useState(0);
  const [metric, setMetric] = useState<string>("validation.loss");
  const [early, setEarly] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    http.sweepFields(id).then(setFields, (error) => setFailed(String(error.message ?? error)));
  }, [id]);
  const whole = axes.reduce((product, axis) => product * along(axis), 1);
  const count = how === "grid" ? Math.min(whole, runs) : runs;
  const change = (at: number, part: Partial<SweepAxis>) =>
    setAxes(axes.map((axis, index) => (index === at ? { ...axis, ...part } : axis)));
  const taken = new Set(axes.map(({ path }) => keyOf(path)));
  const places = [...new Set(fields.map(({ where }) => where))];
  const start = async () => {
    setBusy(true);
    try {
      onStarted(await http.startSweep(id, { axes: [...axes], how, runs, minutes, seed, metric, early }));
      setFailed(null);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <form
      className={`${own.form} ${classes.buttons}`}
      aria-label={t("sweep.new")}
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <h2>{t("sweep.new")}</h2>
      <p className={classes.dim}>{t("sweep.intro")}</p>
      <label>
        {t("sweep.field")}
        <select
          value=""
          disabled={axes.length >= 6}
          data-testid="sweep-field"
          onChange={(event) => {
            const field = fields.find(({ path }) => keyOf(path) === event.currentTarget.value);
            if (field) setAxes([...axes, axisOf(field)]);
          }}
        >
          <option value="">{t("sweep.choose")}</option>
          {places.map((where) => (
            <optgroup key={where} label={where}>
              {fields
                .filter((field) => field.where === where && !taken.has(keyOf(field.path)))
                .map((field) => (
                  <option key={keyOf(field.path)} value={keyOf(field.path)}>
                    {field.title} ({t("sweep.now", { value: settingValue(field.value) })})
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      {axes.map((axis, at) => (
        <fieldset key={keyOf(axis.path)} data-testid="sweep-axis">
          <legend>{axis.title}</legend>
          <button
            type="button"
            className={own.removeAxis}
            aria-label={t("sweep.remove", { name: axis.title })}
            onClick={() => setAxes(axes.filter((_, index) => index !== at))}
          >
            <X size={14} aria-hidden />
          </button>
          {axis.values && axis.values.length > 0 ? (
            <div className={own.choices}>
              {(fields.find(({ path }) => keyOf(path) === keyOf(axis.path))?.choices.length
                ? (fields.find(({ path }) => keyOf(path) === keyOf(axis.path))?.choices ?? [])
                : [false, true]
              ).map((choice) => (
                <label key={String(choice)} className={classes.check}>
                  <input
                    type="checkbox"
                    checked={axis.values?.includes(choice)}
                    disabled={axis.values?.length === 1 && axis.values.includes(choice)}
                    onChange={(event) =>
                      change(at, {
                        values: event.currentTarget.checked
                          ? [...(axis.values ?? []), choice]
                          : axis.values?.filter((each) => each !== choice),
                      })
                    }
                  />
                  {String(choice)}
                </label>
              ))}
            </div>
          ) : (
            <div className={own.range}>
              {(["least", "most"] as const).map((end) => (
                <label key={end}>
                  {t(end === "least" ? "sweep.from" : "sweep.to")}
                  <input
                    type="number"
                    step={axis.whole ? 1 : "any"}
                    value={Number.isNaN(axis[end]) ? "" : axis[end]}
                    data-testid={`sweep-${end}`}
                    onChange={(event) => change(at, { [end]: event.currentTarget.valueAsNumber })}
                  />
                </label>
              ))}
              {how === "grid" && (
                <label>
                  <input
                    type="number"
                    min={1}
                    max={50}
                    value={axis.count}
                    data-testid="sweep-count"
                    onChange={(event) => change(at, { count: event.currentTarget.valueAsNumber || 1 })}
                  />
                  {t("sweep.points")}
                </label>
              )}
              <label className={classes.check}>
                <input type="checkbox" checked={axis.log} onChange={() => change(at, { log: !axis.log })} />
                {t("sweep.log")}
              </label>
            </div>
          )}
        </fieldset>
      ))}
      <label>
        {t("sweep.how")}
        <select
          value={how}
          data-testid="sweep-how"
          onChange={(event) => setHow(event.currentTarget.value as "grid" | "random")}
        >
          <option value="grid">{t("sweep.grid")}</option>
          <option value="random">{t("sweep.random")}</option>
        </select>
      </label>
      <div className={own.pairs}>
        <div>
          {t("sweep.runs")}
          <Whole value={runs} onChange={setRuns} name="runs" least={1} most={200} title={t("sweep.runs")} />
        </div>
        <div title={t("sweep.minutesHelp")}>
          {t("sweep.minutes")}
          <Whole
            value={minutes}
            onChange={setMinutes}
            name="minutes"
            least={0}
            most={10_000}
            title={t("sweep.minutes")}
          />
        </div>
        {how === "random" && (
          <div>
            {t("sweep.seed")}
            <Whole value={seed} onChange={setSeed} name="seed" least={0} most={2 ** 31 - 1} title={t("sweep.seed")} />
          </div>
        )}
        <label>
          {t("sweep.metric")}
          <select value={metric} data-testid="sweep-metric" onChange={(event) => setMetric(event.currentTarget.value)}>
            {METRICS.map((each) => (
              <option key={each} value={each}>
                {each.replace(".", " ")}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label className={classes.check}>
        <input type="checkbox" checked={early} data-testid="sweep-early" onChange={() => setEarly(!early)} />
        {t("sweep.early")}
      </label>
      {early && <p className={classes.dim}>{t("sweep.earlyHelp")}</p>}
      {failed !== null && (
        <p role="alert" className={classes.alert}>
          {failed}
        </p>
      )}
      <p className={classes.dim} data-testid="sweep-size">
        {axes.length === 0
          ? t("sweep.needs")
          : `${t("sweep.count", { count })}${how === "grid" && whole > runs ? ` ${t("sweep.cut", { count: whole })}` : ""}`}
      </p>
      <button
        type="submit"
        data-primary
        disabled={busy || axes.length === 0 || !mayChange}
        title={mayChange ? undefined : t("viewer")}
        data-testid="sweep-start"
      >
        {t("sweep.start")}
      </button>
    </form>
  );
}

interface WholeProps {
  value: number;
  onChange: (value: number) => void;
  name: string;
  title: string;
  least: number;
  most: number;
}

/** A whole number between two bounds. */
function Whole({ value, onChange, name, title, least, most }: WholeProps) {
  return (
    <input
      type="number"
      aria-label={title}
      min={least}
      max={most}
      value={value}
      data-testid={`sweep-${name}`}
      onChange={(event) => onChange(Math.min(most, Math.max(least, event.currentTarget.valueAsNumber || 0)))}
    />
  );
}
