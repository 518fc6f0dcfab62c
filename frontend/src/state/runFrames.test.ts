import { expect, test, vi } from "vitest";
import { bytesOf, Frames, floatsOf, integersOf, parseFrame } from "./runFrames";

/** The bytes that `wire.pack` would make. */
function packed(key: string, arrays: Record<string, Uint8Array | Int32Array | Float32Array>, about = {}): ArrayBuffer {
  let offset = 0;
  const placed = Object.entries(arrays).map(([name, data]) => {
    const at = offset;
    offset += data.byteLength + ((8 - (data.byteLength % 8)) % 8);
    const dtype = data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
    return { name, dtype, shape: [data.length], offset: at, lo: [0], hi: [1] };
  });
  let text = JSON.stringify({ event: "view", run: "r", seq: 1, key, view: "maps", node: "ü", arrays: placed, about });
  const encoder = new TextEncoder();
  while (encoder.encode(text).length % 8) text += " ";
  const header = encoder.encode(text);
  const buffer = new ArrayBuffer(8 + header.length + offset);
  new DataView(buffer).setUint32(0, header.length, true);
  new Uint8Array(buffer).set(header, 8);
  Object.values(arrays).forEach((data, i) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(buffer).set(bytes, 8 + header.length + (placed[i]?.offset ?? 0));
  });
  return buffer;
}

test("arrays are views into the bytes that came, aligned, of the type that the header names", () => {
  const buffer = packed("k", {
    maps: Uint8Array.from([1, 2, 3]),
    labels: Int32Array.from([-1, 70_000]),
    points: Float32Array.from([0.5, -0.25]),
  });
  const frame = parseFrame(buffer);
  expect(frame.header.node).toBe("ü");
  expect([...(bytesOf(frame, "maps")?.data ?? [])]).toEqual([1, 2, 3]);
  expect([...(integersOf(frame, "labels")?.data ?? [])]).toEqual([-1, 70_000]);
  expect([...(floatsOf(frame, "points")?.data ?? [])]).toEqual([0.5, -0.25]);
  expect(bytesOf(frame, "maps")?.data.buffer).toBe(buffer);
});

test("an array of another type, or none, is null", () => {
  const frame = parseFrame(packed("k", { maps: Uint8Array.from([1]) }));
  expect(floatsOf(frame, "maps")).toBeNull();
  expect(bytesOf(frame, "weights")).toBeNull();
});

test("a truncated frame is refused, not read past its end", () => {
  const buffer = packed("k", { points: new Float32Array(64) });
  expect(() => parseFrame(buffer.slice(0, -32))).toThrow();
  expect(() => parseFrame(buffer.slice(0, 20))).toThrow();
});

test("only who listens to the key hears of a frame", () => {
  const frames = new Frames();
  const [a, b] = [vi.fn(), vi.fn()];
  frames.listen("a", a);
  const stop = frames.listen("b", b);
  frames.put(parseFrame(packed("a", { maps: new Uint8Array(1) })));
  expect([a.mock.calls.length, b.mock.calls.length]).toEqual([1, 0]);
  stop();
  frames.put(parseFrame(packed("b", { maps: new Uint8Array(1) })));
  expect(b).not.toHaveBeenCalled();
  expect(frames.get("b")).toBeDefined();
});

test("frames that nobody looks at are forgotten, the oldest first; those that are looked at are not", () => {
  const frames = new Frames();
  frames.listen("0", () => undefined);
  for (let i = 0; i < 400; i++) frames.put(parseFrame(packed(String(i), { maps: new Uint8Array(1) })));
  expect(frames.get("0")).toBeDefined();
  expect(frames.get("1")).toBeUndefined();
  expect(frames.get("399")).toBeDefined();
});
