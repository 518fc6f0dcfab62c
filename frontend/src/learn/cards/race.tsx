import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice, Player, usePlayer } from "../../explain/parts";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import classes from "../learn.module.css";
import { OPTIMIZERS, type OptimizerName, settingsOf, trajectory } from "../numbers/optimizers";
import { SURFACES, type SurfaceName } from "../numbers/surfaces";
import { Note, Num, Row, Side, Sides, Table } from "../parts";
import { Relief } from "../Relief";
import own from "./race.module.css";

const STEPS = 120;
const NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];
const TITLES: Record<OptimizerName, string> = {
  sgd: "SGD",
  averaged: "SGD, μ averaged",
  momentum: "SGD, momentum",
  nesterov: "Nesterov",
  adagrad: "AdaGrad",
  rmsprop: "RMSprop",
  adadelta: "AdaDelta",
  adam: "Adam",
  adamw: "AdamW",
};

/** V-022, T-004…T-009; notes 1:144-234, 2:91-119. */
function Body() {
  const { t } = useTranslation("learn");
  const [surface, setSurface] = useState<SurfaceName>("ravine");
  const [start, setStart] = useState<[number, number] | null>(null);
  const [chosen, setChosen] = useState<readonly OptimizerName[]>(["sgd", "momentum", "rmsprop", "adam"]);
  const [rates, setRates] = useState<Partial<Record<OptimizerName, number>>>({});
  const player = usePlayer(STEPS + 1, 60);
  const land = SURFACES[surface];
  const [x, y] = start ?? land.start;
  const paths = useMemo(
    () =>
      chosen.map((name) => {
        const usual = settingsOf(name);
        return {
          name,
          path: trajectory(name, { ...usual, lr: rates[name] ?? usual.lr }, land.gradient, [x, y], STEPS),
        };
      }),
    [chosen, rates, land, x, y],
  );
  // Until somebody plays, the whole way is there.
  const shown = player.at === 0 && !player.playing ? STEPS : player.at;
  const rows = paths.map(({ name, path }) => {
    const place = path[Math.min(shown, path.length - 1)] as [number, number];
    const loss = land.f(...place);
    // Who runs through the bottom and out again has not arrived.
    const late = path.slice(0, shown + 1).findLastIndex((each) => !(land.f(...each) < land.least + 0.01));
    const reached = late + 1 < Math.min(shown + 1, path.length) ? late + 1 : -1;
    return { name, loss, reached };
  });
  const best = Math.min(...rows.map(({ loss }) => (Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY)));
  return (
    <Sides>
      <Side>
        <Relief surface={land} label={t("cards.race.label")} onPlace={(a, b) => setStart([a, b])} testId="race">
          {(toX, toY) => (
            <>
              {paths.map(({ name, path }) => {
                const way = path.slice(0, shown + 1);
                const [a, b] = way[way.length - 1] as [number, number];
                const held = (value: number) => Math.max(-2000, Math.min(2000, value));
                return (
                  <g key={name} className={own.racer} data-racer={name} data-testid={`racer-${name}`}>
                    <polyline
                      points={way.map(([u, v]) => `${held(toX(u)).toFixed(1)},${held(toY(v)).toFixed(1)}`).join(" ")}
                    />
                    <circle cx={held(toX(a))} cy={held(toY(b))} r={5} />
                  </g>
                );
              })}
              <circle cx={toX(x)} cy={toY(y)} r={6} className={classes.ring} />
            </>
          )}
        </Relief>
        <Player player={player} count={STEPS + 1} label={t("cards.race.steps")} />
        <Note>{t(`cards.race.${surface}`)}</Note>
      </Side>
      <Side>
        <Choice
          label={t("cards.race.surface")}
          value={surface}
          onChange={(next) => {
            setSurface(next);
            setStart(null);
            player.go(0);
          }}
          options={(Object.keys(SURFACES) as SurfaceName[]).map((value) => ({
            value,
            title: t(`cards.race.surfaces.${value}`),
          }))}
        />
        <Row title={t("cards.race.start")}>
          <Num name="x" value={x} low={land.x[0]} high={land.x[1]} onChange={(next) => setStart([next, y])} />
          <Num name="y" value={y} low={land.y[0]} high={land.y[1]} onChange={(next) => setStart([x, next])} />
        </Row>
        <Row title={t("cards.race.racers")}>
          {NAMES.map((name) => (
            <label key={name} className={own.tick} data-racer={name}>
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={(event) =>
                  setChosen(
                    event.currentTarget.checked
                      ? NAMES.filter((each) => each === name || chosen.includes(each))
                      : chosen.filter((each) => each !== name),
                  )
                }
              />
              <i />
              {TITLES[name]}
            </label>
          ))}
        </Row>
        <Table
          label={t("cards.race.title")}
          heads={["", t("cards.race.rate"), t("cards.race.loss"), t("cards.race.reached")]}
          rows={rows.map(({ name, loss, reached }) => ({
            key: name,
            lit: loss === best,
            cells: [
              TITLES[name],
              <Num
                key="rate"
                label={`${TITLES[name]}: ${t("cards.race.rate")}`}
                value={rates[name] ?? settingsOf(name).lr}
                low={0}
                high={10}
                onChange={(next) => setRates({ ...rates, [name]: next })}
              />,
              Number.isFinite(loss) && loss < 1e6 ? short(loss, 4) : t("cards.race.away"),
              reached >= 0 ? t("cards.race.after", { n: reached }) : "–",
            ],
          }))}
        />
      </Side>
    </Sides>
  );
}

export const race: Card = { id: "race", shelf: "figures", boards: ["linear-regression", "spiral"], Body };
