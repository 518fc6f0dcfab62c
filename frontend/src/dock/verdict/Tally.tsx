import { useTranslation } from "react-i18next";
import { percent, value, whole } from "../../charts/format";
import { useAnswer } from "../ask/useAnswer";
import figures from "./table.module.css";
import type { Tags } from "./tags";
import classes from "./verdict.module.css";
import type { About, Part, Wanted } from "./wanted";

interface Row {
  count: number;
  wrong: number;
  share: number;
  ceiling: number;
}

interface TallyProps {
  part: Part;
  about: About;
  tags: Tags;
  wanted: Wanted;
  onWant: (wanted: Wanted) => void;
}

/** Of every kind of mistake how many there are, and how good the network were without them. */
export function Tally({ part, about, tags, wanted, onWant }: TallyProps) {
  const { t } = useTranslation("verdict");
  const names = Object.keys(tags.samples);
  const { reply } = useAnswer(
    names.length > 0
      ? {
          question: "tally",
          part,
          loss: about.loss,
          tags: Object.fromEntries(names.map((name) => [name, [...(tags.samples[name] ?? [])]])),
        }
      : null,
  );
  const told =
    names.length > 0 ? (reply?.header.about as { now?: number; tags?: Record<string, Row> } | undefined) : {};
  const write = about.kind === "classes" ? percent : value;
  const help =
    about.kind === "classes" ? "ceilingHelp" : about.kind === "numbers" ? "ceilingNumbers" : ("ceilingLoss" as const);
  return (
    <section data-testid="tally">
      <h3>{t("tags.title")}</h3>
      {names.length === 0 ? (
        <p className={classes.dim}>{t("tags.hint")}</p>
      ) : (
        <table className={figures.table}>
          <thead>
            <tr>
              <th scope="col">{t("tags.tag")}</th>
              <th scope="col">{t("tags.count")}</th>
              <th scope="col">{t("tags.share")}</th>
              <th scope="col" title={t(`tags.${help}`)}>
                {t("tags.ceiling")}
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const row = told?.tags?.[name];
              const samples = tags.samples[name] ?? [];
              return (
                <tr key={name} data-chosen={(wanted.of === "tag" && wanted.tag === name) || undefined}>
                  <th scope="row">
                    <button
                      type="button"
                      title={t("tags.show", { tag: name })}
                      onClick={() => onWant({ of: "tag", tag: name, samples })}
                    >
                      {name}
                    </button>
                  </th>
                  <td>{whole(samples.length)}</td>
                  <td data-testid={`share-of-${name}`}>{row ? percent(row.share) : "–"}</td>
                  <td data-testid={`ceiling-of-${name}`}>{row ? write(row.ceiling) : "–"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {told?.now !== undefined && <p className={classes.dim}>{t("tags.now", { value: write(told.now) })}</p>}
      {tags.failed && (
        <p className={classes.problem} role="alert">
          {t("tags.failed", { message: tags.failed })}
        </p>
      )}
    </section>
  );
}
