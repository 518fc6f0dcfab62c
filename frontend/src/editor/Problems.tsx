import { Popover } from "@mantine/core";
import { CircleCheck, Lightbulb, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { levelOf, nodesOf, trailTo } from "../graph/document";
import { layerOf } from "../state/catalogue";
import { currentDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { goTo } from "../state/selection";
import type { Problem } from "../wire/types";
import * as camera from "./camera";
import { FixButtons } from "./FixButtons";
import { withoutLabel } from "./NodeCard";
import classes from "./tools.module.css";
import { titleOf } from "./useNode";

/** Goes to the node that a problem is about, into its block if need be. */
export function showProblem({ node }: Problem): void {
  if (node !== null) showNode(node);
}

/** Goes to the node at a path, into its block if need be; false where there is none. */
export function showNode(path: string): boolean {
  const found = trailTo(currentDocument(), path);
  if (!found) return false;
  goTo(found.trail, [found.node]);
  requestAnimationFrame(() => requestAnimationFrame(() => camera.reveal([found.node])));
  return true;
}

/** Everything that is wrong, each with its ways out. */
export function Problems() {
  const { t } = useTranslation("editor");
  const problems = useFacts((state) => state.problems);
  const known = useFacts((state) => state.known);
  const count = (which: Problem["severity"]) => problems.filter(({ severity }) => severity === which).length;
  const [errors, advice, ideas] = [count("error"), count("warning"), count("info")];
  // An idea is nothing wrong: it is said calmly, and only where nothing else is to be said.
  const tone = errors > 0 ? "error" : advice > 0 ? "warning" : ideas > 0 ? "info" : "good";
  const words = {
    error: t("problems.count", { count: errors }),
    warning: t("problems.advice", { count: advice }),
    info: t("problems.idea", { count: ideas }),
    good: t("problems.none"),
  }[tone];
  const Sign = { error: TriangleAlert, warning: TriangleAlert, info: Lightbulb, good: CircleCheck }[tone];
  if (!known) return null;
  return (
    <Popover position="top-start" shadow="md" width={400} withArrow trapFocus>
      <Popover.Target>
        <button type="button" className={classes.problems} data-tone={tone} data-testid="problems">
          <Sign size={14} aria-hidden />
          {words}
        </button>
      </Popover.Target>
      <Popover.Dropdown data-testid="problems-list">
        {problems.length === 0 ? (
          <p className={classes.clean}>{t("problems.clean")}</p>
        ) : (
          <ul className={classes.list}>
            {problems.map((problem, at) => (
              <li
                key={`${problem.code} ${problem.node} ${problem.message}`}
                className={classes.problem}
                data-severity={problem.severity}
              >
                {problem.node !== null && (
                  <button type="button" className={classes.where} onClick={() => showProblem(problem)}>
                    {nameOf(problem.node)}
                  </button>
                )}
                <p>
                  {withoutLabel(problem.message)} {problem.hint}
                </p>
                <FixButtons problem={problem} prefix={`problem-${at}-fix`} />
              </li>
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** `Encoder › Linear`: what people call the node at a path. */
function nameOf(path: string): string {
  const document = currentDocument();
  const found = trailTo(document, path);
  if (!found) return path;
  const names = [...found.trail.map((_, at) => found.trail.slice(0, at + 1)), null].map((trail) => {
    const level = levelOf(document, trail ? trail.slice(0, -1) : found.trail);
    const id = trail ? (trail.at(-1)?.node ?? "") : found.node;
    const node = nodesOf(document, level.scope)[id];
    return node ? titleOf(node, layerOf(node.type), document.blocks?.[node.block ?? ""]?.title) : id;
  });
  return names.join(" › ");
}
