/** Text that a person types as tokens of a vocabulary. */

/** What stands for a token that leaves nothing to be seen, and the mark itself. */
const SEEN: Readonly<Record<string, string>> = { " ": "␣", "\n": "⏎", "\t": "⇥" };

export interface Read {
  /** Places in the vocabulary. */
  tokens: number[];
  /** Parts of the text that the vocabulary does not have, each once. */
  unknown: string[];
}

/** Whether tokens are single characters, the first aside, which stands for nothing or for all others. */
export const ofCharacters = (names: readonly string[]): boolean =>
  names.slice(1).every((name) => [...name].length === 1);

/** Characters one by one; words and marks apart where tokens are longer. A capital counts as small where only that is known. */
export function read(text: string, names: readonly string[]): Read {
  const place = new Map<string, number>();
  for (const [at, name] of names.entries()) if (at > 0 && !place.has(name)) place.set(name, at);
  const parts = ofCharacters(names) ? [...text] : (text.match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*|[^\s]|\n/gu) ?? []);
  const tokens: number[] = [];
  const unknown = new Set<string>();
  for (const part of parts) {
    const shown = SEEN[part] ?? "";
    const found = place.get(part) ?? place.get(shown) ?? place.get(part.toLowerCase()) ?? place.get(part.toUpperCase());
    if (found === undefined) unknown.add(part);
    else tokens.push(found);
  }
  return { tokens, unknown: [...unknown] };
}
