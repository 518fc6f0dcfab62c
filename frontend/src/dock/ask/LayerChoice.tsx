import { useTranslation } from "react-i18next";

interface LayerChoiceProps {
  paths: readonly string[];
  path: string;
  title: (path: string) => string;
  onChoose: (path: string) => void;
}

/** One of the board's nodes; of those that are called the same each by its place too. */
export function LayerChoice({ paths, path, title, onChoose }: LayerChoiceProps) {
  const { t } = useTranslation("ask");
  const counts = new Map<string, number>();
  for (const each of paths) counts.set(title(each), (counts.get(title(each)) ?? 0) + 1);
  return (
    <select
      value={path}
      aria-label={t("node")}
      data-testid="ask-node"
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {paths.map((each) => (
        <option key={each} value={each}>
          {(counts.get(title(each)) ?? 0) > 1
            ? `${title(each)} · ${each.slice(each.lastIndexOf("/") + 1)}`
            : title(each)}
        </option>
      ))}
    </select>
  );
}
