import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { nodesOf } from "../graph/document";
import { chip } from "../graph/shape";
import { find, type Item, layerOf } from "../state/catalogue";
import { currentDocument } from "../state/document";
import { useLevel } from "../state/selection";
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
  const fits = useFits(wire?.side === "out" ? wire : undefined);
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
    actions.add(item, { at, wire: wire && { ...wire, ownPort: fit?.port } });
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
  const source = wire && nodesOf(currentDocument(), useLevel.getState().scope)[wire.node];

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
        {fits === null && <p className={classes.note}>{t("quick.looking")}</p>}
        {offers.length === 0 && fits !== null && <p className={classes.note}>{t("quick.none", { query })}</p>}
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

/** What fits comes first, then everything else that answers the search. */
function offersOf(items: readonly Item[], fits: readonly Fit[], query: string, side: "in" | "out" | undefined) {
  const found = find(items, query);
  const first = fits.flatMap((fit): Offer[] => {
    const item = found.find(({ key }) => key === fit.type);
    return item ? [{ item, fit }] : [];
  });
  const taken = new Set(first.map(({ item }) => item.key));
  const rest = found.filter((item) => !taken.has(item.key) && hasPort(item, side)).map((item): Offer => ({ item }));
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
