/** What people call the mistakes of a run, sample by sample; kept on the server with the run. */

import { useCallback, useEffect, useMemo, useState } from "react";
import * as http from "../../wire/http";
import type { Tagged } from "../../wire/types";
import type { Part } from "./wanted";

export interface Tags {
  of: (sample: number) => readonly string[];
  /** Samples of every tag, in alphabetical order. */
  samples: Readonly<Record<string, readonly number[]>>;
  put: (sample: number, tags: readonly string[]) => void;
  /** Why the last one was not kept. */
  failed: string;
}

const NONE: readonly string[] = [];

/** The samples of every tag, the tags in alphabetical order. */
export function byTag(list: readonly Tagged[]): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  const names = [...new Set(list.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
  for (const name of names) found[name] = list.filter(({ tags }) => tags.includes(name)).map(({ sample }) => sample);
  return found;
}

export function useTags(run: string, part: Part): Tags {
  const [list, setList] = useState<readonly Tagged[]>([]);
  const [failed, setFailed] = useState("");
  const read = useCallback(
    (signal?: AbortSignal) => http.tags(run, part, signal).then(setList, () => undefined),
    [run, part],
  );
  useEffect(() => {
    const stop = new AbortController();
    setList([]);
    setFailed("");
    void read(stop.signal);
    return () => stop.abort();
  }, [read]);
  const put = useCallback(
    (sample: number, tags: readonly string[]) => {
      // Seen at once; what the server says of it is what counts.
      setList((before) => [...before.filter((each) => each.sample !== sample), { sample, tags: [...tags] }]);
      http
        .tag(run, part, { sample, tags: [...tags] })
        .then(
          () => setFailed(""),
          (error: Error) => setFailed(error.message),
        )
        .finally(() => void read());
    },
    [run, part, read],
  );
  const samples = useMemo(() => byTag(list), [list]);
  const of = useCallback((sample: number) => list.find((each) => each.sample === sample)?.tags ?? NONE, [list]);
  return { of, samples, put, failed };
}
