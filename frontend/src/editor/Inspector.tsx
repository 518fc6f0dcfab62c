import { useTranslation } from "react-i18next";
import { onlyNode, useSelection } from "../state/selection";
import { BlockPanel } from "./BlockPanel";
import classes from "./inspector.module.css";
import { NodePanel } from "./NodePanel";
import { RecipePanel } from "./RecipePanel";
import { SeveralPanel } from "./SeveralPanel";
import { useKnown } from "./useNode";
import { WirePanel } from "./WirePanel";

/** What is known of the selection, and what can be set of it; of the whole board where nothing is selected. */
export function Inspector() {
  const { t } = useTranslation("editor");
  const selection = useSelection();
  const node = onlyNode(selection);
  const { nodes, edges } = selection;
  const [edge] = edges;
  return (
    <aside className={classes.inspector} aria-label={t("inspector.label")} data-testid="inspector">
      {node ? (
        <One key={node} id={node} />
      ) : nodes.size === 0 && edge && edges.size === 1 ? (
        <WirePanel id={edge} />
      ) : nodes.size + edges.size > 0 ? (
        <SeveralPanel />
      ) : (
        <RecipePanel />
      )}
    </aside>
  );
}

function One({ id }: { id: string }) {
  const known = useKnown(id);
  if (!known) return <RecipePanel />;
  return known.node.type === "block" ? <BlockPanel known={known} /> : <NodePanel known={known} />;
}
