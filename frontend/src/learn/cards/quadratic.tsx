import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { height, turning } from "../numbers/slopes";
import { around, Plot, sampled } from "../Plot";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex, texIn } from "../write";

/** C-036; notes 0:142-145. */
function Body() {
  const { t } = useTranslation("learn");
  const [q, setQ] = useState({ a: 10, b: 3, c: 4 });
  const { kind, x, y } = turning(q);
  const middle = kind === "none" ? 0 : x;
  const curve = sampled((at) => height(q, at), middle - 2, middle + 2);
  return (
    <Sides>
      <Side>
        <Row>
          {(["a", "b", "c"] as const).map((name) => (
            <Num
              key={name}
              name={name}
              value={q[name]}
              low={-1000}
              high={1000}
              onChange={(next) => setQ({ ...q, [name]: next })}
            />
          ))}
        </Row>
        <Lines>
          <Line name={t("cards.quadratic.curve")}>{`f(x)=${texIn(q.a)}x^2+${texIn(q.b)}x+${texIn(q.c)}`}</Line>
          <Line name={t("cards.quadratic.slope")}>
            {`f'(x)=${texIn(2 * q.a)}x+${texIn(q.b)}=0${kind === "none" ? "" : `\\;\\Rightarrow\\; x=\\dfrac{${tex(-q.b)}}{${tex(2 * q.a)}}=${tex(x)}`}`}
          </Line>
          {kind !== "none" && (
            <Line name={t("cards.quadratic.there")} testId="least">
              {`f(${tex(x)})=${tex(y)}`}
            </Line>
          )}
        </Lines>
        <Verdict mood={kind === "minimum" ? "good" : "bad"}>
          {t(`cards.quadratic.${kind}`, { x: short(x), y: short(y) })}
        </Verdict>
      </Side>
      <Side>
        <Plot
          label={t("cards.quadratic.curve")}
          x={[middle - 2, middle + 2]}
          y={around(curve.map(([, value]) => value))}
          xName="x"
          yName="f(x)"
          curves={[
            { name: "", tone: "one", points: curve },
            { name: "", tone: "two", points: kind === "none" ? [] : [[x, y]], loose: true },
          ]}
        />
      </Side>
    </Sides>
  );
}

export const quadratic: Card = { id: "quadratic", shelf: "calculators", Body };
