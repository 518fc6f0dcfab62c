import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { amount, exact, memory } from "../../graph/amount";
import * as http from "../../wire/http";
import type { GalleryCard } from "../../wire/types";
import type { Card } from "../card";
import { needs } from "../numbers/decisions";
import { Note, Num, Row, Side, Table, Verdict } from "../parts";

/** M-013; notes 0:422-432, 2:86-87. Parameters and multiply-adds are the server's own. */
function Body() {
  const { t } = useTranslation("learn");
  const [cards, setCards] = useState<readonly GalleryCard[]>([]);
  const [failed, setFailed] = useState("");
  const [megabytes, setMegabytes] = useState(100);
  const [milliseconds, setMilliseconds] = useState(50);
  const [speed, setSpeed] = useState(50);
  useEffect(() => {
    let wanted = true;
    http
      .gallery()
      .then((all) => wanted && setCards(all.filter(({ macs, parameters }) => macs > 10_000 && parameters > 1000)))
      .catch((error: unknown) => wanted && setFailed(error instanceof Error ? error.message : String(error)));
    return () => {
      wanted = false;
    };
  }, []);
  const rows = cards
    .map((card) => {
      const need = needs(card.parameters, card.macs, speed * 1e9);
      return { card, ...need, fits: need.bytes <= megabytes * 1e6 && need.seconds * 1000 <= milliseconds };
    })
    .sort((a, b) => Number(b.fits) - Number(a.fits) || b.card.macs - a.card.macs);
  const count = rows.filter(({ fits }) => fits).length;
  return (
    <Side>
      <Row>
        <Num
          name={t("cards.budget.megabytes")}
          unit="MB"
          value={megabytes}
          low={0.01}
          high={1e6}
          onChange={setMegabytes}
        />
        <Num
          name={t("cards.budget.milliseconds")}
          unit="ms"
          value={milliseconds}
          low={0.001}
          high={1e6}
          onChange={setMilliseconds}
        />
        <Num name={t("cards.budget.speed")} unit="GFLOP/s" value={speed} low={0.1} high={1e6} onChange={setSpeed} />
      </Row>
      {failed ? (
        <Verdict mood="bad">{failed}</Verdict>
      ) : (
        <Verdict mood={count > 0 ? "good" : "bad"}>{t("cards.budget.verdict", { count, all: rows.length })}</Verdict>
      )}
      <Table
        label={t("cards.budget.title")}
        heads={[
          t("cards.budget.board"),
          t("cards.samples.parameters"),
          t("cards.shapes.macs"),
          t("cards.budget.weights"),
          t("cards.budget.training"),
          t("cards.budget.time"),
        ]}
        rows={rows.map((row) => ({
          key: row.card.name,
          lit: row.fits,
          dim: !row.fits,
          cells: [
            row.card.title,
            exact(row.card.parameters),
            amount(row.card.macs),
            memory(row.bytes),
            memory(row.training),
            `${Number((row.seconds * 1000).toPrecision(3))} ms`,
          ],
        }))}
      />
      <Note>{t("cards.budget.note")}</Note>
    </Side>
  );
}

export const budget: Card = { id: "budget", shelf: "strategy", Body };
