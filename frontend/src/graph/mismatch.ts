/** What a red wire says: what arrives, and what was wanted, in as few figures as possible. */
import type { Problem } from "../wire/types";
import { chip, parseType } from "./shape";

const FIGURES = /\d[\d,]*(?:×\d[\d,]*)*/g;
const plain = (text: string) => text.replaceAll(",", "");

/** `64 ≠ 128` where the complaint names a size that differs from the arriving one, else `✕ 64×8×8`. */
export function mismatch(problem: Problem, arriving: string | undefined): string {
  if (!arriving) return "✕";
  const type = parseType(arriving);
  const got = chip(arriving);
  if (type?.element !== "float" || type.axes.length === 0) return `✕ ${got}`;
  const sentence = problem.message.slice(problem.message.indexOf(":") + 1);
  const named = (sentence.match(FIGURES) ?? []).map(plain);
  const compact = type.axes.map(({ size }) => size).join("×");
  const other = named.find((text) => text !== compact && text.split("×").length === type.axes.length);
  if (named.includes(compact) && other) return `${got} ≠ ${other}`;
  const last = String(type.axes.at(-1)?.size);
  const first = String(type.axes[0]?.size);
  const feature = named.includes(last) ? last : named.includes(first) ? first : null;
  const wanted = named.find((text) => text !== feature && !text.includes("×"));
  if (feature && wanted && named.length <= 3) return `${feature} ≠ ${wanted}`;
  return `✕ ${got}`;
}
