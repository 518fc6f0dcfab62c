import { BaseEdge, EdgeLabelRenderer, type EdgeProps, useInternalNode } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { edgesOf, outOf } from "../graph/document";
import { mismatch } from "../graph/mismatch";
import { chip, chipWidth } from "../graph/shape";
import { useDocument } from "../state/document";
import { problemOfEdge, useFacts } from "../state/facts";
import { useLevel } from "../state/selection";
import classes from "./wire.module.css";
import { wireWay } from "./wirePath";

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
  const from = useInternalNode(source);
  const to = useInternalNode(target);
  const text = problem ? mismatch(problem, type) : type ? chip(type) : "";
  const below = (node: typeof from, y: number) =>
    node ? node.internals.positionAbsolute.y + (node.measured.height ?? 80) - y : 60;
  const way = wireWay(
    { x: sourceX, y: sourceY },
    { x: targetX, y: targetY },
    { from: below(from, sourceY), to: below(to, targetY) },
    chipWidth(text),
  );
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
      {text && (
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
