import { Square } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../../wire/http";
import type { SweepInfo } from "../../wire/types";
import { go } from "../router";
import { isShare, settingName, settingValue, useWritten } from "./names";
import classes from "./runs.module.css";
import { SweepForm } from "./SweepForm";
import { SweepPicture } from "./SweepPicture";
import own from "./sweeps.module.css";
import { useTold } from "./useAsked";

const CLOCK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const ENDED = new Set(["finished", "stopped", "failed", "left"]);

/** Sweeps of a board: the next one, and how those go that were begun. */
export function Sweeps({ id, mayChange }: { id: string; mayChange: boolean }) {
  const { t } = useTranslation("runs");
  const [every, setEvery] = useState(700);
  const { told: sweeps, failed, again } = useTold((signal) => http.sweeps(id, signal), every);
  const [picked, setPicked] = useState("");
  useEffect(() => {
    if (sweeps) setEvery(sweeps.some(({ state }) => state === "running") ? 700 : 10_000);
  }, [sweeps]);
  const shown = sweeps?.find((sweep) => sweep.id === picked) ?? sweeps?.[0];
  return (
    <div className={own.sweeps}>
      <SweepForm
        id={id}
        mayChange={mayChange}
        onStarted={(sweep) => {
          setPicked(sweep.id);
          setEvery(700);
          again();
        }}
      />
      <div className={own.sweepShown}>
        {failed !== null && (
          <p role="alert" className={classes.alert}>
            {t("failed", { message: failed })}
          </p>
        )}
        {sweeps && sweeps.length > 1 && (
          <label className={classes.tools}>
            {t("sweep.which")}
            <select value={shown?.id} onChange={(event) => setPicked(event.currentTarget.value)}>
              {sweeps.map((sweep) => (
                <option key={sweep.id} value={sweep.id}>
                  {t("sweep.of", { when: CLOCK.format(1000 * sweep.created) })}
                </option>
              ))}
            </select>
          </label>
        )}
        {shown ? (
          <Shown board={id} sweep={shown} mayChange={mayChange} onChanged={again} />
        ) : (
          sweeps && <p className={classes.said}>{t("sweep.none")}</p>
        )}
      </div>
    </div>
  );
}

interface ShownProps {
  board: string;
  sweep: SweepInfo;
  mayChange: boolean;
  onChanged: () => void;
}

function Shown({ board, sweep, mayChange, onChanged }: ShownProps) {
  const { t } = useTranslation("runs");
  const write = useWritten();
  const done = sweep.places.filter(({ state }) => ENDED.has(state)).length;
  const winner = sweep.places.find(({ place }) => place === sweep.winner);
  const written = (value: number | null) => write(`metric:${sweep.metric}`, value);
  return (
    <section
      aria-label={t("sweep.of", { when: CLOCK.format(1000 * sweep.created) })}
      data-testid="sweep"
      data-state={sweep.state}
    >
      <div className={classes.tools}>
        <h2>{t("sweep.of", { when: CLOCK.format(1000 * sweep.created) })}</h2>
        <span className={classes.state} data-state={sweep.state}>
          {t(`sweep.state.${sweep.state}`)}
        </span>
        <span className={classes.dim} data-testid="sweep-progress">
          {t("sweep.progress", { done, all: sweep.places.length })}
        </span>
        <progress value={done / sweep.places.length} max={1} aria-label={t("sweep.which")} />
        {sweep.state === "running" && mayChange && (
          <button type="button" data-testid="sweep-stop" onClick={() => void http.stopSweep(sweep.id).then(onChanged)}>
            <Square size={13} aria-hidden /> {t("sweep.stop")}
          </button>
        )}
      </div>
      <p className={`${own.best} ${classes.buttons}`} data-testid="sweep-best">
        {winner ? (
          <>
            <b>{t("sweep.best", { value: written(winner.best) })}</b>{" "}
            {sweep.axes
              .map(
                (axis, at) => `${axis.title || settingName(axis.path.join("."))} ${settingValue(winner.settings[at])}`,
              )
              .join(" · ")}
            {mayChange && winner.run && (
              <button
                type="button"
                data-primary
                data-testid="sweep-open"
                onClick={() => go(`/b/${board}?settings=${winner.run}`)}
              >
                {t("sweep.open")}
              </button>
            )}
          </>
        ) : (
          t("sweep.bestNone")
        )}
      </p>
      <SweepPicture sweep={sweep} percent={isShare(sweep.metric)} written={written} />
      <section className={classes.scroll} aria-label={t("sweep.which")}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">#</th>
              {sweep.axes.map((axis) => (
                <th key={axis.path.join(".")} scope="col" title={axis.path.join(".")}>
                  {axis.title || settingName(axis.path.join("."))}
                </th>
              ))}
              <th scope="col">{sweep.metric.replace(".", " ")}</th>
              <th scope="col" data-left>
                {t("column.state")}
              </th>
            </tr>
          </thead>
          <tbody>
            {sweep.places.map((place) => (
              <tr key={place.place} data-testid="sweep-place" data-first={place.place === sweep.winner || undefined}>
                <td>{place.place + 1}</td>
                {place.settings.map((setting, at) => (
                  <td key={sweep.axes[at]?.path.join(".")}>{settingValue(setting)}</td>
                ))}
                <td>{written(place.best)}</td>
                <td data-left title={place.why}>
                  <span className={classes.state} data-state={place.state}>
                    {t(`state.${place.state}`)}
                  </span>{" "}
                  <small>{place.why}</small>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
