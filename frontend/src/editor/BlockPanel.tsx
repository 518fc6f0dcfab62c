import { ArrowRight, GitFork } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { set } from "../graph/apply";
import { type Offer, offers, usesOf } from "../graph/exposed";
import { useMayEdit } from "../state/board";
import { useCatalogue } from "../state/catalogue";
import { edit, useDocument } from "../state/document";
import { useNodeFacts, useProblemsAt } from "../state/facts";
import { AblationField } from "./AblationField";
import * as actions from "./actions";
import { FactsTable } from "./FactsTable";
import { FieldInput } from "./FieldInput";
import classes from "./inspector.module.css";
import { NameField } from "./NameField";
import { PanelHead, Problems } from "./NodePanel";
import { numberField } from "./RecipePanel";
import { UnrollButton } from "./UnrollButton";
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
  const uses = useDocument((state) => usesOf(state.document, name));
  const exposed = useExposed(name);
  return (
    <>
      <PanelHead known={known} kind={t("block.kind")} />
      <Problems problems={problems} />
      <section className={classes.section} aria-label={t("inspector.settings")}>
        <button type="button" className={classes.action} onClick={() => actions.openBlock(id)} data-testid="open-block">
          {t("block.openIt")} <ArrowRight size={15} aria-hidden />
        </button>
        <UnrollButton path={path} />
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
        {node.mode === "repeat" && (
          <FieldInput
            field={{
              ...numberField("copies", t("block.copies"), "own"),
              kind: "choice",
              choices: ["own", "same"],
              labels: [t("block.own"), t("block.same")],
              help: t(node.weights ? "block.sameHint" : "block.ownHint"),
            }}
            value={node.weights ? "same" : "own"}
            disabled={!editable}
            onChange={(value) => actions.changeProperty(id, "weights", value === "same" ? id : "", "")}
          />
        )}
        {exposed.map(({ key, field, inner }) => (
          <FieldInput
            key={key}
            field={field}
            value={node.fields?.[key] ?? inner ?? null}
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
        {editable && uses > 1 && (
          <button
            type="button"
            className={classes.action}
            onClick={() => actions.forkBlock(id)}
            data-testid="fork-block"
          >
            <GitFork size={15} aria-hidden /> {t("block.fork")}
          </button>
        )}
        <AblationField known={known} disabled={!editable} />
      </section>
      <FactsTable facts={facts} learns={(facts?.parameters ?? 0) > 0} />
    </>
  );
}

/** The inner fields that a block offers on its instances, with their forms and their values inside. */
function useExposed(name: string): Offer[] {
  const document = useDocument((state) => state.document);
  const layers = useCatalogue((state) => state.layers);
  return useMemo(() => offers(document, name, layers), [document, name, layers]);
}
