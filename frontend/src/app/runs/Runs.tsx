import { ArrowLeft, RotateCw } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { hasEnded } from "../../state/run";
import * as http from "../../wire/http";
import type { BoardInfo } from "../../wire/types";
import { useReady } from "../ready";
import { go, useAsked } from "../router";
import { Bin } from "./Bin";
import { Costs } from "./Costs";
import { Gap } from "./Gap";
import { Overlay } from "./Overlay";
import { Queue } from "./Queue";
import { RunTable } from "./RunTable";
import type { Limit, Measure } from "./rank";
import { choosable, metricsOf } from "./rank";
import classes from "./runs.module.css";
import { Sweeps } from "./Sweeps";
import { Together } from "./Together";
import { useRunNews, useTold } from "./useAsked";

const TABS = ["table", "sweep", "queue"] as const;
type Tab = (typeof TABS)[number];
/** Milliseconds between two looks at runs of which some are under way, and at those that have all ended. */
const [SOON, LATER] = [1500, 10_000];

export interface View {
  by: Measure;
  best: boolean;
  limits: readonly Limit[];
  grouped: boolean;
}

/** The runs of a board: beside each other, over each other, many at once, and in line. */
export function Runs({ id }: { id: string }) {
  const { t } = useTranslation("runs");
  const asked = useAsked("tab");
  const tab: Tab = TABS.find((each) => each === asked) ?? "table";
  const [info, setInfo] = useState<BoardInfo | null>(null);
  const [every, setEvery] = useState(SOON);
  const { told: rows, failed, again } = useTold((signal) => http.runTable(id, signal), every);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const [changed, setChanged] = useState<Partial<View>>({});
  const [together, setTogether] = useState<readonly string[]>([]);
  const [binned, setBinned] = useState<readonly string[]>([]);
  useRunNews(id, again);
  const title = info?.title || t("untitled");

  useEffect(() => {
    http.boardInfo(id).then(setInfo, () => undefined);
  }, [id]);
  useEffect(() => {
    document.title = `${t("heading", { title })} · Chalknet`;
  }, [t, title]);
  useEffect(() => {
    if (rows) setEvery(rows.every(({ run }) => hasEnded(run.state)) ? LATER : SOON);
  }, [rows]);
  useReady(failed !== null || rows !== null);

  const metrics = useMemo(() => metricsOf(rows ?? []), [rows]);
  const view: View = {
    by: `metric:${choosable(metrics)[0] ?? "validation.loss"}`,
    best: true,
    limits: [],
    grouped: false,
    ...changed,
  };
  // Nothing chosen by hand: the newest three are looked at.
  const shown = useMemo(() => chosen ?? new Set((rows ?? []).slice(0, 3).map(({ run }) => run.id)), [chosen, rows]);
  const open = useCallback((next: Tab) => go(`/b/${id}/runs${next === "table" ? "" : `?tab=${next}`}`), [id]);
  const mayChange = info !== null && info.role !== "viewer";
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <a href={`/b/${id}`} className={classes.back} aria-label={t("back")} title={t("back")}>
          <ArrowLeft size={18} aria-hidden />
        </a>
        <h1>{t("heading", { title })}</h1>
        <nav aria-label={t("tabs")} className={classes.tabs}>
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              aria-current={each === tab ? "page" : undefined}
              data-testid={`runs-tab-${each}`}
              onClick={() => open(each)}
            >
              {t(`tab.${each}`)}
            </button>
          ))}
        </nav>
      </header>
      <main className={classes.main} data-testid="runs" data-tab={tab}>
        {binned.length > 0 && <Bin runs={binned} onEmpty={() => setBinned([])} onBack={again} />}
        {tab === "queue" ? (
          <Queue />
        ) : tab === "sweep" ? (
          <Sweeps id={id} mayChange={mayChange} />
        ) : failed !== null && rows === null ? (
          <div className={classes.said} role="alert">
            <p>{t("failed", { message: failed })}</p>
            <button type="button" onClick={again}>
              <RotateCw size={15} aria-hidden /> {t("again")}
            </button>
          </div>
        ) : rows === null ? (
          <p className={classes.said} role="status">
            {t("waiting")}
          </p>
        ) : rows.length === 0 ? (
          <p className={classes.said} data-testid="runs-none">
            {t("none")}
          </p>
        ) : (
          <>
            <RunTable
              id={id}
              rows={rows}
              metrics={metrics}
              view={view}
              onView={(change) => setChanged({ ...changed, ...change })}
              chosen={shown}
              onChoose={setChosen}
              mayChange={mayChange}
              onChanged={again}
              onAsk={setTogether}
              onDeleted={setBinned}
            />
            {together.length > 0 && <Together board={id} runs={together} onClose={() => setTogether([])} />}
            <div className={classes.below}>
              <Overlay rows={rows} chosen={shown} metrics={metrics} grouped={view.grouped} />
              <aside className={classes.side}>
                <Costs rows={rows} view={view} chosen={shown} />
                <Gap rows={rows} chosen={shown} />
              </aside>
            </div>
          </>
        )}
      </main>
    </div>
  );
}
