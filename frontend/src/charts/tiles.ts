/** Equal tiles in a box: as large as they can be. */

export interface Tiling {
  columns: number;
  rows: number;
  width: number;
  height: number;
  left: number;
  top: number;
  gap: number;
}

/**
 * Where `count` tiles of `aspect` (width / height) go in a box, in whole CSS pixels; `most` bounds a tile's longer
 * side. Tiles fill rows from the left; `centred` puts what room is left on both sides.
 */
export function tile(
  count: number,
  aspect: number,
  box: { width: number; height: number },
  {
    gap = 3,
    most = Number.POSITIVE_INFINITY,
    centred = false,
  }: { gap?: number; most?: number; centred?: boolean } = {},
): Tiling {
  let best = { columns: 1, rows: count, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const across = (box.width - gap * (columns - 1)) / columns;
    const down = (box.height - gap * (rows - 1)) / rows;
    const height = Math.min(down, across / aspect, aspect >= 1 ? most / aspect : most);
    if (height * aspect > best.width + 0.01) best = { columns, rows, width: height * aspect, height };
  }
  const width = Math.max(1, Math.floor(best.width));
  const height = Math.max(1, Math.floor(best.height));
  const spare = (side: number, tiles: number, size: number) =>
    centred ? Math.max(0, Math.floor((side - tiles * size - gap * (tiles - 1)) / 2)) : 0;
  return {
    columns: best.columns,
    rows: best.rows,
    width,
    height,
    left: spare(box.width, Math.min(count, best.columns), width),
    top: spare(box.height, best.rows, height),
    gap,
  };
}

export const place = ({ columns, width, height, left, top, gap }: Tiling, index: number): { x: number; y: number } => ({
  x: left + (index % columns) * (width + gap),
  y: top + Math.floor(index / columns) * (height + gap),
});

/** The tile under a point, −1 between tiles. */
export function tileAt(tiling: Tiling, count: number, at: { x: number; y: number }): number {
  const column = Math.floor((at.x - tiling.left) / (tiling.width + tiling.gap));
  const row = Math.floor((at.y - tiling.top) / (tiling.height + tiling.gap));
  if (column < 0 || row < 0 || column >= tiling.columns) return -1;
  const index = row * tiling.columns + column;
  if (index >= count) return -1;
  const { x, y } = place(tiling, index);
  return at.x <= x + tiling.width && at.y <= y + tiling.height ? index : -1;
}
