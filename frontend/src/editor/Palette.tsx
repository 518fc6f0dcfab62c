import { ChevronRight, Search, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMayEdit } from "../state/board";
import { type Item, useCatalogue } from "../state/catalogue";
import { find } from "../state/search";
import { fold, mostUsed, useUi } from "../state/ui";
import * as actions from "./actions";
import { DRAGGED, useItems } from "./items";
import classes from "./palette.module.css";
import { Tile } from "./Tile";

/** Items by family, in the catalogue's order. */
export function useFamilies(items: readonly Item[]): { id: string; title: string; items: Item[] }[] {
  const { t } = useTranslation("editor");
  const families = useCatalogue((state) => state.catalogue?.families);
  return useMemo(() => {
    const titles = new Map(families?.map(({ id, title }) => [id, title]));
    const groups = new Map<string, Item[]>();
    for (const item of items) {
      const group = groups.get(item.family);
      if (group) group.push(item);
      else groups.set(item.family, [item]);
    }
    return [...groups].map(([id, inside]) => ({ id, title: titles.get(id) ?? t("palette.blocks"), items: inside }));
  }, [items, families, t]);
}

/** All layers by family; drag one to the board, or click. */
export function Palette() {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const items = useItems();
  const found = useMemo(() => find(items, query), [items, query]);
  const families = useFamilies(found);
  const list = useRef<HTMLDivElement>(null);
  const folded = useUi((state) => state.folded);
  // As it was when the board was opened: nothing moves under the hand that adds.
  const [habits] = useState(() => mostUsed(useUi.getState().used, MOST_USED));
  const usual = useMemo(() => habits.flatMap((key) => items.find((item) => item.key === key) ?? []), [habits, items]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && query) {
      event.stopPropagation();
      setQuery("");
    }
    const first = found[0];
    if (event.key === "Enter" && query && first) {
      actions.add(first);
      setQuery("");
    }
    if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>("button[data-item]")?.focus();
    }
  };

  return (
    <nav className={classes.palette} aria-label={t("palette.title")}>
      <div className={classes.search}>
        <Search size={16} aria-hidden />
        <input
          type="search"
          value={query}
          placeholder={t("palette.search")}
          aria-label={t("palette.search")}
          data-testid="palette-search"
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {query ? (
          <button type="button" className={classes.clear} aria-label={t("palette.clear")} onClick={() => setQuery("")}>
            <X size={14} />
          </button>
        ) : (
          <kbd aria-hidden>/</kbd>
        )}
      </div>
      <div className={classes.families} ref={list}>
        {families.length === 0 && query && <p className={classes.none}>{t("palette.none", { query })}</p>}
        {!query && usual.length > 0 && (
          <Family id="used" title={t("palette.used")} open={!folded.includes("used")} fixed={false}>
            {usual.map((item) => (
              <li key={item.key}>
                <PaletteItem item={item} name="used-item" />
              </li>
            ))}
          </Family>
        )}
        {families.map(({ id, title, items: inside }) => (
          <Family
            key={id}
            id={id}
            title={title}
            open={query !== "" || !folded.includes(id)}
            fixed={query !== ""}
            count={inside.length}
          >
            {inside.map((item) => (
              <li key={item.key}>
                <PaletteItem item={item} />
              </li>
            ))}
          </Family>
        ))}
        <a className={classes.reference} href="/layers" target="_blank" rel="noopener">
          {t("palette.reference")}
        </a>
      </div>
    </nav>
  );
}

interface FamilyProps {
  id: string;
  title: string;
  open: boolean;
  /** It cannot be folded now: a search shows all that it finds. */
  fixed: boolean;
  count?: number;
  children: ReactNode;
}

/** A family with its layers; a click on its name folds it. */
function Family({ id, title, open, fixed, count, children }: FamilyProps) {
  return (
    <section aria-labelledby={`family-${id}`}>
      <h2 id={`family-${id}`}>
        {fixed ? (
          title
        ) : (
          <button
            type="button"
            className={classes.fold}
            aria-expanded={open}
            data-testid={`fold-${id}`}
            onClick={() => fold(id)}
          >
            <ChevronRight size={14} aria-hidden />
            {title}
            {!open && count !== undefined && <small>{count}</small>}
          </button>
        )}
      </h2>
      {open && <ul>{children}</ul>}
    </section>
  );
}

/** How many layers stand under “Most used”. */
const MOST_USED = 5;

/** One layer; arrows go from one to the next. */
export function PaletteItem({
  item,
  name = "palette-item",
  onAdded,
}: {
  item: Item;
  name?: string;
  onAdded?: () => void;
}) {
  const editable = useMayEdit();
  return (
    <button
      type="button"
      className={classes.item}
      draggable={editable}
      disabled={!editable}
      title={item.sentence}
      data-item
      data-testid={`${name}-${item.key}`}
      onClick={() => {
        actions.add(item);
        onAdded?.();
      }}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, item.key);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDragEnd={onAdded}
      onKeyDown={(event) => {
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        const all = [
          ...(event.currentTarget.closest("nav, [role=dialog]")?.querySelectorAll("button[data-item]") ?? []),
        ];
        const next = all[all.indexOf(event.currentTarget) + step];
        if (next instanceof HTMLElement) next.focus();
      }}
    >
      <Tile icon={item.icon} family={item.family} />
      <span>{item.title}</span>
    </button>
  );
}
