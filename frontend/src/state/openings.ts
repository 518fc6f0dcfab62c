/** When the open board's test samples were opened, and for which runs. */

import { create } from "zustand";
import * as http from "../wire/http";
import type { Opening, RunSummary } from "../wire/types";
import { receiveRuns } from "./runs";

interface Openings {
  board: string;
  list: readonly Opening[];
}

export const useOpenings = create<Openings>(() => ({ board: "", list: [] }));

const NONE: readonly Opening[] = [];

/** The openings of a board, the oldest first; none as long as they are not known. */
export const useOpeningsOf = (board: string): readonly Opening[] =>
  useOpenings((state) => (state.board === board ? state.list : NONE));

/** Whether the test samples were opened for a run. */
export const isTested = ({ metrics }: RunSummary): boolean =>
  Object.keys(metrics).some((name) => name.startsWith("test."));

export async function readOpenings(board: string, signal?: AbortSignal): Promise<void> {
  const list = await http.openings(board, signal);
  useOpenings.setState({ board, list });
}

/** Opens the test samples for a run that has ended. Raises a Refusal. */
export async function openTest({ id, board }: RunSummary): Promise<void> {
  receiveRuns([await http.openTest(id)]);
  await readOpenings(board);
}
