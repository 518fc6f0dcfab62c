import { Grid3x3, Images, Table, TextQuote } from "lucide-react";
import type { DataSetInfo } from "../../wire/types";

const ICONS = { table: Table, images: Images, text: TextQuote, arrays: Grid3x3 } as const;

/** What a kind of data looks like, as a sign. */
export function KindIcon({ kind, size }: { kind: DataSetInfo["kind"]; size: number }) {
  const Icon = ICONS[kind];
  return <Icon size={size} aria-hidden />;
}
