import { Button, NativeSelect } from "@mantine/core";
import { Eye, EyeOff, Hand, Lightbulb } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { showWall } from "../state/classroom";
import type { ClassInfo, ClassMember, WallCard } from "../wire/types";
import classes from "./classroom.module.css";
import { compare, FILTERS, type Filter, ORDERS, type Order, type Placed, passes, placed } from "./order";
import { Sketch } from "./Sketch";
import { Sparkline } from "./Sparkline";

interface WallProps {
  info: ClassInfo;
  members: ReadonlyMap<string, ClassMember>;
  cards: ReadonlyMap<string, WallCard>;
  /** Of a time in seconds since 1970, how long ago it is in words; null: less than a minute. */
  ago: (then: number) => string | null;
  onOpen: (board: string) => void;
  /** Puts a board on every screen, with its name or without; null takes it away again. */
  onLight: (board: string | null, named: boolean) => void;
}

/** Every board of the class in small, as it is drawn. */
export function Wall({ info, members, cards, ago, onOpen, onLight }: WallProps) {
  const { t, i18n } = useTranslation("classes");
  const [order, setOrder] = useState<Order>("name");
  const [filter, setFilter] = useState<Filter>("all");
  const [handout, setHandout] = useState("");
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    showWall(true);
    return () => showWall(false);
  }, []);
  const all = [...cards.values()].map((card) => placed(card, members));
  const numbers = new Map([...all].sort(compare("name", i18n.language)).map((each, place) => [each.card.board, place]));
  const shown = all
    .filter((each) => passes(each, filter) && (handout === "" || each.card.handout === handout))
    .sort(compare(order, i18n.language));
  const name = ({ card, people }: Placed) => {
    if (hidden) return t("wall.pupil", { number: (numbers.get(card.board) ?? 0) + 1 });
    const names = people.map((person) => person.name).join(", ");
    return card.group
      ? `${t("boards.group", { name: card.group })} · ${names || t("wall.nobody")}`
      : names || t("wall.nobody");
  };
  return (
    <section className={classes.wall} aria-labelledby="wall">
      <div className={classes.wallTop}>
        <h2 id="wall">{t("wall.title")}</h2>
        {info.handouts.length > 1 && (
          <NativeSelect
            aria-label={t("handouts.title")}
            value={handout}
            onChange={(event) => setHandout(event.currentTarget.value)}
            data={[
              { value: "", label: t("wall.all") },
              ...info.handouts.map(({ id, title }) => ({ value: id, label: title || t("handouts.untitled") })),
            ]}
          />
        )}
        <NativeSelect
          aria-label={t("wall.show")}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value as Filter)}
          data={FILTERS.map((each) => ({ value: each, label: `${t("wall.show")}: ${t(`wall.filter.${each}`)}` }))}
          data-testid="wall-filter"
        />
        <NativeSelect
          aria-label={t("wall.sort")}
          value={order}
          onChange={(event) => setOrder(event.currentTarget.value as Order)}
          data={ORDERS.map((each) => ({ value: each, label: `${t("wall.sort")} ${t(`wall.order.${each}`)}` }))}
          data-testid="wall-order"
        />
        <Button
          variant="default"
          leftSection={hidden ? <Eye size={16} aria-hidden /> : <EyeOff size={16} aria-hidden />}
          onClick={() => setHidden(!hidden)}
          data-testid="hide-names"
        >
          {t(hidden ? "roster.showNames" : "roster.hideNames")}
        </Button>
      </div>
      {info.handouts.length === 0 && <p className={classes.dim}>{t("wall.empty")}</p>}
      {info.handouts.length > 0 && all.length > 0 && shown.length === 0 && (
        <p className={classes.dim} role="status">
          {t("wall.nothing")}
        </p>
      )}
      <ul className={classes.cards}>
        {shown.map((each) => (
          <li key={each.card.board}>
            <Card each={each} name={name(each)} ago={ago} onOpen={onOpen} />
            <button
              type="button"
              className={classes.light}
              aria-pressed={info.spotlight?.board === each.card.board}
              aria-label={t(hidden ? "light.unnamed" : "light.show", { name: name(each) })}
              title={t(hidden ? "light.unnamed" : "light.show", { name: name(each) })}
              onClick={() => onLight(info.spotlight?.board === each.card.board ? null : each.card.board, !hidden)}
              data-testid={`light-${each.card.board}`}
            >
              <Lightbulb size={15} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({
  each: { card, hand },
  name,
  ago,
  onOpen,
}: {
  each: Placed;
  name: string;
  ago: WallProps["ago"];
  onOpen: WallProps["onOpen"];
}) {
  const { t, i18n } = useTranslation("classes");
  const became = [
    card.added > 0 && t("wall.added", { count: card.added }),
    card.changed > 0 && t("wall.changed", { count: card.changed }),
    card.removed > 0 && t("wall.removed", { count: card.removed }),
  ].filter((each) => each !== false);
  return (
    <a
      className={classes.card}
      href={`/b/${card.board}`}
      data-testid={`card-${card.board}`}
      data-hand={hand > 0 || undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onOpen(card.board);
      }}
    >
      <span className={classes.cardName}>
        <b>{name}</b>
        {hand > 0 && <Hand size={16} className={classes.hand} role="img" aria-label={t("hands.raised")} />}
      </span>
      <Sketch card={card} label={t("wall.picture", { name, nodes: card.strokes.length })} />
      <span className={classes.cardLine}>
        <span>{became.length > 0 ? became.join(" · ") : t("wall.same")}</span>
        {card.problems > 0 && <span className={classes.problems}>{t("wall.problems", { count: card.problems })}</span>}
      </span>
      <span className={classes.cardLine}>
        <span className={classes.dim}>
          {card.edited > 0 ? t("wall.edited", { ago: ago(card.edited) ?? t("wall.now") }) : t("wall.untouched")}
        </span>
      </span>
      {card.run && (
        <>
          <span className={classes.cardLine}>
            <span className={classes.dim}>
              {t(`wall.run.${card.run}`)}
              {card.run === "running" && card.epochs > 0
                ? ` · ${t("wall.epoch", { epoch: Math.floor(card.epoch), epochs: card.epochs })}`
                : ""}
            </span>
          </span>
          <span className={classes.cardRun}>
            <Sparkline values={card.losses} label={t("wall.loss")} />
            <b>{result(card, i18n.language, t)}</b>
          </span>
        </>
      )}
    </a>
  );
}

type Say = ReturnType<typeof useTranslation<"classes">>["t"];

function result(card: WallCard, language: string, t: Say): string {
  if (typeof card.value !== "number") return "";
  const kind = card.metric.split(".").at(-1) ?? "";
  const share = kind === "accuracy";
  const value = card.value.toLocaleString(
    language,
    share ? { style: "percent", maximumFractionDigits: 1 } : { maximumSignificantDigits: 3 },
  );
  if (kind === "accuracy" || kind === "map" || kind === "r2") return t(`wall.metric.${kind}`, { value });
  return t("wall.metric.loss", { value });
}
