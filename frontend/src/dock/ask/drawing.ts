/** Drawings and pictures as the bytes that a network is given: planes [C, H, W]. */

/** Of the shorter side, what a digit's longer side takes: 20 of 28, as in MNIST. */
const FILLED = 20 / 28;

/**
 * A drawing, light on dark, as MNIST's digits were made of scans: scaled to 20 of 28 by its longer side, its centre of
 * mass in the middle. `ink` holds `side`² numbers from 0 to 255. Null where nothing is drawn.
 */
export function centred(ink: ArrayLike<number>, side: number, height: number, width: number): Uint8Array | null {
  let [left, right, top, bottom, mass, x, y] = [side, -1, side, -1, 0, 0, 0];
  for (let at = 0; at < side * side; at++) {
    const value = ink[at] as number;
    if (value === 0) continue;
    const [column, row] = [at % side, Math.floor(at / side)];
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    mass += value;
    x += value * (column + 0.5);
    y += value * (row + 0.5);
  }
  if (mass === 0) return null;
  // How much of the drawing goes into one pixel.
  const step = Math.max(right - left + 1, bottom - top + 1) / (FILLED * Math.min(height, width));
  const made = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const across = x / mass + (column - width / 2) * step;
      const down = y / mass + (row - height / 2) * step;
      made[row * width + column] = Math.round(mean(ink, side, across, down, step));
    }
  }
  return made;
}

/** The mean of a square of the drawing; beside it there is no ink. */
function mean(ink: ArrayLike<number>, side: number, left: number, top: number, step: number): number {
  let sum = 0;
  const [firstRow, lastRow] = [Math.max(0, Math.floor(top)), Math.min(side, Math.ceil(top + step))];
  const [first, last] = [Math.max(0, Math.floor(left)), Math.min(side, Math.ceil(left + step))];
  for (let row = firstRow; row < lastRow; row++) {
    const high = Math.min(row + 1, top + step) - Math.max(row, top);
    for (let column = first; column < last; column++) {
      const wide = Math.min(column + 1, left + step) - Math.max(column, left);
      sum += (ink[row * side + column] as number) * high * wide;
    }
  }
  return Math.min(255, sum / (step * step));
}

/** Pixels RGBA as planes: of one channel the lightness, of more red, green and blue. */
export function planes(pixels: ArrayLike<number>, channels: number): Uint8Array {
  const count = pixels.length / 4;
  const made = new Uint8Array(channels * count);
  for (let at = 0; at < count; at++) {
    const [r, g, b] = [pixels[4 * at] as number, pixels[4 * at + 1] as number, pixels[4 * at + 2] as number];
    if (channels === 1) made[at] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    else for (let c = 0; c < channels; c++) made[c * count + at] = [r, g, b][c % 3] as number;
  }
  return made;
}

/** The same plane for every channel. */
export function repeated(plane: Uint8Array, channels: number): Uint8Array {
  const made = new Uint8Array(channels * plane.length);
  for (let c = 0; c < channels; c++) made.set(plane, c * plane.length);
  return made;
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
