/** A field of a form: its value as text, and text as a value, with what is wrong in words (keys of the catalogue). */
import type { FieldInfo } from "../wire/types";
import type { Json } from "./document";

export type Fault =
  | { key: "required" | "number" | "whole" | "pair" }
  | { key: "pairOr"; choices: string }
  | { key: "least" | "most"; limit: number };

export type Parsed = { value: Json } | { fault: Fault };

/** `5`, `3×5`, `same`, `0.001`. */
export function written(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(written).join("×");
  if (typeof value === "number") return number(value);
  return String(value);
}

/** Short, and never in powers of ten where a person would not write so. */
function number(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential().replace("e-", "e−");
  return String(value);
}

const read = (text: string): number => {
  const plain = text.trim().replace(/−/g, "-").replace(",", ".");
  return plain === "" ? Number.NaN : Number(plain);
};

function bounded(field: FieldInfo, value: number): Parsed {
  if (field.minimum !== null && value < field.minimum) return { fault: { key: "least", limit: field.minimum } };
  if (field.maximum !== null && value > field.maximum) return { fault: { key: "most", limit: field.maximum } };
  return { value };
}

const STEPS: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3, t: 4 };

/** A large whole number as people write it: `50,000`, `50 k`, `1.5 GiB`. */
function large(text: string): number {
  const plain = text.trim();
  if (/^\d{1,3}(,\d{3})+$/.test(plain)) return Number(plain.replaceAll(",", ""));
  const [, digits, step = "", binary] = /^([\d.,]+)\s*([kmgt]?)(i?)b?$/i.exec(plain) ?? [];
  if (digits === undefined) return read(text);
  return Math.round(read(digits) * (binary ? 1024 : 1000) ** (STEPS[step.toLowerCase()] ?? 0) * 1e6) / 1e6;
}

function one(field: FieldInfo, text: string, whole: boolean): Parsed {
  const value = whole ? large(text) : read(text);
  if (!Number.isFinite(value)) return { fault: { key: "number" } };
  if (whole && !Number.isInteger(value)) return { fault: { key: "whole" } };
  return bounded(field, value);
}

function size(field: FieldInfo, text: string): Parsed {
  const word = text.trim().toLowerCase();
  if (field.choices.includes(word)) return { value: word };
  const parts = word.split(/\s*[×x*, ]\s*/).filter(Boolean);
  const unclear: Fault =
    field.choices.length > 0 ? { key: "pairOr", choices: field.choices.join(", ") } : { key: "pair" };
  if (parts.length < 1 || parts.length > 2) return { fault: unclear };
  const values: number[] = [];
  for (const part of parts) {
    if (!Number.isFinite(read(part))) return { fault: unclear };
    const parsed = one(field, part, true);
    if ("fault" in parsed) return parsed;
    values.push(parsed.value as number);
  }
  const [height, width] = values;
  return { value: height !== undefined && (width === undefined || width === height) ? height : values };
}

/** The value that a text stands for. */
export function parsed(field: FieldInfo, text: string): Parsed {
  if (text.trim() === "" && field.kind !== "text" && field.kind !== "lines") {
    return field.default === null && !field.required ? { value: null } : { fault: { key: "required" } };
  }
  switch (field.kind) {
    case "int":
      return one(field, text, true);
    case "float":
      return one(field, text, false);
    case "size":
      return size(field, text);
    case "bool":
      return { value: text === "true" };
    case "choice":
    case "text":
    case "lines":
    case "forms":
      return { value: text };
  }
}

/** The next value up or down; null where there is none. */
export function stepped(field: FieldInfo, value: Json | undefined, direction: 1 | -1): Json | null {
  const now = Array.isArray(value) ? value[0] : value;
  const base = typeof now === "number" ? now : field.kind === "size" ? 0 : null;
  if (base === null) return null;
  const whole = field.kind !== "float";
  const step = field.step ?? (whole ? 1 : decade(base, direction));
  const next = whole ? base + direction * step : Number((base + direction * step).toPrecision(12));
  const held = Math.min(field.maximum ?? next, Math.max(field.minimum ?? next, next));
  return held === base ? null : held;
}

/** A tenth of the number's power of ten, so that 0.001 goes to 0.002 and 0.3 to 0.4. */
function decade(value: number, direction: 1 | -1): number {
  if (value === 0) return 0.1;
  const power = Math.floor(Math.log10(Math.abs(value)) + (direction < 0 ? -1e-9 : 1e-9));
  const step = 10 ** power;
  return direction < 0 && Math.abs(value) <= step * 1.0000001 ? step / 10 : step;
}
