import { useTranslation } from "react-i18next";
import { chooseCurves, useCurveChoice } from "../state/curveChoice";
import { AXES, type Axis } from "../state/runSeries";

/** How curves are drawn: along what, on which scale, how smooth. */
export function CurveTools({ testId }: { testId: string }) {
  const { t } = useTranslation("curves");
  const { axis, log, smoothing } = useCurveChoice();
  return (
    <>
      <label>
        {t("axis.label")}
        <select
          value={axis}
          data-testid={`${testId}-axis`}
          onChange={(event) => chooseCurves({ axis: event.currentTarget.value as Axis })}
        >
          {AXES.map((each) => (
            <option key={each} value={each}>
              {t(`axis.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        aria-pressed={log}
        title={t("logHelp")}
        data-testid={`${testId}-log`}
        onClick={() => chooseCurves({ log: !log })}
      >
        {t("log")}
      </button>
      <label title={t("smoothingHelp")}>
        {t("smoothing")}
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          data-testid={`${testId}-smoothing`}
          onChange={(event) => chooseCurves({ smoothing: event.currentTarget.valueAsNumber })}
        />
      </label>
    </>
  );
}
