import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import * as arithmetic from "./arithmetic";
import classes from "./explain.module.css";

const SIDE = 32;

/** A disc, a square's edge and stripes: something that every kernel does something else to. 0 dark … 1 bright. */
export const scene: number[][] = Array.from({ length: SIDE }, (_, y) =>
  Array.from({ length: SIDE }, (_, x) => {
    if (Math.hypot(x - 10, y - 10) < 6.5) return 0.95;
    if (x > 19 && x < 29 && y > 4 && y < 15) return x === 20 || x === 28 || y === 5 || y === 14 ? 0.9 : 0.55;
    if (y > 20 && y < 29 && x > 3 && x < 28) return x % 4 < 2 ? 0.85 : 0.15;
    return 0.12 + 0.1 * (x / SIDE);
  }),
);

/** Kernels that are known by name, of 3×3. */
const KNOWN = {
  edges: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  blur: [1, 1, 1, 1, 1, 1, 1, 1, 1],
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  outline: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  nothing: [0, 0, 0, 0, 1, 0, 0, 0, 0],
} as const;

interface FilteredProps {
  kernel: readonly number[];
  rows: number;
  columns: number;
  down: arithmetic.Slide;
  across: arithmetic.Slide;
  onKernel: (kernel: number[]) => void;
}

/** A small picture before and after the kernel. */
export function Filtered({ kernel, rows, columns, down, across, onKernel }: FilteredProps) {
  const { t } = useTranslation("explain");
  const after = arithmetic.slide(scene, down, across, kernel, "convolution");
  return (
    <>
      {rows === 3 && columns === 3 && (
        <fieldset className={classes.choice} aria-label={t("kernel.known")}>
          {(Object.keys(KNOWN) as (keyof typeof KNOWN)[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={KNOWN[name].every((value, at) => value === kernel[at])}
              data-testid={`kernel-known-${name}`}
              onClick={() => onKernel([...KNOWN[name]])}
            >
              {t(`kernel.${name}`)}
            </button>
          ))}
        </fieldset>
      )}
      <div className={classes.two}>
        <Grey values={scene} label={t("kernel.before")} />
        <Grey values={after} label={t("kernel.after")} />
      </div>
    </>
  );
}

/** Numbers as brightness, from the smallest to the largest. */
export function Grey({ values, label }: { values: number[][]; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = values.length;
  const width = values[0]?.length ?? 0;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !width || !height) return;
    const all = values.flat();
    const low = Math.min(...all);
    const reach = Math.max(...all) - low || 1;
    const pixels = new ImageData(width, height);
    all.forEach((value, at) => {
      const bright = Math.round(((value - low) / reach) * 255);
      pixels.data.set([bright, bright, bright, 255], at * 4);
    });
    context.putImageData(pixels, 0, 0);
  }, [values, width, height]);
  return (
    <figure className={classes.figure}>
      <canvas ref={canvas} width={width} height={height} role="img" aria-label={`${label} ${height}×${width}`} />
      <figcaption>
        {label} <span className="mono">{`${height}×${width}`}</span>
      </figcaption>
    </figure>
  );
}
