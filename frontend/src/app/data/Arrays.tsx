import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import type { AboutData } from "../../wire/types";
import { Pager } from "./Columns";
import classes from "./data.module.css";
import { preview, useAnswer } from "./sets";

const ROWS = 20;

/** Arrays: their shapes, and the first numbers of some samples. */
export function Arrays({ id, about }: { id: string; about: AboutData }) {
  const { t } = useTranslation("data");
  const [start, setStart] = useState(0);
  const { answer } = useAnswer(() => preview(id, start, ROWS, null), `${id} ${start}`);
  return (
    <section className={classes.table}>
      <ul className={classes.notes}>
        {Object.entries(about.arrays).map(([name, { dtype, shape }]) => (
          <li key={name} className="mono">
            {name} {shape.join("×")} {dtype}
          </li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too */}
      <section className={classes.scroll} tabIndex={0} aria-label={t("rows")}>
        <table>
          <tbody>
            {answer?.samples.map(({ row, label, numbers }) => (
              <tr key={row}>
                <th scope="row" className="mono">
                  {exact(row + 1)}
                </th>
                <td>
                  <b>{label}</b>
                </td>
                {numbers.slice(0, 16).map((value, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
                  <td key={at} className="mono">
                    {Number(value.toPrecision(4))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Pager start={start} count={ROWS} total={about.count} onChange={setStart} />
    </section>
  );
}

/** How a text begins. */
export function Text({ id }: { id: string }) {
  const { answer } = useAnswer(() => preview(id, 0, 1, null), id);
  return <pre className={classes.text}>{answer?.text}</pre>;
}
