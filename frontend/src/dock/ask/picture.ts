/** Pictures that somebody brings, as the bytes that a network is given. */

import { base64, planes } from "./drawing";
import type { Kind } from "./given";

/** A picture as pixels RGBA of this size: its middle, as much of it as fits. */
function fitted(source: ImageBitmap, width: number, height: number): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  const scale = Math.max(width / source.width, height / source.height);
  context.imageSmoothingQuality = "high";
  const [wide, high] = [source.width * scale, source.height * scale];
  context.drawImage(source, (width - wide) / 2, (height - high) / 2, wide, high);
  return context.getImageData(0, 0, width, height).data;
}

/** As a question carries it. The bitmap is closed: nothing of it is kept. */
export function sent(bitmap: ImageBitmap, { channels, height, width }: Kind): string {
  try {
    return base64(planes(fitted(bitmap, width, height), channels));
  } finally {
    bitmap.close();
  }
}
