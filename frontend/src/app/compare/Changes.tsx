import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { amount, difference, exact, memory } from "../../graph/amount";
import { chip } from "../../graph/shape";
import type { Comparison, Pair, Side } from "../../wire/types";
import classes from "./compare.module.css";

const CHANGES = ["added", "removed", "changed", "same"] as const;
const SIGNS: Record<Pair["change"], string> = { same: "", changed: "≠", added: "+", removed: "−" };
const MEASURES = ["parameters", "macs", "activation_bytes"] as const;
const WRITTEN = { parameters: amount, macs: amount, activation_bytes: memory } as const;

/** A layer of the first or of the second board is to be seen where it stands. */
export type Show = (side: 0 | 1, path: string) => void;

interface Props {
  found: Comparison;
  onShow: Show;
}

/** Both boards' layers in the order in which data flow, those that stand for each other in one row. */
export function Changes({ found: { titles, changes, pairs }, onShow }: Props) {
  const { t } = useTranslation("compare");
  const [only, setOnly] = useState(false);
  const shown = only ? pairs.filter(({ change }) => change !== "same") : pairs;
  return (
    <section aria-labelledby="changes" className={classes.changes}>
      <header>
        <h2 id="changes">{t("layers")}</h2>
        <ul className={classes.counts} data-testid="compare-counts">
          {CHANGES.filter((change) => changes[change]).map((change) => (
            <li key={change} data-change={change}>
              {t(`count.${change}`, { count: changes[change] })}
            </li>
          ))}
        </ul>
        <label className={classes.only}>
          <input
            type="checkbox"
            checked={only}
            data-testid="compare-only"
            onChange={(event) => setOnly(event.currentTarget.checked)}
          />
          {t("only")}
        </label>
      </header>
      {shown.length === 0 ? (
        <p className={classes.said}>{t("equal")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard
        <section className={classes.scroll} tabIndex={0} aria-labelledby="changes">
          <table className={classes.layers}>
            <colgroup>
              <col className={classes.narrow} />
              <col className={classes.wide} />
              <col span={4} />
              <col className={classes.wide} />
              <col span={4} />
              <col span={3} className={classes.difference} />
            </colgroup>
            <thead>
              <tr>
                <th scope="col" rowSpan={2} className={classes.sign}>
                  <span className="heard">{t("change")}</span>
                </th>
                {[0, 1].map((at) => (
                  <th key={at} scope="colgroup" colSpan={5} title={titles[at]}>
                    {titles[at] || t("untitled")}
                  </th>
                ))}
                <th scope="colgroup" colSpan={3}>
                  {t("more")}
                </th>
              </tr>
              <tr>
                <Heads />
                <Heads />
                {MEASURES.map((measure, at) => (
                  <th key={measure} scope="col" title={t(measure)} data-first={at === 0 || undefined}>
                    {t(`short.${measure}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((pair) => (
                <Row key={`${pair.a?.path} ${pair.b?.path}`} pair={pair} onShow={onShow} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

/** The columns of one board. */
function Heads() {
  const { t } = useTranslation("compare");
  return (
    <>
      <th scope="col" className={classes.layer}>
        {t("layer")}
      </th>
      {MEASURES.map((measure) => (
        <th key={measure} scope="col" title={t(measure)}>
          {t(`short.${measure}`)}
        </th>
      ))}
      <th scope="col" title={t("seesHint")}>
        {t("sees")}
      </th>
    </>
  );
}

const Row = memo(function Row({ pair, onShow }: { pair: Pair; onShow: Show }) {
  const { t } = useTranslation("compare");
  return (
    <tr data-change={pair.change} data-testid="compare-pair">
      <td className={classes.sign} title={t(pair.change)}>
        <span aria-hidden>{SIGNS[pair.change]}</span>
        <span className="heard">{t(pair.change)}</span>
      </td>
      <Cells side={pair.a} onShow={(path) => onShow(0, path)} />
      <Cells side={pair.b} onShow={(path) => onShow(1, path)} />
      {MEASURES.map((measure, at) => {
        const more = pair.more[measure];
        return (
          <td key={measure} title={exact(more)} data-more={Math.sign(more)} data-first={at === 0 || undefined}>
            {more ? difference(more, WRITTEN[measure]) : ""}
          </td>
        );
      })}
    </tr>
  );
});

/** A layer of one board, or the gap where only the other has one. */
function Cells({ side, onShow }: { side: Side | null; onShow: (path: string) => void }) {
  const { t } = useTranslation("compare");
  if (!side) return <td colSpan={5} className={classes.gap} />;
  const field = side.receptive_field;
  return (
    <>
      <td className={classes.layer}>
        <span>
          <i style={{ background: `var(--${side.family || "block"})` }} aria-hidden />
          <button type="button" title={t("show", { layer: side.path })} onClick={() => onShow(side.path)}>
            {side.title}
          </button>
        </span>
        <small>{[side.summary, side.output && chip(side.output)].filter(Boolean).join(" · ")}</small>
      </td>
      {MEASURES.map((measure) => (
        <td key={measure} title={exact(side[measure])}>
          {side[measure] ? WRITTEN[measure](side[measure]) : "–"}
        </td>
      ))}
      <td>{field ? (field.whole ? t("all") : field.size.join("×")) : "–"}</td>
    </>
  );
}
