/** What of a judgement is looked at, and what came of it. */

import type { Reply } from "../../state/asking";
import type { Cases } from "../../wire/types";

export type Part = "validation" | "test";

export interface Averages {
  macro: [precision: number, recall: number, f1: number];
  micro: [number, number, number];
  weighted: [number, number, number];
}

/** Of a judgement, `about`. */
export interface About {
  loss: string;
  losses: string[];
  kind: "classes" | "numbers" | "loss";
  count: number;
  mean: number | null;
  classes?: string[];
  accuracy?: number;
  right?: number;
  wrong?: number;
  places?: number;
  averages?: Averages;
  columns?: string[];
  outputs?: number;
  drawn?: number;
  rmse?: number;
  mae?: number;
  r2?: number | null;
}

export const aboutOf = (reply: Reply): About => reply.header.about as unknown as About;

/** Which samples are listed. */
export type Wanted =
  | { of: "mistakes" }
  | { of: "all" }
  | { of: "class"; truth: number }
  | { of: "cell"; truth: number; answer: number }
  | { of: "tag"; tag: string; samples: readonly number[] };

/** A page of them as a question. */
export function asked(part: Part, loss: string, wanted: Wanted, first: number, count: number): Cases {
  const page = { question: "cases", part, loss, order: "worst", first, count } as Cases;
  switch (wanted.of) {
    case "mistakes":
      return { ...page, wrong: true };
    case "all":
      return page;
    case "class":
      return { ...page, wrong: true, truth: wanted.truth };
    case "cell":
      return { ...page, truth: wanted.truth, answer: wanted.answer };
    case "tag":
      return { ...page, among: [...wanted.samples] };
  }
}
