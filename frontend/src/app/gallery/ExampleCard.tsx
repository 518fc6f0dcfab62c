import { useTranslation } from "react-i18next";
import { amount } from "../../graph/amount";
import type { Document } from "../../graph/document";
import type { GalleryCard } from "../../wire/types";
import { BoardPicture } from "./BoardPicture";
import classes from "./gallery.module.css";

interface ExampleCardProps {
  card: GalleryCard;
  busy: boolean;
  /** With its whole text, names in its picture, and what to try. */
  large: boolean;
  onOpen: () => void;
}

/** A board to begin with: its graph, what it learns, what it costs. */
export function ExampleCard({ card, busy, large, onOpen }: ExampleCardProps) {
  const { t } = useTranslation("gallery");
  return (
    <article
      className={classes.example}
      data-small={!large || undefined}
      data-testid={`gallery-card-${card.name}`}
      data-busy={busy || undefined}
    >
      <div className={classes.picture}>
        <BoardPicture named={large} document={card.document as Document} label={t("picture", { title: card.title })} />
      </div>
      <div className={classes.words}>
        <h3>
          <button type="button" onClick={onOpen} aria-label={t("open", { title: card.title })} disabled={busy}>
            {card.title}
          </button>
        </h3>
        {!large && card.origin && <p className={classes.origin}>{card.origin}</p>}
        <p className={classes.summary}>{card.summary}</p>
        <dl className={classes.numbers}>
          <div>
            <dt>{t("parameters")}</dt>
            <dd>{amount(card.parameters)}</dd>
          </div>
          <div>
            <dt>{t("macs")}</dt>
            <dd>{amount(card.macs)}</dd>
          </div>
          <div>
            <dt>{t("data")}</dt>
            <dd>{card.data}</dd>
          </div>
        </dl>
        {large && card.tries.length > 0 && (
          <details className={classes.tries}>
            <summary>{t("tries")}</summary>
            <ul>
              {card.tries.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </article>
  );
}
