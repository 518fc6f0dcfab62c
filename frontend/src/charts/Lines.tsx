import { useCallback, useRef, useState } from "react";
import { Canvas } from "./Canvas";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import type { Ink } from "./ink";
import { place, type Tiling, tile, tileAt } from "./tiles";

interface LinesProps {
  /** Bytes, a row a line, each with what its 0 and its 255 stand for. */
  values: { data: Uint8Array; lo: readonly number[]; hi: readonly number[] };
  count: number;
  length: number;
  theme: Theme;
  label: string;
  /** Small, in one row, without numbers. */
  brief?: boolean;
  /** What is said of the place under the pointer. */
  describe?: (line: number, place: number) => string;
}

/** Width / height of a line's box. */
const ASPECT = 3.4;

/** Where zero is in a box of this height, from its top; null where the line does not reach it. */
export function zeroAt(low: number, high: number, height: number): number | null {
  if (low > 0 || high < 0) return null;
  return high === low ? height / 2 : (high / (high - low)) * height;
}

/** Lines of one length in boxes of one size, each from its least to its most; the thin line is zero. */
export function Lines({ values, count, length, theme, label, brief = false, describe }: LinesProps) {
  const tiling = useRef<Tiling | null>(null);
  const [over, setOver] = useState<{ line: number; at: number; x: number; y: number } | null>(null);

  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const gap = brief ? 3 : 8;
      // On a card one row: as many narrow boxes as there are lines.
      const tiles = brief
        ? { ...tile(count, (width / count - gap) / height, { width, height }, { gap }), columns: count }
        : tile(count, ASPECT, { width, height }, { gap, most: 420 });
      tiling.current = tiles;
      for (let line = 0; line < count; line++) {
        const { x, y } = place(tiles, line);
        const [low, high] = [values.lo[line] ?? 0, values.hi[line] ?? 1];
        context.fillStyle = ink.sunken;
        context.fillRect(x, y, tiles.width, tiles.height);
        const inset = brief ? 2 : 4;
        const tall = tiles.height - 2 * inset;
        const zero = zeroAt(low, high, tall);
        if (zero !== null) {
          context.strokeStyle = ink.line;
          context.lineWidth = 1;
          context.beginPath();
          context.moveTo(x, y + inset + zero);
          context.lineTo(x + tiles.width, y + inset + zero);
          context.stroke();
        }
        context.strokeStyle = ink.train;
        context.lineWidth = brief ? 1 : 1.5;
        context.lineJoin = "round";
        context.beginPath();
        for (let at = 0; at < length; at++) {
          const byte = values.data[line * length + at] as number;
          const across = x + (length > 1 ? (at / (length - 1)) * (tiles.width - 2) : tiles.width / 2) + 1;
          const down = y + inset + (high === low ? tall / 2 : (1 - byte / 255) * tall);
          if (at === 0) context.moveTo(across, down);
          else context.lineTo(across, down);
        }
        context.stroke();
      }
    },
    [values, count, length, brief],
  );

  return (
    <Canvas
      draw={draw}
      theme={theme}
      label={label}
      onPoint={
        describe &&
        ((point) => {
          const tiles = tiling.current;
          const line = point && tiles ? tileAt(tiles, count, point) : -1;
          if (!point || !tiles || line < 0) return setOver(null);
          const corner = place(tiles, line);
          const share = (point.x - corner.x - 1) / Math.max(1, tiles.width - 2);
          const at = Math.min(length - 1, Math.max(0, Math.round(share * (length - 1))));
          setOver({ line, at, ...corner });
        })
      }
    >
      {over && describe && over.line < count && over.at < length && (
        <span className={classes.tip} style={{ left: over.x, top: over.y + (tiling.current?.height ?? 0) + 4 }}>
          {describe(over.line, over.at)}
        </span>
      )}
    </Canvas>
  );
}
