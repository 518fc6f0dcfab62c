import { useTranslation } from "react-i18next";
import { remove, set } from "../graph/apply";
import { same } from "../graph/edits";
import { edit, useDocument } from "../state/document";
import type { FieldInfo } from "../wire/types";
import { allowed } from "./actions";
import classes from "./split.module.css";

/** Shares in percent: trained on, validated on, tested on. */
const PRESETS = [
  [70, 15, 15],
  [80, 10, 10],
  [98, 1, 1],
] as const;
/** What must be left to train on, in percent. */
const LEAST = 1;

type Part = "validation" | "test";

interface Props {
  /** The recipe's fields `split.validation` and `split.test`. */
  fields: readonly FieldInfo[];
  disabled: boolean;
}

/** How the samples are divided, drawn to scale: usual divisions by a press, any other by a slider. */
export function SplitBar({ fields, disabled }: Props) {
  const { t } = useTranslation("editor");
  const split = useDocument((state) => state.document.recipe?.split);
  const usual = (part: Part) => Number(fields.find(({ name }) => name === `split.${part}`)?.default ?? 0);
  const shareOf = (part: Part) => split?.[part] ?? usual(part);
  const percent = { validation: shareOf("validation") * 100, test: shareOf("test") * 100 };
  const train = 100 - percent.validation - percent.test;
  const write = (values: Partial<Record<Part, number>>, merge?: string) => {
    if (!allowed()) return;
    const parts = Object.entries(values) as [Part, number][];
    edit(
      parts.map(([part, value]) => {
        const path = ["recipe", "split", part];
        const share = Math.round(value * 10) / 1000;
        return same(share, usual(part)) ? remove(path) : set(path, share);
      }),
      merge,
    );
  };
  const short = (value: number) => String(Math.round(value * 10) / 10);
  const bar = [
    ["train", train],
    ["validation", percent.validation],
    ["test", percent.test],
  ] as const;
  return (
    <div className={classes.split} data-testid="split">
      <div className={classes.presets}>
        {PRESETS.map((preset) => {
          const [, validation, test] = preset;
          const chosen = Math.abs(percent.validation - validation) < 0.05 && Math.abs(percent.test - test) < 0.05;
          return (
            <button
              key={preset.join("/")}
              type="button"
              className="mono"
              disabled={disabled}
              aria-pressed={chosen}
              onClick={() => write({ validation, test })}
            >
              {preset.join(" / ")}
            </button>
          );
        })}
      </div>
      <div className={classes.bar} aria-hidden>
        {bar.map(([part, share]) => (
          <i key={part} data-part={part} style={{ flexGrow: Math.max(0, share) }} />
        ))}
      </div>
      <dl className={classes.shares}>
        {bar.map(([part, share]) => (
          <div key={part} data-part={part}>
            <dt>{t(`split.${part}`)}</dt>
            <dd className="mono" data-testid={`share-${part}`}>
              {short(share)} %
            </dd>
          </div>
        ))}
      </dl>
      {(["validation", "test"] as const).map((part) => (
        <label key={part} className={classes.slider}>
          <span>{t(`split.${part}`)}</span>
          <input
            type="range"
            min={0}
            max={60}
            step={1}
            value={Math.round(percent[part])}
            disabled={disabled}
            data-testid={`slide-${part}`}
            onChange={(event) => {
              const other = part === "test" ? percent.validation : percent.test;
              write({ [part]: Math.min(Number(event.currentTarget.value), 100 - LEAST - other) }, `split ${part}`);
            }}
          />
        </label>
      ))}
    </div>
  );
}
