/** The types on wires, as texts such as `float[C 3, H 32, W 32]`, read and shortened. */

export interface Axis {
  name: string;
  size: number;
  /** A length that may be smaller in a batch. */
  varies: boolean;
}

export interface Type {
  element: "float" | "index" | "bool" | "boxes" | "place";
  classes: number | null;
  /** Of places: the sizes of what they lie in. */
  space: string;
  axes: Axis[];
}

const TYPE = /^(float|index|bool|boxes|place)(?:<([\d×]+)>)?\[(.*)\]$/;
const AXIS = /^([A-Za-z]+) (≤?)(\d+)$/;

const read = new Map<string, Type | null>();

/** Null where the text is no type. */
export function parseType(text: string): Type | null {
  const known = read.get(text);
  if (known !== undefined) return known;
  const type = parse(text);
  if (read.size > 5000) read.clear();
  read.set(text, type);
  return type;
}

function parse(text: string): Type | null {
  const [, element, of = "", inner] = TYPE.exec(text) ?? [];
  if (!element || inner === undefined) return null;
  const axes: Axis[] = [];
  for (const part of inner ? inner.split(", ") : []) {
    const [, name, varies, size] = AXIS.exec(part) ?? [];
    if (!name || !size) return null;
    axes.push({ name, size: Number(size), varies: varies === "≤" });
  }
  const places = element === "place";
  return {
    element: element as Type["element"],
    classes: of && !places ? Number(of) : null,
    space: places ? of : "",
    axes,
  };
}

const sizes = (type: Type) => type.axes.map((axis) => `${axis.varies ? "≤" : ""}${axis.size}`).join("×");

/** For the chip on a wire: `3×32×32`, `84`, `1 of 10`, `≤6 boxes`, `≤12 mask`. */
export function chip(text: string): string {
  const type = parseType(text);
  if (!type) return text;
  const size = sizes(type);
  switch (type.element) {
    case "float":
      return size || "1";
    case "index":
      return `${size ? `${size} · ` : ""}1 of ${type.classes ?? "n"}`;
    case "bool":
      return size ? `${size} mask` : "yes/no";
    case "boxes":
      return `≤${type.axes[0]?.size ?? 0} boxes`;
    case "place":
      return `${size} places`;
  }
}

/** With the names of the axes: `C 6 × H 28 × W 28`, `T ≤12 × D 64`, `1 of 10`. */
export function spelled(text: string): string {
  const type = parseType(text);
  if (!type) return text;
  const axes = type.axes.map(({ name, size, varies }) => `${name} ${varies ? "≤" : ""}${size}`).join(" × ");
  const join = axes ? `${axes} · ` : "";
  switch (type.element) {
    case "float":
      return axes || "1";
    case "index":
      return `${join}1 of ${type.classes ?? "n"}`;
    case "bool":
      return axes ? `${join}mask` : "yes/no";
    case "boxes":
      return `≤${type.axes[0]?.size ?? 0} boxes · ${type.classes ?? 1} kinds`;
    case "place":
      return `${join}places in ${type.space}`;
  }
}

/** About how wide a chip's text is, in pixels at zoom 1 (10.5 px JetBrains Mono, 8 px of padding on both sides). */
export const chipWidth = (text: string): number => text.length * 6.4 + 18;

/** The (height, width) of an image or (1, length) of a signal, in a type's text. */
export function space(text: string | undefined): [number, number] | null {
  const axes = parseType(text ?? "")?.axes ?? [];
  const of = (name: string) => axes.find((axis) => axis.name === name)?.size;
  const [height, width, length] = [of("H"), of("W"), of("L")];
  if (height !== undefined && width !== undefined) return [height, width];
  return length !== undefined ? [1, length] : null;
}
