import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Run } from "../state/run";
import type { Dial, RunSummary } from "../wire/types";
import { written } from "./RateControl";
import classes from "./status.module.css";

/** In the order in which they stand, each with the most that it may be. */
const DIALS: readonly [dial: Dial, most: number][] = [
  ["decay", 10],
  ["l1", 10],
  ["l2", 10],
  ["dropout", 0.99],
  ["augment", 1],
];

/** What can be set otherwise while a run lasts, besides its rate: those that this run has. */
export function Dials({ run, dials }: { run: Run; dials: NonNullable<RunSummary["dials"]> }) {
  const { t } = useTranslation("dock");
  const found = DIALS.filter(([dial]) => dial in dials);
  if (found.length === 0) return null;
  return (
    <fieldset className={classes.dials}>
      <legend>{t("dials.title")}</legend>
      {found.map(([dial, most]) => (
        <One
          key={dial}
          dial={dial}
          most={most}
          now={dials[dial] ?? 0}
          turn={(value) => run.command({ command: "turn", dial, value })}
        />
      ))}
    </fieldset>
  );
}

interface OneProps {
  dial: Dial;
  most: number;
  now: number;
  turn: (value: number) => void;
}

function One({ dial, most, now, turn }: OneProps) {
  const { t } = useTranslation("dock");
  const [typed, setTyped] = useState<string | null>(null);
  // What was typed is let go of when the run tells how it stands.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the setting is the signal
  useEffect(() => setTyped(null), [now]);
  const value = typed === null ? now : Number(typed.replace(",", "."));
  const wrong = typed !== null && !(typed.trim() && value >= 0 && value <= most);
  const apply = () => {
    if (typed !== null && !wrong && value !== now) turn(value);
    else setTyped(null);
  };
  return (
    <label>
      <span>{t(`dials.${dial}`)}</span>
      <input
        className={classes.rateInput}
        data-testid={`dial-${dial}`}
        inputMode="decimal"
        aria-invalid={wrong || undefined}
        title={wrong ? t("dials.refused", { most }) : undefined}
        value={typed ?? written(now)}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={apply}
        onKeyDown={(event) => {
          if (event.key === "Enter") apply();
        }}
      />
    </label>
  );
}
