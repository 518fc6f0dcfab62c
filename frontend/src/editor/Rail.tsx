import { Popover, ScrollArea } from "@mantine/core";
import { Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useItems } from "./items";
import { PaletteItem, useFamilies } from "./Palette";
import classes from "./palette.module.css";
import { openQuickAdd } from "./quick";
import { Tile } from "./Tile";

/** The icon that stands for a whole family: not one of its layers'. */
const ICONS: Record<string, string> = {
  data: "shapes",
  dense: "align-vertical-distribute-center",
  convolution: "grid-3x3",
  pooling: "chevrons-up",
  normalisation: "scale",
  activation: "trending-up",
  attention: "waypoints",
  recurrent: "repeat",
  combine: "merge",
  arithmetic: "calculator",
  shape: "move-3d",
  head: "scan-search",
  loss: "target",
  block: "component",
};

/** The palette of a narrow screen: one button a family, which opens its layers beside it. */
export function Rail() {
  const { t } = useTranslation("editor");
  const [open, setOpen] = useState<string | null>(null);
  const families = useFamilies(useItems());
  return (
    <nav className={classes.rail} aria-label={t("palette.title")}>
      <button
        type="button"
        className={classes.family}
        aria-label={t("quick.title")}
        title={t("quick.title")}
        onClick={() => openQuickAdd()}
      >
        <Search size={20} aria-hidden />
      </button>
      {families.map(({ id, title, items }) => (
        <Popover
          key={id}
          opened={open === id}
          onChange={(opened) => setOpen(opened ? id : null)}
          position="right-start"
          offset={6}
          shadow="md"
          trapFocus
        >
          <Popover.Target>
            <button
              type="button"
              className={classes.family}
              aria-label={t("palette.family", { family: title })}
              title={title}
              data-testid={`family-${id}`}
              onClick={() => setOpen(open === id ? null : id)}
            >
              <Tile icon={ICONS[id] ?? items[0]?.icon ?? "square"} family={id} size={30} />
              <small>{title}</small>
            </button>
          </Popover.Target>
          <Popover.Dropdown p={8} className={classes.flyout}>
            <h2>{title}</h2>
            <ScrollArea.Autosize mah="60vh" type="auto">
              <ul>
                {items.map((item) => (
                  <li key={item.key}>
                    <PaletteItem item={item} onAdded={() => setOpen(null)} />
                  </li>
                ))}
              </ul>
            </ScrollArea.Autosize>
          </Popover.Dropdown>
        </Popover>
      ))}
    </nav>
  );
}
