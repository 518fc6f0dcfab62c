import { useCallback } from "react";
import { Canvas } from "./Canvas";
import type { Theme } from "./colours";
import type { Ink } from "./ink";

interface CourseProps {
  /** Both from 0 to 1. */
  across: readonly number[];
  up: readonly number[];
  /** Where one stands now. */
  at: readonly [number, number];
  /** What guessing would give is the diagonal; otherwise there is none. */
  diagonal?: boolean;
  names: readonly [across: string, up: string];
  theme: Theme;
  label: string;
}

/** A share over another, from 0 to 1, with the place where one stands. */
export function Course({ across, up, at, diagonal = false, names, theme, label }: CourseProps) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const [left, foot, top, right] = [44, 30, 6, 6];
      const side = Math.min(width - left - right, height - foot - top);
      if (side < 20) return;
      const toX = (value: number) => left + value * side;
      const toY = (value: number) => top + (1 - value) * side;
      context.font = `10px ${ink.mono}`;
      context.lineWidth = 1;
      context.textBaseline = "middle";
      for (const tick of [0, 0.5, 1]) {
        context.strokeStyle = ink.line;
        context.beginPath();
        context.moveTo(Math.round(toX(tick)) + 0.5, top);
        context.lineTo(Math.round(toX(tick)) + 0.5, top + side);
        context.moveTo(left, Math.round(toY(tick)) + 0.5);
        context.lineTo(left + side, Math.round(toY(tick)) + 0.5);
        context.stroke();
        context.fillStyle = ink.dim;
        context.textAlign = "right";
        context.fillText(String(tick), left - 5, toY(tick));
        context.textAlign = "center";
        context.fillText(String(tick), toX(tick), top + side + 8);
      }
      context.font = `11px ${ink.sans}`;
      context.fillText(names[0], left + side / 2, top + side + 22);
      context.save();
      context.translate(9, top + side / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(names[1], 0, 0);
      context.restore();
      if (diagonal) {
        context.strokeStyle = ink.faint;
        context.setLineDash([4, 4]);
        context.beginPath();
        context.moveTo(toX(0), toY(0));
        context.lineTo(toX(1), toY(1));
        context.stroke();
        context.setLineDash([]);
      }
      context.strokeStyle = ink.accent;
      context.lineWidth = 2;
      context.beginPath();
      across.forEach((value, i) => {
        if (Number.isFinite(value) && Number.isFinite(up[i])) context.lineTo(toX(value), toY(up[i] as number));
      });
      context.stroke();
      if (at.every(Number.isFinite)) {
        context.beginPath();
        context.arc(toX(at[0]), toY(at[1]), 4.5, 0, 2 * Math.PI);
        context.fillStyle = ink.panel;
        context.fill();
        context.strokeStyle = ink.text;
        context.stroke();
      }
    },
    [across, up, at, diagonal, names],
  );
  return <Canvas draw={draw} theme={theme} label={label} />;
}
