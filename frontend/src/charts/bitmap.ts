/** Bytes to pixels. Pictures are made at their own size and scaled by the canvas, so a frame costs one pass. */

import { type ColourTable, type Rgb, unpacked } from "./colours";

/** Colours `bytes[from … from + width·height]`, row by row, through a table. */
export function colourise(bytes: Uint8Array, width: number, height: number, table: ColourTable, from = 0): ImageData {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[bytes[from + i] as number] as number;
  return image;
}

/** A picture of 1 or 3 channels, planes one after the other: [C, H, W]. */
export function picture(bytes: Uint8Array, channels: number, width: number, height: number, from = 0): ImageData {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const plane = width * height;
  const [green, blue] = channels >= 3 ? [plane, 2 * plane] : [0, 0];
  for (let i = 0; i < plane; i++) {
    const at = from + i;
    const [r, g, b] = [bytes[at] as number, bytes[at + green] as number, bytes[at + blue] as number];
    pixels[i] = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  }
  return image;
}

/**
 * The ground of a decision plane: every class's colour by its probability [K, G, G] (bytes), fading into `ground`
 * where no class leads. `strength` 0..1 is what a certain class shows.
 */
export function mixClasses(
  probability: Uint8Array,
  classes: number,
  side: number,
  colours: readonly Rgb[],
  ground: Rgb,
  strength: number,
): ImageData {
  const image = new ImageData(side, side);
  const { data } = image;
  const plane = side * side;
  const even = 1 / classes;
  for (let i = 0; i < plane; i++) {
    let [r, g, b, sum, most] = [0, 0, 0, 0, 0];
    for (let k = 0; k < classes; k++) {
      const p = probability[k * plane + i] as number;
      const colour = colours[k % colours.length] as Rgb;
      r += p * colour[0];
      g += p * colour[1];
      b += p * colour[2];
      sum += p;
      if (p > most) most = p;
    }
    const lead = sum > 0 && classes > 1 ? Math.max(0, most / sum - even) / (1 - even) : most / 255;
    const share = strength * lead ** 0.8;
    const scale = sum > 0 ? 1 / sum : 0;
    data[4 * i] = ground[0] + share * (r * scale - ground[0]);
    data[4 * i + 1] = ground[1] + share * (g * scale - ground[1]);
    data[4 * i + 2] = ground[2] + share * (b * scale - ground[2]);
    data[4 * i + 3] = 255;
  }
  return image;
}

/** An `ImageData` as something a canvas can scale. The canvas is the caller's to keep and use again. */
export function onto(canvas: HTMLCanvasElement, image: ImageData): HTMLCanvasElement {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/** The colour of a value 0..255 in a table. */
export const colourOf = (table: ColourTable, value: number): Rgb =>
  unpacked(table[Math.max(0, Math.min(255, Math.round(value)))] as number);
