import { useCallback, useEffect, useRef, useState } from "react";
import { ReturningSocket } from "../../wire/socket";
import type { BoardMessage } from "../../wire/types";

/** What the server says, asked again every `every` milliseconds while the page is looked at; 0: asked once. */
export function useTold<T>(ask: (signal: AbortSignal) => Promise<T>, every: number) {
  const [told, setTold] = useState<T | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [asks, setAsks] = useState(0);
  const question = useRef(ask);
  question.current = ask;
  const again = useCallback(() => setAsks((count) => count + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew on every try
  useEffect(() => {
    const asked = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async () => {
      try {
        if (document.visibilityState !== "hidden") {
          setTold(await question.current(asked.signal));
          setFailed(null);
        }
      } catch (error) {
        if (!asked.signal.aborted) setFailed(error instanceof Error ? error.message : String(error));
      }
      if (every > 0 && !asked.signal.aborted) timer = setTimeout(next, every);
    };
    void next();
    return () => {
      asked.abort();
      clearTimeout(timer);
    };
  }, [asks, every]);
  return { told, failed, again };
}

/** Calls when a run of a board is new, has changed, was deleted or had back, whoever did that. */
export function useRunNews(board: string, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    const socket = new ReturningSocket({
      address: () => `/ws/boards/${encodeURIComponent(board)}`,
      onText: (text) => {
        if ((JSON.parse(text) as BoardMessage).event === "runs") latest.current();
      },
      // Edits are the editor's affair.
      onBinary: () => undefined,
    });
    return () => socket.close();
  }, [board]);
}
