/** What a picture of a layer is given, and its fields read as numbers. */
import type { Json } from "../graph/document";
import type { LayerInfo, NodeFacts } from "../wire/types";
import type { Slide } from "./arithmetic";
import { places, roundedUp, samePadding, span } from "./arithmetic";

export interface PictureProps {
  layer: LayerInfo;
  /** All fields, with their defaults. */
  fields: Readonly<Record<string, Json>>;
  /** The node's shapes; none on the reference page. */
  facts?: NodeFacts;
}

/** The node's fields over the layer's defaults. */
export const withDefaults = (
  layer: LayerInfo,
  own: Readonly<Record<string, Json>> | undefined,
): Record<string, Json> => ({
  ...Object.fromEntries(layer.fields.map((field) => [field.name, field.default as Json])),
  ...own,
});

export function numberOf(fields: PictureProps["fields"], name: string, otherwise: number): number {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

/** A field along (height, width). */
export function pairOf(fields: PictureProps["fields"], name: string, otherwise: number): [number, number] {
  const value = fields[name];
  if (Array.isArray(value)) return [Number(value[0]), Number(value[1] ?? value[0])];
  return typeof value === "number" ? [value, value] : [otherwise, otherwise];
}

/** The largest kernel and grid that can be read when they are drawn. */
const KERNEL = 11;
const GRID = 18;

export interface Drawn {
  /** Cells of the input. */
  length: number;
  slide: Slide;
  /** Something had to be drawn smaller than it is. */
  less: boolean;
}

/** A window along one axis on an input small enough to be drawn: its own numbers as far as they fit. */
export function drawn(fields: PictureProps["fields"], axis: 0 | 1, least: number): Drawn {
  const of = (name: string, otherwise: number) => pairOf(fields, name, otherwise)[axis] as number;
  const kernel = Math.max(1, Math.min(KERNEL, of("kernel", 3)));
  const wanted = Math.max(1, of("dilation", 1));
  const dilation = kernel === 1 ? 1 : Math.max(1, Math.min(wanted, Math.floor((GRID - 4) / (kernel - 1))));
  const stride = Math.max(1, Math.min(8, of("stride", 1) || kernel));
  const most = Math.floor(span(kernel, dilation) / 2);
  const padding: [number, number] =
    fields.padding === "same"
      ? samePadding(kernel, dilation)
      : ([0, 0].map(() => Math.min(most, of("padding", 0))) as [number, number]);
  const reach = span(kernel, dilation);
  const room = GRID - padding[0] - padding[1];
  const length = Math.max(1, Math.min(room, Math.max(least, reach + 2 * stride - padding[0] - padding[1])));
  const slide: Slide = { kernel, stride, padding, dilation };
  if (fields.ceil === true) slide.more = roundedUp(length, slide);
  const less =
    kernel !== of("kernel", 3) ||
    dilation !== (kernel === 1 ? 1 : wanted) ||
    stride !== (of("stride", 1) || kernel) ||
    (fields.padding !== "same" && padding[0] !== of("padding", 0));
  return { length: places(length, slide) > 0 ? length : reach, slide, less };
}

const NINES = [
  [1, 1, 2, 4],
  [5, 6, 7, 8],
  [3, 2, 1, 0],
  [1, 2, 3, 4],
];

/** A grid of small numbers; 4×4 is the course's own. */
export const sampleGrid = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) =>
      rows === 4 && columns === 4 ? (NINES[r]?.[c] as number) : (r * 3 + c * 5 + ((r * c) % 4)) % 10,
    ),
  );

/** A number as short as it can be read: `3`, `−0.4472`, `1.2e−6`. */
export function short(value: number, digits = 4): string {
  if (value === Number.NEGATIVE_INFINITY) return "−∞";
  if (Number.isInteger(value)) return String(value).replace("-", "−");
  const text = Math.abs(value) < 10 ** -digits ? value.toExponential(1) : String(Number(value.toFixed(digits)));
  return text.replaceAll("-", "−");
}
