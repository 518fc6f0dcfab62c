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
      make: { template },
    }),
  );
  return [...layers, ...templates]
    .map((item, at) => ({ item, at }))
    .sort((a, b) => (rank.get(a.item.family) ?? 99) - (rank.get(b.item.family) ?? 99) || a.at - b.at)
    .map(({ item }) => item);
}

const fold = (text: string) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9 ]+/g, " ")
    .trim();

/** How well an item answers a search: 0 not at all; its name beats an alias, an alias beats its purpose. */
export function match(item: Item, query: string): number {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  const title = fold(item.title);
  const key = fold(item.key);
  const aliases = item.aliases.map(fold);
  const sentence = fold(item.sentence);
  let score = 0;
  for (const word of words) {
    const beginsWord = (text: string) => text.split(" ").some((part) => part.startsWith(word));
    let best = 0;
    if (title === word || key === word) best = 100;
    else if (title.startsWith(word) || key.startsWith(word)) best = 80;
    else if (beginsWord(title) || beginsWord(key)) best = 65;
    else if (aliases.some((alias) => alias === word)) best = 60;
    else if (aliases.some((alias) => alias.startsWith(word) || beginsWord(alias))) best = 50;
    else if (title.replaceAll(" ", "").includes(word) || key.includes(word)) best = 40;
    else if (word.length >= 3 && beginsWord(sentence)) best = 20;
    else if (isSubsequence(word, title.replaceAll(" ", ""))) best = 8;
    if (best === 0) return 0;
    score += best;
  }
  return score / words.length + 1 / (title.length + 1);
}

function isSubsequence(word: string, text: string): boolean {
  if (word.length < 3) return false;
  let at = 0;
  for (const letter of text) if (letter === word[at]) at += 1;
  return at === word.length;
}

/** The items that answer a search, best first. */
export function find(items: readonly Item[], query: string): Item[] {
  if (!query.trim()) return [...items];
  return items
    .map((item) => ({ item, score: match(item, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
