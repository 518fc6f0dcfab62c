/** Large numbers, short: three figures and a unit, with a thin space between. */

const THIN = "\u2009";

function scaled(value: number, base: number, units: readonly string[]): string {
  let at = 0;
  let rest = Math.abs(value);
  while (rest >= base && at < units.length - 1) {
    rest /= base;
    at += 1;
  }
  // 999.96 k would be written "1000 k": it is 1 M.
  if (at > 0 && Number(rest.toPrecision(3)) >= base && at < units.length - 1) {
    rest /= base;
    at += 1;
  }
  const figures = at === 0 ? String(Math.round(rest)) : String(Number(rest.toPrecision(rest >= 100 ? 4 : 3)));
  const unit = units[at] ?? "";
  return `${value < 0 ? "−" : ""}${figures}${unit ? THIN + unit : ""}`;
}

/** `0`, `760`, `61.7 k`, `714.2 M`, `1.58 G`. */
export const amount = (value: number): string => scaled(value, 1000, ["", "k", "M", "G", "T", "P", "E"]);

/** Bytes in powers of 1000: `246.8 kB`. */
export const memory = (bytes: number): string => scaled(bytes, 1000, ["B", "kB", "MB", "GB", "TB", "PB"]);

/** With every figure: `61,706`. */
export const exact = (value: number): string => value.toLocaleString("en-US");

/** `+8.26 k`, `−1.2 M`, `±0`. */
export const difference = (value: number, write: (value: number) => string = amount): string =>
  value === 0 ? "±0" : value > 0 ? `+${write(value)}` : write(value);
