/** Layers by what people type: a name, another name, a purpose, a word of the sentence; a slip of the finger is forgiven. */

/** What can be looked for. */
export interface Findable {
  key: string;
  title: string;
  sentence: string;
  aliases: readonly string[];
  purposes: readonly string[];
}

/** Signs that say something where all other signs are dropped. */
const SIGNS: Readonly<Record<string, string>> = { "×": "x", "+": " plus ", "*": " times ", σ: "sigma", β: "beta" };

const fold = (text: string) =>
  text
    .toLowerCase()
    .replace(/[×+*σβ]/g, (sign) => SIGNS[sign] ?? sign)
    .normalize("NFKD")
    .replace(/[^a-z0-9 ]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** Words that carry nothing where others stand beside them. */
const SMALL = new Set([
  "a",
  "an",
  "the",
  "of",
  "to",
  "in",
  "into",
  "for",
  "and",
  "or",
  "with",
  "by",
  "my",
  "layer",
  "it",
]);

/** How well a text answers, from exact to by a slip: 0 not at all. */
interface Steps {
  exact: number;
  begins: number;
  word: number;
}

const NAME: Steps = { exact: 100, begins: 84, word: 66 };
const ALIAS: Steps = { exact: 92, begins: 72, word: 60 };
const PURPOSE: Steps = { exact: 58, begins: 54, word: 46 };
const SENTENCE: Steps = { exact: 24, begins: 24, word: 24 };
/** What remains of a score when a letter is wrong. */
const SLIP = 0.22;

interface Texts {
  steps: Steps;
  texts: string[];
}

const known = new WeakMap<Findable, Texts[]>();

function textsOf(item: Findable): Texts[] {
  const before = known.get(item);
  if (before) return before;
  const texts = [
    { steps: NAME, texts: [fold(item.title), fold(item.key), fold(item.title).replaceAll(" ", "")] },
    { steps: ALIAS, texts: item.aliases.map(fold) },
    { steps: PURPOSE, texts: item.purposes.map(fold) },
    { steps: SENTENCE, texts: [fold(item.sentence)] },
  ];
  known.set(item, texts);
  return texts;
}

/** `overfit` answers `overfitting`, and the other way round. */
const akin = (word: string, part: string) =>
  part.startsWith(word) || (part.length >= 4 && word.length - part.length <= 4 && word.startsWith(part));

/** How well a whole query, or one of its words, answers one of the texts. */
function best(text: string, groups: readonly Texts[], phrase: boolean): number {
  let found = 0;
  for (const { steps, texts } of groups) {
    // A letter or two begin half of all sentences.
    if (steps === SENTENCE && text.length < 3) continue;
    for (const each of texts) {
      if (each === text) found = Math.max(found, steps.exact);
      else if (each.startsWith(text)) found = Math.max(found, steps.begins);
      else if (phrase ? ` ${each}`.includes(` ${text}`) : each.split(" ").some((part) => akin(text, part)))
        found = Math.max(found, steps.word);
    }
  }
  return found;
}

/** With one slip in a short word, two in a long one; only in names and purposes, where a wrong guess does least harm. */
function nearly(word: string, groups: readonly Texts[]): number {
  if (word.length < 4) return 0;
  const most = word.length >= 8 ? 2 : 1;
  let found = 0;
  for (const { steps, texts } of groups) {
    if (steps === SENTENCE) continue;
    for (const each of texts) {
      const near = (part: string) => Math.abs(part.length - word.length) <= most && slips(word, part) <= most;
      if (near(each)) found = Math.max(found, steps.exact * SLIP);
      else if (each.split(" ").some(near)) found = Math.max(found, steps.word * SLIP);
    }
  }
  return found;
}

/** Letters that are wrong, missing, too many, or have changed places. */
export function slips(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] as number) + 1);
      }
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] as number;
}

function isSubsequence(word: string, text: string): boolean {
  if (word.length < 3) return false;
  let at = 0;
  for (const letter of text) if (letter === word[at]) at += 1;
  return at === word.length;
}

/** How well an item answers a search: 0 not at all; its name beats an alias, an alias a purpose, that the sentence. */
export function match(item: Findable, query: string): number {
  const whole = fold(query);
  if (!whole) return query.trim() ? 0 : 1;
  const groups = textsOf(item);
  const title = (groups[0] as Texts).texts[2] as string;
  const short = 1 / (title.length + 1);
  const phrase = best(whole, groups, true);
  const all = whole.split(" ");
  const words = all.filter((word) => !SMALL.has(word));
  let sum = 0;
  for (const word of words.length > 0 ? words : all) {
    const score =
      best(word, groups, false) ||
      (title.includes(word) && word.length > 2 ? 40 : 0) ||
      nearly(word, groups) ||
      (isSubsequence(word, title) ? 8 : 0);
    if (score === 0) return phrase ? phrase + short : 0;
    sum += score;
  }
  // Words found one by one are worth a little less than the same words in a row.
  const apart = sum / (words.length || all.length) - (all.length > 1 ? 2 : 0);
  return Math.max(phrase, apart) + short;
}

/** The items that answer a search, best first; those that answer as well keep their order. */
export function find<T extends Findable>(items: readonly T[], query: string): T[] {
  if (!query.trim()) return [...items];
  return items
    .map((item) => ({ item, score: match(item, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
