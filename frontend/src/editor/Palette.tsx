import { Search, X } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMayEdit } from "../state/board";
import { type Item, useCatalogue } from "../state/catalogue";
import { find } from "../state/search";
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
      list.current?.querySelector("button")?.focus();
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
        {families.map(({ id, title, items: inside }) => (
          <section key={id} aria-labelledby={`family-${id}`}>
            <h2 id={`family-${id}`}>{title}</h2>
            <ul>
              {inside.map((item) => (
                <li key={item.key}>
                  <PaletteItem item={item} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}

/** One layer; arrows go from one to the next. */
export function PaletteItem({ item, onAdded }: { item: Item; onAdded?: () => void }) {
  const editable = useMayEdit();
  return (
    <button
      type="button"
      className={classes.item}
      draggable={editable}
      disabled={!editable}
      title={item.sentence}
      data-testid={`palette-item-${item.key}`}
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
          ...(event.currentTarget.closest("nav, [role=dialog]")?.querySelectorAll("button[data-testid]") ?? []),
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
