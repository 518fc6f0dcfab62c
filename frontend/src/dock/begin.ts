/** Beginning a run, from first weights or with another run's state, and what is said where that cannot be. */

import { useState } from "react";
import { notify, useBoard } from "../state/board";
import { followRun } from "../state/runs";
import { train } from "../wire/http";
import type { StartFrom } from "../wire/types";

export function useBegin(): { begin: (start?: StartFrom) => Promise<boolean>; starting: boolean } {
  const board = useBoard((state) => state.id);
  const [starting, setStarting] = useState(false);
  const begin = async (start?: StartFrom): Promise<boolean> => {
    setStarting(true);
    try {
      followRun(await (start ? train(board, start) : train(board)));
      return true;
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error), "error");
      return false;
    } finally {
      setStarting(false);
    }
  };
  return { begin, starting };
}
