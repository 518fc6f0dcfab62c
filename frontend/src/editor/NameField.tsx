import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import * as actions from "./actions";
import classes from "./field.module.css";

/** A node's name for people. */
export function NameField({
  id,
  name,
  placeholder,
  disabled,
}: {
  id: string;
  name: string;
  placeholder: string;
  disabled: boolean;
}) {
  const { t } = useTranslation("editor");
  const own = useId();
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <div className={classes.field}>
      <label htmlFor={own} className={classes.label}>
        {t("inspector.name")}
      </label>
      <div className={classes.box} data-disabled={disabled || undefined}>
        <input
          id={own}
          value={draft ?? name}
          placeholder={placeholder}
          maxLength={80}
          disabled={disabled}
          autoComplete="off"
          data-testid="field-name"
          onChange={(event) => {
            setDraft(event.currentTarget.value);
            actions.changeProperty(id, "name", event.currentTarget.value.trim(), "");
          }}
          onBlur={() => setDraft(null)}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
          }}
        />
      </div>
    </div>
  );
}
