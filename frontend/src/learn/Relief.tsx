/** A loss of two weights as lines of equal height, and what lies on it. */
import { type ReactNode, useMemo } from "react";
import { axisText } from "../charts/axisText";
import { contour } from "../charts/contour";
import { ticks } from "../charts/Plane";
import { heights } from "../charts/Terrain";
import classes from "./learn.module.css";
import type { Surface } from "./numbers/surfaces";

const [WIDE, HIGH] = [460, 330];
const ROOM = { left: 34, right: 8, top: 8, bottom: 22 };
const SIDE = 72;
const LEVELS = 11;

interface ReliefProps {
  surface: Pick<Surface, "f" | "x" | "y">;
  label: string;
  children?: (toX: (x: number) => number, toY: (y: number) => number) => ReactNode;
  /** A press on the picture. */
  onPlace?: (x: number, y: number) => void;
  testId?: string;
}

export function Relief({ surface, label, children, onPlace, testId }: ReliefProps) {
  const { f, x, y } = surface;
  const [w, h] = [WIDE - ROOM.left - ROOM.right, HIGH - ROOM.top - ROOM.bottom];
  const toX = (value: number) => ROOM.left + ((value - x[0]) / (x[1] - x[0])) * w;
  const toY = (value: number) => ROOM.top + ((y[1] - value) / (y[1] - y[0])) * h;
  const [xLow, xHigh, yLow, yHigh] = [x[0], x[1], y[0], y[1]];
  const levels = useMemo(() => {
    const loss = new Float32Array(SIDE * SIDE);
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        loss[row * SIDE + column] = f(
          xLow + ((xHigh - xLow) * column) / (SIDE - 1),
          yHigh - ((yHigh - yLow) * row) / (SIDE - 1),
        );
      }
    }
    // Each as high as how many lie below it: a valley shows its shape however high the walls are.
    const high = heights(loss);
    return Array.from({ length: LEVELS }, (_, at) => {
      const lines = contour((column, row) => high[row * SIDE + column] as number, SIDE, (at + 0.5) / LEVELS);
      let path = "";
      for (let i = 0; i < lines.length; i += 4) {
        const [a, b, c, d] = [lines[i], lines[i + 1], lines[i + 2], lines[i + 3]] as [number, number, number, number];
        path += `M${(ROOM.left + (a / (SIDE - 1)) * w).toFixed(1)} ${(ROOM.top + (b / (SIDE - 1)) * h).toFixed(1)}L${(ROOM.left + (c / (SIDE - 1)) * w).toFixed(1)} ${(ROOM.top + (d / (SIDE - 1)) * h).toFixed(1)}`;
      }
      return path;
    });
  }, [f, xLow, xHigh, yLow, yHigh, w, h]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the start can be typed as well
    <svg
      viewBox={`0 0 ${WIDE} ${HIGH}`}
      role="img"
      aria-label={label}
      className={classes.plot}
      data-testid={testId}
      onClick={
        onPlace &&
        ((event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const px = ((event.clientX - box.left) / box.width) * WIDE;
          const py = ((event.clientY - box.top) / box.height) * HIGH;
          const [px2, py2] = [(px - ROOM.left) / w, (py - ROOM.top) / h];
          if (px2 >= 0 && px2 <= 1 && py2 >= 0 && py2 <= 1) {
            onPlace(
              Number((xLow + px2 * (xHigh - xLow)).toFixed(2)),
              Number((yHigh - py2 * (yHigh - yLow)).toFixed(2)),
            );
          }
        })
      }
    >
      {levels.map((path, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
        <path key={at} d={path} className={classes.level} strokeOpacity={0.85 - (0.6 * at) / LEVELS} />
      ))}
      {ticks(xLow, xHigh, 5).map((value) => (
        <text key={value} x={toX(value)} y={HIGH - 9} className={classes.tickX}>
          {axisText(value)}
        </text>
      ))}
      {ticks(yLow, yHigh, 5).map((value) => (
        <text key={value} x={ROOM.left - 6} y={toY(value)} className={classes.tickY}>
          {axisText(value)}
        </text>
      ))}
      <rect x={ROOM.left} y={ROOM.top} width={w} height={h} className={classes.frame} />
      {children?.(toX, toY)}
    </svg>
  );
}
