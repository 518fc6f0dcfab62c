/** Durations in words. */

export type Spoken =
  | { key: "time.seconds"; seconds: string }
  | { key: "time.minutes"; minutes: string; seconds: string }
  | { key: "time.hours"; hours: string; minutes: string };

const two = (number: number) => String(number).padStart(2, "0");

/** Which form a duration is said in, and its numbers: `42 s`, `3:05 min`, `2:10 h`. */
export function spoken(duration: number): Spoken {
  const seconds = Math.max(0, Math.round(duration));
  if (seconds < 60) return { key: "time.seconds", seconds: String(seconds) };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return { key: "time.minutes", minutes: String(minutes), seconds: two(seconds % 60) };
  return { key: "time.hours", hours: String(Math.floor(minutes / 60)), minutes: two(minutes % 60) };
}

/** Seconds that are left at the pace so far; null while it cannot be told. */
export function left({ step, steps, seconds }: { step: number; steps: number; seconds: number }): number | null {
  if (steps <= 0 || step <= 0 || seconds < 1 || step >= steps) return null;
  return (seconds / step) * (steps - step);
}
