/** What each column of a table is for and is taken as: as it looks, or as a person says. */
import type { AboutData } from "../../wire/types";

type Column = AboutData["columns"][number];
export type Kind = Column["kind"];
export type Part = "given" | "wanted" | "out";

export interface Parts {
  of: Readonly<Record<string, Part>>;
  /** Columns that are taken as something else than they look like. */
  as: Readonly<Record<string, Kind>>;
  task: "auto" | "classes" | "numbers";
  /** What stands for a value that is missing. */
  missing: "mean" | "median" | "frequent" | "drop" | "own";
}

export const usable = ({ kind }: Column): boolean => kind === "number" || kind === "category";

/** To begin with: the last usable column is to be told, from all others. */
export function partsOf(about: AboutData): Parts {
  const last = about.columns.filter(usable).at(-1)?.name;
  const part = (column: Column): Part => (!usable(column) ? "out" : column.name === last ? "wanted" : "given");
  const of = Object.fromEntries(about.columns.map((column) => [column.name, part(column)]));
  return { of, as: {}, task: "auto", missing: "mean" };
}

export function columnsChosen({ of }: Parts): { target: string[]; features: string[] } {
  const named = (part: Part) => Object.keys(of).filter((name) => of[name] === part);
  return { target: named("wanted"), features: named("given") };
}

/** A word as a number, with a point or a comma; null where it is none. */
export function asNumber(word: string): number | null {
  const plain = /^[+-]?\d+,\d+$/.test(word) ? word.replace(",", ".") : word;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** What a column may be taken as; the first is what it looks like. */
export function choices(column: Column): Kind[] {
  const { kind, names, readable } = column;
  if (kind === "number") return names.length > 0 ? ["number", "category"] : ["number"];
  if (kind === "category") return names.some((name) => asNumber(name) !== null) ? ["category", "number"] : ["category"];
  return kind === "text" && readable > 0 ? ["text", "number"] : [kind];
}

/** How many cells count as missing only because they are no numbers. */
export function lostBy(column: Column, kind: Kind | undefined, rows: number): number {
  if (kind !== "number" || column.kind === "number") return 0;
  if (column.kind === "text") return rows - column.missing - column.readable;
  return column.names.reduce((sum, name, at) => sum + (asNumber(name) === null ? (column.counts[at] ?? 0) : 0), 0);
}

/** The column as it is taken, and what is then known of it. */
export function asTaken(column: Column, kind: Kind | undefined, rows: number): Column {
  if (kind === undefined || kind === column.kind) return column;
  if (kind === "category") return { ...column, kind };
  const missing = column.missing + lostBy(column, kind, rows);
  if (column.kind === "text") return { ...column, kind, missing };
  const known = column.names.flatMap((name, at): [number, number][] => {
    const value = asNumber(name);
    return value === null ? [] : [[value, column.counts[at] ?? 0]];
  });
  const total = known.reduce((sum, [, count]) => sum + count, 0);
  const mean = known.reduce((sum, [value, count]) => sum + value * count, 0) / total;
  const deviation = Math.sqrt(known.reduce((sum, [value, count]) => sum + count * (value - mean) ** 2, 0) / total);
  const values = known.map(([value]) => value);
  return {
    ...column,
    ...{ kind, missing, mean, deviation, names: [], counts: known.map(([, count]) => count) },
    ...{ distinct: known.length, low: Math.min(...values), high: Math.max(...values) },
  };
}
