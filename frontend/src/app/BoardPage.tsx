import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Dock, NodeThumbnail, RunControls } from "../dock";
import { BoardEditor } from "../editor/BoardEditor";
import { showNode } from "../editor/Problems";
import { type Slots, SlotsContext } from "../editor/slots";
import { mayEdit, notify, openBoard, useBoard } from "../state/board";
import { setCatalogue, useCatalogue } from "../state/catalogue";
import { edit } from "../state/document";
import { useFacts } from "../state/facts";
import { openBoardRuns, runsListener } from "../state/runs";
import * as http from "../wire/http";
import { backFromSpotlight } from "./classes/spotlight";
import { useReady } from "./ready";
import { call, go, useAsked } from "./router";

const ClassBar = lazy(() => import("./classes/ClassBar").then((module) => ({ default: module.ClassBar })));

/** What belongs to a class is loaded where there is one. */
function Class() {
  const klass = useBoard((state) => state.info?.classroom ?? "");
  if (!klass) return null;
  return (
    <Suspense fallback={null}>
      <ClassBar key={klass} id={klass} />
    </Suspense>
  );
}

const slots: Slots = { Thumbnail: NodeThumbnail, Train: RunControls, Class, Dock };

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
  const synced = useBoard((state) => state.synced);
  const ended = useBoard((state) => state.ended !== null);
  const known = useCatalogue((state) => state.catalogue !== null);
  useReady((ready && known) || ended);
  useEffect(() => {
    // The spotlight has moved on, and one may not look any more.
    if (ended) backFromSpotlight();
  }, [ended]);
  useTaken(id, ready);
  useShown(id, ready && synced);
  return (
    <SlotsContext.Provider value={slots}>
      <BoardEditor />
    </SlotsContext.Provider>
  );
}

/** Takes over the settings of the sweep's run that the address names, once the board is there. */
function useTaken(id: string, ready: boolean): void {
  const { t } = useTranslation("runs");
  const run = useAsked("settings");
  useEffect(() => {
    if (!run || !ready) return;
    go(`/b/${id}`);
    http.runSettings(run).then(
      (edits) => {
        if (!mayEdit(useBoard.getState().info?.role) || edits.length === 0) return;
        edit(edits);
        notify(t("taken"));
      },
      (error) => notify(error.message),
    );
  }, [id, run, ready, t]);
}

/** Goes to the layer that the address names, once the board is there. */
function useShown(id: string, ready: boolean): void {
  const { t } = useTranslation("editor");
  const path = useAsked("layer");
  useEffect(() => {
    if (!path || !ready) return;
    call(`/b/${id}`);
    if (!showNode(path)) notify(t("notice.noLayer", { path }));
  }, [id, path, ready, t]);
}
