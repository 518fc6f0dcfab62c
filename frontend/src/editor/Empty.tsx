import { useTranslation } from "react-i18next";
import { nodesOf } from "../graph/document";
import { useBoard, useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { useLevel } from "../state/selection";
import classes from "./empty.module.css";

/** What to do first, where there is nothing yet. */
export function Empty() {
  const { t } = useTranslation("editor");
  const synced = useBoard((state) => state.synced);
  const editable = useMayEdit();
  const scope = useLevel((level) => level.scope);
  const empty = useDocument((state) => Object.keys(nodesOf(state.document, scope)).length === 0);
  if (!synced || !empty) return null;
  return (
    <div className={classes.empty}>
      <strong>{t("canvas.empty")}</strong>
      {editable && <p>{t("canvas.emptyHint")}</p>}
    </div>
  );
}
