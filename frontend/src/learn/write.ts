/** Numbers as formulas write them, and the names of their parts. */
import { short } from "../explain/picture";

/** A number in TeX: `-0.4472`, `2.26\cdot 10^{-6}`. */
export function tex(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "\\text{–}";
  if (!Number.isFinite(value)) return value > 0 ? "\\infty" : "-\\infty";
  const size = Math.abs(value);
  if (size !== 0 && (size < 10 ** -digits || size >= 1e7)) {
    const [head, power] = value.toExponential(2).split("e") as [string, string];
    return `${Number(head)}\\cdot 10^{${Number(power)}}`;
  }
  return String(Number(value.toFixed(digits)));
}

/** In brackets where a sign would stand behind a sign. */
export const texIn = (value: number, digits = 4): string => {
  const text = tex(value, digits);
  return text.startsWith("-") || text.includes("cdot") ? `(${text})` : text;
};

export const texVector = (values: readonly number[], digits = 4): string =>
  `\\begin{bmatrix}${values.map((value) => tex(value, digits)).join("\\\\")}\\end{bmatrix}`;

export const texRow = (values: readonly number[], digits = 4): string =>
  `[${values.map((value) => tex(value, digits)).join(",\\,")}]`;

export const texMatrix = (rows: readonly (readonly number[])[], digits = 4): string =>
  `\\begin{bmatrix}${rows.map((row) => row.map((value) => tex(value, digits)).join("&")).join("\\\\")}\\end{bmatrix}`;

/** a·b + c·d, in words of TeX. */
export const texSum = (a: readonly number[], b: readonly number[], digits = 4): string =>
  a.map((value, at) => `${texIn(value, digits)}\\cdot ${texIn(b[at] ?? 0, digits)}`).join(" + ");

/** A share as per cent, with one figure behind the point. */
export const percent = (share: number, digits = 1): string => `${short(share * 100, digits)} %`;

/** x₁, w₂. */
export const sub = (name: string, index: number): string =>
  `${name}${String(index).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)] as string)}`;

/** The list with another value at one place. */
export const put = <T>(list: readonly T[], at: number, value: T): T[] =>
  list.map((each, other) => (other === at ? value : each));

export const putIn = (rows: readonly (readonly number[])[], row: number, column: number, value: number): number[][] =>
  rows.map((each, at) => (at === row ? put(each, column, value) : [...each]));
