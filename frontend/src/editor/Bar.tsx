import { Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { CloudOff, Eye, LoaderCircle, Moon, Plus, Redo2, Sun, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { set } from "../graph/apply";
import { useBoard, useMayEdit } from "../state/board";
import { edit, redo, undo, useDocument } from "../state/document";
import classes from "./bar.module.css";
import { IconButton } from "./IconButton";
import { keyName } from "./keys";
import { LessonButton } from "./Lesson";
import { Mark } from "./Mark";
import { People } from "./People";
import { openQuickAdd } from "./quick";
import { Share } from "./Share";
import { useSlots } from "./slots";

/** The bar at the top: which board, its history, who is there, training. */
export function Bar() {
  const { t } = useTranslation("editor");
  const editable = useMayEdit();
  const canUndo = useDocument((state) => state.canUndo) && editable;
  const canRedo = useDocument((state) => state.canRedo) && editable;
  const narrow = useMediaQuery("(max-width: 1100px)", false, { getInitialValueInEffect: false });
  const { Train, Class } = useSlots();
  return (
    <header className={classes.bar}>
      <a className={classes.home} href="/" aria-label={`Chalknet: ${t("bar.home")}`} title={t("bar.home")}>
        <Mark />
        {!narrow && <span>Chalknet</span>}
      </a>
      <span className={classes.slash} aria-hidden>
        /
      </span>
      <Title editable={editable} />
      <SaveState />
      <Class />
      <span className={classes.space} />
      <IconButton label={t("bar.undo")} keys="mod+Z" testId="undo" disabled={!canUndo} onClick={undo}>
        <Undo2 size={18} />
      </IconButton>
      <IconButton label={t("bar.redo")} keys="mod+shift+Z" testId="redo" disabled={!canRedo} onClick={redo}>
        <Redo2 size={18} />
      </IconButton>
      {editable && (
        <button type="button" className={classes.add} data-testid="add" onClick={() => openQuickAdd()}>
          <Plus size={17} aria-hidden />
          <span>{t("bar.add")}</span>
          <kbd aria-hidden>{keyName("mod+K")}</kbd>
        </button>
      )}
      <LessonButton />
      <People />
      <ThemeButton />
      <Share />
      <Train />
    </header>
  );
}

/** The board's name; click to change it. */
function Title({ editable }: { editable: boolean }) {
  const { t } = useTranslation("editor");
  const title = useDocument((state) => state.document.title) || "";
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? title;
  if (!editable) return <h1 className={classes.title}>{title || t("bar.untitled")}</h1>;
  return (
    <h1 className={classes.title}>
      <span className={classes.measure} aria-hidden>
        {shown || t("bar.untitled")}
      </span>
      <input
        value={shown}
        maxLength={120}
        size={1}
        aria-label={t("bar.title")}
        placeholder={t("bar.untitled")}
        data-testid="board-title"
        onChange={(event) => {
          const text = event.currentTarget.value;
          setDraft(text);
          if (text.trim()) edit([set(["title"], text.trim())], "title");
        }}
        onBlur={() => setDraft(null)}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </h1>
  );
}

function SaveState() {
  const { t } = useTranslation("editor");
  const saving = useBoard((state) => state.saving);
  const known = useBoard((state) => state.info !== null);
  const editable = useMayEdit();
  if (!known) return null;
  if (!editable && saving !== "offline") {
    return (
      <Tooltip label={t("bar.viewOnlyHint")} multiline maw={260} withArrow>
        <span className={classes.state} data-testid="view-only">
          <Eye size={14} aria-hidden /> {t("bar.viewOnly")}
        </span>
      </Tooltip>
    );
  }
  const icon = {
    saved: null,
    saving: <LoaderCircle size={13} className={classes.turning} />,
    offline: <CloudOff size={14} />,
  };
  return (
    <Tooltip label={t(`bar.saving.${saving}Hint`)} multiline maw={260} withArrow>
      <span className={classes.state} data-testid="status-saved" data-state={saving} role="status">
        {icon[saving]}
        {t(`bar.saving.${saving}`)}
      </span>
    </Tooltip>
  );
}

function ThemeButton() {
  const { t } = useTranslation("editor");
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <IconButton label={t(`bar.theme_${other}`)} testId="theme" onClick={() => setColorScheme(other)}>
      {scheme === "dark" ? <Sun size={18} /> : <Moon size={18} />}
    </IconButton>
  );
}
