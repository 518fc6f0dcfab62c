import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { nodesOf } from "../graph/document";
import { chip } from "../graph/shape";
import { type Item, layerOf } from "../state/catalogue";
import { currentDocument } from "../state/document";
import { find } from "../state/search";
import { onlyNode, useLevel, useSelection } from "../state/selection";
import * as http from "../wire/http";
import type { Fit } from "../wire/types";
import * as actions from "./actions";
import { useItems } from "./items";
import { type Asking, closeQuickAdd, useQuickAdd } from "./quick";
import classes from "./quick.module.css";
import { Tile } from "./Tile";
import { titleOf } from "./useNode";

export function QuickAdd() {
  const asking = useQuickAdd((state) => state.asking);
  return asking ? createPortal(<Sheet asking={asking} key={JSON.stringify(asking)} />, document.body) : null;
}

interface Offer {
  item: Item;
  fit?: Fit;
}

/** What fits the dropped wire, asked of the server; null while it is asked, [] where it cannot be told. */
function useFits(wire: Asking["wire"]): Fit[] | null {
  const [fits, setFits] = useState<Fit[] | null>(wire ? null : []);
  useEffect(() => {
    if (!wire) return;
    const abort = new AbortController();
    const { scope } = useLevel.getState();
    http
      .fits(currentDocument(), scope, wire.node, wire.port, abort.signal)
      .then(setFits)
      .catch(() => {
        if (!abort.signal.aborted) setFits([]);
      });
    return () => abort.abort();
  }, [wire]);
  return fits;
}

const WIDE = 320;
const HIGH = 380;

function Sheet({ asking }: { asking: Asking }) {
  const { t } = useTranslation("editor");
  const { screen, at, wire } = asking;
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const items = useItems();
  // Asked by a key with a node selected, what fits behind it comes first, and is wired to it.
  const [behind] = useState(() => {
    const selected = wire ? null : onlyNode(useSelection.getState());
    return selected ? (actions.freeEnd(selected) ?? undefined) : undefined;
  });
  const fits = useFits(wire?.side === "out" ? wire : behind);
  const list = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(document.activeElement);

  const { offers, fitting } = useMemo(() => offersOf(items, fits ?? [], query, wire?.side), [items, fits, query, wire]);
  const at0 = Math.min(chosen, Math.max(0, offers.length - 1));

  useLayoutEffect(() => {
    input.current?.focus();
    const back = before.current;
    return () => {
      if (back instanceof HTMLElement) back.focus();
    };
  }, []);

  useEffect(() => {
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && !sheet.current?.contains(event.target)) closeQuickAdd();
    };
    const timer = setTimeout(() => window.addEventListener("pointerdown", away));
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pointerdown", away);
    };
  }, []);

  useEffect(() => {
    list.current?.querySelector(`[data-at="${at0}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at0]);

  const take = ({ item, fit }: Offer) => {
    closeQuickAdd();
    const end = wire ?? (fit ? behind : undefined);
    actions.add(item, { at, wire: end && { ...end, ownPort: fit?.port } });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") closeQuickAdd();
    if (event.key === "ArrowDown") setChosen(Math.min(at0 + 1, offers.length - 1));
    if (event.key === "ArrowUp") setChosen(Math.max(at0 - 1, 0));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") event.preventDefault();
    const offer = offers[at0];
    if (event.key === "Enter" && offer) take(offer);
  };

  const place = screen
    ? {
        left: Math.max(8, Math.min(screen.x, window.innerWidth - WIDE - 8)),
        top: Math.max(8, Math.min(screen.y, window.innerHeight - HIGH - 8)),
      }
    : { left: Math.max(8, (window.innerWidth - WIDE * 1.3) / 2), top: Math.max(8, window.innerHeight * 0.16) };
  const from = (wire ?? behind)?.node;
  const source = from ? nodesOf(currentDocument(), useLevel.getState().scope)[from] : undefined;

  return (
    <div
      ref={sheet}
      className={classes.sheet}
      style={{ ...place, width: screen ? WIDE : WIDE * 1.3 }}
      role="dialog"
      aria-label={t("quick.title")}
      data-testid="quick-add"
      onKeyDown={onKeyDown}
    >
      <div className={classes.search}>
        <Search size={17} aria-hidden />
        <input
          ref={input}
          value={query}
          placeholder={t("quick.search")}
          aria-label={t("quick.search")}
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={offers.length > 0 ? `${listId}-${at0}` : undefined}
          aria-autocomplete="list"
          data-testid="quick-add-search"
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
          }}
        />
      </div>
      <div id={listId} ref={list} role="listbox" aria-label={t("quick.title")}>
        {fits === null && wire && <p className={classes.note}>{t("quick.looking")}</p>}
        {offers.length === 0 && (fits !== null || !wire) && (
          <p className={classes.note}>{t("quick.none", { query })}</p>
        )}
        {offers.map((offer, index) => (
          <Row
            key={offer.item.key}
            id={`${listId}-${index}`}
            offer={offer}
            at={index}
            chosen={index === at0}
            heading={
              fitting > 0 && index === 0 && source
                ? t("quick.fits", { node: titleOf(source, layerOf(source.type)) })
                : fitting > 0 && index === fitting
                  ? t("quick.all")
                  : undefined
            }
            onHover={() => setChosen(index)}
            onTake={() => take(offer)}
          />
        ))}
      </div>
      <footer>{t("quick.hint")}</footer>
    </div>
  );
}

/**
 * Without a search what fits comes first, and behind a dropped wire alone. A search finds everything, best first: what
 * was typed counts more than what fits, and nothing changes its place when the fits arrive.
 */
function offersOf(items: readonly Item[], fits: readonly Fit[], query: string, side: "in" | "out" | undefined) {
  const byType = new Map(fits.map((fit) => [fit.type, fit]));
  const found = find(items, query).filter((item) => hasPort(item, side));
  const offers = found.map((item): Offer => ({ item, fit: byType.get(item.key) }));
  if (query.trim() || fits.length === 0) return { offers, fitting: 0 };
  const order = new Map(fits.map(({ type }, at) => [type, at]));
  const place = ({ item }: Offer) => order.get(item.key) ?? 0;
  const first = offers.filter(({ fit }) => fit).sort((a, b) => place(a) - place(b));
  const rest = side ? [] : offers.filter(({ fit }) => !fit);
  return { offers: [...first, ...rest], fitting: first.length };
}

/** Whether a wire from an output (or to an input) could end at it at all. */
function hasPort({ make }: Item, side: "in" | "out" | undefined): boolean {
  if (!side || !("layer" in make)) return true;
  return side === "out" ? make.layer.inputs.length > 0 : make.layer.outputs.length > 0;
}

interface RowProps {
  id: string;
  offer: Offer;
  at: number;
  chosen: boolean;
  heading?: string;
  onHover: () => void;
  onTake: () => void;
}

function Row({ id, offer: { item, fit }, at, chosen, heading, onHover, onTake }: RowProps) {
  const { t } = useTranslation("editor");
  return (
    <>
      {heading && (
        <div className={classes.heading} role="presentation">
          {heading}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and the keys */}
      <div
        id={id}
        role="option"
        aria-selected={chosen}
        tabIndex={-1}
        className={classes.offer}
        data-at={at}
        data-testid={`offer-${item.key}`}
        onPointerMove={onHover}
        onClick={onTake}
      >
        <Tile icon={item.icon} family={item.family} size={30} />
        <span className={classes.words}>
          <b>{item.title}</b>
          <small>{item.sentence}</small>
        </span>
        {fit?.output && (
          <span className={`${classes.gives} mono`} title={t("quick.gives", { type: fit.output })}>
            {chip(fit.output)}
          </span>
        )}
      </div>
    </>
  );
}
