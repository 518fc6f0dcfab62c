import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../explain/parts";
import { exact } from "../../graph/amount";
import * as http from "../../wire/http";
import type { GalleryCard } from "../../wire/types";
import type { BodyProps, Card } from "../card";
import { funnel as funnelOf, type Size } from "../numbers/funnel";
import { Note, Press, Side, Table, Verdict } from "../parts";
import own from "./funnel.module.css";

const NAMES = ["lenet-5", "alexnet", "vgg-16", "resnet-18", "mlp"] as const;
type Name = (typeof NAMES)[number];
const [COLUMN, HIGH] = [34, 150];

/** V-048; notes 0:452-457, 0:481-491. The sizes are the server's own. */
function Body({ open }: BodyProps) {
  const { t } = useTranslation("learn");
  const [cards, setCards] = useState<readonly GalleryCard[]>([]);
  const [name, setName] = useState<Name>("lenet-5");
  const [sizes, setSizes] = useState<readonly Size[]>([]);
  const [failed, setFailed] = useState("");
  const document = cards.find((card) => card.name === name)?.document;
  useEffect(() => {
    http
      .gallery()
      .then(setCards)
      .catch((error: unknown) => setFailed(error instanceof Error ? error.message : String(error)));
  }, []);
  useEffect(() => {
    if (!document) return;
    const abort = new AbortController();
    http
      .infer(document, abort.signal)
      .then(({ nodes }) => setSizes(funnelOf(nodes)))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setFailed(error instanceof Error ? error.message : String(error));
      });
    return () => abort.abort();
  }, [document]);
  const widest = Math.max(1, ...sizes.map(({ channels }) => Math.log2(1 + channels)));
  const highest = Math.max(1, ...sizes.map(({ side }) => Math.log2(1 + side)));
  const largest = sizes.reduce<Size | null>(
    (best, each) => (best === null || each.numbers > best.numbers ? each : best),
    null,
  );
  return (
    <Side>
      <Choice
        label={t("cards.funnel.board")}
        value={name}
        onChange={setName}
        options={NAMES.map((value) => ({ value, title: cards.find((card) => card.name === value)?.title ?? value }))}
      />
      {failed && <Verdict mood="bad">{failed}</Verdict>}
      <section className={own.funnel} aria-label={t("cards.funnel.title")}>
        <svg
          viewBox={`0 0 ${Math.max(1, sizes.length) * COLUMN} ${HIGH}`}
          style={{ width: `${Math.max(1, sizes.length) * COLUMN * 1.2}px` }}
          role="img"
          aria-label={sizes.map(({ channels, side }) => `${channels}×${side}`).join(", ")}
          data-testid="funnel"
        >
          {sizes.map(({ id, channels, side }, at) => {
            const h = Math.max(4, (Math.log2(1 + side) / highest) * (HIGH - 10));
            const w = Math.max(3, (Math.log2(1 + channels) / widest) * (COLUMN - 6));
            return (
              <rect
                key={id}
                x={at * COLUMN + (COLUMN - w) / 2}
                y={(HIGH - h) / 2}
                width={w}
                height={h}
                rx={2}
                data-map={side > 1 || undefined}
              />
            );
          })}
        </svg>
      </section>
      {largest && <Verdict>{t("cards.funnel.verdict", { id: largest.id, numbers: exact(largest.numbers) })}</Verdict>}
      <Table
        label={t("cards.funnel.board")}
        heads={[t("cards.funnel.layer"), t("cards.funnel.channels"), t("cards.funnel.side"), t("cards.funnel.numbers")]}
        rows={sizes.map((size) => ({
          key: size.id,
          lit: size === largest,
          cells: [
            size.id,
            exact(size.channels),
            size.side > 1 ? `${size.side}×${size.side}` : "–",
            exact(size.numbers),
          ],
        }))}
      />
      <Note>{t("cards.funnel.note")}</Note>
      <Press onClick={() => open({ gallery: name })}>{t("draw")}</Press>
    </Side>
  );
}

export const funnel: Card = { id: "funnel", shelf: "figures", Body };
