import { Button, Menu, Tooltip } from "@mantine/core";
import { ChevronDown, LoaderCircle, Pause, Play, Square, StepForward } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { notify, useBoard, useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { useFacts } from "../state/facts";
import { useSummary } from "../state/runHooks";
import { activeRun, commandRun, followRun, useRuns } from "../state/runs";
import { train } from "../wire/http";
import type { RunState, RunSummary } from "../wire/types";
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

/** Train; and while a run lasts: pause, resume, one step, stop. */
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
  const tell = (command: "pause" | "resume" | "step" | "stop") => () => active && commandRun(active.id, { command });
  const main = mainOf();
  const reason = active ? (may ? null : t("controls.viewer")) : obstacle;
  const steps: readonly RunState[] = ["running", "paused"];

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
        <Menu withInitialFocusPlaceholder={false} position="bottom-end" withinPortal shadow="md">
          <Menu.Target>
            <Button className={classes.more} aria-label={t("controls.more")} data-testid="run-more" disabled={!may}>
              <ChevronDown size={16} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<StepForward size={16} aria-hidden />}
              disabled={!steps.includes(active.state)}
              data-autofocus={steps.includes(active.state) || undefined}
              data-testid="run-step"
              closeMenuOnClick={false}
              onClick={tell("step")}
            >
              {t("controls.step")}
              <span className={classes.menuHelp}>{t("controls.stepHelp")}</span>
            </Menu.Item>
            <Menu.Item
              leftSection={<Square size={16} aria-hidden />}
              data-testid="run-stop"
              data-autofocus={!steps.includes(active.state) || undefined}
              onClick={tell("stop")}
            >
              {t("controls.stop")}
              <span className={classes.menuHelp}>{t("controls.stopHelp")}</span>
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
