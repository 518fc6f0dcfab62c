import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { nodesOf, type Trail } from "../graph/document";
import { useDocument } from "../state/document";
import { goTo, useLevel } from "../state/selection";
import classes from "./tools.module.css";

/** Inside a block: the way back, and which copy of a repeated block one looks at. */
export function Breadcrumbs() {
  const { t } = useTranslation("editor");
  const trail = useLevel((level) => level.trail);
  const document = useDocument((state) => state.document);
  if (trail.length === 0) return null;
  let scope = "";
  const steps = trail.map(({ node, index }, at) => {
    const instance = nodesOf(document, scope)[node];
    scope = instance?.block ?? "";
    return {
      trail: trail.slice(0, at + 1),
      title: instance?.name || document.blocks?.[scope]?.title || node,
      times: instance?.mode === "repeat" ? (instance.times ?? 1) : 1,
      index,
    };
  });
  const here = steps.at(-1);
  const copy = (index: number): Trail => [...trail.slice(0, -1), { node: trail.at(-1)?.node ?? "", index }];
  return (
    <nav className={classes.trail} aria-label={t("canvas.breadcrumbs")} data-testid="breadcrumbs">
      <ol>
        <li>
          <button type="button" onClick={() => goTo([], [trail[0]?.node ?? ""])} data-testid="breadcrumb-top">
            <ChevronLeft size={15} aria-hidden />
            {t("canvas.top")}
          </button>
        </li>
        {steps.slice(0, -1).map((step) => (
          <li key={step.trail.length}>
            <ChevronRight size={13} aria-hidden />
            <button type="button" onClick={() => goTo(step.trail)}>
              {step.title}
            </button>
          </li>
        ))}
        <li aria-current="page">
          <ChevronRight size={13} aria-hidden />
          <span className={classes.here}>{here?.title}</span>
        </li>
      </ol>
      {here && here.times > 1 && (
        <span className={classes.copies}>
          <button
            type="button"
            aria-label={t("canvas.previousCopy")}
            disabled={here.index === 0}
            onClick={() => goTo(copy(here.index - 1))}
          >
            <ChevronLeft size={15} aria-hidden />
          </button>
          {t("canvas.copyOf", { at: here.index + 1, count: here.times })}
          <button
            type="button"
            aria-label={t("canvas.nextCopy")}
            disabled={here.index >= here.times - 1}
            onClick={() => goTo(copy(here.index + 1))}
          >
            <ChevronRight size={15} aria-hidden />
          </button>
        </span>
      )}
    </nav>
  );
}
