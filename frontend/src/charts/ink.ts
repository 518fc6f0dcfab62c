/** The page's colours as a canvas needs them: read from the style of the element that is drawn on. */

export interface Ink {
  text: string;
  dim: string;
  faint: string;
  line: string;
  strong: string;
  panel: string;
  sunken: string;
  accent: string;
  train: string;
  validation: string;
  sans: string;
  mono: string;
}

const VARIABLES: Readonly<Record<keyof Ink, string>> = {
  text: "--text",
  dim: "--text-dim",
  faint: "--text-faint",
  line: "--line",
  strong: "--line-strong",
  panel: "--panel",
  sunken: "--sunken",
  accent: "--accent-text",
  train: "--train",
  validation: "--validation",
  sans: "--font-sans",
  mono: "--font-mono",
};

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(VARIABLES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim() || "#888"]),
  ) as unknown as Ink;
}

/** `#rrggbb`, or `#rgb` as it is written where that is shorter, as numbers 0..255. */
export function parseHex(text: string): readonly [number, number, number] {
  const digits = text.trim().replace("#", "");
  const value = Number.parseInt(digits.length === 3 ? digits.replace(/./g, "$&$&") : digits, 16);
  return Number.isNaN(value) ? [128, 128, 128] : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
