import { useCallback, useRef, useState } from "react";
import { onto } from "./bitmap";
import { Canvas } from "./Canvas";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import { place, type Tiling, tile, tileAt } from "./tiles";

interface ImageGridProps {
  count: number;
  /** Width / height of every picture. */
  aspect: number;
  /** The pixels of picture `index`. A new function draws anew. */
  paint: (index: number) => ImageData;
  theme: Theme;
  label: string;
  testId?: string;
  /** Longest side of a tile in CSS pixels. */
  most?: number;
  gap?: number;
  smooth?: boolean;
  centred?: boolean;
  /** What is said of the picture under the pointer. */
  describe?: (index: number) => string;
  /** The picture that was clicked, and where in it, as shares of its height and width. */
  onPick?: (index: number, down: number, across: number) => void;
}

/** Pictures of one size, as large as the box lets them be. */
export function ImageGrid(props: ImageGridProps) {
  const {
    count,
    aspect,
    paint,
    theme,
    label,
    testId,
    most,
    gap = 3,
    smooth = false,
    centred,
    describe,
    onPick,
  } = props;
  const [scratch] = useState(() => document.createElement("canvas"));
  const tiling = useRef<Tiling | null>(null);
  const [over, setOver] = useState<{ index: number; x: number; y: number } | null>(null);

  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      const tiles = tile(count, aspect, { width, height }, { gap, most, centred });
      tiling.current = tiles;
      context.imageSmoothingEnabled = smooth;
      for (let index = 0; index < count; index++) {
        const { x, y } = place(tiles, index);
        context.drawImage(onto(scratch, paint(index)), x, y, tiles.width, tiles.height);
      }
    },
    [count, aspect, paint, gap, most, smooth, centred, scratch],
  );

  return (
    <Canvas
      draw={draw}
      theme={theme}
      label={label}
      testId={testId}
      onPoint={
        describe &&
        ((at) => {
          const index = at && tiling.current ? tileAt(tiling.current, count, at) : -1;
          setOver(index >= 0 && tiling.current ? { index, ...place(tiling.current, index) } : null);
        })
      }
      onPick={
        onPick &&
        ((at) => {
          const index = tiling.current ? tileAt(tiling.current, count, at) : -1;
          if (index < 0 || !tiling.current) return;
          const { x, y } = place(tiling.current, index);
          onPick(index, (at.y - y) / tiling.current.height, (at.x - x) / tiling.current.width);
        })
      }
    >
      {over && describe && over.index < count && (
        <span className={classes.tip} style={{ left: over.x, top: over.y + (tiling.current?.height ?? 0) + 4 }}>
          {describe(over.index)}
        </span>
      )}
    </Canvas>
  );
}
