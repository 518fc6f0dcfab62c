import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keptMask } from "./arithmetic";
import classes from "./explain.module.css";
import { Cells, Choice, Sum } from "./parts";
import { numberOf, type PictureProps, short } from "./picture";

const ROWS = 4;
const COLUMNS = 6;

/** Numbers that are set to zero by chance, anew at every step; what stays is made larger, so that the mean stays. */
export function MaskPicture({ fields, layer }: PictureProps) {
  const { t } = useTranslation("explain");
  const rate = Math.min(0.95, numberOf(fields, "rate", 0.5));
  const [step, setStep] = useState(1);
  const [mode, setMode] = useState<"training" | "use">("training");
  const whole = /2d|spatial|depth/.test(layer.type);
  const mask = keptMask(whole ? COLUMNS : ROWS * COLUMNS, rate, step);
  const kept = (r: number, c: number) => mode === "use" || mask[whole ? c : r * COLUMNS + c] === true;
  const value = (r: number, c: number) => (kept(r, c) ? (mode === "use" ? 1 : 1 / (1 - rate)) : 0);
  let sum = 0;
  for (let r = 0; r < ROWS; r++) for (let c = 0; c < COLUMNS; c++) sum += value(r, c);
  const size = 30;
  return (
    <div className={classes.stack} data-testid="explain-mask">
      <svg
        viewBox={`0 0 268 ${ROWS * size}`}
        role="img"
        aria-label={t("mask.label", { mean: short(sum / (ROWS * COLUMNS), 2) })}
        className={classes.picture}
      >
        <Cells
          rows={ROWS}
          columns={COLUMNS}
          size={size}
          x={(268 - COLUMNS * size) / 2}
          value={value}
          tone={(r, c) => (kept(r, c) ? "lit" : "out")}
        />
      </svg>
      <div className={classes.line}>
        <Choice
          label={t("mask.mode")}
          value={mode}
          onChange={setMode}
          options={[
            { value: "training", title: t("mask.training") },
            { value: "use", title: t("mask.use") },
          ]}
        />
        <button
          type="button"
          className={classes.button}
          disabled={mode === "use"}
          data-testid="explain-next"
          onClick={() => setStep(step + 1)}
        >
          {t("mask.next")}
        </button>
      </div>
      <Sum testId="explain-sum">
        {mode === "use"
          ? t("mask.same")
          : `1/(1 − ${short(rate, 2)}) = ${short(1 / (1 - rate), 3)};  ${t("mask.mean")} ${short(sum / (ROWS * COLUMNS), 3)}`}
      </Sum>
      <p className={classes.note}>
        {t("mask.note", { percent: Math.round(rate * 100) })}
        {whole && ` ${t("mask.whole")}`}
      </p>
    </div>
  );
}
