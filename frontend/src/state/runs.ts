/** The runs of the board that is open: the list, the one that is looked at, and its line. */

import { create } from "zustand";
import { openRunSocket } from "../wire/runSocket";
import type { BoardMessage, RunCommand, RunSummary } from "../wire/types";
import { hasEnded, Run } from "./run";

interface RunsState {
  /** Newest first. */
  list: readonly RunSummary[];
  /** The run that is looked at: the newest, unless an earlier one was picked. */
  current: Run | null;
  /** An earlier run was picked by hand; a new one is then not followed. */
  picked: boolean;
  /** The board's list of runs came (it may be empty). */
  known: boolean;
}

const EMPTY: RunsState = { list: [], current: null, picked: false, known: false };

export const useRuns = create<RunsState>(() => EMPTY);

const onVisibility = () => useRuns.getState().current?.watching.wake(document.visibilityState !== "hidden");

/** A page of a board opens. The answer closes it: the runs are forgotten, their sockets closed. */
export function openBoardRuns(): () => void {
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    useRuns.getState().current?.close();
    useRuns.setState(EMPTY, true);
  };
}

/** What the board's socket tells of its runs. */
export const runsListener = {
  message(message: BoardMessage): void {
    if (message.event === "welcome") receiveRuns(message.runs, true);
    else if (message.event === "runs") {
      receiveRuns(message.runs);
      forgetRuns(message.gone);
    }
  },
};

/** Runs that are new or changed; `whole` replaces the list (the board's welcome). */
export function receiveRuns(runs: readonly RunSummary[], whole = false): void {
  const merged = new Map((whole ? [] : useRuns.getState().list).map((run) => [run.id, run]));
  for (const run of runs) merged.set(run.id, run);
  const list = [...merged.values()].sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  useRuns.setState({ list, known: true });
  const { current, picked } = useRuns.getState();
  const same = current && merged.get(current.id);
  if (same) current.update(same);
  const newest = list[0];
  if (newest && (!current || !same || (!picked && newest.id !== current.id))) show(newest);
}

/** Runs that somebody deleted. In place of the one that was looked at stands the newest that there is. */
function forgetRuns(gone: readonly string[]): void {
  if (gone.length === 0) return;
  const list = useRuns.getState().list.filter(({ id }) => !gone.includes(id));
  useRuns.setState({ list });
  const { current } = useRuns.getState();
  if (!current || !gone.includes(current.id)) return;
  current.close();
  useRuns.setState({ current: null, picked: false });
  if (list[0]) show(list[0]);
}

function show(summary: RunSummary): void {
  useRuns.getState().current?.close();
  const current = new Run(summary);
  current.watching.wake(document.visibilityState !== "hidden");
  useRuns.setState({ current });
}

/** Looks at another run. Picking the newest follows new runs again. */
export function pickRun(id: string): void {
  const { list, current } = useRuns.getState();
  const summary = list.find((run) => run.id === id);
  if (!summary) return;
  useRuns.setState({ picked: list[0]?.id !== id });
  if (current?.id !== id) show(summary);
}

/** A run that this page just started is looked at, whatever was picked before. */
export function followRun(summary: RunSummary): void {
  useRuns.setState({ picked: false });
  receiveRuns([summary]);
}

/** The board's run that has not ended, if there is one. */
export const activeRun = (list: readonly RunSummary[]): RunSummary | undefined =>
  list.find((run) => !hasEnded(run.state));

/** Steers a run, also one that is not looked at. */
export function commandRun(id: string, command: RunCommand): void {
  const { current } = useRuns.getState();
  if (current?.id === id) {
    current.command(command);
    return;
  }
  const line = openRunSocket(id, () => 0, {
    open: () => {
      line.send(command);
      line.close();
    },
    message: () => undefined,
    frame: () => undefined,
    lost: () => undefined, // it comes back, and the command with it
  });
}
