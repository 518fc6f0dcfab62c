import { useTranslation } from "react-i18next";
import { useNodeFacts } from "../state/facts";
import * as actions from "./actions";
import { FieldInput } from "./FieldInput";
import { numberField } from "./RecipePanel";
import type { Known } from "./useNode";

const HINTS = { "": "ablation.activeHint", mute: "ablation.muteHint", bypass: "ablation.bypassHint" } as const;

/** Whether a node takes part: the same network with and without it can be compared. */
export function AblationField({ known: { id, path, node }, disabled }: { known: Known; disabled: boolean }) {
  const { t } = useTranslation("editor");
  const idle = useNodeFacts(path)?.idle;
  const now = node.ablation ?? "";
  const inherited = !now && idle;
  return (
    <FieldInput
      field={{
        ...numberField("ablation", t("ablation.title"), "active"),
        kind: "choice",
        choices: ["active", "mute", "bypass"],
        labels: [t("ablation.active"), t("ablation.mute"), t("ablation.bypass")],
        help: t(inherited ? "ablation.inherited" : HINTS[now]),
      }}
      value={now || "active"}
      disabled={disabled}
      onChange={(value) =>
        actions.changeProperty(id, "ablation", value === "mute" || value === "bypass" ? value : "", "")
      }
    />
  );
}
