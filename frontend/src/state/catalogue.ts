/** Every layer, template, optimizer and schedule that the server knows; the palette and all forms are drawn from it. */
import { create } from "zustand";
import type { Catalogue, LayerInfo, TemplateInfo } from "../wire/types";

interface CatalogueState {
  catalogue: Catalogue | null;
  layers: ReadonlyMap<string, LayerInfo>;
}

export const useCatalogue = create<CatalogueState>(() => ({ catalogue: null, layers: new Map() }));

export function setCatalogue(catalogue: Catalogue): void {
  useCatalogue.setState({ catalogue, layers: new Map(catalogue.layers.map((layer) => [layer.type, layer])) });
}

export const useLayer = (type: string): LayerInfo | undefined => useCatalogue((state) => state.layers.get(type));

export const layerOf = (type: string): LayerInfo | undefined => useCatalogue.getState().layers.get(type);

/** Something that can be put on the canvas. */
export interface Item {
  key: string;
  title: string;
  family: string;
  icon: string;
  sentence: string;
  aliases: readonly string[];
  purposes: readonly string[];
  make: { layer: LayerInfo } | { template: TemplateInfo };
}

/** Types that exist only inside blocks, or that one does not add by hand. */
const INNER = new Set(["block_input", "block_output"]);

/** All that can be added here, in the order of the families. */
export function itemsOf(catalogue: Catalogue, insideBlock: boolean): Item[] {
  const rank = new Map(catalogue.families.map((family, at) => [family.id, at]));
  const layers = catalogue.layers
    .filter(({ type }) => type !== "block" && (insideBlock || !INNER.has(type)))
    .map(
      (layer): Item => ({
        key: layer.type,
        title: layer.title,
        family: layer.family,
        icon: layer.icon,
        sentence: layer.sentence,
        aliases: layer.aliases,
        purposes: layer.purposes,
        make: { layer },
      }),
    );
  const templates = catalogue.templates.map(
    (template): Item => ({
      key: template.type,
      title: template.title,
      family: "block",
      icon: template.icon,
      sentence: template.sentence,
      aliases: template.aliases,
      purposes: [],
      make: { template },
    }),
  );
  return [...layers, ...templates]
    .map((item, at) => ({ item, at }))
    .sort((a, b) => (rank.get(a.item.family) ?? 99) - (rank.get(b.item.family) ?? 99) || a.at - b.at)
    .map(({ item }) => item);
}
