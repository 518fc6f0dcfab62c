/** Fractional keys: texts that sort, with room for another between any two, so that two people's inserts both stay. */

const DIGITS = "abcdefghijklmnopqrstuvwxyz";
const at = (text: string, place: number): number => DIGITS.indexOf(text[place] ?? "a");

/** A key after `low` and before `high`; empty: before or after everything. Never ends in `a`, so there is always room. */
export function between(low: string, high: string): string {
  let key = "";
  for (let place = 0; ; place += 1) {
    const from = at(low, place);
    const to = high?.startsWith(key) && place < high.length ? at(high, place) : DIGITS.length;
    if (to - from > 1) return key + DIGITS[Math.floor((from + to) / 2)];
    key += DIGITS[from];
  }
}
