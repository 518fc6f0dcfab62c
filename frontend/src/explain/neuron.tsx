import { useState } from "react";
import { useTranslation } from "react-i18next";
import { GATES, type Gate, weighted } from "./arithmetic";
import classes from "./explain.module.css";
import { Merged } from "./merged";
import { Choice, Slider, Sum } from "./parts";
import { type PictureProps, short } from "./picture";

const INDEX = ["₁", "₂", "₃"];

/** One unit: inputs, weights and a bias to move, an activation to choose. */
export function NeuronPicture({ layer, fields }: PictureProps) {
  const { t } = useTranslation("explain");
  const [x, setX] = useState([1, 0.5, -1]);
  const [w, setW] = useState([0.8, -0.4, 0.3]);
  const [bias, setBias] = useState(0.2);
  const [gate, setGate] = useState<Gate>("identity");
  const b = fields.bias === false ? 0 : bias;
  const z = weighted(x, w, b);
  const y = GATES[gate](z);
  const put = (list: number[], at: number, value: number) => list.map((each, other) => (other === at ? value : each));
  return (
    <div className={classes.stack} data-testid="explain-neuron">
      <svg
        viewBox="0 0 268 116"
        role="img"
        aria-label={t("neuron.label", { value: short(y) })}
        className={classes.picture}
      >
        {x.map((value, at) => {
          const top = 20 + at * 38;
          const weight = w[at] as number;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: an input is its place
            <g key={at}>
              <line
                x1={44}
                y1={top}
                x2={146}
                y2={58}
                className={classes.wire}
                data-negative={weight < 0 || undefined}
                strokeWidth={0.8 + 3 * Math.abs(weight)}
              />
              <Round x={26} y={top} text={short(value, 2)} />
            </g>
          );
        })}
        <line x1={164} y1={58} x2={226} y2={58} className={classes.wire} strokeWidth={1.5} />
        <Round x={146} y={58} text={short(z, 2)} strong />
        <Round x={240} y={58} text={short(y, 2)} strong />
        <text x={146} y={94} className={classes.caption}>
          z
        </text>
        <text x={240} y={94} className={classes.caption}>
          {gate === "identity" ? "y = z" : "y = g(z)"}
        </text>
      </svg>
      <Sum testId="explain-sum">
        {`z = ${x.map((value, at) => `${inBrackets(w[at] as number)}·${inBrackets(value)}`).join(" + ")} + ${inBrackets(b)} = ${short(z, 3)}`}
      </Sum>
      {x.map((value, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an input is its place
        <div key={at} className={classes.two}>
          <Slider name={`x${INDEX[at]}`} value={value} low={-2} high={2} onChange={(next) => setX(put(x, at, next))} />
          <Slider
            name={`w${INDEX[at]}`}
            value={w[at] as number}
            low={-1}
            high={1}
            onChange={(next) => setW(put(w, at, next))}
          />
        </div>
      ))}
      {fields.bias !== false && <Slider name="b" value={bias} low={-2} high={2} onChange={setBias} />}
      <Choice
        label={t("neuron.gate")}
        value={gate}
        onChange={setGate}
        options={(Object.keys(GATES) as Gate[]).map((value) => ({ value, title: t(`neuron.${value}`) }))}
      />
      <p className={classes.note}>{t("neuron.note")}</p>
      {layer.type === "linear" && <Merged />}
    </div>
  );
}

const inBrackets = (value: number) => (value < 0 ? `(${short(value, 2)})` : short(value, 2));

function Round({ x, y, text, strong }: { x: number; y: number; text: string; strong?: boolean }) {
  return (
    <g className={classes.round} data-strong={strong || undefined}>
      <circle cx={x} cy={y} r={18} />
      <text x={x} y={y} fontSize={11}>
        {text}
      </text>
    </g>
  );
}
