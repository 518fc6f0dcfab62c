import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { set } from "../graph/apply";
import { nodesOf } from "../graph/document";
import { useMayEdit } from "../state/board";
import { useCatalogue } from "../state/catalogue";
import { edit, useDocument } from "../state/document";
import { useNodeFacts, useProblemsAt } from "../state/facts";
import type { FieldInfo } from "../wire/types";
import * as actions from "./actions";
import { openBlock } from "./Canvas";
import { FactsTable } from "./FactsTable";
import { FieldInput } from "./FieldInput";
import classes from "./inspector.module.css";
import { NameField } from "./NameField";
import { PanelHead, Problems } from "./NodePanel";
import { numberField } from "./RecipePanel";
import type { Known } from "./useNode";

const MODES = ["once", "repeat", "over_time"] as const;

/** An instance of a block: how often it runs, the settings that it exposes, what is inside. */
export function BlockPanel({ known }: { known: Known }) {
  const { t } = useTranslation("editor");
  const { id, path, node } = known;
  const editable = useMayEdit();
  const facts = useNodeFacts(path);
  const problems = useProblemsAt(path);
  const name = node.block ?? "";
  const block = useDocument((state) => state.document.blocks?.[name]);
  const uses = useDocument((state) =>
    ["", ...Object.keys(state.document.blocks ?? {})].reduce(
      (count, scope) =>
        count + Object.values(nodesOf(state.document, scope)).filter((other) => other.block === name).length,
      0,
    ),
  );
  const exposed = useExposed(name);
  return (
    <>
      <PanelHead known={known} kind={t("block.kind")} />
      <Problems problems={problems} />
      <section className={classes.section} aria-label={t("inspector.settings")}>
        <button type="button" className={classes.action} onClick={() => openBlock(id)} data-testid="open-block">
          {t("block.openIt")} <ArrowRight size={15} aria-hidden />
        </button>
        <p className={classes.text}>{t("block.instances", { count: uses })}</p>
        <FieldInput
          field={{
            ...numberField("mode", t("block.mode"), "once"),
            kind: "choice",
            choices: [...MODES],
            labels: [t("block.once"), t("block.repeat"), t("block.overTime")],
            help: node.mode === "over_time" ? t("block.overTimeHint") : "",
          }}
          value={node.mode ?? "once"}
          disabled={!editable}
          onChange={(value) =>
            actions.changeProperty(id, "mode", MODES.find((mode) => mode === value) ?? "once", "once")
          }
        />
        {node.mode === "repeat" && (
          <FieldInput
            field={{ ...numberField("times", t("block.times"), 1, 1, 1000), help: t("block.timesHint") }}
            value={node.times ?? 1}
            disabled={!editable}
            onChange={(value) => actions.changeProperty(id, "times", Number(value), 1)}
          />
        )}
        {exposed.map(({ key, field, inner }) => (
          <FieldInput
            key={key}
            field={field}
            value={node.fields?.[key] ?? inner}
            disabled={!editable}
            complaint={problems.find((problem) => problem.field === key)?.message}
            onChange={(value) => actions.change(id, key, value, undefined)}
          />
        ))}
        <NameField id={id} name={node.name ?? ""} placeholder={block?.title || name} disabled={!editable} />
        <FieldInput
          field={{ ...numberField("block-title", t("block.title"), ""), kind: "text" }}
          value={block?.title ?? ""}
          disabled={!editable}
          onChange={(value) => edit([set(["blocks", name, "title"], String(value).slice(0, 80))], `block ${name}`)}
        />
      </section>
      <FactsTable facts={facts} learns={(facts?.parameters ?? 0) > 0} />
    </>
  );
}

/** The inner fields that a block offers on its instances, with their forms and their values inside. */
function useExposed(name: string): { key: string; field: FieldInfo; inner: never }[] {
  const block = useDocument((state) => state.document.blocks?.[name]);
  const layers = useCatalogue((state) => state.layers);
  return Object.entries(block?.exposed ?? {}).flatMap(([key, { node, field, title }]) => {
    const inner = block?.nodes?.[node];
    const info = inner && layers.get(inner.type)?.fields.find((each) => each.name === field);
    if (!info) return [];
    const value = (inner.fields?.[field] ?? info.default) as never;
    return [{ key, field: { ...info, name: key, title: title || info.title }, inner: value }];
  });
}
