import { useStore } from "@xyflow/react";
import { Keyboard, Map as MapIcon, ZoomIn, ZoomOut } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { amount, exact, memory } from "../graph/amount";
import { useDocument } from "../state/document";
import { useFacts, useNarrowest } from "../state/facts";
import { useUi } from "../state/ui";
import * as camera from "./camera";
import { IconButton } from "./IconButton";
import { Problems, showNode } from "./Problems";
import { openShortcuts } from "./Shortcuts";
import classes from "./tools.module.css";

/** Below the canvas, over no node: what the whole costs, what is wrong, how near one is. */
export function StatusBar() {
  const { t } = useTranslation("editor");
  const totals = useFacts((state) => state.totals);
  const known = useFacts((state) => state.known);
  const batch = useDocument((state) => state.document.recipe?.batch ?? 32);
  const budget = useDocument((state) => state.document.recipe?.budget);
  const sees = useNarrowest();
  const least = budget?.receptive_field;
  const minimap = useUi((state) => state.minimap);
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const shown = (text: string) => (known ? text : "…");
  return (
    <div className={classes.status}>
      <section className={classes.totals} data-testid="totals" aria-label={t("totals.label")}>
        <span
          title={t("totals.parametersHint", {
            trainable: exact(totals.trainable_parameters),
            all: exact(totals.parameters),
          })}
        >
          {t("totals.parameters")} <b className="mono">{shown(amount(totals.parameters))}</b>
          <Most used={totals.parameters} most={budget?.parameters} write={amount} name="parameters" />
        </span>{" "}
        <span title={`${exact(totals.macs)} · ${t("totals.macsHint")}`}>
          {t("totals.macs")} <b className="mono">{shown(amount(totals.macs))}</b>
          <Most used={totals.macs} most={budget?.macs} write={amount} name="macs" />
        </span>{" "}
        <span title={`${exact(totals.flops)} · ${t("totals.macsHint")}`}>
          {t("totals.flops")} <b className="mono">{shown(amount(totals.flops))}</b>
        </span>{" "}
        <span title={t("totals.memoryHint", { batch })} data-budget={budget?.memory != null || undefined}>
          {t("totals.memory")} <b className="mono">{shown(memory(totals.training_bytes))}</b>
          <Most used={totals.training_bytes} most={budget?.memory} write={memory} name="memory" />
        </span>{" "}
        {least != null && sees && (
          <span title={t("totals.seesHint")} data-sees data-testid="totals-sees">
            {t("totals.sees")} <b className="mono">{shown(sees.whole ? t("totals.seesAll") : sees.size.join("×"))}</b>
            <Limit
              name="receptive_field"
              over={!sees.whole && Math.min(...sees.size) < least}
              hint={t("totals.seesLeast", { least })}
              onClick={() => showNode(totals.narrowest)}
            >
              ≥ {least}
            </Limit>
          </span>
        )}
      </section>
      <Problems />
      <span className={classes.space} />
      <span className={classes.keys}>
        <IconButton label={t("tools.shortcuts")} keys="?" testId="shortcuts" onClick={openShortcuts}>
          <Keyboard size={17} />
        </IconButton>
      </span>
      <IconButton
        label={t("tools.map")}
        pressed={minimap}
        testId="minimap"
        onClick={() => useUi.setState({ minimap: !minimap })}
      >
        <MapIcon size={16} />
      </IconButton>
      <IconButton label={t("tools.zoomOut")} keys="−" testId="zoom-out" onClick={() => camera.zoomBy(1 / 1.25)}>
        <ZoomOut size={17} />
      </IconButton>
      <button
        type="button"
        className={classes.zoom}
        title={t("tools.zoomReset")}
        aria-label={`${t("tools.zoomReset")}, ${zoom} %`}
        data-testid="zoom"
        onClick={() => camera.zoomTo(1)}
      >
        {zoom} %
      </button>
      <IconButton label={t("tools.zoomIn")} keys="+" testId="zoom-in" onClick={() => camera.zoomBy(1.25)}>
        <ZoomIn size={17} />
      </IconButton>
    </div>
  );
}

interface MostProps {
  used: number;
  most: number | null | undefined;
  write: (value: number) => string;
  name: string;
}

/** The budget of a total; a click shows where the costs sit. */
function Most({ used, most, write, name }: MostProps) {
  const { t } = useTranslation("editor");
  if (most == null) return null;
  const over = used > most;
  return (
    <Limit
      name={name}
      over={over}
      hint={t(over ? "totals.over" : "totals.within", { most: exact(most) })}
      onClick={() => useUi.setState({ dockOpen: true, dockTab: "costs" })}
    >
      / {write(most)}
    </Limit>
  );
}

interface LimitProps {
  name: string;
  over: boolean;
  hint: string;
  onClick: () => void;
  children: ReactNode;
}

/** What is asked of a total, red where it is not kept. */
function Limit({ name, over, hint, onClick, children }: LimitProps) {
  return (
    <button
      type="button"
      className={classes.limit}
      data-over={over || undefined}
      data-testid={`budget-${name}`}
      title={hint}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
