/** Numbers as the charts write them. */

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1,234 · 0.362 · 1.2e-5: short, and the same width for values of one size. */
export function value(number: number): string {
  if (!Number.isFinite(number)) return "–";
  if (number < 0) return `−${value(-number)}`;
  const size = Math.abs(number);
  if (size === 0) return "0";
  if (size >= 1000) return WHOLE.format(number);
  if (size >= 100) return number.toFixed(1);
  if (size >= 10) return number.toFixed(2);
  if (size >= 0.001) return number.toFixed(3);
  return number.toExponential(1);
}

export const whole = (number: number): string => WHOLE.format(number);

/** 12 400 000 → 12.4 M. */
export function short(number: number): string {
  for (const [limit, unit] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (Math.abs(number) >= limit) {
      const scaled = number / limit;
      return `${scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(1)} ${unit}`;
    }
  }
  return WHOLE.format(number);
}

/** 31 %; a little of something is never none, nearly all never all. */
export function roughly(share: number): string {
  const whole = Math.round(100 * share);
  if (share > 0 && whole === 0) return "<1\u2009%";
  if (share < 1 && whole === 100) return ">99\u2009%";
  return `${whole}\u2009%`;
}

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}\u2009%`;
