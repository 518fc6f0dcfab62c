/**
 * A large board seen from far away, painted: cards as boxes on their family's colour, wires in one stroke. A thousand
 * cards of the page's own elements are more than a browser moves at 30 frames a second; one picture is not.
 */

/** A card where it stands on the board, in pixels at zoom 1. */
export interface FarCard {
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
  family: string;
  tone: "error" | "unfinished" | undefined;
  selected: boolean;
  stacked: boolean;
}

export interface FarWires {
  plain: Path2D;
  wrong: Path2D;
  selected: Path2D;
}

export interface FarInk {
  raised: string;
  line: string;
  strong: string;
  text: string;
  wire: string;
  error: string;
  accent: string;
  sans: string;
  /** Of a family. */
  tone: (family: string) => string;
}

/** Below this zoom a title is no longer read: the whole card takes its family's colour. */
const READABLE = 0.2;
const HEAD = 48;
const TILE = 26;
const ROUND = 10;

export function inkOfBoard(element: Element): FarInk {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim() || "#888";
  const tones = new Map<string, string>();
  return {
    raised: of("--raised"),
    line: of("--line"),
    strong: of("--line-strong"),
    text: of("--text"),
    wire: of("--wire"),
    error: of("--error"),
    accent: of("--accent-text"),
    sans: of("--font-sans"),
    tone: (family) => {
      let tone = tones.get(family);
      if (!tone) {
        tone = of(`--${family}`);
        tones.set(family, tone);
      }
      return tone;
    },
  };
}

/** Paints on a context whose unit is a pixel at zoom 1, with the board's origin where it belongs. */
export function paintFar(
  context: CanvasRenderingContext2D,
  cards: readonly FarCard[],
  wires: FarWires,
  ink: FarInk,
  zoom: number,
): void {
  const hair = 1 / zoom;
  context.lineWidth = Math.max(1.6, 0.8 * hair);
  context.strokeStyle = ink.wire;
  context.stroke(wires.plain);
  context.strokeStyle = ink.error;
  context.stroke(wires.wrong);
  context.strokeStyle = ink.accent;
  context.lineWidth = Math.max(2.4, 1.4 * hair);
  context.stroke(wires.selected);

  const titled = zoom >= READABLE;
  const size = titled ? 17 : 0;
  context.font = `600 ${size}px ${ink.sans}`;
  context.textBaseline = "middle";
  for (const card of cards) {
    const { x, y, width, height } = card;
    const tone = ink.tone(card.family);
    if (card.stacked) {
      context.fillStyle = ink.raised;
      context.strokeStyle = ink.strong;
      context.lineWidth = Math.max(1, 0.8 * hair);
      box(context, x + 10, y + 10, width, height);
      box(context, x + 5, y + 5, width, height);
    }
    context.fillStyle = ink.raised;
    context.strokeStyle =
      card.tone === "error" ? ink.error : card.selected ? ink.accent : card.tone ? ink.strong : ink.line;
    context.lineWidth = card.tone === "error" || card.selected ? Math.max(2, 1.6 * hair) : Math.max(1, 0.8 * hair);
    context.setLineDash(card.tone === "unfinished" ? [6, 5] : []);
    box(context, x, y, width, height);
    context.setLineDash([]);
    context.fillStyle = tone;
    if (titled) {
      context.beginPath();
      context.roundRect(x + 9, y + (HEAD - TILE) / 2, TILE, TILE, 7);
      context.fill();
      context.fillStyle = ink.text;
      context.fillText(fitted(context, card.title, width - TILE - 26), x + TILE + 17, y + HEAD / 2 + 1);
    } else {
      context.beginPath();
      context.roundRect(x + 10, y + 10, width - 20, Math.min(HEAD, height) - 16, 6);
      context.fill();
    }
  }
}

function box(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.beginPath();
  context.roundRect(x, y, width, height, ROUND);
  context.fill();
  context.stroke();
}

const lengths = new Map<string, string>();

/** A title, cut where it is too long; measured once. */
function fitted(context: CanvasRenderingContext2D, title: string, room: number): string {
  const key = `${room}|${title}`;
  const known = lengths.get(key);
  if (known !== undefined) return known;
  let text = title;
  if (context.measureText(text).width > room) {
    while (text.length > 1 && context.measureText(`${text}…`).width > room) text = text.slice(0, -1);
    text = `${text.trimEnd()}…`;
  }
  if (lengths.size > 4000) lengths.clear();
  lengths.set(key, text);
  return text;
}
