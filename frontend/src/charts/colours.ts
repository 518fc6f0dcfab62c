/**
 * Colour tables of 256 entries, made in OKLab so that equal steps of value are equal steps of seen difference, and
 * lightness alone orders them: they read the same to people who do not tell red from green, and in a grey print.
 */

export type Theme = "light" | "dark";

/** 256 colours, each 0xAABBGGRR: the order of bytes that `ImageData` has on a little-endian machine. */
export type ColourTable = Uint32Array;

export type Rgb = readonly [number, number, number];
type Lab = readonly [lightness: number, a: number, b: number];

const gamma = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

/** Linear-light sRGB of an OKLab colour; outside 0..1 where the screen cannot show it. */
function toLinear([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** OKLab of an sRGB colour whose parts are 0..255. */
export function toLab([red, green, blue]: Rgb): Lab {
  const [r, g, b] = [linear(red / 255), linear(green / 255), linear(blue / 255)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const shown = (rgb: Rgb) => rgb.every((part) => part >= -1e-4 && part <= 1.0001);

/** The colour of this lightness and hue, as strong as asked or as the screen can show. Hue in degrees. */
function polar(lightness: number, chroma: number, hue: number): Lab {
  const turn = (hue * Math.PI) / 180;
  const at = (c: number): Lab => [lightness, c * Math.cos(turn), c * Math.sin(turn)];
  if (shown(toLinear(at(chroma)))) return at(chroma);
  let [low, high] = [0, chroma];
  for (let i = 0; i < 18; i++) {
    const middle = (low + high) / 2;
    if (shown(toLinear(at(middle)))) low = middle;
    else high = middle;
  }
  return at(low);
}

function toBytes(lab: Lab): Rgb {
  const [r, g, b] = toLinear(lab);
  const byte = (c: number) => Math.round(255 * gamma(Math.min(1, Math.max(0, c))));
  return [byte(r), byte(g), byte(b)];
}

export const packed = ([r, g, b]: Rgb, alpha = 255): number => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
export const unpacked = (colour: number): Rgb => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];

/** `count` colours along a curve through OKLab, equally far from each other to the eye. */
function along(curve: (t: number) => Lab, count: number): Rgb[] {
  const fine = Array.from({ length: 1025 }, (_, i) => curve(i / 1024));
  const length = new Float64Array(fine.length);
  for (let i = 1; i < fine.length; i++) {
    const [p, q] = [fine[i - 1] as Lab, fine[i] as Lab];
    length[i] = (length[i - 1] as number) + Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]);
  }
  const whole = length[fine.length - 1] as number;
  const colours: Rgb[] = [];
  for (let i = 0, j = 0; i < count; i++) {
    const wanted = (whole * i) / (count - 1);
    while (j < fine.length - 2 && (length[j + 1] as number) < wanted) j++;
    const [from, to] = [length[j] as number, length[j + 1] as number];
    const share = to > from ? (wanted - from) / (to - from) : 0;
    const [p, q] = [fine[j] as Lab, fine[j + 1] as Lab];
    colours.push(toBytes([p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1]), p[2] + share * (q[2] - p[2])]));
  }
  return colours;
}

const table = (colours: Rgb[]): ColourTable => Uint32Array.from(colours, (colour) => packed(colour));

/** Dark violet over teal to light yellow: for values that go one way (activations, attention). */
export const SEQUENTIAL: ColourTable = table(
  along((t) => polar(0.26 + 0.66 * t, 0.13 + 0.04 * t, 305 - 200 * t ** 0.9), 256),
);

/** For values from 0, on the page's own ground: nothing to the accent. Used for counts and attention. */
function fromGround(ground: Rgb, accent: Rgb): ColourTable {
  const [p, q] = [toLab(ground), toLab(accent)];
  return table(along((t) => [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])], 256));
}

function diverging(ground: Rgb, ends: number): ColourTable {
  const middle = toLab(ground);
  const half = (hue: number) => {
    const end = polar(ends, 0.15, hue);
    return along(
      (t) => [
        middle[0] + t * (end[0] - middle[0]),
        middle[1] + t * (end[1] - middle[1]),
        middle[2] + t * (end[2] - middle[2]),
      ],
      128,
    );
  };
  return table([...half(255).reverse(), ...half(58)]);
}

/** Blue for negative, the page's ground for none, orange for positive. */
export const DIVERGING: Readonly<Record<Theme, ColourTable>> = {
  light: diverging([250, 250, 252], 0.5),
  dark: diverging([27, 32, 41], 0.78),
};

export const INTENSITY: Readonly<Record<Theme, ColourTable>> = {
  light: fromGround([240, 243, 249], [29, 78, 175]),
  dark: fromGround([27, 33, 44], [143, 187, 255]),
};

/** A picture of one channel as it is. */
export const GREY: ColourTable = table(Array.from({ length: 256 }, (_, i) => [i, i, i] as const));

/** Colours for classes, in the order that tells neighbours apart best; a shape or a name always goes with them. */
export const CLASS_COLOURS: Readonly<Record<Theme, readonly Rgb[]>> = {
  light: [
    [37, 99, 201],
    [190, 84, 24],
    [13, 125, 116],
    [189, 47, 121],
    [122, 69, 207],
    [146, 100, 0],
    [59, 125, 31],
    [91, 102, 120],
    [168, 45, 45],
    [20, 120, 170],
  ],
  dark: [
    [106, 165, 255],
    [255, 159, 107],
    [63, 202, 189],
    [244, 135, 189],
    [179, 148, 255],
    [241, 178, 74],
    [147, 214, 109],
    [160, 172, 192],
    [255, 130, 130],
    [110, 205, 240],
  ],
};

export const classColour = (theme: Theme, index: number): Rgb => {
  const colours = CLASS_COLOURS[theme];
  return colours[index % colours.length] as Rgb;
};

export const css = ([r, g, b]: Rgb, alpha = 1): string =>
  alpha === 1 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${alpha})`;

/** Black or white, whichever reads better on the colour (WCAG relative luminance). */
export function inkOn(colour: Rgb): string {
  const luminance =
    0.2126 * linear(colour[0] / 255) + 0.7152 * linear(colour[1] / 255) + 0.0722 * linear(colour[2] / 255);
  return luminance > 0.179 ? "#0b0d12" : "#ffffff";
}
