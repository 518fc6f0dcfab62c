import { Button, Tooltip } from "@mantine/core";
import { ArrowLeft, ArrowRight, LoaderCircle, Pause, PencilLine, Play, Square, StepForward } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { notify, useBoard, useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { useSummary } from "../state/runHooks";
import { activeRun, commandRun, followRun, useRuns } from "../state/runs";
import { type Part, useStage } from "../state/stage";
import { useUi } from "../state/ui";
import { train } from "../wire/http";
import type { RunState, RunSummary, StepPart } from "../wire/types";
import classes from "./controls.module.css";

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
  const board = useBoard((state) => state.id);
  const active = useActive();
  const may = useMayEdit();
  const obstacle = useObstacle();
  const [starting, setStarting] = useState(false);

  const start = async () => {
    setStarting(true);
    try {
      followRun(await train(board));
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error), "error");
    } finally {
      setStarting(false);
    }
  };
  const tell = (command: "pause" | "resume" | "stop") => () => active && commandRun(active.id, { command });
  const main = mainOf();
  const reason = active ? (may ? null : t("controls.viewer")) : obstacle;

  function mainOf(): Main {
    if (starting) return { label: t("controls.starting"), icon: "wait" };
    switch (active?.state) {
      case undefined:
        return { label: t("controls.train"), icon: "play", act: () => void start() };
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
