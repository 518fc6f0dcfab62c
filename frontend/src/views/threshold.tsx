import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Course } from "../charts/Course";
import * as format from "../charts/format";
import { type Counts, countsAt, courseOf, ratesOf } from "../charts/yesNo";
import { floatsOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import own from "./threshold.module.css";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

const RATES = ["accuracy", "precision", "recall", "f1"] as const;

/** A question of yes or no: from which share on an answer counts as yes, and what that finds and misses. */
export function ThresholdView({ node }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const [threshold, setThreshold] = useState(0.5);
  const frame = useFrame(wishFor("threshold", node, 0), box);
  const shares = frame && floatsOf(frame, "shares")?.data;
  const truth = frame && integersOf(frame, "truth")?.data;
  const course = useMemo(() => (shares && truth ? courseOf(shares, truth) : null), [shares, truth]);
  const counts = useMemo(
    () => (shares && truth ? countsAt(shares, truth, threshold) : null),
    [shares, truth, threshold],
  );
  const names = (frame?.header.about as { classes?: string[] } | undefined)?.classes ?? ["0", "1"];
  const axes = useMemo(
    () => ({
      roc: [t("threshold.alarm"), t("threshold.recall")] as const,
      precision: [t("threshold.recall"), t("threshold.precision")] as const,
    }),
    [t],
  );
  const rates = counts && ratesOf(counts);
  const places = useMemo(
    () =>
      rates && {
        roc: [rates.alarm, rates.recall] as const,
        precision: [rates.recall, rates.precision] as const,
      },
    [rates],
  );
  return (
    <div ref={box} className={own.threshold} data-testid="view-threshold">
      {course && counts && rates && places ? (
        <>
          <div className={own.thresholdSide}>
            <label>
              <span>{t("threshold.choose", { name: names[1] })}</span>
              <output data-testid="threshold-value">{threshold.toFixed(2)}</output>
              <input
                type="range"
                min={0}
                max={1}
                step={0.01}
                value={threshold}
                data-testid="threshold"
                onChange={(event) => setThreshold(Number(event.currentTarget.value))}
              />
            </label>
            <Table counts={counts} names={names} />
            <dl>
              {RATES.map((rate) => (
                <div key={rate} title={t(`threshold.${rate}Help`)}>
                  <dt>{t(`threshold.${rate}`)}</dt>
                  <dd data-testid={`rate-${rate}`}>
                    {Number.isFinite(rates[rate]) ? format.percent(rates[rate]) : "–"}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
          <div className={own.course}>
            <div className={classes.fill}>
              <Course
                across={course.alarm}
                up={course.recall}
                at={places.roc}
                diagonal
                names={axes.roc}
                theme={theme}
                label={t("threshold.rocLabel")}
              />
            </div>
            <p title={t("threshold.areaHelp")}>
              {t("threshold.area", { area: Number.isFinite(course.area) ? course.area.toFixed(3) : "–" })}
            </p>
          </div>
          <div className={own.course}>
            <div className={classes.fill}>
              <Course
                across={course.recall}
                up={course.precision}
                at={places.precision}
                names={axes.precision}
                theme={theme}
                label={t("threshold.precisionLabel")}
              />
            </div>
            <p>{t("threshold.caption")}</p>
          </div>
        </>
      ) : (
        <Waiting subject="confusion" />
      )}
    </div>
  );
}

/** The four counts: rows the truth, columns what is said. */
function Table({ counts, names }: { counts: Counts; names: readonly string[] }) {
  const { t } = useTranslation("dock");
  const [no, yes] = [names[0] ?? "0", names[1] ?? "1"];
  return (
    <table aria-label={t("threshold.table")}>
      <thead>
        <tr>
          <td />
          <th scope="col">{t("threshold.said", { name: no })}</th>
          <th scope="col">{t("threshold.said", { name: yes })}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t("threshold.true", { name: no })}</th>
          <td data-right>{counts.rest}</td>
          <td>{counts.alarms}</td>
        </tr>
        <tr>
          <th scope="row">{t("threshold.true", { name: yes })}</th>
          <td>{counts.misses}</td>
          <td data-right>{counts.hits}</td>
        </tr>
      </tbody>
    </table>
  );
}
