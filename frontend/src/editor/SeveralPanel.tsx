import { BoxSelect, Copy, CopyPlus, Group, Snowflake, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { amount } from "../graph/amount";
import { set } from "../graph/apply";
import { rootOf } from "../graph/document";
import { useMayEdit } from "../state/board";
import { edit } from "../state/document";
import { useFacts } from "../state/facts";
import { useLevel, useSelection } from "../state/selection";
import * as actions from "./actions";
import classes from "./inspector.module.css";

/** Several things at once: what they cost together, and what can be done with all of them. */
export function SeveralPanel() {
  const { t } = useTranslation("editor");
  const editable = useMayEdit();
  const { nodes, edges } = useSelection();
  const prefix = useLevel((level) => level.prefix);
  const scope = useLevel((level) => level.scope);
  const facts = useFacts((state) => state.nodes);
  const ids = [...nodes];
  const sum = (key: "parameters" | "macs") => ids.reduce((total, id) => total + (facts[prefix + id]?.[key] ?? 0), 0);
  const learning = ids.filter((id) => (facts[prefix + id]?.parameters ?? 0) > 0);
  const frozen = learning.length > 0 && learning.every((id) => facts[prefix + id]?.trainable_parameters === 0);
  const freeze = () => edit(learning.map((id) => set([...rootOf(scope), "nodes", id, "trainable"], frozen)));
  return (
    <>
      <header className={classes.head}>
        <span className={classes.recipe} aria-hidden>
          <BoxSelect size={20} />
        </span>
        <div className={classes.names}>
          <h2>
            {nodes.size > 0 ? t("several.title", { count: nodes.size }) : t("several.wires", { count: edges.size })}
          </h2>
          {nodes.size > 0 && edges.size > 0 && <p>{t("several.wires", { count: edges.size })}</p>}
        </div>
      </header>
      {editable && (
        <section className={classes.section}>
          {nodes.size > 0 && (
            <>
              <button type="button" className={classes.action} onClick={() => void actions.copyToClipboard()}>
                <Copy size={15} aria-hidden /> {t("tools.copy")}
              </button>
              <button type="button" className={classes.action} onClick={actions.duplicate}>
                <CopyPlus size={15} aria-hidden /> {t("tools.duplicate")}
              </button>
              <button type="button" className={classes.action} onClick={actions.groupSelected} data-testid="group">
                <Group size={15} aria-hidden /> {t("menu.group")}
              </button>
            </>
          )}
          {learning.length > 0 && (
            <button type="button" className={classes.action} onClick={freeze}>
              <Snowflake size={15} aria-hidden /> {t(frozen ? "several.unfreeze" : "several.freeze")}
            </button>
          )}
          <button type="button" className={classes.danger} onClick={actions.removeSelected}>
            <Trash2 size={15} aria-hidden /> {t("tools.delete")}
          </button>
        </section>
      )}
      {nodes.size > 0 && (
        <section className={classes.section}>
          <h3>{t("several.sum")}</h3>
          <dl className={classes.facts}>
            <div>
              <dt>{t("inspector.parameters")}</dt>
              <dd className="mono">{amount(sum("parameters"))}</dd>
            </div>
            <div>
              <dt>{t("inspector.macs")}</dt>
              <dd className="mono">{amount(sum("macs"))}</dd>
            </div>
          </dl>
        </section>
      )}
    </>
  );
}
