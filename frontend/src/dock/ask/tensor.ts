/** One tensor as the page looks at it: channels of rows and columns, a histogram, a file to take away. */

export interface Tensor {
  data: Float32Array | Int32Array;
  shape: readonly number[];
  /** A name an axis. */
  axes: readonly string[];
}

export interface Layout {
  channels: number;
  down: number;
  across: number;
}

/** The last axis goes across, the one before down, all others together are channels. */
export function layoutOf({ shape }: Pick<Tensor, "shape">): Layout {
  const [across = 1, down = 1, ...more] = [...shape].reverse();
  return { channels: more.reduce((product, size) => product * size, 1), down, across };
}

/** The numbers of a channel, row by row; of all channels with −1. */
export function channelOf(tensor: Tensor, channel: number): Float32Array | Int32Array {
  if (channel < 0) return tensor.data;
  const { down, across } = layoutOf(tensor);
  return tensor.data.subarray(channel * down * across, (channel + 1) * down * across);
}

export interface Histogram {
  low: number;
  high: number;
  counts: number[];
}

/** How often numbers lie in each of `bins` ranges of one width; what is not finite is left out. */
export function histogram(values: ArrayLike<number>, bins: number): Histogram {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 0, counts: [] };
  const width = (high - low) / bins;
  if (width === 0) return { low, high, counts: [values.length] };
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { low, high, counts };
}

/** A channel as bytes from its least number to its largest. */
export function scaled(values: Float32Array | Int32Array): Uint8Array {
  const { low, high } = histogram(values, 1);
  const span = high - low || 1;
  return Uint8Array.from(values, (value) =>
    Number.isFinite(value) ? Math.round((255 * (value - low)) / span) : value > 0 ? 255 : 0,
  );
}

/** NumPy's file format, version 1.0 (numpy.lib.format): what `numpy.load` reads. */
export function npy({ data, shape }: Tensor): Uint8Array<ArrayBuffer> {
  const kind = data instanceof Int32Array ? "<i4" : "<f4";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Magic, version, the header's length, and the header, which ends with a newline, fill blocks of 64 bytes.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 10 - 1)}\n`;
  const file = new Uint8Array(10 + header.length + data.byteLength);
  file.set([0x93, ...[..."NUMPY"].map((letter) => letter.charCodeAt(0)), 1, 0]);
  const view = new DataView(file.buffer);
  view.setUint16(8, header.length, true);
  file.set(new TextEncoder().encode(header), 10);
  const start = 10 + header.length;
  for (const [at, value] of data.entries()) {
    if (kind === "<i4") view.setInt32(start + 4 * at, value, true);
    else view.setFloat32(start + 4 * at, value, true);
  }
  return file;
}

/** Numbers as 32 bits hold them, in as few digits as say which. */
const short = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
};

/** A row for every place along the axes but the last: its indices, then the numbers along the last axis. */
export function csv({ data, shape, axes }: Tensor): string {
  const across = shape.at(-1) ?? 1;
  const leading = shape.slice(0, -1);
  const last = axes.at(-1) ?? "value";
  const columns = shape.length === 0 ? ["value"] : Array.from({ length: across }, (_, at) => `${last}${at}`);
  const lines = [[...axes.slice(0, -1), ...columns].join(",")];
  for (let row = 0; row * across < data.length; row++) {
    let rest = row;
    const indices = [...leading]
      .reverse()
      .map((size) => {
        const index = rest % size;
        rest = Math.floor(rest / size);
        return index;
      })
      .reverse();
    const values = Array.from(data.subarray(row * across, (row + 1) * across), short);
    lines.push([...indices, ...values].join(","));
  }
  return `${lines.join("\n")}\n`;
}
