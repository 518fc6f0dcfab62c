import type { ColourTable } from "./colours";

/**
 * A diverging table for bytes that stand for `low` … `high`: 0 gets the neutral middle, and both sides are stretched
 * alike, so that a value half as large is half as strong whichever its sign.
 */
export function signed(table: ColourTable, low: number, high: number): ColourTable {
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const value = low + (byte / 255) * (high - low);
    return table[Math.round(127.5 + 127.5 * (value / most))] as number;
  });
}
