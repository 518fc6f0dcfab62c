import { Popover, Slider } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMayEdit } from "../state/board";
import { hasEnded } from "../state/run";
import { useCurrentRun, useSummary } from "../state/runHooks";
import { Dials } from "./Dials";
import classes from "./status.module.css";

/** Exponents of ten that the slider covers. */
const [LEAST, MOST] = [-6, 1];

/** `0.001`, `3e-5`: as one would type it. */
export const written = (rate: number): string => {
  if (rate === 0) return "0";
  const rounded = Number(rate.toPrecision(3));
  return rounded < 1e-3 ? rounded.toExponential().replace("e-0", "e-") : String(rounded);
};

/** The learning rate of the run: shown, and while it lasts set, by number or by a slider over powers of ten. */
export function RateControl() {
  const { t } = useTranslation("dock");
  const run = useCurrentRun();
  const summary = useSummary();
  const may = useMayEdit();
  const rate = summary?.rate ?? 0;
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const fixed = !run || !summary || hasEnded(summary.state) || !may;

  // What was typed is let go of when the run tells its new rate.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rate is the signal
  useEffect(() => setTyped(null), [rate]);

  const apply = (value: number) => {
    if (run && value > 0 && value <= 1000 && value !== rate) run.command({ command: "rate", value });
  };
  const value = typed === null ? rate : Number(typed.replace(",", "."));
  const wrong = typed !== null && !(value > 0 && value <= 1000);
  if (!summary || hasEnded(summary.state) || rate === 0) return null;
  return (
    <Popover
      opened={open && !fixed}
      onChange={setOpen}
      position="top"
      withArrow
      shadow="md"
      trapFocus={false}
      withRoles={false}
    >
      <Popover.Target>
        <label className={classes.rate} title={t("rate.label")}>
          <span className={classes.rateName}>{t("rate.label")}</span>
          <input
            data-testid="rate"
            className={classes.rateInput}
            inputMode="decimal"
            aria-label={t("rate.label")}
            aria-invalid={wrong || undefined}
            value={typed ?? written(rate)}
            readOnly={fixed}
            onFocus={() => setOpen(true)}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onBlur={() => {
              if (typed !== null && !wrong) apply(value);
              else setTyped(null);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !wrong) apply(value);
              if (event.key === "Escape") {
                setTyped(null);
                setOpen(false);
              }
            }}
          />
        </label>
      </Popover.Target>
      <Popover.Dropdown className={classes.rateDrop}>
        <Slider
          min={LEAST}
          max={MOST}
          step={0.05}
          label={null}
          value={value > 0 ? Math.log10(value) : LEAST}
          onChange={(exponent) => setTyped(written(10 ** exponent))}
          onChangeEnd={(exponent) => apply(Number((10 ** exponent).toPrecision(3)))}
          marks={[-6, -4, -2, 0].map((exponent) => ({ value: exponent, label: written(10 ** exponent) }))}
          thumbProps={{ "aria-label": t("rate.label") }}
          data-testid="rate-slider"
        />
        <p>{wrong ? t("rate.refused") : t("rate.help")}</p>
        {run && <Dials run={run} dials={summary.dials ?? {}} />}
      </Popover.Dropdown>
    </Popover>
  );
}
