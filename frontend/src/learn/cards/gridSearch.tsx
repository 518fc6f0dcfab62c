import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import { exact } from "../../graph/amount";
import type { Card } from "../card";
import classes from "../learn.module.css";
import { evaluations, gridPlaces } from "../numbers/slopes";
import { SURFACES } from "../numbers/surfaces";
import { Line, Lines, Note, Num, Row, Side, Sides, Verdict } from "../parts";
import { Relief } from "../Relief";

const YEAR = 365.25 * 86_400;

/** C-037, T-011; notes 0:148-156. */
function Body() {
  const { t } = useTranslation("learn");
  const [points, setPoints] = useState(10);
  const [dimensions, setDimensions] = useState(3);
  const count = evaluations(points, dimensions);
  const seconds = count / 1e6;
  const surface = SURFACES.banana;
  const places = gridPlaces(...surface.x, points).flatMap((x) =>
    gridPlaces(...surface.y, points).map((y) => ({ x, y, value: surface.f(x, y) })),
  );
  const best = places.reduce((a, b) => (b.value < a.value ? b : a));
  const time =
    seconds < 86_400
      ? t("cards.grid-search.seconds", { n: short(Number(seconds.toPrecision(3))) })
      : seconds < YEAR
        ? t("cards.grid-search.days", { n: exact(Math.round(seconds / 86_400)) })
        : t("cards.grid-search.years", { n: exact(Math.round(seconds / YEAR)) });
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.grid-search.points")} value={points} low={2} high={40} whole onChange={setPoints} />
          <Num
            name={t("cards.grid-search.dimensions")}
            value={dimensions}
            low={1}
            high={12}
            whole
            onChange={setDimensions}
          />
        </Row>
        <Lines>
          <Line name={t("cards.grid-search.count")} testId="count">
            {`${points}^{${dimensions}}=${exact(count).replaceAll(",", "\\,")}`}
          </Line>
        </Lines>
        <Verdict mood={seconds > 86_400 ? "bad" : "plain"}>{t("cards.grid-search.time", { time })}</Verdict>
        <Note>
          {t("cards.grid-search.found", {
            value: short(best.value, 3),
            x: short(best.x, 2),
            y: short(best.y, 2),
            least: 0,
          })}
        </Note>
      </Side>
      <Side>
        <Relief surface={surface} label={t("cards.grid-search.plot")}>
          {(toX, toY) => (
            <>
              {places.map(({ x, y }) => (
                <circle key={`${x} ${y}`} cx={toX(x)} cy={toY(y)} r={points > 20 ? 1 : 2} className={classes.place} />
              ))}
              <circle cx={toX(1)} cy={toY(1)} r={4} className={classes.goal} />
              <circle cx={toX(best.x)} cy={toY(best.y)} r={7} className={classes.ring} />
            </>
          )}
        </Relief>
      </Side>
    </Sides>
  );
}

export const gridSearch: Card = { id: "grid-search", shelf: "calculators", Body };
