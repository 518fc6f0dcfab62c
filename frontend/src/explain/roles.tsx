import { useState } from "react";
import { useTranslation } from "react-i18next";
import { backward, ROLES, type Role } from "./arithmetic";
import classes from "./explain.module.css";
import { Choice, Slider, Sum } from "./parts";
import { type PictureProps, short } from "./picture";

const SIGNS: Record<Role, string> = { add: "+", subtract: "−", multiply: "×", max: "max", copy: "=" };

const roleOf = (type: string): Role =>
  ROLES.find((role) => type.startsWith(role)) ?? (type.startsWith("max") ? "max" : "add");

/** What a joint does on the way back: numbers forward above the wires, gradients below. */
export function RolesPicture({ layer }: PictureProps) {
  const { t } = useTranslation("explain");
  const [role, setRole] = useState<Role>(roleOf(layer.type));
  const [x, setX] = useState(3);
  const [y, setY] = useState(-2);
  const [gradient, setGradient] = useState(2);
  const other = -1;
  const { value, gradients } = backward(role, x, y, gradient, other);
  const two = role !== "copy";
  const ins = two ? [34, 96] : [65];
  const outs = two ? [65] : [34, 96];
  return (
    <div className={classes.stack} data-testid="explain-roles">
      <svg
        viewBox="0 0 268 130"
        role="img"
        aria-label={t("roles.label", {
          value: short(value, 2),
          gradients: gradients.map((each) => short(each, 2)).join(", "),
        })}
        className={classes.picture}
      >
        {ins.map((top, at) => (
          <g key={top}>
            <path d={`M16 ${top} H84 Q104 ${top} 116 65`} className={classes.flow} />
            <text x={52} y={top - 8} className={classes.figureText}>
              {short(at === 0 ? x : y, 2)}
            </text>
            <text x={52} y={top + 12} className={classes.back}>
              {short(gradients[at] as number, 2)}
            </text>
          </g>
        ))}
        {outs.map((top, at) => (
          <g key={top}>
            <path d={`M152 65 Q164 ${top} 184 ${top} H252`} className={classes.flow} />
            <text x={218} y={top - 8} className={classes.figureText}>
              {short(value, 2)}
            </text>
            <text x={218} y={top + 12} className={classes.back}>
              {short(at === 0 ? gradient : other, 2)}
            </text>
          </g>
        ))}
        <g className={classes.round} data-strong>
          <circle cx={134} cy={65} r={20} />
          <text x={134} y={65} fontSize={13}>
            {SIGNS[role]}
          </text>
        </g>
      </svg>
      <p className={classes.legend}>
        <b>{t("roles.forward")}</b> <i>{t("roles.backward")}</i>
      </p>
      <Choice
        label={t("roles.choose")}
        value={role}
        onChange={setRole}
        options={ROLES.map((each) => ({ value: each, title: t(`roles.${each}`) }))}
      />
      <Slider name="x" value={x} low={-5} high={5} step={0.5} onChange={setX} />
      {two && <Slider name="y" value={y} low={-5} high={5} step={0.5} onChange={setY} />}
      <Slider name={t("roles.gradient")} value={gradient} low={-3} high={3} step={0.5} onChange={setGradient} />
      <Sum testId="explain-sum">{t(`roles.${role}Rule`)}</Sum>
    </div>
  );
}
