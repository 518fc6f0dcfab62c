import { Pin, PinOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { exposedAs } from "../graph/exposed";
import { useDocument } from "../state/document";
import { useLevel } from "../state/selection";
import type { FieldInfo } from "../wire/types";
import * as actions from "./actions";
import classes from "./field.module.css";

/** Inside a block: shows the field on the block, so that each instance sets a value of its own. */
export function ExposeButton({ id, field, disabled }: { id: string; field: FieldInfo; disabled: boolean }) {
  const { t } = useTranslation("editor");
  const scope = useLevel((level) => level.scope);
  const key = useDocument((state) => exposedAs(state.document, scope, id, field.name));
  if (!scope || field.name === "order" || field.name === "optional") return null;
  const shown = key !== null;
  return (
    <button
      type="button"
      className={classes.pin}
      disabled={disabled}
      aria-pressed={shown}
      aria-label={t(shown ? "expose.hide" : "expose.show", { title: field.title })}
      title={t(shown ? "expose.hideHint" : "expose.showHint")}
      data-testid={`expose-${field.name}`}
      onClick={() => actions.toggleExposed(id, field.name, field.title)}
    >
      {shown ? <Pin size={14} aria-hidden /> : <PinOff size={14} aria-hidden />}
    </button>
  );
}
