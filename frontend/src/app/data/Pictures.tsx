import { Modal } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import type { AboutData } from "../../wire/types";
import { Pager } from "./Columns";
import classes from "./data.module.css";
import { pictureOf, preview, useAnswer } from "./sets";

const SHOWN = 60;

/** Pictures: how many of each class, and how they look; a class is chosen by a click, a picture enlarged by one. */
export function Pictures({ id, about }: { id: string; about: AboutData }) {
  const { t } = useTranslation("data");
  const [label, setLabel] = useState<number | null>(null);
  const [start, setStart] = useState(0);
  const [large, setLarge] = useState<{ row: number; label: string } | null>(null);
  const { answer } = useAnswer(() => preview(id, start, SHOWN, label), `${id} ${label} ${start}`);
  const most = Math.max(1, ...about.class_counts);
  const choose = (next: number) => {
    setLabel(next === label ? null : next);
    setStart(0);
  };
  return (
    <div className={classes.pictures}>
      <section className={classes.classes} aria-label={t("classes")}>
        <h2>{t("classCount", { count: about.classes.length })}</h2>
        {about.classes.map((name, at) => {
          const count = about.class_counts[at] ?? 0;
          return (
            <button
              key={name}
              type="button"
              aria-pressed={label === at}
              data-testid={`class-${name}`}
              onClick={() => choose(at)}
            >
              <i style={{ inlineSize: `${(count / most) * 100}%` }} />
              <span title={name}>{name}</span>
              <span className="mono">{exact(count)}</span>
            </button>
          );
        })}
      </section>
      <section aria-label={t("samples")}>
        <div className={classes.grid} data-testid="picture-grid">
          {answer?.samples.map((sample) => (
            <button
              key={sample.row}
              type="button"
              aria-label={t("enlarge", { number: sample.row + 1, name: sample.label })}
              onClick={() => setLarge(sample)}
            >
              <img src={pictureOf(id, sample.row)} alt="" loading="lazy" />
              <span>{sample.label}</span>
            </button>
          ))}
        </div>
        <Pager start={start} count={SHOWN} total={answer?.total ?? 0} onChange={setStart} />
      </section>
      <Modal
        opened={large !== null}
        onClose={() => setLarge(null)}
        title={large ? t("picture", { number: exact(large.row + 1), name: large.label }) : ""}
        closeButtonProps={{ "aria-label": t("close") }}
        centered
      >
        {large && <img className={classes.enlarged} src={pictureOf(id, large.row)} alt={large.label} />}
      </Modal>
    </div>
  );
}
