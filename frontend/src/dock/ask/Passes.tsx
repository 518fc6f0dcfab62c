import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../../charts/format";
import { type Strip, Strips } from "../../charts/Strips";
import type { Reply } from "../../state/asking";
import { floatsOf } from "../../state/runFrames";
import { useTheme } from "../../views/view";
import classes from "./ask.module.css";

const COUNTS = [20, 50, 200, 1000] as const;

export interface Many {
  /** How often it is asked with dropout on; 0: once, without. */
  passes: number;
  draw: number;
  mirror: boolean;
}

export const ONCE: Many = { passes: 0, draw: 0, mirror: false };

interface ControlsProps {
  many: Many;
  onChange: (many: Many) => void;
  image: boolean;
  /** Whether anything on the way to the answer drops something; null: not known yet. */
  drops: boolean | null;
}

/** How the network is asked: once, many times with dropout on, and of a picture beside its mirror image. */
export function PassControls({ many, onChange, image, drops }: ControlsProps) {
  const { t } = useTranslation("many");
  return (
    <>
      <fieldset className={classes.choices} aria-label={t("passes.how")}>
        <button
          type="button"
          aria-pressed={many.passes > 0}
          title={t("passes.help")}
          data-testid="ask-passes"
          onClick={() => onChange({ ...many, passes: many.passes ? 0 : COUNTS[1] })}
        >
          {t("passes.dropout")}
        </button>
        {many.passes > 0 && drops && (
          <>
            <select
              value={many.passes}
              aria-label={t("passes.count")}
              data-testid="ask-count"
              onChange={(event) => onChange({ ...many, passes: Number(event.currentTarget.value) })}
            >
              {COUNTS.map((count) => (
                <option key={count} value={count}>
                  {t("passes.times", { count })}
                </option>
              ))}
            </select>
            <button
              type="button"
              data-testid="ask-again"
              onClick={() => onChange({ ...many, draw: (many.draw + 1) % 2 ** 31 })}
            >
              {t("passes.again")}
            </button>
          </>
        )}
        {image && (
          <button
            type="button"
            aria-pressed={many.mirror}
            title={t("mirror.help")}
            data-testid="ask-mirror"
            onClick={() => onChange({ ...many, mirror: !many.mirror })}
          >
            {t("mirror.button")}
          </button>
        )}
      </fieldset>
      {many.passes > 0 && drops === false && (
        <p className={classes.says} data-testid="ask-nothing-drops">
          {t("passes.none")}
        </p>
      )}
    </>
  );
}

interface About {
  kind: "classes" | "numbers";
  names?: string[];
  winner?: number;
  drawn?: number[];
  entropy?: number;
  entropy_each?: number;
}

/** Every pass with dropout on, class by class, and how far they disagree. */
export function Passes({ reply }: { reply: Reply }) {
  const { t } = useTranslation("many");
  const theme = useTheme();
  const about = reply.header.about as unknown as About;
  const passes = floatsOf(reply, "passes");
  const mean = floatsOf(reply, "mean")?.data;
  const spread = floatsOf(reply, "spread")?.data;
  // Passes are of the picture as it is: of the answers alone its own is the first row.
  const plain = floatsOf(
    reply,
    reply.arrays.has("alone") ? "alone" : about.kind === "classes" ? "shares" : "scores",
  )?.data;
  const { strips, low, high } = useMemo(() => {
    const made: Strip[] = [];
    const [count = 0, width = 0] = passes?.shape ?? [];
    let [least, most] = [0, 1];
    if (about.kind === "numbers" && passes) {
      [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const index of about.drawn ?? [])
        [least, most] = [Math.min(least, plain?.[index] ?? 0), Math.max(most, plain?.[index] ?? 0)];
      for (const value of passes.data) [least, most] = [Math.min(least, value), Math.max(most, value)];
    }
    (about.drawn ?? []).forEach((index, at) => {
      const [middle, wide] = [mean?.[index] ?? 0, spread?.[index] ?? 0];
      const percent = about.kind === "classes";
      made.push({
        name: about.names?.[index] ?? t("passes.answer"),
        text: percent
          ? `${format.percent(middle, 0)} ± ${(100 * wide).toFixed(0)}`
          : `${format.value(middle)} ± ${format.value(wide)}`,
        values: Float32Array.from({ length: count }, (_, pass) => passes?.data[pass * width + at] ?? 0),
        mean: middle,
        spread: wide,
        plain: plain?.[index],
        lit: percent && index === about.winner,
      });
    });
    // The likeliest first: where there is little room, they are what is seen.
    if (about.kind === "classes") made.sort((a, b) => b.mean - a.mean);
    return { strips: made, low: least, high: most };
  }, [passes, mean, spread, plain, about, t]);
  if (!passes) return null;
  const count = passes.shape[0] ?? 0;
  const most = Math.log(about.names?.length ?? 2);
  return (
    <div className={classes.passes} data-testid="passes" data-count={count}>
      <div className={classes.strips}>
        <Strips
          strips={strips}
          low={low}
          high={high}
          theme={theme}
          label={t("passes.label", {
            count,
            rows: strips.map(({ name, text }) => `${name}: ${text}`).join(", "),
          })}
        />
      </div>
      <p className={classes.says} data-testid="passes-words">
        {about.kind === "numbers"
          ? t("passes.numbers", {
              count,
              mean: format.value(mean?.[0] ?? 0),
              spread: format.value(spread?.[0] ?? 0),
              low: format.value(low),
              high: format.value(high),
            })
          : t("passes.classes", {
              count,
              entropy: format.value(about.entropy ?? 0),
              most: format.value(most),
              apart: format.value(Math.max(0, (about.entropy ?? 0) - (about.entropy_each ?? 0))),
            })}
      </p>
    </div>
  );
}

/** What a picture and its mirror image say each for itself, below the mean of both. */
export function Mirrored({ reply }: { reply: Reply }) {
  const { t } = useTranslation("many");
  const { names, kind } = reply.header.about as unknown as About;
  const alone = floatsOf(reply, "alone");
  if (!alone) return null;
  const width = alone.shape[1] ?? 0;
  const told = (row: number) => {
    const values = alone.data.subarray(row * width, (row + 1) * width);
    if (kind === "numbers") return [...values].slice(0, 4).map(format.value).join("  ");
    const winner = values.indexOf(Math.max(...values));
    return `${names?.[winner] ?? winner} ${format.percent(values[winner] ?? 0)}`;
  };
  return (
    <p className={classes.says} data-testid="ask-mirrored">
      {t("mirror.both", { plain: told(0), mirrored: told(1) })}
    </p>
  );
}
