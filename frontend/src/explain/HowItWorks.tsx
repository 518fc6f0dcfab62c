import { Modal } from "@mantine/core";
import { Maximize2, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Json } from "../graph/document";
import type { LayerInfo, NodeFacts } from "../wire/types";
import classes from "./explain.module.css";
import { FieldPicture } from "./field";
import { withDefaults } from "./picture";
import { pictureOf } from "./registry";
import { Beware, Examples } from "./texts";

interface HowItWorksProps {
  layer: LayerInfo;
  /** The node's own fields, without the defaults. */
  fields: Readonly<Record<string, Json>> | undefined;
  facts: NodeFacts | undefined;
}

/** A layer's picture with the node's own fields and shapes, what one unit sees, what is got wrong, worked examples. */
export function HowItWorks({ layer, fields, facts }: HowItWorksProps) {
  const { t } = useTranslation("explain");
  const [large, setLarge] = useState(false);
  const all = useMemo(() => withDefaults(layer, fields), [layer, fields]);
  const Picture = pictureOf(layer);
  const body = (
    <>
      {Picture && <Picture layer={layer} fields={all} facts={facts} />}
      {facts?.receptive_field && facts.inputs.x && (
        <div className={classes.part}>
          <FieldPicture facts={facts} />
        </div>
      )}
      <Beware texts={layer.beware} />
      <Examples examples={layer.examples} />
    </>
  );
  return (
    <div className={classes.stack} data-testid="explain-panel">
      {!large && body}
      <div className={classes.line}>
        <a
          className={classes.link}
          href={`/layers#${layer.type}`}
          target="_blank"
          rel="noopener"
          data-testid="explain-all"
        >
          {t("all", { title: layer.title })}
        </a>
        <button type="button" className={classes.button} data-testid="explain-enlarge" onClick={() => setLarge(true)}>
          <Maximize2 size={14} aria-hidden /> {t("enlarge")}
        </button>
      </div>
      <Modal.Root opened={large} onClose={() => setLarge(false)} size={640} centered>
        <Modal.Overlay />
        <Modal.Content aria-label={`${t("title")}: ${layer.title}`} className={classes.large}>
          <header className={classes.largeHead}>
            <h2>
              {layer.title} <small>{t("title")}</small>
            </h2>
            <button
              type="button"
              className={classes.icon}
              aria-label={t("close")}
              data-testid="explain-close"
              onClick={() => setLarge(false)}
            >
              <X size={18} aria-hidden />
            </button>
          </header>
          <div className={classes.largeBody}>{body}</div>
        </Modal.Content>
      </Modal.Root>
    </div>
  );
}
