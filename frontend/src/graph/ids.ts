/** Ids: readable, because they become the names of torch's submodules; and never the same for two people at once. */

/** `stem`, `stem_2`, `stem_3` …: the first that is free. `mark` (of this page) is added while others draw too. */
export function freeId(stem: string, taken: (id: string) => boolean, mark = ""): string {
  const clean =
    stem
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .slice(0, 48) || "node";
  if (!mark && !taken(clean)) return clean;
  for (let count = mark ? 1 : 2; ; count += 1) {
    const id = `${clean}_${count}${mark}`;
    if (!taken(id)) return id;
  }
}

/** What sets this page's new ids apart from another's: two letters, from the client's number. */
export function markOf(client: number): string {
  const letters = "abcdefghjkmnpqrstuvwxyz";
  const at = (n: number) => letters[n % letters.length] ?? "a";
  return at(client) + at(Math.floor(client / letters.length));
}

/** An edge's id: nobody reads it. */
export function edgeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `e_${Array.from(bytes, (byte) => (byte % 36).toString(36)).join("")}`;
}
