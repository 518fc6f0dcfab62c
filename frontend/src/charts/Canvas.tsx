import { type PointerEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import { type Ink, inkOf } from "./ink";

/** Draws in CSS pixels; the canvas has as many device pixels as the screen shows. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => void;

interface CanvasProps {
  draw: Draw;
  theme: Theme;
  /** What the picture shows, for those who do not see it. */
  label: string;
  className?: string;
  testId?: string;
  children?: ReactNode;
  /** The pointer's place in CSS pixels, null when it leaves. */
  onPoint?: (at: { x: number; y: number } | null) => void;
  onPick?: (at: { x: number; y: number }) => void;
}

/** Fills its parent, follows its size and the screen's density, draws again when `draw` changes, never otherwise. */
export function Canvas({ draw, theme, label, className, testId, children, onPoint, onPick }: CanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<() => void>(() => {});

  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme changes the colours that are read while drawing
  useLayoutEffect(() => {
    painter.current = () => {
      const [box, surface] = [frame.current, canvas.current];
      if (!box || !surface) return;
      const [width, height] = [box.clientWidth, box.clientHeight];
      const density = window.devicePixelRatio || 1;
      const [across, down] = [Math.round(width * density), Math.round(height * density)];
      if (surface.width !== across) surface.width = across;
      if (surface.height !== down) surface.height = down;
      const context = surface.getContext("2d");
      if (!context || width === 0 || height === 0) return;
      context.setTransform(density, 0, 0, density, 0, 0);
      context.clearRect(0, 0, width, height);
      draw(context, width, height, inkOf(box));
    };
    painter.current();
  }, [draw, theme]);

  useEffect(() => {
    const box = frame.current;
    if (!box || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => painter.current());
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const place = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = box.width > 0 ? event.currentTarget.clientWidth / box.width : 1;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };

  return (
    <div
      ref={frame}
      className={className ? `${classes.frame} ${className}` : classes.frame}
      data-testid={testId}
      onPointerMove={onPoint && ((event) => onPoint(place(event)))}
      onPointerLeave={onPoint && (() => onPoint(null))}
      onPointerUp={onPick && ((event) => onPick(place(event)))}
    >
      <canvas ref={canvas} className={classes.canvas} role="img" aria-label={label} />
      {children}
    </div>
  );
}
