import { IterationCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNodeFacts } from "../state/facts";
import { useUi } from "../state/ui";
import classes from "./inspector.module.css";

/** Of what is recurrent: shows it once for every step. Nothing of anything else. */
export function UnrollButton({ path }: { path: string }) {
  const { t } = useTranslation("editor");
  const recurrent = useNodeFacts(path)?.views.includes("states");
  const open = useUi((state) => state.unrolled === path);
  if (!recurrent) return null;
  return (
    <button
      type="button"
      className={classes.action}
      aria-pressed={open}
      data-testid="unroll"
      onClick={() => useUi.setState({ unrolled: open ? "" : path })}
    >
      <IterationCw size={15} aria-hidden /> {t(open ? "tools.fold" : "tools.unroll")}
    </button>
  );
}
