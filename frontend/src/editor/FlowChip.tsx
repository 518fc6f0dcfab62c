import { EdgeLabelRenderer } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import type { Flow, Spread } from "../state/stage";
import classes from "./wire.module.css";

/** One number as it is; many as their mean and how far they lie round it. */
export const spoken = ({ mean, std, least, most }: Spread): string =>
  least === most ? format.value(mean) : `${format.value(mean)} ± ${format.value(std)}`;

interface FlowChipProps {
  id: string;
  flow: Flow;
  at: { x: number; y: number };
}

/** On a wire, while a step is taken part by part: what flows along it, and below it the slope that comes back. */
export function FlowChip({ id, flow, at }: FlowChipProps) {
  const { t } = useTranslation("dock");
  const words = ({ mean, std, least, most }: Spread) => ({
    mean: format.value(mean),
    std: format.value(std),
    least: format.value(least),
    most: format.value(most),
  });
  const { value, slope } = flow;
  return (
    <EdgeLabelRenderer>
      <div
        className={`${classes.flow} mono`}
        style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
        title={[t("step.flow", words(value)), slope && t("step.flowSlope", words(slope))].filter(Boolean).join("\n")}
        data-testid={`flow-${id}`}
      >
        <b>{spoken(value)}</b>
        {slope && <span>{spoken(slope)}</span>}
      </div>
    </EdgeLabelRenderer>
  );
}
