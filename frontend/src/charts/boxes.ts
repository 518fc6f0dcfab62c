/** Boxes as the detector's frames hold them, and the two sliders that act on them in the browser. */

/** A predicted box: corners relative to the picture (0..1), score 0..1, class. */
export interface Detection {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  score: number;
  label: number;
}

export type Corners = Pick<Detection, "x0" | "y0" | "x1" | "y1">;

/** Intersection over union, 0..1 (notes 1:569). Boxes without area share nothing. */
export function iou(a: Corners, b: Corners): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - shared);
}

/** Rows (x0, y0, x1, y1, score, class) of one picture, class −1 where there is none. */
export function detections(rows: Float32Array, count: number, from = 0): Detection[] {
  const found: Detection[] = [];
  for (let i = 0; i < count; i++) {
    const [x0, y0, x1, y1, score, label] = rows.subarray(from + 6 * i, from + 6 * i + 6) as unknown as number[] as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (label >= 0) found.push({ x0, y0, x1, y1, score, label });
  }
  return found;
}

/**
 * What is left of the detections at these two settings: of boxes of one class that overlap by more than `overlap`,
 * the best scored stays (greedy non-maximum suppression, notes 1:569-578); nothing below `score` does.
 */
export function suppress(found: readonly Detection[], score: number, overlap: number): Detection[] {
  const kept: Detection[] = [];
  for (const box of found.filter((each) => each.score >= score).sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => other.label !== box.label || iou(other, box) <= overlap)) kept.push(box);
  }
  return kept;
}
