import { useTranslation } from "react-i18next";
import type { SweepInfo, SweepPlace } from "../../wire/types";
import { settingName, settingValue } from "./names";
import own from "./sweeps.module.css";

interface SweepPictureProps {
  sweep: SweepInfo;
  percent: boolean;
  written: (value: number | null) => string;
}

/** From 0, the worst, to 1, the best of what is known; losses are told apart by their logarithms. */
export function goodness(places: readonly SweepPlace[], lower: boolean): Map<number, number> {
  const known = places.filter(({ best }) => best !== null) as (SweepPlace & { best: number })[];
  const log = lower && known.every(({ best }) => best > 0);
  const scale = (value: number) => (log ? Math.log(value) : value);
  const values = known.map(({ best }) => scale(best));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return new Map(
    known.map(({ place, best }) => {
      const share = most > least ? (scale(best) - least) / (most - least) : 1;
      return [place, lower && most > least ? 1 - share : share];
    }),
  );
}

const colour = (good: number | undefined): string =>
  good === undefined
    ? "var(--sunken)"
    : `color-mix(in oklab, var(--accent) ${Math.round(8 + 84 * good)}%, var(--panel))`;

/** Two fields of a grid as a heat-map; anything else as lines through all fields. */
export function SweepPicture(props: SweepPictureProps) {
  const { sweep } = props;
  return sweep.axes.length === 2 && sweep.how === "grid" ? <HeatMap {...props} /> : <Parallel {...props} />;
}

const distinct = (values: readonly unknown[]): unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

function HeatMap({ sweep, written }: SweepPictureProps) {
  const { t } = useTranslation("runs");
  const good = goodness(sweep.places, sweep.lower);
  const [down, across] = [0, 1].map((at) => distinct(sweep.places.map(({ settings }) => settings[at]))) as [
    unknown[],
    unknown[],
  ];
  const [nameDown, nameAcross] = sweep.axes.map(({ title, path }) => title || settingName(path.join(".")));
  const best = sweep.places.find(({ place }) => place === sweep.winner)?.best ?? null;
  const at = (row: unknown, column: unknown) =>
    sweep.places.find(
      ({ settings: [a, b] }) =>
        JSON.stringify(a) === JSON.stringify(row) && JSON.stringify(b) === JSON.stringify(column),
    );
  return (
    <figure className={own.heat}>
      <table
        data-testid="sweep-heat"
        aria-label={t("sweep.heatLabel", {
          metric: sweep.metric,
          across: nameAcross,
          down: nameDown,
          value: written(best),
        })}
      >
        <thead>
          <tr>
            <th>
              {nameDown} ↓ · {nameAcross} →
            </th>
            {across.map((value) => (
              <th key={JSON.stringify(value)} scope="col">
                {settingValue(value)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {down.map((row) => (
            <tr key={JSON.stringify(row)}>
              <th scope="row">{settingValue(row)}</th>
              {across.map((column) => {
                const place = at(row, column);
                const its = place && good.get(place.place);
                return (
                  <td
                    key={JSON.stringify(column)}
                    style={{
                      background: colour(its),
                      color: its !== undefined && its > 0.6 ? "var(--on-accent)" : undefined,
                    }}
                    data-known={its !== undefined || undefined}
                    data-best={(place && place.place === sweep.winner) || undefined}
                    data-going={place?.state === "running" || undefined}
                    title={place?.why}
                  >
                    {place ? (place.best !== null ? written(place.best) : t(`state.${place.state}`)) : ""}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <figcaption>
        {t("sweep.low")} <i aria-hidden /> {t("sweep.high")}
      </figcaption>
    </figure>
  );
}

const [WIDTH, HEIGHT, SIDE, TOP] = [900, 260, 60, 26];

function Parallel({ sweep, written }: SweepPictureProps) {
  const { t } = useTranslation("runs");
  const good = goodness(sweep.places, sweep.lower);
  const best = sweep.places.find(({ place }) => place === sweep.winner)?.best ?? null;
  const axes = [
    ...sweep.axes.map((axis, at) => {
      const values = distinct(sweep.places.map(({ settings }) => settings[at]));
      const numbers = values.every((value) => typeof value === "number") ? (values as number[]) : null;
      const scale = (value: number) => (axis.log ? Math.log(value) : value);
      const [least, most] = numbers ? [Math.min(...numbers), Math.max(...numbers)] : [0, 0];
      const place = (value: unknown): number =>
        numbers
          ? most > least
            ? (scale(value as number) - scale(least)) / (scale(most) - scale(least))
            : 0.5
          : values.length > 1
            ? values.findIndex((each) => JSON.stringify(each) === JSON.stringify(value)) / (values.length - 1)
            : 0.5;
      const labels: [number, string][] = numbers
        ? distinct([least, most]).map((value) => [place(value), settingValue(value)])
        : values.map((value) => [place(value), settingValue(value)]);
      return { title: axis.title || settingName(axis.path.join(".")), place, labels };
    }),
  ];
  const x = (at: number) => SIDE + (at * (WIDTH - 2 * SIDE)) / axes.length;
  const y = (share: number) => HEIGHT - TOP - share * (HEIGHT - 2 * TOP);
  const known = sweep.places.filter(({ place }) => good.has(place));
  const ends = known.length > 0 ? [0, 1] : [];
  const extreme = (share: number) => known.find(({ place }) => good.get(place) === share)?.best ?? null;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={own.parallel}
      role="img"
      data-testid="sweep-parallel"
      data-lines={known.length}
      aria-label={t("sweep.parallelLabel", { metric: sweep.metric, value: written(best) })}
    >
      {[...axes.map(({ title }) => title), sweep.metric.replace(".", " ")].map((title, at) => (
        <g key={title}>
          <line x1={x(at)} x2={x(at)} y1={TOP} y2={HEIGHT - TOP} stroke="var(--line-strong)" />
          <text x={x(at)} y={14} textAnchor="middle">
            {title}
          </text>
        </g>
      ))}
      {known
        .toSorted((a, b) => (good.get(a.place) ?? 0) - (good.get(b.place) ?? 0))
        .map((place) => (
          <polyline
            key={place.place}
            fill="none"
            stroke={place.place === sweep.winner ? "var(--accent-text)" : colour(good.get(place.place))}
            strokeWidth={place.place === sweep.winner ? 3 : 1.5}
            points={[
              ...axes.map((axis, at) => `${x(at)},${y(axis.place(place.settings[at]))}`),
              `${x(axes.length)},${y(good.get(place.place) ?? 0)}`,
            ].join(" ")}
          >
            <title>
              {t("sweep.place", { settings: place.settings.map(settingValue).join(", "), value: written(place.best) })}
            </title>
          </polyline>
        ))}
      {axes.map(({ title, labels }, at) =>
        labels.map(([share, words]) => (
          <text key={`${title} ${words}`} x={x(at) + 5} y={y(share) + (share > 0.5 ? -4 : 12)}>
            {words}
          </text>
        )),
      )}
      {ends.map((share) => (
        <text key={share} x={x(axes.length) + 5} y={y(share) + 4}>
          {written(extreme(share))}
        </text>
      ))}
    </svg>
  );
}
