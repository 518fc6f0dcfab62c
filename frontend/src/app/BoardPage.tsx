import { useEffect } from "react";
import { Dock, NodeThumbnail, RunControls } from "../dock";
import { BoardEditor } from "../editor/BoardEditor";
import { type Slots, SlotsContext } from "../editor/slots";
import { openBoard, useBoard } from "../state/board";
import { setCatalogue, useCatalogue } from "../state/catalogue";
import { useFacts } from "../state/facts";
import { openBoardRuns, runsListener } from "../state/runs";
import * as http from "../wire/http";
import { useReady } from "./ready";

const slots: Slots = { Thumbnail: NodeThumbnail, Train: RunControls, Dock };

/** A board: opens its document and its runs, and closes them when one leaves. */
export function BoardPage({ id }: { id: string }) {
  useEffect(() => {
    const closeRuns = openBoardRuns();
    const closeBoard = openBoard(id, runsListener);
    return () => {
      closeBoard();
      closeRuns();
    };
  }, [id]);
  useEffect(() => {
    if (useCatalogue.getState().catalogue) return;
    void http.layers().then(setCatalogue);
  }, []);
  const ready = useFacts((state) => state.known);
  const ended = useBoard((state) => state.ended !== null);
  const known = useCatalogue((state) => state.catalogue !== null);
  useReady((ready && known) || ended);
  return (
    <SlotsContext.Provider value={slots}>
      <BoardEditor />
    </SlotsContext.Provider>
  );
}
