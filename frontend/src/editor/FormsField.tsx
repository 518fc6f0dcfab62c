import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { remove, set } from "../graph/apply";
import type { Json } from "../graph/document";
import { same } from "../graph/edits";
import { between } from "../graph/order";
import { useCatalogue } from "../state/catalogue";
import { edit } from "../state/document";
import type { Edit, FieldInfo } from "../wire/types";
import { allowed } from "./actions";
import { FieldGroup } from "./FieldGroup";
import { FieldInput } from "./FieldInput";
import classes from "./forms.module.css";
import { IconButton } from "./IconButton";

interface Entry {
  id: string;
  type: string;
  order: string;
  fields: Record<string, Json>;
}

/** A map of forms in its order. What is no entry (half made by somebody else) is left out. */
export function entriesOf(value: Json | undefined): Entry[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .flatMap(([id, entry]) => {
      if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
      const { type, order = "", ...fields } = entry as Record<string, Json>;
      return typeof type === "string" ? [{ id, type, order: String(order), fields }] : [];
    })
    .sort((one, other) => (one.order < other.order ? -1 : one.order > other.order ? 1 : one.id < other.id ? -1 : 1));
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36)).join("");

interface Props {
  field: FieldInfo;
  value: Json | undefined;
  /** Where the map stands in the document. */
  path: string[];
  disabled: boolean;
  complaint?: string;
}

/** What is done one after the other: a list of typed forms, kept as a map so that two people's entries both stay. */
export function FormsField({ field, value, path, disabled, complaint }: Props) {
  const { t } = useTranslation("editor");
  const forms = useCatalogue((state) => state.catalogue?.augmentations ?? []);
  const entries = entriesOf(value);
  const write = (edits: Edit[], merge?: string) => {
    if (allowed()) edit(edits, merge);
  };
  const add = (type: string) =>
    write([set([...path, newId()], { type, order: between(entries.at(-1)?.order ?? "", "") })]);
  const drop = (entry: Entry) => write([remove(entries.length === 1 ? path : [...path, entry.id])]);
  const move = (from: number, by: -1 | 1) => {
    // Its new place is between the two that it comes to stand between.
    const others = entries.filter((_, place) => place !== from);
    const order = between(others[from + by - 1]?.order ?? "", others[from + by]?.order ?? "");
    write([set([...path, (entries[from] as Entry).id, "order"], order)]);
  };
  return (
    <div className={classes.forms} data-testid={`forms-${field.name}`}>
      {entries.map((entry, place) => {
        const info = forms.find(({ type }) => type === entry.type);
        return (
          <section key={entry.id} className={classes.entry} data-testid={`form-${entry.type}`}>
            <header>
              <b>{info?.title ?? entry.type}</b>
              <IconButton
                label={t("forms.earlier", { title: info?.title ?? entry.type })}
                disabled={disabled || place === 0}
                onClick={() => move(place, -1)}
              >
                <ArrowUp size={15} aria-hidden />
              </IconButton>
              <IconButton
                label={t("forms.later", { title: info?.title ?? entry.type })}
                disabled={disabled || place === entries.length - 1}
                onClick={() => move(place, 1)}
              >
                <ArrowDown size={15} aria-hidden />
              </IconButton>
              <IconButton
                label={t("forms.remove", { title: info?.title ?? entry.type })}
                testId={`forms-remove-${entry.type}`}
                disabled={disabled}
                onClick={() => drop(entry)}
              >
                <Trash2 size={15} aria-hidden />
              </IconButton>
            </header>
            {info?.sentence && <p className={classes.sentence}>{info.sentence}</p>}
            {info && (
              <FieldGroup fields={info.fields}>
                {info.fields.map((each) => (
                  <FieldInput
                    key={each.name}
                    field={each}
                    value={entry.fields[each.name]}
                    disabled={disabled}
                    compact
                    onChange={(next) => {
                      const at = [...path, entry.id, each.name];
                      write([same(next, each.default as Json) ? remove(at) : set(at, next)], at.join("."));
                    }}
                  />
                ))}
              </FieldGroup>
            )}
          </section>
        );
      })}
      {complaint && <p className={classes.complaint}>{complaint}</p>}
      <label className={classes.add} data-disabled={disabled || undefined}>
        <Plus size={15} aria-hidden />
        <span>{t("forms.add")}</span>
        <select
          value=""
          disabled={disabled}
          aria-label={t("forms.add")}
          data-testid={`forms-add-${field.name}`}
          onChange={(event) => event.currentTarget.value && add(event.currentTarget.value)}
        >
          <option value="" disabled>
            {t("forms.add")}
          </option>
          {forms
            .filter(({ type }) => field.choices.includes(type))
            .map(({ type, title }) => (
              <option key={type} value={type}>
                {title}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
}
