/** The latest picture of every key, and who waits for it. */

import type { Answer, FrameHeader } from "../wire/types";

type Values = Uint8Array | Int32Array | Float32Array;

/** One array of a frame: a view into the bytes that came, never a copy. */
export interface FrameArray<V extends Values = Values> {
  data: V;
  shape: readonly number[];
  /** What 0 and 255 of bytes stand for: one for all, or one a leading index. */
  lo: readonly number[];
  hi: readonly number[];
}

export interface Frame<H extends FrameHeader | Answer = FrameHeader> {
  header: H;
  arrays: ReadonlyMap<string, FrameArray>;
}

/**
 * Parses `u32 header length | u32 0 | JSON header | raw bytes`, the payload aligned to 8.
 * Raises RangeError or SyntaxError where the bytes are no frame.
 */
export function parseFrame<H extends FrameHeader | Answer = FrameHeader>(buffer: ArrayBuffer): Frame<H> {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length))) as H;
  const start = 8 + length;
  const arrays = new Map<string, FrameArray>();
  for (const { name, dtype, shape, offset, lo, hi } of header.arrays) {
    const count = shape.reduce((product, size) => product * size, 1);
    const at = start + offset;
    const data =
      dtype === "uint8"
        ? new Uint8Array(buffer, at, count)
        : dtype === "int32"
          ? new Int32Array(buffer, at, count)
          : new Float32Array(buffer, at, count);
    arrays.set(name, { data, shape, lo, hi });
  }
  return { header, arrays };
}

export function bytesOf(frame: Pick<Frame, "arrays">, name: string): FrameArray<Uint8Array> | null {
  const array = frame.arrays.get(name);
  return array?.data instanceof Uint8Array ? (array as FrameArray<Uint8Array>) : null;
}

export function integersOf(frame: Pick<Frame, "arrays">, name: string): FrameArray<Int32Array> | null {
  const array = frame.arrays.get(name);
  return array?.data instanceof Int32Array ? (array as FrameArray<Int32Array>) : null;
}

export function floatsOf(frame: Pick<Frame, "arrays">, name: string): FrameArray<Float32Array> | null {
  const array = frame.arrays.get(name);
  return array?.data instanceof Float32Array ? (array as FrameArray<Float32Array>) : null;
}

/** Pictures that nobody looks at any more are kept for a while, so that a tab shows something when it comes back. */
const MOST_KEPT = 160;

export class Frames {
  private readonly latest = new Map<string, Frame>();
  private readonly listeners = new Map<string, Set<() => void>>();

  get(key: string): Frame | undefined {
    return this.latest.get(key);
  }

  put(frame: Frame): void {
    const { key } = frame.header;
    this.latest.delete(key);
    this.latest.set(key, frame);
    if (this.latest.size > MOST_KEPT) {
      for (const old of this.latest.keys()) {
        if (this.latest.size <= MOST_KEPT) break;
        if (!this.listeners.has(old)) this.latest.delete(old);
      }
    }
    for (const listener of this.listeners.get(key) ?? []) listener();
  }

  listen(key: string, listener: () => void): () => void {
    const found = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, found.add(listener));
    return () => {
      found.delete(listener);
      if (found.size === 0) this.listeners.delete(key);
    };
  }
}
