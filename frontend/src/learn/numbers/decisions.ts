/** What follows from a few numbers about a project: which knob, which model, what to freeze (M-001…M-018). No React. */

/** Errors in the order in which they are fitted: a person, training, validation, test, the real world. */
export const STAGES = ["human", "train", "dev", "test", "real"] as const;
export type Stage = (typeof STAGES)[number];
export type Errors = Readonly<Record<Stage, number>>;

/** A gap of so many points is worth a knob. */
const WORTH = 1;

/** The gaps one after the other, and the first that is worth work; null where none is (notes 1:353-362). */
export function knobFor(errors: Errors): {
  gaps: { stage: Exclude<Stage, "human">; gap: number }[];
  turn: Exclude<Stage, "human"> | null;
} {
  const gaps = STAGES.slice(1).map((stage, at) => ({
    stage: stage as Exclude<Stage, "human">,
    gap: errors[stage] - errors[STAGES[at] as Stage],
  }));
  return { gaps, turn: gaps.find(({ gap }) => gap > WORTH)?.stage ?? null };
}

export interface Candidate {
  name: string;
  /** Precision, recall: shares in per cent. */
  precision: number;
  recall: number;
  milliseconds: number;
  megabytes: number;
}

export interface Limits {
  milliseconds: number;
  megabytes: number;
}

export const fits = ({ milliseconds, megabytes }: Candidate, limits: Limits): boolean =>
  milliseconds <= limits.milliseconds && megabytes <= limits.megabytes;

/** Of those within the limits (satisficing) the one with the largest score (optimizing); null where none is. */
export function winner(
  all: readonly Candidate[],
  limits: Limits,
  score: (each: Candidate) => number,
): Candidate | null {
  const left = all.filter((each) => fits(each, limits));
  return left.reduce<Candidate | null>(
    (best, each) => (best === null || score(each) > score(best) ? each : best),
    null,
  );
}

/** The most that the error can fall by if a kind of mistake is cured: its share of the mistakes looked at (M-008). */
export const ceiling = (error: number, count: number, looked: number): number =>
  looked === 0 ? 0 : (error * count) / looked;

export type Kind = "table" | "picture" | "text";
export type Method = "classic" | "small" | "transfer" | "deep";

/** By how many samples there are, and of what (M-009, V-039; notes 2:3-6). A table is rarely a case for a deep network. */
export function methodFor(samples: number, kind: Kind, trained: boolean): Method {
  if (kind === "table") return samples < 100_000 ? "classic" : "small";
  if (samples < 1_000) return trained ? "transfer" : "classic";
  if (samples < 50_000) return trained ? "transfer" : "small";
  return "deep";
}

export type Freezing = "head" | "top" | "early" | "all";

/**
 * What of a trained network to train again (M-011, M-012; notes 2:248-250, 2:305-313): of `layers` the last so many.
 * `similar`: from 0, another world, to 1, the same pictures.
 */
export function freezing(samples: number, similar: number, layers: number): { way: Freezing; trained: number } {
  const much = samples >= 10_000;
  if (much && similar < 0.5) return { way: "all", trained: layers };
  if (much) return { way: "top", trained: Math.ceil(layers / 2) };
  if (similar >= 0.5) return { way: "head", trained: 1 };
  // Few and unlike: late layers are made for other things, so less is taken over, and the rest learns with care.
  return { way: "early", trained: Math.min(layers, 4) };
}

/** Steps that a recurrent network can bridge by the notes' rule of thumb (2:436), from short to long. */
export const cellFor = (length: number): "rnn" | "lstm" | "attention" =>
  length < 10 ? "rnn" : length <= 75 ? "lstm" : "attention";

/** The share of a slope that is left after so many steps of a factor each. */
export const survives = (factor: number, steps: number): number => factor ** steps;

/**
 * What a network takes: bytes of its weights (4 each), bytes to train it with Adam (weight, gradient, two means: 16
 * each, activations apart), and seconds a sample at `speed` FLOP/s, 1 MAC being 2 FLOPs (M-013).
 */
export const needs = (
  parameters: number,
  macs: number,
  speed: number,
): { bytes: number; training: number; seconds: number } => ({
  bytes: 4 * parameters,
  training: 16 * parameters,
  seconds: (2 * macs) / speed,
});
