import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../charts/format";
import type { RunSummary } from "../wire/types";

const LEADING = ["accuracy", "map50", "loss"] as const;

/** What the test, or before it the validation, says of several answers as one, each with its leading metric: of snapshots, of mirror images. */
export function useMeans(): (run: RunSummary) => string[] {
  const { t } = useTranslation("dock");
  return useCallback(
    ({ metrics }) =>
      (["ensemble", "mirrored"] as const).flatMap((kind) => {
        const told = (name: string) => metrics[`test.${kind}.${name}`] ?? metrics[`validation.${kind}.${name}`];
        const [accuracy, loss] = [told("accuracy"), told("loss")];
        if (accuracy === undefined && loss === undefined) return [];
        return [t(`result.${kind}`, { value: accuracy === undefined ? value(loss as number) : percent(accuracy) })];
      }),
    [t],
  );
}

/** Says the leading metric of a run: of its test, where its test samples were opened, else of its validation. */
export function useResult(): (run: RunSummary) => string | null {
  const { t } = useTranslation("dock");
  return useCallback(
    ({ metrics }) => {
      for (const part of ["test", "validation"] as const) {
        const name = LEADING.find((each) => metrics[`${part}.${each}`] !== undefined);
        if (!name) continue;
        const number = metrics[`${part}.${name}`] as number;
        return t(`result.${part}.${name}`, { value: name === "loss" ? value(number) : percent(number) });
      }
      return null;
    },
    [t],
  );
}
