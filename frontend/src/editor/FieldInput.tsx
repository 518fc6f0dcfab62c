import { ChevronDown, ChevronUp } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../graph/amount";
import type { Json } from "../graph/document";
import { same } from "../graph/edits";
import { type Fault, parsed, stepped, written } from "../graph/field";
import type { FieldInfo } from "../wire/types";
import classes from "./field.module.css";

interface Props {
  field: FieldInfo;
  /** What the document says; undefined: the default. */
  value: Json | undefined;
  disabled?: boolean;
  /** A complaint of the server about this field. */
  complaint?: string;
  /** In a group of small fields, which says below what the one means that is pointed at. */
  compact?: boolean;
  /** What stands beside its name. */
  aside?: ReactNode;
  onChange: (value: Json) => void;
}

/** One field of a layer's, an optimizer's or the recipe's form, by its kind. */
export function FieldInput({ field, value, disabled = false, complaint, compact = false, aside, onChange }: Props) {
  const shown = value === undefined ? (field.default as Json) : value;
  return inputOf({ field, value: shown, disabled, complaint, compact, aside, onChange });
}

function inputOf(common: Inner) {
  const { field } = common;
  if (field.kind === "bool") return <Toggle {...common} />;
  if (field.kind === "choice") return <Choice {...common} />;
  if (field.kind === "lines") return <Lines {...common} />;
  return <Text {...common} />;
}

type Inner = Omit<Props, "value"> & { value: Json; disabled: boolean; compact: boolean };

function useFault(): (fault: Fault) => string {
  const { t } = useTranslation("editor");
  return (fault) => {
    switch (fault.key) {
      case "least":
      case "most":
        return t(`field.${fault.key}`, { limit: written(fault.limit) });
      case "pairOr":
        return t("field.pairOr", { choices: fault.choices });
      default:
        return t(`field.${fault.key}`);
    }
  };
}

function Label({ field, id, aside }: { field: FieldInfo; id: string; aside: ReactNode }) {
  const label = (
    <label htmlFor={id} className={classes.label}>
      {field.title}
      {field.unit && <span> {field.unit}</span>}
    </label>
  );
  if (!aside) return label;
  return (
    <span className={classes.titled}>
      {label}
      {aside}
    </span>
  );
}

/** What is wrong with a field, else what it is for; in a group that is heard here and seen below. */
function Foot({ id, fault, help, compact }: { id: string; fault?: string; help: string; compact: boolean }) {
  if (!fault && !help) return null;
  return (
    <p id={id} className={fault ? classes.fault : compact ? "heard" : classes.help}>
      {fault ?? help}
    </p>
  );
}

function Text({ field, value, disabled, complaint, compact, aside, onChange }: Inner) {
  const { t } = useTranslation("editor");
  const words = useFault();
  const id = useId();
  /** What is being typed, until the field is left. */
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? written(value);
  const read = draft === null ? null : parsed(field, draft);
  const fault = read && "fault" in read ? words(read.fault) : complaint;
  const numeric = field.kind !== "text";
  /** What a number in words such as `50 M` was understood as. */
  const understood =
    read && "value" in read && typeof read.value === "number" && /[a-z]|\d,\d{3}/i.test(draft ?? "")
      ? `= ${exact(read.value)}${field.unit ? ` ${field.unit}` : ""}`
      : undefined;
  const canStep = numeric && (typeof value === "number" || Array.isArray(value) || field.kind === "size");

  const type = (next: string) => {
    setDraft(next);
    const now = parsed(field, next);
    if ("value" in now && !same(now.value, value)) onChange(now.value);
  };
  const step = (direction: 1 | -1) => {
    const next = stepped(field, value, direction);
    setDraft(null);
    if (next !== null) onChange(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      setDraft(null);
      event.currentTarget instanceof HTMLInputElement && event.currentTarget.select();
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      setDraft(null);
      (event.currentTarget as HTMLElement).blur();
    }
    if (canStep && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(event.key === "ArrowUp" ? 1 : -1);
    }
  };
  return (
    <div className={classes.field} data-field={field.name}>
      <Label field={field} id={id} aside={aside} />
      <div className={classes.box} data-fault={fault ? true : undefined} data-disabled={disabled || undefined}>
        <input
          id={id}
          className={numeric ? "mono" : undefined}
          value={text}
          disabled={disabled}
          inputMode={field.kind === "text" ? "text" : "decimal"}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault || field.help ? `${id}-foot` : undefined}
          data-testid={`field-${field.name}`}
          onChange={(event) => type(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => setDraft(null)}
          onKeyDown={onKeyDown}
        />
        {field.kind === "size" &&
          field.choices.map((choice, at) => (
            <button
              key={choice}
              type="button"
              className={classes.word}
              disabled={disabled}
              aria-pressed={value === choice}
              onClick={() => {
                setDraft(null);
                onChange(value === choice ? ((field.default as Json) ?? 0) : choice);
              }}
            >
              {field.labels[at] ?? choice}
            </button>
          ))}
        {canStep && (
          <span className={classes.steps}>
            {([1, -1] as const).map((direction) => (
              <button
                key={direction}
                type="button"
                tabIndex={-1}
                disabled={disabled}
                aria-label={t(direction > 0 ? "field.more" : "field.less", { title: field.title })}
                onClick={() => step(direction)}
              >
                {direction > 0 ? <ChevronUp size={13} aria-hidden /> : <ChevronDown size={13} aria-hidden />}
              </button>
            ))}
          </span>
        )}
      </div>
      {understood && (
        <p className={classes.help} role="status" data-testid={`understood-${field.name}`}>
          {understood}
        </p>
      )}
      <Foot id={`${id}-foot`} fault={fault} help={field.help} compact={compact} />
    </div>
  );
}

/** A table or text of several lines, as tall as it is long, up to a dozen lines. */
function Lines({ field, value, disabled, complaint, compact, aside, onChange }: Inner) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? written(value);
  return (
    <div className={classes.field} data-field={field.name}>
      <Label field={field} id={id} aside={aside} />
      <div
        className={classes.box}
        data-lines
        data-fault={complaint ? true : undefined}
        data-disabled={disabled || undefined}
      >
        <textarea
          id={id}
          className="mono"
          value={text}
          rows={Math.max(3, Math.min(12, text.split("\n").length))}
          disabled={disabled}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={complaint ? true : undefined}
          aria-describedby={complaint || field.help ? `${id}-foot` : undefined}
          data-testid={`field-${field.name}`}
          onChange={(event) => {
            setDraft(event.currentTarget.value);
            onChange(event.currentTarget.value);
          }}
          onBlur={() => setDraft(null)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      </div>
      <Foot id={`${id}-foot`} fault={complaint} help={field.help} compact={compact} />
    </div>
  );
}

function Choice({ field, value, disabled, complaint, compact, aside, onChange }: Inner) {
  const id = useId();
  return (
    <div className={classes.field} data-field={field.name}>
      <Label field={field} id={id} aside={aside} />
      <div className={classes.box} data-fault={complaint ? true : undefined} data-disabled={disabled || undefined}>
        <select
          id={id}
          value={written(value)}
          disabled={disabled}
          data-testid={`field-${field.name}`}
          aria-describedby={complaint || field.help ? `${id}-foot` : undefined}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {field.choices.map((choice, at) => (
            <option key={choice} value={choice}>
              {field.labels[at] ?? choice}
            </option>
          ))}
        </select>
        <ChevronDown size={15} className={classes.arrow} aria-hidden />
      </div>
      <Foot id={`${id}-foot`} fault={complaint} help={field.help} compact={compact} />
    </div>
  );
}

function Toggle({ field, value, disabled, complaint, compact, aside, onChange }: Inner) {
  const id = useId();
  return (
    <div className={classes.field} data-field={field.name}>
      <div className={classes.toggle}>
        <Switch
          id={id}
          checked={value === true}
          disabled={disabled}
          testId={`field-${field.name}`}
          describedBy={complaint || field.help ? `${id}-foot` : undefined}
          onChange={onChange}
        />
        <Label field={field} id={id} aside={aside} />
      </div>
      <Foot id={`${id}-foot`} fault={complaint} help={field.help} compact={compact} />
    </div>
  );
}

interface SwitchProps {
  id: string;
  checked: boolean;
  disabled?: boolean;
  testId?: string;
  describedBy?: string;
  onChange: (checked: boolean) => void;
}

export function Switch({ id, checked, disabled, testId, describedBy, onChange }: SwitchProps) {
  return (
    <button
      id={id}
      type="button"
      role="switch"
      className={classes.switch}
      aria-checked={checked}
      aria-describedby={describedBy}
      disabled={disabled}
      data-testid={testId}
      onClick={() => onChange(!checked)}
    >
      <span />
    </button>
  );
}
