import { ActionIcon, Menu } from "@mantine/core";
import { Check, HistoryIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCurrentRun } from "../state/runHooks";
import { pickRun, useRuns } from "../state/runs";
import dock from "./dock.module.css";
import { useResult } from "./result";
import classes from "./status.module.css";

const CLOCK = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** The runs of the board, newest first; one is looked at. */
export function History() {
  const { t } = useTranslation("dock");
  const list = useRuns((state) => state.list);
  const picked = useRuns((state) => state.picked);
  const current = useCurrentRun();
  const resultOf = useResult();
  if (list.length === 0) return null;
  const number = (id: string) => list.length - list.findIndex((run) => run.id === id);
  return (
    <>
      {picked && current && (
        <span className={classes.looking}>
          {t("history.run", { number: number(current.id) })}
          <button type="button" onClick={() => list[0] && pickRun(list[0].id)}>
            {t("history.latest")}
          </button>
        </span>
      )}
      <Menu withInitialFocusPlaceholder={false} position="top-end" shadow="md" withinPortal width={320}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={dock.tool}
            aria-label={t("history.open")}
            title={t("history.open")}
            data-testid="run-history"
          >
            <HistoryIcon size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown className={classes.history} aria-label={t("history.title")}>
          <Menu.Item component="a" href={`${window.location.pathname}/runs`} data-testid="runs-page">
            {t("history.all")}
          </Menu.Item>
          {list.map((run) => (
            <Menu.Item
              key={run.id}
              data-autofocus={run.id === current?.id || undefined}
              leftSection={
                run.id === current?.id ? <Check size={15} aria-hidden /> : <span className={classes.unpicked} />
              }
              data-testid={`run-${run.id}`}
              onClick={() => pickRun(run.id)}
            >
              <span className={classes.historyRow}>
                <b>{t("history.run", { number: number(run.id) })}</b>
                <span>{t(`state.${run.state}`)}</span>
                <small>
                  {CLOCK.format(1000 * run.created)}
                  {resultOf(run) && ` · ${resultOf(run)}`}
                </small>
              </span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
