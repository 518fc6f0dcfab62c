import { useEffect, useRef, useState } from "react";
import { questionBoard, questionRun, type Reply } from "../../state/asking";
import { useBoard } from "../../state/board";
import { useCurrentRun, useSummary } from "../../state/runHooks";
import { useScrubbed } from "../../state/scrub";

const PAUSE = 200;

export interface Answered {
  reply: Reply | null;
  /** Why there is no answer, in the server's words. */
  problem: string;
  waiting: boolean;
  /** What was answered: another question than this one while its answer is waited for. */
  asked: Asked | null;
}

export type Asked = Parameters<typeof questionBoard>[1];

/** The answer of the current run, or of the board as it is; asked again when the run came to stand elsewhere. */
export function useAnswer(question: Asked | null): Answered {
  const run = useCurrentRun();
  const board = useBoard((state) => state.id);
  const at = useScrubbed(run);
  const summary = useSummary();
  const [answer, setAnswer] = useState<Answered>({ reply: null, problem: "", waiting: false, asked: null });
  const text = question ? JSON.stringify(question) : "";
  const moves = summary?.state === "running" ? "running" : `${summary?.state} ${summary?.step}`;
  const latest = useRef(question);
  latest.current = question;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is all that a question is made of
  useEffect(() => {
    const asked = latest.current;
    if (!asked) return;
    const stop = new AbortController();
    setAnswer((before) => ({ ...before, waiting: true }));
    const timer = setTimeout(() => {
      (run ? questionRun(run.id, asked, at, stop.signal) : questionBoard(board, asked, stop.signal)).then(
        (reply) => setAnswer({ reply, problem: "", waiting: false, asked }),
        (error: Error) =>
          !stop.signal.aborted && setAnswer({ reply: null, problem: error.message, waiting: false, asked }),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, run, board, at, moves]);
  return answer;
}
