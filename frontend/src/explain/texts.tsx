import { useTranslation } from "react-i18next";
import type { ExampleInfo } from "../wire/types";
import classes from "./explain.module.css";
import { short } from "./picture";

/** What is often got wrong, set right. */
export function Beware({ texts }: { texts: readonly string[] }) {
  const { t } = useTranslation("explain");
  if (texts.length === 0) return null;
  return (
    <div className={classes.beware} role="note">
      <b>{t("beware")}</b>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

/** Numbers as one would write them: a matrix keeps its rows. */
function Numbers({ value }: { value: unknown }) {
  if (!Array.isArray(value))
    return <span className="mono">{typeof value === "number" ? short(value) : String(value)}</span>;
  const depth = (each: unknown): number => (Array.isArray(each) ? 1 + depth(each[0]) : 0);
  let inner: unknown[] = value;
  while (depth(inner) > 2 && inner.length === 1) inner = inner[0] as unknown[];
  // A port of several wires may take a vector and a number: each is written by itself.
  const alike = new Set(inner.map(depth)).size <= 1;
  if (depth(inner) > 2 || !alike) {
    return (
      <span className={classes.several}>
        {inner.map((each, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
          <Numbers key={at} value={each} />
        ))}
      </span>
    );
  }
  const rows = (depth(inner) === 1 ? [inner] : inner) as number[][];
  return (
    <table className={classes.matrix}>
      <tbody>
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <tr key={at}>
            {row.map((number, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
              <td key={column} className="mono">
                {typeof number === "number" ? short(number) : String(number)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Small cases worked by hand. */
export function Examples({ examples }: { examples: readonly ExampleInfo[] }) {
  const { t } = useTranslation("explain");
  return examples.map((example) => (
    <div key={example.says} className={classes.example}>
      <p>
        <b>{t("example")}.</b> {example.says}
      </p>
      <dl>
        {(["fields", "inputs", "weights", "outputs"] as const).flatMap((part) =>
          Object.entries(example[part]).map(([name, value]) => (
            <div key={`${part} ${name}`}>
              <dt>
                {t(part)} <span className="mono">{name}</span>
              </dt>
              <dd>
                <Numbers value={value} />
              </dd>
            </div>
          )),
        )}
      </dl>
    </div>
  ));
}
