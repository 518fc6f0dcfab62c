import { useCallback, useEffect, useRef, useState } from "react";

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
