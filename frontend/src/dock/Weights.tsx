import { Button, Modal, Select } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { whole } from "../charts/format";
import { useBoard } from "../state/board";
import { useCatalogue } from "../state/catalogue";
import { useDocument } from "../state/document";
import { namesOf } from "../state/runViews";
import { boards, fitting, runs } from "../wire/http";
import type { BoardInfo, RunSummary, StartFrom, Transfer } from "../wire/types";
import { useBegin } from "./begin";
import { useResult } from "./result";
import classes from "./weights.module.css";

const CLOCK = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** What comes of beginning with a run's state, asked of the server before anything begins. */
export function useFit(start: StartFrom | null): { report: Transfer | null; refused: string } {
  const board = useBoard((state) => state.id);
  const document = useDocument((state) => state.document);
  const [answer, setAnswer] = useState<{ report: Transfer | null; refused: string }>({ report: null, refused: "" });
  const asked = start ? JSON.stringify(start) : "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another document fits otherwise
  useEffect(() => {
    setAnswer({ report: null, refused: "" });
    if (!asked) return;
    const stop = new AbortController();
    fitting(board, JSON.parse(asked) as StartFrom, stop.signal).then(
      (report) => setAnswer({ report, refused: "" }),
      (error) => {
        if (!stop.signal.aborted)
          setAnswer({ report: null, refused: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => stop.abort();
  }, [board, asked, document]);
  return answer;
}

/** Which layers keep their weights, and which begin anew and why. */
export function Report({ report }: { report: Transfer }) {
  const { t } = useTranslation("dock");
  const document = useDocument((state) => state.document);
  const layers = useCatalogue((state) => state.layers);
  const name = (path: string) => {
    const { title, group } = namesOf(document, path, layers);
    return group ? `${group} › ${title}` : title;
  };
  const shape = (sizes: readonly number[] | null) => (sizes ? sizes.join(" × ") || "1" : t("weights.none"));
  return (
    <div className={classes.report} data-testid="fit-report">
      <p data-kind="fitted">
        <b>{t("weights.fitted", { count: report.fitted.length })}</b> <span>{report.fitted.map(name).join(", ")}</span>
      </p>
      {report.new.length > 0 && (
        <p data-kind="new">
          <b>{t("weights.new", { count: report.new.length })}</b> <span>{report.new.map(name).join(", ")}</span>
        </p>
      )}
      {report.other.length > 0 && (
        <p data-kind="other">
          <b>{t("weights.other", { count: report.other.length })}</b>
          {report.other.map(({ node, type, tensor, here, there }) => (
            <span key={node}>
              {name(node)}:{" "}
              {type
                ? t("weights.type", { type: layers.get(type)?.title ?? type })
                : t("weights.shape", { tensor, here: shape(here), there: shape(there) })}
            </span>
          ))}
        </p>
      )}
      <p data-kind="optimizer">{t(report.anew.length > 0 ? "weights.anew" : "weights.state")}</p>
    </div>
  );
}

/** What comes of going on from a run with the board as it is now. */
export function Fitting({ run }: { run: string }) {
  const { report, refused } = useFit({ run, keep: "state", graph: "board" });
  return report ? <Report report={report} /> : <span className={classes.says}>{refused}</span>;
}

/** Chooses a run of any board that one has, shows what fits, and begins with its weights. */
export function Weights({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("dock");
  const own = useBoard((state) => state.id);
  const [shelf, setShelf] = useState<readonly BoardInfo[]>([]);
  const [from, setFrom] = useState<string | null>(own);
  const [list, setList] = useState<readonly RunSummary[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const start: StartFrom | null = chosen ? { run: chosen, keep: "weights" } : null;
  const { report, refused } = useFit(start);
  const { begin, starting } = useBegin();
  const resultOf = useResult();

  useEffect(() => {
    if (opened) boards().then(setShelf, () => setShelf([]));
  }, [opened]);
  useEffect(() => {
    setList(null);
    setChosen(null);
    if (!opened || !from) return;
    let asked = true;
    runs(from).then(
      (found) => {
        if (!asked) return;
        const usable = found.filter(({ step }) => step > 0);
        setList(usable);
        setChosen(usable[0]?.id ?? null);
      },
      () => asked && setList([]),
    );
    return () => {
      asked = false;
    };
  }, [opened, from]);

  const titled = (run: RunSummary) =>
    [CLOCK.format(1000 * run.created), t("progress.step", { step: whole(run.step) }), resultOf(run)]
      .filter(Boolean)
      .join(" · ");
  return (
    <Modal opened={opened} onClose={onClose} title={t("weights.title")} size="lg" data-testid="weights">
      <div className={classes.form}>
        <p className={classes.says}>{t("weights.says")}</p>
        <Select
          label={t("weights.board")}
          data-testid="weights-board"
          value={from}
          onChange={setFrom}
          searchable
          allowDeselect={false}
          data={[
            { value: own, label: t("weights.own") },
            ...shelf.filter(({ id }) => id !== own).map(({ id, title }) => ({ value: id, label: title || id })),
          ]}
        />
        {list?.length === 0 ? (
          <p className={classes.says}>{t("weights.untrained")}</p>
        ) : (
          <Select
            label={t("weights.run")}
            data-testid="weights-run"
            value={chosen}
            onChange={setChosen}
            allowDeselect={false}
            data={(list ?? []).map((run) => ({ value: run.id, label: titled(run) }))}
          />
        )}
        <div className={classes.room} aria-live="polite">
          {report ? <Report report={report} /> : <p className={classes.says}>{refused}</p>}
        </div>
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("weights.cancel")}
          </Button>
          <Button
            data-testid="weights-start"
            disabled={!report || starting}
            onClick={() => {
              if (start) void begin(start).then((begun) => begun && onClose());
            }}
          >
            {t("weights.start")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
