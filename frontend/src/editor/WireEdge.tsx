import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { edgesOf, outOf } from "../graph/document";
import { mismatch } from "../graph/mismatch";
import { chip } from "../graph/shape";
import { useDocument } from "../state/document";
import { problemOfEdge, useFacts } from "../state/facts";
import { useLevel } from "../state/selection";
import { useStage } from "../state/stage";
import { FlowChip } from "./FlowChip";
import { useWires } from "./Wires";
import classes from "./wire.module.css";

/** A wire with the shape that flows along it. */
export const WireEdge = memo(function WireEdge(props: EdgeProps) {
  const { id, source, target, sourceX, sourceY, targetX, targetY, selected } = props;
  const { t } = useTranslation("editor");
  const scope = useLevel((level) => level.scope);
  const prefix = useLevel((level) => level.prefix);
  const port = useDocument((state) => {
    const edge = edgesOf(state.document, scope)[id];
    return edge ? outOf(edge) : "";
  });
  const type = useFacts((state) => state.nodes[prefix + source]?.outputs[port]);
  const problem = useFacts((state) => problemOfEdge(state.problems, prefix, id));
  const updated = useStage((stage) => stage.part === "update");
  const flow = useStage((stage) => (updated ? undefined : stage.flows.get(`${prefix}${source}|${port}`)));
  const found = useWires((state) => state.ways.get(id));
  const text = problem ? mismatch(problem, type) : type ? chip(type) : "";
  const middle = { x: (sourceX + targetX) / 2, y: (sourceY + targetY) / 2 };
  const way = found ?? { d: `M${sourceX},${sourceY}L${targetX},${targetY}`, label: middle };
  return (
    <>
      <g data-testid={`edge-${id}`} data-problem={problem ? true : undefined}>
        <BaseEdge
          id={id}
          path={way.d}
          interactionWidth={22}
          className={problem ? classes.wrong : selected ? classes.selected : classes.wire}
        />
      </g>
      {flow && <FlowChip id={id} flow={flow} at={way.label} />}
      {text && !flow && !updated && (
        <EdgeLabelRenderer>
          <div
            className={`${problem ? classes.wrongChip : selected ? classes.selectedChip : classes.chip} mono`}
            style={{ transform: `translate(-50%, -50%) translate(${way.label.x}px, ${way.label.y}px)` }}
            title={problem ? problem.message : t("edge.label", { from: source, to: target, type: type ?? "" })}
            data-testid={`chip-${id}`}
          >
            {text}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
