/** Data sets as the page speaks of them. */
import { useEffect, useState } from "react";
import * as http from "../../wire/http";

export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the server answers, asked anew when `key` changes or `again` is called; the last answer stays meanwhile. */
export function useAnswer<T>(ask: () => Promise<T>, key: string) {
  const [answer, setAnswer] = useState<T | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [times, setTimes] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked follows from the key
  useEffect(() => {
    let wanted = true;
    ask().then(
      (found) => {
        if (!wanted) return;
        setAnswer(found);
        setFailed(null);
      },
      (error) => wanted && setFailed(said(error)),
    );
    return () => {
      wanted = false;
    };
  }, [key, times]);
  return { answer, failed, again: () => setTimes((before) => before + 1) };
}

export const pictureOf = (id: string, row: number) => `/api/data/${encodeURIComponent(id)}/pictures/${row}.png`;
export const preview = (id: string, start: number, count: number, label: number | null) =>
  http.dataPreview(id, start, count, label);
