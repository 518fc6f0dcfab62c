import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../charts/format";
import type { RunSummary } from "../wire/types";

const LEADING = ["accuracy", "map50", "loss"] as const;

/** What the test says of several answers as one, each with its leading metric: of snapshots, of mirror images. */
export function useMeans(): (run: RunSummary) => string[] {
  const { t } = useTranslation("dock");
  return useCallback(
    ({ metrics }) =>
      (["ensemble", "mirrored"] as const).flatMap((kind) => {
        const accuracy = metrics[`test.${kind}.accuracy`];
        const loss = metrics[`test.${kind}.loss`];
        if (accuracy === undefined && loss === undefined) return [];
        return [t(`result.${kind}`, { value: accuracy === undefined ? value(loss as number) : percent(accuracy) })];
      }),
    [t],
  );
}

/** Says the leading test metric of a run that has one: `test accuracy 98.3 %`. */
export function useTestResult(): (run: RunSummary) => string | null {
  const { t } = useTranslation("dock");
  return useCallback(
    ({ metrics }) => {
      const name = LEADING.find((each) => metrics[`test.${each}`] !== undefined);
      if (!name) return null;
      const number = metrics[`test.${name}`] as number;
      return t(`result.${name}`, { value: name === "loss" ? value(number) : percent(number) });
    },
    [t],
  );
}
