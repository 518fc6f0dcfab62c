const STEPS: readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, "second"],
  [3600, "minute"],
  [86_400, "hour"],
  [30 * 86_400, "day"],
  [365 * 86_400, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];
const LENGTH: Readonly<Partial<Record<Intl.RelativeTimeFormatUnit, number>>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  month: 30 * 86_400,
  year: 365 * 86_400,
};

/** `5 minutes ago`; null for less than a minute. Times are seconds since 1970. */
export function ago(then: number, now: number, language: string): string | null {
  const passed = Math.max(0, now - then);
  if (passed < 60) return null;
  const [, unit] = STEPS.find(([limit]) => passed < limit) as (typeof STEPS)[number];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(
    -Math.floor(passed / (LENGTH[unit] as number)),
    unit,
  );
}
