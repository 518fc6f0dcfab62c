/** Paints curves with their axes. Where a curve has far more points than there are pixels, its pixels are written
 * straight into a bitmap: thousands of thin rectangles take a canvas without a graphics card longer than a frame. */
import { axisText } from "./axisText";
import * as format from "./format";
import { type Ink, parseHex } from "./ink";
import { type Band, columns, firstFrom, logTicks, reach, ticks, type Values } from "./longLines";

export interface NamedLine extends Values {
  id: string;
  name: string;
  /** A colour of the page, e.g. `--train`. */
  colour: string;
  dashed?: boolean;
  /** Lies under the others: an earlier run. */
  faint?: boolean;
}

export interface NamedBand extends Band {
  id: string;
  name: string;
  colour: string;
}

/** Something that happened at `x`. */
export interface Mark {
  x: number;
  text: string;
}

export interface Picture {
  lines: readonly NamedLine[];
  /** The same lines smoothed; those lines themselves where nothing is smoothed. */
  smooth: readonly Values[];
  bands: readonly NamedBand[];
  marks: readonly Mark[];
  from: number;
  to: number;
  log: boolean;
  percent: boolean;
}

export interface Surface {
  context: CanvasRenderingContext2D;
  /** In CSS pixels. */
  width: number;
  height: number;
  density: number;
  ink: Ink;
  colour: (name: string) => string;
}

export const MARGIN = { left: 48, right: 12, top: 10, bottom: 24 };

/** How strongly a curve is drawn that lies behind another one. */
const BEHIND = 0.25;
const FAINT = 0.45;
/** Pixels a point at which a line is dense: a canvas without a graphics card strokes jagged lines slowly. */
const DENSE = 4;

/** A line as it is painted, and of one that is dense what every pixel column needs of it. */
interface Stroke {
  values: Values;
  colour: string;
  dashed: boolean;
  opacity: number;
  width: number;
  dense: { least: Float64Array; most: Float64Array } | null;
}

/** The least and the greatest value of the axis, with room for the lines; `seen`: those of the lines. */
export function axisRange(seen: readonly [number, number] | null, log: boolean, percent: boolean): [number, number] {
  let [least, most] = seen ?? (log ? [0.1, 1] : [0, 1]);
  // What differs by rounding only is one value.
  if (most - least < 1e-6 * Math.abs(most)) least = most;
  if (log) return [least / 1.15, most * 1.15];
  if (percent && least === most) return [0, 1.005];
  const room = 0.05 * (most - least || Math.abs(most) || 1);
  return [
    least >= 0 && least < room ? 0 : least - room,
    percent && most <= 1 ? Math.min(1.005, most + room) : most + room,
  ];
}

/**
 * Writes a curve into a bitmap: in each column the stretch from its top to its bottom, `thick` pixels tall at least; what
 * it covers of a pixel above and below decides how opaque that one is. `pixels`: width · height, each 0xAABBGGRR;
 * `down`: the row of a value.
 */
export function writeColumns(
  pixels: Uint32Array,
  { width, height }: { width: number; height: number },
  { least, most }: { least: Float64Array; most: Float64Array },
  down: (value: number) => number,
  { colour, opacity, thick, dashed = false }: { colour: number; opacity: number; thick: number; dashed?: boolean },
): void {
  const full = ((Math.round(255 * opacity) << 24) | colour) >>> 0;
  const put = (row: number, column: number, covered: number) => {
    if (row < 0 || row >= height || covered <= 0) return;
    const at = row * width + column;
    const alpha = Math.round(255 * opacity * covered);
    if (alpha >= (pixels[at] as number) >>> 24) pixels[at] = ((alpha << 24) | colour) >>> 0;
  };
  for (let column = 0; column < width; column++) {
    if (Number.isNaN(least[column]) || (dashed && Math.floor(column / (3 * thick)) % 2 === 1)) continue;
    const top = down(most[column] as number) - thick / 2;
    const bottom = down(least[column] as number) + thick / 2;
    const [first, end] = [Math.ceil(top), Math.floor(bottom)];
    put(first - 1, column, first - top);
    put(end, column, bottom - end);
    const last = Math.min(height, end) * width;
    for (let at = Math.max(0, first) * width + column; at < last; at += width) pixels[at] = full;
  }
}

/** 0x00BBGGRR of a colour of the page. */
function packed(colour: string): number {
  const [red, green, blue] = parseHex(colour);
  return (blue << 16) | (green << 8) | red;
}

/** Paints the whole picture. `bitmap` gives memory for one of this size, the same again for the same size. */
export function paint(
  { context, width, height, density, ink, colour }: Surface,
  { lines, smooth, bands, marks, from, to, log, percent }: Picture,
  bitmap: (width: number, height: number) => ImageData,
): void {
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  const [inner, tall] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
  if (inner < 10 || tall < 10) return;
  const above = log ? 0 : Number.NEGATIVE_INFINITY;
  const pixels = { width: Math.floor(inner * density), height: Math.floor(tall * density) };
  const stroke = (values: Values, line: NamedLine, behind: boolean): Stroke => {
    const count = firstFrom(values, to) - firstFrom(values, from);
    return {
      values,
      colour: colour(line.colour),
      dashed: line.dashed ?? false,
      opacity: behind ? BEHIND : line.faint ? FAINT : 1,
      width: line.faint ? 1.25 : 1.75,
      dense: count >= pixels.width / DENSE ? columns(values, from, to, pixels.width, above) : null,
    };
  };
  const raw = lines.filter((line, at) => smooth[at] !== line && !line.faint);
  const order = lines.map((_, at) => at).sort((a, b) => Number(lines[b]?.faint ?? 0) - Number(lines[a]?.faint ?? 0));
  const strokes = [
    ...raw.map((line) => stroke(line, line, true)),
    ...order.map((at) => stroke(smooth[at] as Values, lines[at] as NamedLine, false)),
  ];
  const sparse = strokes.filter(({ dense }) => !dense).map(({ values }) => values);
  const [least, most] = axisRange(
    reach([...sparse, ...bands.flatMap(({ low, high }) => [low, high])], from, to, above, seenIn(strokes)),
    log,
    percent,
  );
  const place = log ? Math.log10 : (value: number) => value;
  const [low, high] = [place(least), place(most)];
  const across = (x: number) => MARGIN.left + ((x - from) / (to - from)) * inner;
  const down = (y: number) => MARGIN.top + tall - ((place(y) - low) / (high - low)) * tall;

  if (strokes.some(({ dense }) => dense)) {
    const image = bitmap(pixels.width, pixels.height);
    const cells = new Uint32Array(image.data.buffer);
    cells.fill(0);
    const row = (value: number) => (1 - (place(value) - low) / (high - low)) * pixels.height;
    for (const each of strokes) {
      if (!each.dense) continue;
      writeColumns(cells, pixels, each.dense, row, {
        colour: packed(each.colour),
        opacity: each.opacity,
        thick: each.width * density,
        dashed: each.dashed,
      });
    }
    context.putImageData(image, Math.round(MARGIN.left * density), Math.round(MARGIN.top * density));
  }

  // The bitmap replaces what it covers, so the grid is put below it.
  context.globalCompositeOperation = "destination-over";
  context.font = `11px ${ink.mono}`;
  context.fillStyle = ink.dim;
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of log ? logTicks(least, most) : ticks(least, most, Math.max(2, tall / 40))) {
    const y = Math.round(down(tick)) + 0.5;
    if (y < MARGIN.top - 1 || y > MARGIN.top + tall + 1) continue;
    straight(context, MARGIN.left, y, width - MARGIN.right, y);
    context.fillText(axisText(tick, percent), MARGIN.left - 6, y);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const tick of ticks(from, to, Math.max(2, inner / 90))) {
    const x = Math.round(across(tick)) + 0.5;
    straight(context, x, MARGIN.top, x, MARGIN.top + tall);
    const text = format.short(tick);
    context.fillText(text.includes(" ") ? text.replace(" ", "") : String(tick), x, height - 18);
  }
  context.globalCompositeOperation = "source-over";

  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top - 2, inner, tall + 4);
  context.clip();
  const trace = (values: Values, reverse = false) => {
    const begin = Math.max(0, firstFrom(values, from) - 1);
    const end = Math.min(values.length, firstFrom(values, to) + 2);
    for (let i = begin; i < end; i++) {
      const at = reverse ? end - 1 - (i - begin) : i;
      const y = values.y[at] as number;
      if (Number.isNaN(y) || (log && y <= 0)) continue;
      context.lineTo(across(values.x[at] as number), down(y));
    }
    return end - begin;
  };
  const draw = (values: Values, dashed: boolean) => {
    context.setLineDash(dashed ? [6, 4] : []);
    context.beginPath();
    const count = trace(values);
    context.stroke();
    context.setLineDash([]);
    // Points that stand apart from each other are marked: a validation once an epoch.
    if (count > inner / 14) return;
    for (
      let i = Math.max(0, firstFrom(values, from) - 1);
      i < Math.min(values.length, firstFrom(values, to) + 2);
      i++
    ) {
      const y = values.y[i] as number;
      if (Number.isNaN(y) || (log && y <= 0)) continue;
      context.beginPath();
      context.arc(across(values.x[i] as number), down(y), 2.25, 0, 2 * Math.PI);
      context.fill();
    }
  };
  for (const each of bands) {
    context.fillStyle = context.strokeStyle = colour(each.colour);
    context.globalAlpha = 0.18;
    context.beginPath();
    trace(each.high);
    trace(each.low, true);
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 2;
    draw(each.mean, false);
  }
  for (const each of strokes) {
    if (each.dense) continue;
    context.strokeStyle = context.fillStyle = each.colour;
    context.globalAlpha = each.opacity;
    context.lineWidth = each.width;
    draw(each.values, each.dashed);
  }
  context.globalAlpha = 1;
  context.strokeStyle = context.fillStyle = ink.faint;
  context.lineWidth = 1;
  for (const mark of marks) {
    const x = Math.round(across(mark.x)) + 0.5;
    context.setLineDash([3, 3]);
    straight(context, x, MARGIN.top, x, MARGIN.top + tall);
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x - 4, MARGIN.top);
    context.lineTo(x + 4, MARGIN.top);
    context.lineTo(x, MARGIN.top + 6);
    context.fill();
  }
  context.restore();
}

function straight(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** The least and the greatest value of the dense lines, of which the columns have been found already. */
function seenIn(strokes: readonly Stroke[]): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { dense } of strokes) {
    if (!dense) continue;
    for (const value of dense.least) if (value < least) least = value;
    for (const value of dense.most) if (value > most) most = value;
  }
  return [least, most];
}
