import { useRef } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { useCatalogue } from "../state/catalogue";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { choose, useChoice } from "../state/runChoice";
import { type Frame, floatsOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { namesOf } from "../state/runViews";
import { useStage } from "../state/stage";
import { GradientCheck } from "./GradientCheck";
import panels from "./panels.module.css";
import classes from "./step.module.css";

interface Parameter {
  name: string;
  sizes: number[];
  terms: string[];
}

/** A step part by part: of one node what it gave and what came back, and its weights before and after. */
export function StepPanel() {
  const { t } = useTranslation("dock");
  const document = useDocument((state) => state.document);
  const layers = useCatalogue((state) => state.layers);
  const facts = useFacts((state) => state.nodes);
  const { nodes, part, step, phase, changes } = useStage();
  const focus = useChoice((choice) => choice.focus);
  // What only passes on is told at its neighbours; of blocks the layers inside are listed.
  const listed = nodes.filter((node) => facts[node] && !/^block/.test(facts[node]?.type ?? ""));
  const node = listed.find((each) => each === focus) ?? listed.find((each) => changes.has(each)) ?? listed[0];
  if (part === "" || node === undefined) return <p className={classes.nothing}>{t("step.nothing")}</p>;
  return (
    <div className={panels.node}>
      <nav className={panels.nodes} aria-label={t("nodes")}>
        {listed.map((path) => {
          const { title, group } = namesOf(document, path, layers);
          const family = layers.get(facts[path]?.type ?? "")?.family;
          return (
            <button
              key={path}
              type="button"
              aria-pressed={path === node}
              data-testid={`step-of-${path}`}
              title={group ? `${group} › ${title}` : title}
              onClick={() => choose({ focus: path })}
            >
              <i style={{ background: `var(--${family || "data"})` }} aria-hidden />
              <span>{title}</span>
            </button>
          );
        })}
      </nav>
      <div className={panels.nodeMain}>
        <p className={classes.says}>
          {t(`step.${part}`, { step: format.whole(step) })} {phase && t("step.phase", { phase })}
        </p>
        <Numbers key={node} node={node} />
      </div>
    </div>
  );
}

function Numbers({ node }: { node: string }) {
  const { t } = useTranslation("dock");
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame({ view: "parts", node, rate: 30 }, box);
  const about = frame?.header.about as
    | { sizes?: number[]; parameters?: Parameter[]; dropped?: [off: number, of: number] }
    | undefined;
  const known = frame && about?.sizes;
  return (
    <div ref={box} className={classes.tables} data-testid="step-numbers">
      {known && (
        <section>
          <h4>
            {t("step.gives")} <small>{t("step.sample")}</small>
          </h4>
          {about.dropped && <Dropped off={about.dropped[0]} of={about.dropped[1]} />}
          <Rows
            frame={frame}
            all={about.sizes?.reduce((product, size) => product * size, 1) ?? 1}
            rows={[
              ["mask", t("step.mask")],
              ["values", t("step.value")],
              ["slopes", t("step.slope")],
            ]}
          />
        </section>
      )}
      {known &&
        about.parameters?.map(({ name, sizes, terms }, i) => (
          <section key={name}>
            <h4>
              {name} <small className="mono">{sizes.join("×")}</small>
            </h4>
            <Rows
              frame={frame}
              all={sizes.reduce((product, size) => product * size, 1)}
              rows={[
                [`before.${i}`, t("step.before")],
                [`gradient.${i}`, t("step.gradient")],
                ...terms.flatMap((term, j): [string, string][] => [
                  [`term.${i}.${j}.before`, `${term}, ${t("step.before")}`],
                  [`term.${i}.${j}.after`, `${term}, ${t("step.after")}`],
                ]),
                [`after.${i}`, t("step.after")],
              ]}
            />
          </section>
        ))}
      {known && (about.parameters?.length ?? 0) > 0 && <GradientCheck node={node} />}
    </div>
  );
}

/** How much a dropout switched off in this step; in evaluation it switches off nothing. */
function Dropped({ off, of }: { off: number; of: number }) {
  const { t } = useTranslation("dock");
  return (
    <p className={classes.more} data-testid="step-dropped">
      {t("step.dropped", {
        off: format.whole(off),
        all: format.whole(of),
        share: format.percent(of ? off / of : 0, 1),
      })}
    </p>
  );
}

/** Arrays of a frame as rows of one table, those that are there. */
function Rows({ frame, rows, all }: { frame: Frame; rows: [name: string, title: string][]; all: number }) {
  const { t } = useTranslation("dock");
  const found = rows.flatMap(([name, title]) => {
    const data = floatsOf(frame, name)?.data;
    return data ? [{ name, title, data }] : [];
  });
  const shown = found[0]?.data.length ?? 0;
  return (
    <>
      <div className={classes.scroll}>
        <table>
          <tbody>
            {found.map(({ name, title, data }) => (
              <tr key={name} data-row={name.split(".")[0]} data-testid={`step-${name}`}>
                <th scope="row">{title}</th>
                {[...data].map((value, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
                  <td key={i} data-off={(name === "mask" && value === 0) || undefined}>
                    {name === "mask" ? t(value ? "step.on" : "step.off") : format.value(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown < all && (
        <p className={classes.more}>{t("step.more", { shown: format.whole(shown), all: format.whole(all) })}</p>
      )}
    </>
  );
}
