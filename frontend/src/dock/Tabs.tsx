import { ChevronLeft, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tab } from "./board";
import classes from "./tabs.module.css";

interface TabsProps {
  tabs: readonly Tab[];
  tab: Tab;
  onShow: (tab: Tab) => void;
}

/** The part of the row that an arrow moves on by. */
const PAGE = 0.8;

/**
 * The dock's tabs in one row. Where they have no room beside each other the row scrolls: the chosen one is always in
 * sight, and an arrow at either end says that there are more.
 */
export function Tabs({ tabs, tab, onShow }: TabsProps) {
  const { t } = useTranslation("dock");
  const row = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState({ before: false, behind: false });

  const measure = useCallback(() => {
    const box = row.current;
    if (!box) return;
    const before = box.scrollLeft > 1;
    const behind = box.scrollLeft + box.clientWidth < box.scrollWidth - 1;
    setMore((was) => (was.before === before && was.behind === behind ? was : { before, behind }));
  }, []);

  useEffect(() => {
    const box = row.current;
    if (!box || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      // A row that became narrower must not hide what is chosen.
      box.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
      measure();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [measure]);

  const all = tabs.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row of tabs has another width
  useLayoutEffect(() => {
    document.getElementById(`dock-tab-${tab}`)?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    measure();
  }, [tab, all, measure]);

  const step = (event: KeyboardEvent, at: number) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onShow(next);
    document.getElementById(`dock-tab-${next}`)?.focus();
  };
  const page = (direction: 1 | -1) => row.current?.scrollBy({ left: direction * PAGE * row.current.clientWidth });
  // With the keyboard the arrow keys reach every tab: these are for the mouse alone.
  const aside = { type: "button", tabIndex: -1, "aria-hidden": true } as const;

  return (
    <div className={classes.row}>
      {more.before && (
        <button {...aside} className={classes.before} data-testid="tabs-before" onClick={() => page(-1)}>
          <ChevronLeft size={16} />
        </button>
      )}
      <div ref={row} className={classes.tabs} role="tablist" aria-label={t("tabs")} onScroll={measure}>
        {tabs.map((each, at) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`dock-tab-${each}`}
            aria-selected={each === tab}
            aria-controls="dock-panel"
            tabIndex={each === tab ? 0 : -1}
            data-testid={`dock-tab-${each}`}
            onClick={() => onShow(each)}
            onKeyDown={(event) => step(event, at)}
          >
            {t(`tab.${each}`)}
          </button>
        ))}
      </div>
      {more.behind && (
        <button {...aside} className={classes.behind} data-testid="tabs-behind" onClick={() => page(1)}>
          <ChevronRight size={16} />
        </button>
      )}
    </div>
  );
}
