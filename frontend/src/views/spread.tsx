import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { colourise, onto } from "../charts/bitmap";
import { Canvas } from "../charts/Canvas";
import { INTENSITY } from "../charts/colours";
import * as format from "../charts/format";
import { bytesOf, type Frame, floatsOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { useTheme } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

const WHAT = ["weights", "outputs", "gradients"] as const;
type What = (typeof WHAT)[number];

/** How a layer's weights, outputs and gradients lie, over the run: each column a moment, the fuller the stronger. */
export function SpreadView({ node, title }: { node: string; title: string }) {
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame({ view: "spread", node, rate: 2 }, box);
  const shown = frame ? ((frame.header.about as { what?: What[] }).what ?? []) : [];
  return (
    <div ref={box} className={classes.spreads} data-testid="view-spread">
      {frame && shown.length > 0 ? (
        WHAT.filter((what) => shown.includes(what)).map((what) => (
          <Over key={what} frame={frame} what={what} title={title} />
        ))
      ) : (
        <Waiting subject="spread" />
      )}
    </div>
  );
}

function Over({ frame, what, title }: { frame: Frame; what: What; title: string }) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const [counts, ends] = [bytesOf(frame, what), floatsOf(frame, `${what}_range`)];
  const steps = integersOf(frame, "steps")?.data;
  const [low, high] = reach(ends?.data);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      if (!counts || !ends) return;
      const [columns, bins] = counts.shape as [number, number];
      const one = width / columns;
      const surface = document.createElement("canvas");
      context.imageSmoothingEnabled = false;
      for (let column = 0; column < columns; column++) {
        const [from, to] = [ends.data[2 * column] as number, ends.data[2 * column + 1] as number];
        // The largest numbers stand at the top.
        const bytes = counts.data.slice(column * bins, (column + 1) * bins).reverse();
        const top = height * (1 - (to - low) / (high - low || 1));
        const bottom = height * (1 - (from - low) / (high - low || 1));
        const image = onto(surface, colourise(bytes, 1, bins, INTENSITY[theme]));
        context.drawImage(image, column * one, top, Math.ceil(one), Math.max(1, bottom - top));
      }
    },
    [counts, ends, low, high, theme],
  );
  return (
    <figure className={classes.spread}>
      <figcaption>{t(`spread.${what}`)}</figcaption>
      <div className={classes.spreadAxis} aria-hidden>
        <span>{format.value(high)}</span>
        <span>{format.value(low)}</span>
      </div>
      <Canvas
        draw={draw}
        theme={theme}
        label={t("spread.label", {
          what: t(`spread.${what}`),
          title,
          low: format.value(low),
          high: format.value(high),
        })}
      />
      <div className={classes.spreadSteps} aria-hidden>
        <span>{format.whole(steps?.[0] ?? 0)}</span>
        <span>{t("spread.steps")}</span>
        <span>{format.whole(steps?.at(-1) ?? 0)}</span>
      </div>
    </figure>
  );
}

/** The least and the most over the whole run. */
function reach(ends: Float32Array | undefined): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const end of ends ?? []) [low, high] = [Math.min(low, end), Math.max(high, end)];
  return low <= high ? [low, high] : [0, 1];
}
