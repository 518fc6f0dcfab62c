import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../wire/http";
import type { CurveInfo } from "../wire/types";
import classes from "./explain.module.css";
import { Slider, Sum } from "./parts";
import { type PictureProps, short } from "./picture";

const WIDE = 268;
const HIGH = 150;

/** The server's f and f′ for these fields; the last ones while the next are asked for. */
function useCurve({ layer, fields }: PictureProps): CurveInfo | null {
  const [curve, setCurve] = useState<CurveInfo | null>(null);
  const asked = JSON.stringify(fields);
  useEffect(() => {
    const abort = new AbortController();
    http
      .curve(layer.type, JSON.parse(asked), abort.signal)
      .then(setCurve)
      .catch(() => undefined);
    return () => abort.abort();
  }, [layer.type, asked]);
  return curve;
}

/** A value between the points of a curve. */
export function between(xs: readonly number[], ys: readonly number[], x: number): number {
  const [first, second] = xs as [number, number];
  const place = Math.max(0, Math.min(xs.length - 1, (x - first) / (second - first)));
  const at = Math.min(xs.length - 2, Math.floor(place));
  return (ys[at] as number) + ((ys[at + 1] as number) - (ys[at] as number)) * (place - at);
}

/** f and f′ with the tails where hardly any gradient passes, and a point that can be moved. */
export function CurvePicture(props: PictureProps) {
  const { t } = useTranslation("explain");
  const curve = useCurve(props);
  const [x, setX] = useState(1);
  if (!curve) return <div className={classes.waiting} />;
  const low = curve.x[0] as number;
  const high = curve.x.at(-1) as number;
  const bottom = Math.max(-4, Math.min(-0.3, ...curve.y, ...curve.slope));
  const top = Math.min(6.5, Math.max(1.2, ...curve.y, ...curve.slope));
  const px = (at: number) => ((at - low) / (high - low)) * WIDE;
  const py = (value: number) => ((top - Math.max(bottom - 1, Math.min(top + 1, value))) / (top - bottom)) * HIGH;
  const path = (ys: readonly number[]) =>
    ys.map((value, at) => `${at ? "L" : "M"}${px(curve.x[at] as number).toFixed(1)} ${py(value).toFixed(1)}`).join("");
  const y = between(curve.x, curve.y, x);
  const slope = between(curve.x, curve.slope, x);
  const steepest = Math.max(...curve.slope);
  const where = curve.x[curve.slope.indexOf(steepest)] as number;
  const peak = steepest < 2 && curve.slope.filter((each) => each > steepest * 0.999).length < 8;
  return (
    <div className={classes.stack} data-testid="explain-curve">
      <svg
        viewBox={`0 0 ${WIDE} ${HIGH}`}
        role="img"
        aria-label={t("curve.label", { x: short(x, 2), y: short(y), slope: short(slope) })}
        className={`${classes.picture} ${classes.plot}`}
        onPointerMove={(event) => {
          if (event.buttons === 0 && event.pointerType !== "mouse") return;
          const box = event.currentTarget.getBoundingClientRect();
          setX(Number((low + ((event.clientX - box.left) / box.width) * (high - low)).toFixed(1)));
        }}
      >
        {curve.saturated.map(([from, to]) => (
          <rect
            key={`${from} ${to}`}
            x={px(from ?? low)}
            y={0}
            width={px(to ?? high) - px(from ?? low)}
            height={HIGH}
            className={classes.flat}
          />
        ))}
        <line x1={0} x2={WIDE} y1={py(0)} y2={py(0)} className={classes.axis} />
        <line x1={px(0)} x2={px(0)} y1={0} y2={HIGH} className={classes.axis} />
        <path d={path(curve.slope)} className={classes.slope} />
        <path d={path(curve.y)} className={classes.curve} />
        {peak && (
          <g>
            <line x1={px(where) - 5} x2={px(where) + 5} y1={py(steepest)} y2={py(steepest)} className={classes.mark} />
            <text x={px(where) + 9} y={py(steepest) - 7} className={classes.peak}>
              {t("curve.peak", { slope: short(steepest, 3) })}
            </text>
          </g>
        )}
        <line x1={px(x)} x2={px(x)} y1={0} y2={HIGH} className={classes.thread} />
        <circle cx={px(x)} cy={py(y)} r={4.5} className={classes.dot} data-strong />
        <circle cx={px(x)} cy={py(slope)} r={4} className={classes.dot} />
      </svg>
      <p className={classes.legend}>
        <b>f</b> <i>f′</i> {curve.saturated.length > 0 && <span>{t("curve.flat")}</span>}
      </p>
      <Slider name="x" value={x} low={low} high={high} onChange={setX} />
      <Sum testId="explain-sum">{`f(${short(x, 2)}) = ${short(y)},  f′(${short(x, 2)}) = ${short(slope)}`}</Sum>
      <p className={classes.note}>{t("curve.note")}</p>
    </div>
  );
}
