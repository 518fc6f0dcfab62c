import { CloseButton, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { GalleryCard } from "../../wire/types";
import classes from "./gallery.module.css";

/** Whether every word that is wanted stands somewhere in what a card says; case and accents do not count. */
export function matches(card: GalleryCard, wanted: string): boolean {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const said = plain([card.name, card.title, card.section, card.origin, card.summary, card.data].join(" "));
  return plain(wanted)
    .split(/\s+/)
    .every((word) => said.includes(word));
}

interface FinderProps {
  sections: readonly string[];
  /** The only section that is shown; null: all. */
  section: string | null;
  wanted: string;
  onSection: (section: string | null) => void;
  onWanted: (wanted: string) => void;
}

/** Finds a board among many: by words, or by the section that it stands in. */
export function Finder({ sections, section, wanted, onSection, onWanted }: FinderProps) {
  const { t } = useTranslation("gallery");
  const choices: [string | null, string][] = [
    [null, t("all")],
    ...sections.map((each): [string, string] => [each, each]),
  ];
  return (
    <search className={classes.finder}>
      <TextInput
        className={classes.search}
        value={wanted}
        aria-label={t("search")}
        placeholder={t("searchHint")}
        leftSection={<Search size={16} aria-hidden />}
        rightSection={
          wanted ? <CloseButton size="sm" aria-label={t("clear")} onClick={() => onWanted("")} /> : undefined
        }
        data-testid="gallery-search"
        onChange={(event) => onWanted(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onWanted("")}
      />
      {sections.length > 1 && (
        <fieldset className={classes.chips} aria-label={t("sections")}>
          {choices.map(([value, title]) => (
            <button
              key={title}
              type="button"
              className={classes.chip}
              aria-pressed={section === value}
              onClick={() => onSection(value)}
            >
              {title}
            </button>
          ))}
        </fieldset>
      )}
    </search>
  );
}
