import {
  CopyPlus,
  Group,
  Hand,
  Maximize,
  MousePointer2,
  Trash2,
  UnfoldVertical,
  Ungroup,
  Workflow,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { nodesOf } from "../graph/document";
import { hasBlocks } from "../graph/unfold";
import { useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { onlyNode, useLevel, useSelection } from "../state/selection";
import { type Tool, useUi } from "../state/ui";
import * as actions from "./actions";
import * as camera from "./camera";
import { IconButton } from "./IconButton";
import classes from "./tools.module.css";

/** The floating tools above the canvas. */
export function Tools() {
  const { t } = useTranslation("editor");
  const tool = useUi((state) => state.tool);
  const editable = useMayEdit();
  const any = useSelection((state) => state.nodes.size + state.edges.size > 0);
  const nodes = useSelection((state) => state.nodes.size > 0);
  const unfolded = useUi((state) => state.unfolded);
  const unrolled = useUi((state) => state.unrolled !== "");
  const blocks = useDocument(({ document }) => hasBlocks(document));
  const scope = useLevel((level) => level.scope);
  const only = useSelection(onlyNode);
  const block = useDocument((state) => (only ? nodesOf(state.document, scope)[only]?.type === "block" : false));
  const prefix = useLevel((level) => level.prefix);
  const recurrent = useFacts((state) => (only ? state.nodes[prefix + only]?.views.includes("states") : false));
  const pick = (next: Tool) => () => useUi.setState({ tool: next });
  return (
    <div className={classes.tools} role="toolbar" aria-label={t("tools.label")}>
      <IconButton
        label={t("tools.select")}
        keys="V"
        pressed={tool === "select"}
        testId="tool-select"
        onClick={pick("select")}
      >
        <MousePointer2 size={18} />
      </IconButton>
      <IconButton label={t("tools.pan")} keys="H" pressed={tool === "pan"} testId="tool-pan" onClick={pick("pan")}>
        <Hand size={18} />
      </IconButton>
      <span className={classes.rule} aria-hidden />
      {editable && (
        <>
          <IconButton
            label={t("tools.duplicate")}
            keys="mod+D"
            testId="duplicate"
            disabled={!nodes}
            onClick={actions.duplicate}
          >
            <CopyPlus size={18} />
          </IconButton>
          <IconButton
            label={t(block ? "menu.ungroup" : "menu.group")}
            keys={block ? "mod+shift+G" : "mod+G"}
            testId="group-tool"
            disabled={!nodes}
            onClick={block ? actions.ungroupSelected : actions.groupSelected}
          >
            {block ? <Ungroup size={18} /> : <Group size={18} />}
          </IconButton>
          <IconButton
            label={t("tools.delete")}
            keys="⌫"
            testId="delete"
            disabled={!any}
            onClick={actions.removeSelected}
          >
            <Trash2 size={18} />
          </IconButton>
          <span className={classes.rule} aria-hidden />
          <IconButton
            label={t("tools.layout")}
            keys="L"
            testId="layout"
            disabled={unfolded || unrolled}
            onClick={() => void actions.arrange()}
          >
            <Workflow size={18} />
          </IconButton>
        </>
      )}
      {(blocks || recurrent || unrolled) && (
        <IconButton
          label={t(unfolded || unrolled ? "tools.fold" : recurrent ? "tools.unroll" : "tools.unfold")}
          keys="U"
          pressed={unfolded || unrolled}
          testId="unfold"
          onClick={actions.toggleUnfolded}
        >
          <UnfoldVertical size={18} />
        </IconButton>
      )}
      <IconButton label={t("tools.fit")} keys="F" testId="fit" onClick={() => camera.showAll()}>
        <Maximize size={18} />
      </IconButton>
    </div>
  );
}
