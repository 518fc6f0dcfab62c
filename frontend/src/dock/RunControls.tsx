import { Button, Menu, Tooltip } from "@mantine/core";
import {
  ArrowLeft,
  ArrowRight,
  ChevronDown,
  FolderInput,
  IterationCcw,
  LoaderCircle,
  Pause,
  PencilLine,
  Play,
  Square,
  StepForward,
} from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { useCurrentRun, useSummary } from "../state/runHooks";
import { activeRun, commandRun, useRuns } from "../state/runs";
import { type Part, useStage } from "../state/stage";
import { useUi } from "../state/ui";
import type { RunState, RunSummary, StartFrom, StepPart } from "../wire/types";
import { useBegin } from "./begin";
import classes from "./controls.module.css";

const Weights = lazy(() => import("./Weights").then((module) => ({ default: module.Weights })));
const Fitting = lazy(() => import("./Weights").then((module) => ({ default: module.Fitting })));

/** Why the board cannot be trained, in words; null where it can. */
function useObstacle(): string | null {
  const { t } = useTranslation("dock");
  const known = useFacts((state) => state.known);
  const errors = useFacts((state) => state.problems.filter(({ severity }) => severity === "error").length);
  const empty = useDocument((state) => Object.keys(state.document.nodes ?? {}).length === 0);
  const may = useMayEdit();
  if (!known) return t("controls.unknown");
  if (!may) return t("controls.viewer");
  if (empty) return t("controls.empty");
  return errors > 0 ? t("controls.problems", { count: errors }) : null;
}

/** The run that has not ended, as new as it is known: its own socket tells more than the board's list. */
function useActive(): RunSummary | undefined {
  const active = useRuns((state) => activeRun(state.list));
  const summary = useSummary();
  return summary && summary.id === active?.id ? summary : active;
}

type Main = { label: string; icon: "play" | "pause" | "wait"; act?: () => void };

const STEPPED: readonly RunState[] = ["running", "paused"];

/** Train; and while a run lasts: pause, resume, stop, one step, and of a step each part. */
export function RunControls() {
  const { t } = useTranslation("dock");
  const active = useActive();
  const may = useMayEdit();
  const obstacle = useObstacle();
  const { begin, starting } = useBegin();
  const current = useCurrentRun();
  const tell = (command: "pause" | "resume" | "stop") => () => active && commandRun(active.id, { command });
  const main = mainOf();
  const reason = active ? (may ? null : t("controls.viewer")) : obstacle;

  function mainOf(): Main {
    if (starting) return { label: t("controls.starting"), icon: "wait" };
    switch (active?.state) {
      case undefined:
        return { label: t("controls.train"), icon: "play", act: () => void begin() };
      case "running":
        return { label: t("controls.pause"), icon: "pause", act: tell("pause") };
      case "paused":
        return { label: t("controls.resume"), icon: "play", act: tell("resume") };
      case "queued":
        return {
          label: active.position > 0 ? t("controls.queuedAt", { position: active.position }) : t("controls.queued"),
          icon: "wait",
        };
      case "resuming":
        return { label: t("controls.resuming"), icon: "wait" };
      default:
        return { label: t("controls.preparing"), icon: "wait" };
    }
  }

  const Icon = { play: Play, pause: Pause, wait: LoaderCircle }[main.icon];
  const idle = !main.act || reason !== null;
  return (
    <div className={classes.controls}>
      {active && STEPPED.includes(active.state) && may && <Steps run={active.id} paused={active.state === "paused"} />}
      <Tooltip label={reason ?? ""} disabled={reason === null} multiline maw={280} withArrow>
        <Button
          className={classes.train}
          data-testid="train"
          data-state={active?.state ?? "idle"}
          aria-disabled={idle || undefined}
          data-idle={idle || undefined}
          leftSection={<Icon size={16} aria-hidden data-spin={main.icon === "wait" || undefined} />}
          onClick={() => {
            if (!idle) main.act?.();
          }}
        >
          {main.label}
          {reason !== null && <span className="heard">. {reason}</span>}
        </Button>
      </Tooltip>
      {!active && reason === null && current && <Beginnings run={current.id} begin={begin} />}
      {active && (
        <Tooltip label={t("controls.stopHelp")} withArrow>
          <Button
            className={classes.stop}
            aria-label={t("controls.stop")}
            data-testid="run-stop"
            disabled={!may}
            onClick={tell("stop")}
          >
            <Square size={14} aria-hidden />
          </Button>
        </Tooltip>
      )}
    </div>
  );
}

/** Beside Train: to begin with what a run has learned. What fits is said in the menu, before anything begins. */
function Beginnings({ run, begin }: { run: string; begin: (start: StartFrom) => Promise<boolean> }) {
  const { t } = useTranslation("dock");
  const [open, setOpen] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const step = useSummary()?.step ?? 0;
  return (
    <>
      <Menu
        opened={open}
        onChange={setOpen}
        withInitialFocusPlaceholder={false}
        position="bottom-end"
        withinPortal
        shadow="md"
        width={340}
      >
        <Menu.Target>
          <Button className={classes.stop} aria-label={t("controls.begin")} data-testid="run-begin">
            <ChevronDown size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IterationCcw size={16} aria-hidden />}
            data-testid="run-go-on"
            data-autofocus
            disabled={step === 0}
            onClick={() => void begin({ run, keep: "state", graph: "board" })}
          >
            {t("controls.goOn")}
            <span className={classes.menuHelp}>{t("controls.goOnHelp")}</span>
            {open && step > 0 && (
              <Suspense>
                <Fitting run={run} />
              </Suspense>
            )}
          </Menu.Item>
          <Menu.Item
            leftSection={<FolderInput size={16} aria-hidden />}
            data-testid="run-weights"
            onClick={() => setChoosing(true)}
          >
            {t("controls.weights")}
            <span className={classes.menuHelp}>{t("controls.weightsHelp")}</span>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {choosing && (
        <Suspense>
          <Weights opened onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </>
  );
}

const PARTS = [
  { part: "forward", icon: ArrowRight },
  { part: "backward", icon: ArrowLeft },
  { part: "update", icon: PencilLine },
] as const;

/** What comes after a part: the one that is likely pressed next. */
const NEXT: Readonly<Record<Part, Part>> = {
  "": "forward",
  forward: "backward",
  backward: "update",
  update: "forward",
};

/** One step; and where the run stands still, its parts: forward, backward, update. */
function Steps({ run, paused }: { run: string; paused: boolean }) {
  const { t } = useTranslation("dock");
  const part = useStage((stage) => stage.part);
  const take = (of: StepPart) => () => {
    // The first part that is asked for shows where its numbers are.
    if (of !== "whole" && part === "") useUi.setState({ dockTab: "step" });
    commandRun(run, { command: "step", part: of });
  };
  return (
    <fieldset className={classes.steps} aria-label={t("controls.steps")}>
      <Tooltip label={t("controls.stepHelp")} withArrow>
        <button type="button" data-testid="run-step" aria-label={t("controls.step")} onClick={take("whole")}>
          <StepForward size={15} aria-hidden />
          <span>{t("controls.stepShort")}</span>
        </button>
      </Tooltip>
      {paused &&
        PARTS.map(({ part: of, icon: Icon }) => (
          <Tooltip key={of} label={t(`controls.${of}Help`)} multiline maw={260} withArrow>
            <button
              type="button"
              data-testid={`run-${of}`}
              data-next={NEXT[part] === of || undefined}
              aria-pressed={part === of}
              aria-label={t(`controls.${of}`)}
              onClick={take(of)}
            >
              <Icon size={15} aria-hidden />
              <span data-part>{t(`controls.${of}`)}</span>
            </button>
          </Tooltip>
        ))}
    </fieldset>
  );
}
