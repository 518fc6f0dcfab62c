import { Square } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { roughly } from "../../charts/format";
import { commandRun } from "../../state/runs";
import * as http from "../../wire/http";
import own from "./queue.module.css";
import classes from "./runs.module.css";
import { useTold } from "./useAsked";

/** What is trained on this server now, and who comes next. */
export function Queue() {
  const { t } = useTranslation("runs");
  const { told, failed, again } = useTold(http.queue, 1500);
  const time = useCallback(
    (seconds: number) =>
      seconds < 90
        ? t("queue.seconds", { count: Math.max(1, Math.round(seconds)) })
        : seconds < 5400
          ? t("queue.minutes", { count: Math.round(seconds / 60) })
          : t("queue.hours", { count: Math.round(seconds / 3600) }),
    [t],
  );
  if (failed !== null && told === null) {
    return (
      <p className={classes.said} role="alert">
        {t("failed", { message: failed })}
      </p>
    );
  }
  if (told === null) return <p className={classes.said}>{t("waiting")}</p>;
  return (
    <section aria-labelledby="queue" className={`${own.queue} ${classes.buttons}`}>
      <h2 id="queue">{t("queue.title")}</h2>
      <p className={classes.dim}>{t("queue.intro")}</p>
      {told.length === 0 && (
        <p className={classes.said} data-testid="queue-empty">
          {t("queue.empty")}
        </p>
      )}
      <ol>
        {told.map((each, at) => {
          const name = each.mine ? each.title || t("untitled") : t("queue.other");
          return (
            <li
              key={each.run || at}
              data-testid="queue-entry"
              data-mine={each.mine || undefined}
              data-state={each.state}
            >
              <span className={classes.state} data-state={each.state}>
                {t(`state.${each.state}`)}
              </span>
              <span className={classes.grow}>
                {each.board ? <a href={`/b/${each.board}/runs`}>{name}</a> : name}
                <small>
                  {each.state === "queued"
                    ? `${each.position === 1 ? t("queue.next") : t("queue.position", { count: each.position, ordinal: true })}; ${
                        each.begins === null
                          ? t("queue.beginsUnknown")
                          : each.begins < 1
                            ? t("queue.now")
                            : t("queue.begins", { time: time(each.begins) })
                      }`
                    : t("queue.begun", {
                        share: roughly(each.share),
                        left: each.left === null ? t("queue.leftUnknown") : t("queue.left", { time: time(each.left) }),
                      })}
                </small>
              </span>
              <progress value={each.share} max={1} aria-label={name} />
              {each.may_stop && (
                <button
                  type="button"
                  aria-label={t("queue.cancelOf", { name })}
                  data-testid="queue-stop"
                  onClick={() => {
                    commandRun(each.run ?? "", { command: "stop" });
                    setTimeout(again, 400);
                  }}
                >
                  <Square size={13} aria-hidden /> {t("queue.cancel")}
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
