/** In which order the wall shows its boards, and which of them. */
import type { ClassMember, WallCard } from "../wire/types";

export const ORDERS = ["name", "hand", "edited", "value", "problems"] as const;
export type Order = (typeof ORDERS)[number];
export const FILTERS = ["all", "hands", "problems", "training", "untouched"] as const;
export type Filter = (typeof FILTERS)[number];

/** A board with those who work on it. */
export interface Placed {
  card: WallCard;
  people: ClassMember[];
  /** Since when the first hand of them is raised, in seconds since 1970; 0: none is. */
  hand: number;
}

const TRAINING: readonly WallCard["run"][] = ["queued", "preparing", "running", "paused", "resuming"];

export function placed(card: WallCard, members: ReadonlyMap<string, ClassMember>): Placed {
  const people = card.people.map((id) => members.get(id)).filter((each) => each !== undefined);
  const hands = people.map((each) => each.hand).filter((since) => since > 0);
  return { card, people, hand: hands.length > 0 ? Math.min(...hands) : 0 };
}

export function passes({ card, hand }: Placed, filter: Filter): boolean {
  if (filter === "hands") return hand > 0;
  if (filter === "problems") return card.problems > 0;
  if (filter === "training") return TRAINING.includes(card.run);
  if (filter === "untouched") return card.edited === 0;
  return true;
}

/** Names alphabetically, hands by who waits longest, edits and problems the most first, results the best first. */
export function compare(order: Order, language: string): (a: Placed, b: Placed) => number {
  const name = (each: Placed) => each.people.map((person) => person.name).join(", ") || each.card.group;
  const byName = (a: Placed, b: Placed) =>
    name(a).localeCompare(name(b), language, { numeric: true }) || a.card.board.localeCompare(b.card.board);
  return (a, b) => {
    if (order === "hand") return (a.hand || Number.MAX_VALUE) - (b.hand || Number.MAX_VALUE) || byName(a, b);
    if (order === "edited") return b.card.edited - a.card.edited || byName(a, b);
    if (order === "problems") return b.card.problems - a.card.problems || byName(a, b);
    if (order === "value") return good(b.card) - good(a.card) || byName(a, b);
    return byName(a, b);
  };
}

/** Greater is better: of a loss the smaller one. */
function good(card: WallCard): number {
  if (typeof card.value !== "number") return Number.NEGATIVE_INFINITY;
  return /loss$/.test(card.metric) ? -card.value : card.value;
}

/** Boards of a lesson in groups of so many, as evenly as it goes: 10 in groups of 4 are 4, 3 and 3. */
export function groups<T>(people: readonly T[], size: number): T[][] {
  const count = Math.max(1, Math.ceil(people.length / Math.max(1, size)));
  const made: T[][] = Array.from({ length: count }, () => []);
  for (const [place, person] of people.entries()) made[place % count]?.push(person);
  return made;
}
