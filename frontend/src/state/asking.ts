/** Questions that are answered once: of a run at any of its kept checkpoints, or of a board that was never trained. */

import { askBoard, askRun } from "../wire/http";
import type { Answer, Question } from "../wire/types";
import { type Frame, parseFrame } from "./runFrames";
import { NOW } from "./runWatch";

export type Reply = Frame<Answer>;

/** Raises a Refusal with words for a person where there is no answer. */
export async function questionRun(id: string, question: Question, at = NOW, signal?: AbortSignal): Promise<Reply> {
  return parseFrame<Answer>(await askRun(id, question, at, signal));
}

/** Of the board as it is now. */
export async function questionBoard(id: string, question: Question, signal?: AbortSignal): Promise<Reply> {
  return parseFrame<Answer>(await askBoard(id, question, signal));
}
