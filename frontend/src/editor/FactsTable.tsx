import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { amount, exact, memory } from "../graph/amount";
import { stepOf } from "../graph/receptive";
import { spelled } from "../graph/shape";
import type { NodeFacts, ReceptiveField } from "../wire/types";
import classes from "./inspector.module.css";

/** Shapes and costs of a node; rows keep their places while numbers are on their way. */
export function FactsTable({ facts, learns }: { facts: NodeFacts | undefined; learns: boolean }) {
  const { t } = useTranslation("editor");
  const inputs = Object.entries(facts?.inputs ?? {}).flatMap(([port, types]) => types.map((type) => ({ port, type })));
  const outputs = Object.entries(facts?.outputs ?? {}).map(([port, type]) => ({ port, type }));
  const nothing = inputs.length === 0 && outputs.length === 0;
  return (
    <section className={classes.section} aria-label={t("inspector.facts")}>
      <dl className={classes.facts}>
        <Types title={t("inspector.input")} types={inputs} />
        <Types title={t("inspector.output")} types={outputs} />
        {facts && !nothing && (
          <>
            <Row title={t("inspector.parameters")} hint={exact(facts.parameters)}>
              {amount(facts.parameters)}
            </Row>
            {learns && facts.trainable_parameters !== facts.parameters && (
              <Row title={t("inspector.parametersTrained")} hint={exact(facts.trainable_parameters)}>
                {amount(facts.trainable_parameters)}
              </Row>
            )}
            <Row title={t("inspector.macs")} hint={exact(facts.macs)}>
              {amount(facts.macs)}
            </Row>
            <Row title={t("inspector.flops")} hint={exact(facts.flops)}>
              {amount(facts.flops)}
            </Row>
            <Row title={t("inspector.operations")} hint={`${exact(facts.operations)} · ${t("totals.operationsHint")}`}>
              {amount(facts.operations)}
            </Row>
            <Row title={t("inspector.memory")} hint={exact(facts.activation_bytes)}>
              {memory(facts.activation_bytes)}
            </Row>
            {facts.receptive_field && <Receptive field={facts.receptive_field} />}
          </>
        )}
      </dl>
      {nothing && <p className={classes.text}>{t("inspector.waiting")}</p>}
    </section>
  );
}

function Row({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd className="mono" title={hint}>
        {children}
      </dd>
    </>
  );
}

function Types({ title, types }: { title: string; types: { port: string; type: string }[] }) {
  return types.map(({ port, type }, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two wires of one port may carry one type
    <Fragment key={`${port} ${at}`}>
      <dt>
        {at === 0 ? title : ""}
        {types.length > 1 && <small> {port}</small>}
      </dt>
      <dd className="mono" title={type}>
        {spelled(type)}
      </dd>
    </Fragment>
  ));
}

function Receptive({ field }: { field: ReceptiveField }) {
  const { t } = useTranslation("editor");
  const [height, width] = field.size as [number, number];
  const [down, across] = [stepOf(field, 0), stepOf(field, 1)];
  return (
    <Row title={t("inspector.receptive")}>
      {field.whole
        ? t("inspector.receptiveWhole")
        : t("inspector.receptiveValue", { height, width, stride: down === across ? down : `${down}×${across}` })}
    </Row>
  );
}
