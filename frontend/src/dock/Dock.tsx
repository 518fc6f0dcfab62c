import { ActionIcon, FocusTrap } from "@mantine/core";
import { ChevronDown, ChevronUp, Maximize2, Minimize2 } from "lucide-react";
import { lazy, type PointerEvent, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStage, useStageOfRun } from "../state/stage";
import { resize, SIZES, useUi } from "../state/ui";
import { KINDS, type Tab, tabsOf, useFocusFollowsCanvas, useKept, useWatchable } from "./board";
import { Costs } from "./Costs";
import classes from "./dock.module.css";
import { Failure } from "./Failure";
import { History } from "./History";
import { NodePanel } from "./NodePanel";
import { Overview } from "./Overview";
import { RateControl } from "./RateControl";
import { RunSpeech, RunStatus } from "./RunStatus";
import { Scrubber } from "./Scrubber";
import { StepPanel } from "./StepPanel";
import { Tabs } from "./Tabs";

const LayersPanel = lazy(() => import("./LayersPanel"));
const AskPanel = lazy(() => import("./ask/AskPanel"));
const VerdictPanel = lazy(() => import("./verdict/VerdictPanel"));

/** Below the canvas: the run's curves and pictures. */
export function Dock() {
  const { t } = useTranslation("dock");
  const height = useUi((state) => state.dock);
  const open = useUi((state) => state.dockOpen);
  const nodes = useWatchable();
  useStageOfRun();
  const tabs = tabsOf(
    nodes,
    useStage((stage) => stage.part !== ""),
  );
  const wanted = useUi((state) => state.dockTab);
  const [large, setLarge] = useState(false);
  const tab = tabs.find((each) => each === wanted) ?? "overview";
  useFocusFollowsCanvas(nodes);
  useKept(nodes);

  // Another board begins with the overview again.
  useEffect(() => {
    return () => {
      useUi.setState({ dockTab: "overview" });
    };
  }, []);

  useEffect(() => {
    if (!large) return;
    const leave = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) setLarge(false);
    };
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, [large]);

  const show = (next: Tab) => {
    useUi.setState({ dockOpen: true, dockTab: next });
  };
  const shown = open || large;

  return (
    <FocusTrap active={large}>
      <section
        className={classes.dock}
        aria-label={t("title")}
        data-testid="dock"
        data-large={large || undefined}
        data-closed={!shown || undefined}
        style={{ height: large ? undefined : shown ? height : undefined }}
        {...(large ? { role: "dialog", "aria-modal": true } : {})}
      >
        <h2 className="heard">{t("title")}</h2>
        {shown && !large && <Handle />}
        <header className={classes.head}>
          <Tabs tabs={tabs} tab={tab} onShow={show} />
          <RunStatus />
          <RateControl />
          <div className={classes.tools}>
            <History />
            <ActionIcon
              variant="subtle"
              color="gray"
              className={classes.tool}
              aria-label={large ? t("shrink") : t("enlarge")}
              title={large ? t("shrink") : t("enlarge")}
              data-testid="dock-enlarge"
              onClick={() => setLarge(!large)}
            >
              {large ? <Minimize2 size={16} aria-hidden /> : <Maximize2 size={16} aria-hidden />}
            </ActionIcon>
            {!large && (
              <ActionIcon
                variant="subtle"
                color="gray"
                className={classes.tool}
                aria-label={open ? t("collapse") : t("expand")}
                title={open ? t("collapse") : t("expand")}
                aria-expanded={open}
                data-testid="dock-collapse"
                onClick={() => useUi.setState({ dockOpen: !open })}
              >
                {open ? <ChevronDown size={18} aria-hidden /> : <ChevronUp size={18} aria-hidden />}
              </ActionIcon>
            )}
          </div>
        </header>
        <RunSpeech />
        {shown && tab !== "costs" && <Scrubber />}
        {shown && (
          <div className={classes.body} role="tabpanel" id="dock-panel" aria-labelledby={`dock-tab-${tab}`}>
            <Failure />
            {tab === "overview" ? (
              <Overview nodes={nodes} large={large} />
            ) : tab === "costs" ? (
              <Costs />
            ) : tab === "layers" ? (
              <Suspense>
                <LayersPanel />
              </Suspense>
            ) : tab === "ask" ? (
              <Suspense>
                <AskPanel nodes={nodes} />
              </Suspense>
            ) : tab === "verdict" ? (
              <Suspense>
                <VerdictPanel />
              </Suspense>
            ) : tab === "step" ? (
              <StepPanel />
            ) : (
              <NodePanel nodes={nodes} kinds={KINDS[tab]} large={large} />
            )}
          </div>
        )}
      </section>
    </FocusTrap>
  );
}

/** The upper edge, to be dragged; with the keyboard in steps. */
function Handle() {
  const { t } = useTranslation("dock");
  const height = useUi((state) => state.dock);
  const drag = (event: PointerEvent<HTMLButtonElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const bottom = event.currentTarget.parentElement?.getBoundingClientRect().bottom ?? window.innerHeight;
    resize("dock", Math.min(bottom - event.clientY, window.innerHeight - 200));
  };
  return (
    <button
      type="button"
      className={classes.handle}
      role="slider"
      aria-orientation="vertical"
      aria-label={t("resize")}
      aria-valuenow={height}
      aria-valuemin={SIZES.dock.least}
      aria-valuemax={SIZES.dock.most}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={() => resize("dock", SIZES.dock.usual)}
      onKeyDown={(event) => {
        const by = { ArrowUp: 24, ArrowDown: -24 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        resize("dock", height + by);
      }}
    />
  );
}
