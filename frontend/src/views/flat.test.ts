import { expect, test } from "vitest";
import type { Frame } from "../state/runFrames";
import { aboutFlat, flatShare } from "./flat";

const frame = (about: object) => ({ header: { about }, arrays: new Map() }) as unknown as Frame;

test("of ReLUs the dead units are counted, of sigmoids the answers in the flat tails", () => {
  const counted = { units: 16, all: 4, share: 0.6, samples: 256 };
  const told = (kind: string) => {
    const about = aboutFlat(frame({ kind, ...counted }));
    return about && flatShare(about);
  };
  expect(told("dead")).toBe(0.25);
  expect(told("saturated")).toBe(0.6);
  expect(aboutFlat(null)).toBeNull();
});
