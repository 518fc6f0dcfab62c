import { Link2, Pin, PinOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { exposedAs, leader } from "../graph/exposed";
import { useDocument } from "../state/document";
import { useLevel } from "../state/selection";
import type { FieldInfo } from "../wire/types";
import * as actions from "./actions";
import classes from "./field.module.css";

/** What a port of the block is: the same on every instance. */
const STRUCTURE = new Set(["order", "optional", "state", "cut", "mask"]);

/** Inside a block: shows the field on the block, so that each instance sets a value of its own. */
export function ExposeButton({ id, field, disabled }: { id: string; field: FieldInfo; disabled: boolean }) {
  const { t } = useTranslation("editor");
  const scope = useLevel((level) => level.scope);
  const key = useDocument((state) => exposedAs(state.document, scope, id, field.name));
  const first = useDocument((state) => leader(state.document, scope, id, field.name));
  if (!scope || STRUCTURE.has(field.name)) return null;
  const shown = key !== null;
  const pin = (
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
  if (first === null) return pin;
  return (
    <span className={classes.pins}>
      <button
        type="button"
        className={classes.pin}
        disabled={disabled}
        aria-label={t("expose.follow", { title: field.title })}
        title={t("expose.followHint")}
        data-testid={`follow-${field.name}`}
        onClick={() => actions.followExposed(id, field.name, first)}
      >
        <Link2 size={14} aria-hidden />
      </button>
      {pin}
    </span>
  );
}
