import { Cable, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { edgesOf, intoOf, outOf } from "../graph/document";
import { spelled } from "../graph/shape";
import { useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { problemOfEdge, useFacts } from "../state/facts";
import { select, useLevel } from "../state/selection";
import * as actions from "./actions";
import classes from "./inspector.module.css";
import { Problems } from "./NodePanel";
import { useKnown } from "./useNode";

/** One wire: where from, where to, what it carries. */
export function WirePanel({ id }: { id: string }) {
  const { t } = useTranslation("editor");
  const editable = useMayEdit();
  const scope = useLevel((level) => level.scope);
  const prefix = useLevel((level) => level.prefix);
  const edge = useDocument((state) => edgesOf(state.document, scope)[id]);
  const from = useKnown(edge?.from ?? "");
  const to = useKnown(edge?.to ?? "");
  const type = useFacts((state) => (edge ? state.nodes[prefix + edge.from]?.outputs[outOf(edge)] : undefined));
  const problem = useFacts((state) => problemOfEdge(state.problems, prefix, id));
  if (!edge) return null;
  return (
    <>
      <header className={classes.head}>
        <span className={classes.recipe} aria-hidden>
          <Cable size={20} />
        </span>
        <div className={classes.names}>
          <h2>{t("several.wire")}</h2>
        </div>
      </header>
      {problem && <Problems problems={[problem]} />}
      <section className={classes.section}>
        <dl className={classes.facts}>
          <div>
            <dt>{t("several.from")}</dt>
            <dd>
              <button type="button" className={classes.link} onClick={() => select([edge.from])}>
                {from?.title ?? edge.from} · {outOf(edge)}
              </button>
            </dd>
          </div>
          <div>
            <dt>{t("several.to")}</dt>
            <dd>
              <button type="button" className={classes.link} onClick={() => select([edge.to])}>
                {to?.title ?? edge.to} · {intoOf(edge)}
              </button>
            </dd>
          </div>
          {type && (
            <div>
              <dt>{t("several.carries")}</dt>
              <dd className="mono" title={type}>
                {spelled(type)}
              </dd>
            </div>
          )}
        </dl>
        {editable && (
          <button type="button" className={classes.danger} onClick={actions.removeSelected}>
            <Trash2 size={15} aria-hidden /> {t("several.deleteWire")}
          </button>
        )}
      </section>
    </>
  );
}
