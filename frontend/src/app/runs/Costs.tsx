import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { axisText } from "../../charts/axisText";
import { Canvas, type Draw } from "../../charts/Canvas";
import { ticks } from "../../charts/longLines";
import { useTheme } from "../../views/view";
import type { RunRow } from "../../wire/types";
import { isShare, numbered, useMeasureName, useWritten } from "./names";
import type { View } from "./Runs";
import { COSTS, front, isLower, type Measure, numberOf } from "./rank";
import classes from "./runs.module.css";

const MARGIN = { left: 52, right: 14, top: 10, bottom: 22 };

interface CostsProps {
  rows: readonly RunRow[];
  view: View;
  chosen: ReadonlySet<string>;
}

/** Every run by what it gave and what it cost; those that no other one beats are filled. */
export function Costs({ rows, view: { by, best }, chosen }: CostsProps) {
  const { t } = useTranslation("runs");
  const theme = useTheme();
  const write = useWritten();
  const measureName = useMeasureName();
  const [cost, setCost] = useState<(typeof COSTS)[number]>("seconds");
  const [at, setAt] = useState<{ x: number; y: number; width: number } | null>(null);
  const metric: Measure = by.startsWith("metric:") ? by : "metric:validation.loss";
  const points = useMemo(
    () =>
      rows.flatMap((row) => {
        const [price, value] = [numberOf(row, cost, best), numberOf(row, metric, best)];
        return price === null || value === null ? [] : [{ id: row.run.id, cost: price, value }];
      }),
    [rows, cost, metric, best],
  );
  const best_ = useMemo(() => front(points, isLower(metric)), [points, metric]);
  const number = useMemo(() => numbered(rows), [rows]);
  const place = useCallback(
    (width: number, height: number) => {
      const span = (values: number[]): [number, number] => {
        const [least, most] = [Math.min(...values), Math.max(...values)];
        const room = 0.08 * (most - least || Math.abs(most) || 1);
        return [least - room, most + room];
      };
      const [x0, x1] = span(points.map((point) => point.cost));
      const [y0, y1] = span(points.map((point) => point.value));
      return {
        x0,
        x1,
        y0,
        y1,
        across: (x: number) => MARGIN.left + ((x - x0) / (x1 - x0)) * (width - MARGIN.left - MARGIN.right),
        down: (y: number) => height - MARGIN.bottom - ((y - y0) / (y1 - y0)) * (height - MARGIN.top - MARGIN.bottom),
      };
    },
    [points],
  );
  const draw = useCallback<Draw>(
    (context, width, height, ink) => {
      if (points.length === 0) return;
      const { x0, x1, y0, y1, across, down } = place(width, height);
      context.font = `11px ${ink.mono}`;
      context.strokeStyle = ink.line;
      context.fillStyle = ink.dim;
      context.textAlign = "right";
      context.textBaseline = "middle";
      for (const tick of ticks(y0, y1, 4)) {
        context.beginPath();
        context.moveTo(MARGIN.left, down(tick));
        context.lineTo(width - MARGIN.right, down(tick));
        context.stroke();
        context.fillText(axisText(tick, isShare(metric)), MARGIN.left - 6, down(tick));
      }
      context.textAlign = "center";
      for (const tick of ticks(x0, x1, Math.max(2, width / 110))) {
        if (tick >= 0) context.fillText(write(cost, tick), across(tick), height - 9);
      }
      const edge = points.filter(({ id }) => best_.has(id)).sort((a, b) => a.cost - b.cost);
      context.strokeStyle = ink.accent;
      context.setLineDash([4, 4]);
      context.beginPath();
      for (const point of edge) context.lineTo(across(point.cost), down(point.value));
      context.stroke();
      context.setLineDash([]);
      for (const point of points) {
        context.beginPath();
        context.arc(across(point.cost), down(point.value), chosen.has(point.id) ? 6 : 4.5, 0, 2 * Math.PI);
        context.fillStyle = best_.has(point.id) ? ink.accent : ink.panel;
        context.strokeStyle = best_.has(point.id) ? ink.accent : ink.dim;
        context.lineWidth = chosen.has(point.id) ? 2 : 1.25;
        context.fill();
        context.stroke();
      }
    },
    [points, best_, chosen, cost, metric, place, write],
  );
  const near = useMemo(() => {
    if (!at || points.length === 0) return null;
    const { across, down } = place(at.width, 170);
    const far = (point: { cost: number; value: number }) =>
      Math.hypot(across(point.cost) - at.x, down(point.value) - at.y);
    const nearest = points.reduce((a, b) => (far(b) < far(a) ? b : a));
    return far(nearest) < 14 ? { ...nearest, left: across(nearest.cost), top: down(nearest.value) } : null;
  }, [at, points, place]);
  return (
    <section aria-labelledby="costs">
      <div className={classes.tools}>
        <h2 id="costs">{t("costTitle")}</h2>
        <label>
          <span className="heard">{t("cost")}</span>
          <select
            value={cost}
            data-testid="costs-by"
            onChange={(event) => setCost(event.currentTarget.value as (typeof COSTS)[number])}
          >
            {COSTS.map((each) => (
              <option key={each} value={each}>
                {measureName(each)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {points.length === 0 ? (
        <p className={classes.said}>{t("costNone")}</p>
      ) : (
        <>
          <div className={classes.scatter} data-testid="costs" data-front={best_.size} data-points={points.length}>
            <Canvas
              draw={draw}
              theme={theme}
              label={t("costLabel", {
                value: measureName(metric),
                cost: measureName(cost),
                count: points.length,
                front: best_.size,
              })}
              onPoint={(point) =>
                setAt(point && { ...point, width: document.querySelector("[data-testid=costs]")?.clientWidth ?? 0 })
              }
            >
              {near && (
                <span
                  className={classes.tip}
                  style={{ left: `min(${near.left + 8}px, calc(100% - 170px))`, top: Math.max(0, near.top - 30) }}
                >
                  {t("run", { number: number.get(near.id) })}: {write(metric, near.value)}, {write(cost, near.cost)}
                </span>
              )}
            </Canvas>
          </div>
          <small className={classes.dim}>{t("costHint")}</small>
        </>
      )}
    </section>
  );
}
