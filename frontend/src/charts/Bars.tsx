import { useCallback, useRef, useState } from "react";
import { Canvas } from "./Canvas";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import type { Ink } from "./ink";

interface BarsProps {
  /** From 0 to 1, a bar each. */
  shares: readonly number[];
  names: readonly string[];
  /** The bar that is lit. */
  winner: number;
  theme: Theme;
  label: string;
  /** Small, without the names below the bars. */
  brief?: boolean;
  describe?: (index: number) => string;
}

const LABEL = 11;
const WIDEST = 64;

/** A bar a class, the one that wins lit and named. */
export function Bars({ shares, names, winner, theme, label, brief = false, describe }: BarsProps) {
  const layout = useRef({ step: 1 });
  const [over, setOver] = useState<number | null>(null);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const count = shares.length;
      if (count === 0) return;
      context.font = `${LABEL}px ${ink.mono}`;
      const step = Math.min(WIDEST, width / count);
      layout.current = { step };
      const widest = Math.max(...names.map((name) => context.measureText(name).width));
      const foot = brief ? 0 : LABEL + 7;
      const head = brief ? 0 : LABEL + 5;
      const tall = Math.max(1, height - foot - head);
      const gap = step > 6 ? Math.min(6, step * 0.2) : 0;
      context.textAlign = "center";
      context.textBaseline = "middle";
      for (let at = 0; at < count; at++) {
        const share = Math.min(1, Math.max(0, shares[at] as number));
        const won = at === winner;
        const x = at * step;
        context.fillStyle = ink.line;
        context.fillRect(x, head, step - gap, tall);
        context.fillStyle = won ? ink.validation : ink.strong;
        const high = Math.max(won ? 2 : 0, share * tall);
        context.fillRect(x, head + tall - high, step - gap, high);
        if (brief) continue;
        const room = widest <= step - 2;
        if (room || won) {
          context.fillStyle = won ? ink.text : ink.dim;
          context.font = `${won ? "600 " : ""}${LABEL}px ${ink.mono}`;
          const half = context.measureText(names[at] ?? "").width / 2;
          const middle = Math.min(width - half, Math.max(half, x + (step - gap) / 2));
          context.fillText(names[at] ?? "", middle, height - LABEL / 2 - 1);
        }
      }
    },
    [shares, names, winner, brief],
  );
  return (
    <Canvas
      draw={draw}
      theme={theme}
      label={label}
      onPoint={
        describe &&
        ((point) => {
          const at = point ? Math.floor(point.x / layout.current.step) : -1;
          setOver(at >= 0 && at < shares.length ? at : null);
        })
      }
    >
      {over !== null && describe && over < shares.length && (
        <span className={classes.tip} style={{ left: over * layout.current.step, top: 0 }}>
          {describe(over)}
        </span>
      )}
    </Canvas>
  );
}
