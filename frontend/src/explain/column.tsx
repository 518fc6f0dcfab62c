import { useState } from "react";
import { useTranslation } from "react-i18next";
import { normalise } from "./arithmetic";
import classes from "./explain.module.css";
import { Slider, Sum } from "./parts";
import { numberOf, type PictureProps, short } from "./picture";

/** A column of numbers, brought to mean 0 and spread 1, then stretched by γ and moved by β. */
export function ColumnPicture({ layer, fields }: PictureProps) {
  const { t } = useTranslation("explain");
  const [column, setColumn] = useState([1, 2, 3, 4]);
  const [gain, setGain] = useState(1);
  const [shift, setShift] = useState(0);
  const { mean, variance, values } = normalise(column, numberOf(fields, "eps", 1e-5), gain, shift);
  const low = Math.min(-2, ...column, ...values);
  const high = Math.max(5, ...column, ...values);
  const y = (value: number) => 10 + ((high - value) / (high - low)) * 128;
  const over = layer.type.startsWith("batch") ? "batch" : "features";
  return (
    <div className={classes.stack} data-testid="explain-column">
      <svg
        viewBox="0 0 268 166"
        role="img"
        aria-label={t("column.label", { values: values.map((value) => short(value)).join(", ") })}
        className={classes.picture}
      >
        <line x1={20} x2={248} y1={y(0)} y2={y(0)} className={classes.axis} />
        <text x={10} y={y(0)} className={classes.caption}>
          0
        </text>
        {column.map((before, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
          <g key={at}>
            <line x1={84} y1={y(before)} x2={184} y2={y(values[at] as number)} className={classes.thread} />
            <circle cx={84} cy={y(before)} r={4.5} className={classes.dot} />
            <circle cx={184} cy={y(values[at] as number)} r={4.5} className={classes.dot} data-strong />
            <text x={62} y={y(before)} className={classes.figureText}>
              {short(before, 2)}
            </text>
            <text x={216} y={y(values[at] as number)} className={classes.figureText}>
              {short(values[at] as number)}
            </text>
          </g>
        ))}
        <text x={84} y={158} className={classes.caption}>
          {t("column.before")}
        </text>
        <text x={184} y={158} className={classes.caption}>
          {t("column.after")}
        </text>
      </svg>
      <Sum testId="explain-sum">{`(${short(column[0] as number, 2)} − ${short(mean, 3)})/√${short(variance, 3)} · ${short(gain, 2)} + ${short(shift, 2)} = ${short(values[0] as number)}`}</Sum>
      <Slider name="γ" label={t("column.gain")} value={gain} low={0} high={3} onChange={setGain} />
      <Slider name="β" label={t("column.shift")} value={shift} low={-3} high={3} onChange={setShift} />
      <Slider
        name="x₄"
        value={column[3] as number}
        low={-2}
        high={8}
        step={0.5}
        onChange={(next) => setColumn([...column.slice(0, 3), next])}
      />
      <p className={classes.note}>{t(`column.${over}`)}</p>
    </div>
  );
}
