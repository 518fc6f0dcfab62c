import { Search } from "lucide-react";
import { memo, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Formula } from "../../editor/Formula";
import { Tile } from "../../editor/Tile";
import { withDefaults } from "../../explain/picture";
import { pictureOf } from "../../explain/registry";
import { Beware, Examples } from "../../explain/texts";
import { exact } from "../../graph/amount";
import { written } from "../../graph/field";
import { spelled } from "../../graph/shape";
import { setCatalogue, useCatalogue } from "../../state/catalogue";
import { find } from "../../state/search";
import * as http from "../../wire/http";
import type { FieldInfo, LayerInfo, PortInfo } from "../../wire/types";
import { useReady } from "../ready";
import classes from "./reference.module.css";

/** Layers that exist inside blocks only, or stand for a block. */
const INNER = new Set(["block", "block_input", "block_output"]);

const NONE: readonly LayerInfo[] = [];

/** Everything about every layer, made from what the server knows of them; `#conv2d` leads to one. */
export function Reference() {
  const { t } = useTranslation("explain");
  const catalogue = useCatalogue((state) => state.catalogue);
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (!useCatalogue.getState().catalogue) void http.layers().then(setCatalogue);
  }, []);
  useEffect(() => {
    document.title = `${t("reference.title")} · Chalknet`;
  }, [t]);
  // The place in the address is there only once the layers are.
  useEffect(() => {
    if (!catalogue) return;
    const go = () => document.getElementById(window.location.hash.slice(1))?.scrollIntoView();
    go();
    window.addEventListener("hashchange", go);
    return () => window.removeEventListener("hashchange", go);
  }, [catalogue]);
  useReady(catalogue !== null);

  const all = useMemo(() => catalogue?.layers.filter(({ type }) => !INNER.has(type)) ?? NONE, [catalogue]);
  const searched = useMemo(() => all.map((layer) => ({ ...layer, key: layer.type })), [all]);
  const found = useMemo(() => find(searched, query), [searched, query]);
  const asked = query.trim() !== "";
  const families = (catalogue?.families ?? [])
    .map((family) => ({ ...family, layers: found.filter((layer) => layer.family === family.id) }))
    .filter(({ layers }) => layers.length > 0);
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <a href="/" className={classes.home}>
          Chalknet
        </a>
        <h1 className={classes.called}>{t("reference.title")}</h1>
        <div className={classes.search}>
          <Search size={16} aria-hidden />
          <input
            type="search"
            value={query}
            placeholder={t("reference.search")}
            aria-label={t("reference.search")}
            data-testid="reference-search"
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
        </div>
        <span className={classes.count}>{t("reference.count", { count: found.length })}</span>
      </header>
      <div className={classes.body}>
        <nav className={classes.index} aria-label={t("reference.families")} tabIndex={-1}>
          {families.map(({ id, title, layers }) => (
            <section key={id}>
              <h2>{title}</h2>
              <ul>
                {layers.map((layer) => (
                  <li key={layer.type}>
                    <a href={`#${layer.type}`}>{layer.title}</a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </nav>
        <main className={classes.main} data-testid="reference">
          {asked && found.length === 0 && <p className={classes.text}>{t("reference.none", { query })}</p>}
          {asked
            ? found.map((layer) => <Entry key={layer.type} layer={layer} />)
            : families.map(({ id, title, layers }) => (
                <section key={id} aria-labelledby={`family-${id}`}>
                  <h2 id={`family-${id}`} className={classes.family}>
                    {title}
                  </h2>
                  {layers.map((layer) => (
                    <Entry key={layer.type} layer={layer} />
                  ))}
                </section>
              ))}
        </main>
      </div>
    </div>
  );
}

const Entry = memo(function Entry({ layer }: { layer: LayerInfo }) {
  const { t } = useTranslation("explain");
  const [shown, setShown] = useState(false);
  const { counts } = layer;
  const Picture = pictureOf(layer);
  const total = Object.values(counts?.parameters ?? {}).reduce(
    (sum, shape) => sum + shape.reduce((all, size) => all * size, 1),
    0,
  );
  return (
    <article
      id={layer.type}
      className={classes.entry}
      aria-labelledby={`title-${layer.type}`}
      data-testid={`reference-${layer.type}`}
    >
      <header>
        <Tile icon={layer.icon} family={layer.family} size={34} />
        <h3 id={`title-${layer.type}`}>{layer.title}</h3>
        <a
          href={`#${layer.type}`}
          className="mono"
          aria-label={t("reference.link", { title: layer.title, anchor: `#${layer.type}` })}
        >
          #{layer.type}
        </a>
      </header>
      <p>{layer.sentence}</p>
      {layer.formula && (
        <div className={classes.formula}>
          <Formula text={layer.formula} label={layer.sentence} />
        </div>
      )}
      <p className={classes.text}>
        {layer.aliases.length > 0 && t("reference.also", { names: layer.aliases.join(", ") })}{" "}
        {layer.purposes.length > 0 && t("reference.purposes", { purposes: layer.purposes.join(", ") })}
      </p>
      {layer.fields.length > 0 && (
        <div className={classes.scroll}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("reference.field")}</th>
                <th scope="col">{t("reference.usual")}</th>
                <th scope="col">{t("reference.range")}</th>
                <th scope="col">{t("reference.help")}</th>
              </tr>
            </thead>
            <tbody>
              {layer.fields.map((field) => (
                <FieldRow key={field.name} field={field} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <dl>
        <Ports title={t("reference.in")} ports={layer.inputs} />
        <Ports title={t("reference.out")} ports={layer.outputs} />
        {counts && (
          <>
            <dt>{t("reference.counts")}</dt>
            <dd>
              {t("reference.becomes", {
                from: Object.values(counts.inputs).map(spelled).join(" & "),
                to: Object.values(counts.outputs).map(spelled).join(" & "),
              })}
              :{" "}
              {t("reference.costs", {
                parameters: exact(total),
                macs: exact(counts.macs),
                operations: exact(counts.operations),
              })}
              {counts.numbers && (
                <div className={classes.formula}>
                  <Formula text={counts.numbers} label={t("reference.counts")} />
                </div>
              )}
            </dd>
          </>
        )}
      </dl>
      <Beware texts={layer.beware} />
      <Examples examples={layer.examples} />
      {Picture && !shown && (
        <button
          type="button"
          className={classes.show}
          data-testid={`reference-show-${layer.type}`}
          onClick={() => setShown(true)}
        >
          {t("reference.picture")}
        </button>
      )}
      {Picture && shown && (
        <div className={classes.picture}>
          <Picture layer={layer} fields={withDefaults(layer, undefined)} />
        </div>
      )}
    </article>
  );
});

function Ports({ title, ports }: { title: string; ports: readonly PortInfo[] }) {
  const { t } = useTranslation("explain");
  if (ports.length === 0) return null;
  const of = (port: PortInfo) =>
    [port.many && t("reference.many"), port.optional && t("reference.optional")].filter(Boolean).join(", ");
  return (
    <>
      <dt>{title}</dt>
      <dd>{ports.map((port) => `${port.title || port.name}${of(port) ? ` (${of(port)})` : ""}`).join(", ")}</dd>
    </>
  );
}

function FieldRow({ field }: { field: FieldInfo }) {
  const { t } = useTranslation("explain");
  const usual =
    typeof field.default === "boolean"
      ? t(field.default ? "reference.yes" : "reference.no")
      : field.kind === "forms"
        ? t("reference.empty")
        : written(field.default as never);
  return (
    <tr>
      <th scope="row">
        {field.title} <span className="mono">{field.name}</span>
      </th>
      <td className="mono">{usual}</td>
      <td>{useRange(field)}</td>
      <td>{field.help}</td>
    </tr>
  );
}

/** `1 to 1,024 px`, `yes or no`, `zeros, reflect`. */
function useRange({ kind, minimum, maximum, unit, choices, labels }: FieldInfo): string {
  const { t } = useTranslation("explain");
  const low = minimum === null ? "" : exact(minimum);
  const high = maximum === null ? "" : exact(maximum);
  const words = (labels.length > 0 ? labels : choices).join(", ");
  if (kind === "bool") return t("reference.yesNo");
  if (kind === "choice" || kind === "forms") return words;
  if (kind === "text") return t("reference.text");
  const range =
    low && high
      ? t("reference.between", { low, high })
      : low
        ? t("reference.least", { low })
        : high
          ? t("reference.most", { high })
          : t("reference.any");
  return `${range}${unit ? ` ${unit}` : ""}${words ? `, ${words}` : ""}`;
}
