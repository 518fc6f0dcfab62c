/** A number beside an axis, as short as it can be said. */
export function axisText(tick: number, percent?: boolean): string {
  if (percent) return `${Number((100 * tick).toFixed(1))}%`;
  return Math.abs(tick) >= 1e4 || (tick !== 0 && Math.abs(tick) < 1e-3)
    ? tick.toExponential(0)
    : String(Number(tick.toPrecision(3)));
}
