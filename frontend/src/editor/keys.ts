/** The keyboard: what a key does on the board. Nothing is done while somebody types. */
import { useEffect } from "react";
import { redo, undo } from "../state/document";
import { goTo, onlyNode, select, useLevel, useSelection } from "../state/selection";
import { useUi } from "../state/ui";
import * as actions from "./actions";
import * as camera from "./camera";
import { openQuickAdd } from "./quick";
import { openShortcuts } from "./Shortcuts";

const apple = /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** `mod+shift+Z` as this system writes it. */
export function keyName(keys: string): string {
  const parts = keys.split("+").map((part) => {
    if (part === "mod") return apple ? "⌘" : "Ctrl";
    if (part === "shift") return apple ? "⇧" : "Shift";
    return part;
  });
  return parts.join(apple ? "" : "+");
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** A dialog or a menu has the keys. */
const isBusy = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;

const STEPS: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -8, y: 0 },
  ArrowRight: { x: 8, y: 0 },
  ArrowUp: { x: 0, y: -8 },
  ArrowDown: { x: 0, y: 8 },
};

function withCommand(key: string, shift: boolean): (() => void) | null {
  switch (key) {
    case "z":
      return shift ? redo : undo;
    case "y":
      return redo;
    case "d":
      return actions.duplicate;
    case "g":
      return shift ? actions.ungroupSelected : actions.groupSelected;
    case "a":
      return actions.selectAll;
    case "k":
      return () => openQuickAdd();
    default:
      return null;
  }
}

function stepBack(): void {
  if (useUi.getState().unrolled) {
    actions.toggleUnfolded();
    return;
  }
  const { nodes, edges } = useSelection.getState();
  if (nodes.size + edges.size > 0) {
    select([]);
    return;
  }
  if (useUi.getState().unfolded) {
    actions.toggleUnfolded();
    return;
  }
  const { trail } = useLevel.getState();
  const last = trail.at(-1);
  if (last) goTo(trail.slice(0, -1), [last.node]);
}

function alone(key: string): (() => void) | null {
  switch (key) {
    case "Delete":
    case "Backspace":
      return actions.removeSelected;
    case "Escape":
      return stepBack;
    case "Enter": {
      const node = onlyNode(useSelection.getState());
      return node ? () => actions.openBlock(node) : null;
    }
    case "/":
      return () => openQuickAdd();
    case "?":
      return openShortcuts;
    case "f":
      return () => camera.showAll();
    case "l":
      return () => void actions.arrange();
    case "u":
      return actions.toggleUnfolded;
    case "m":
      return () => actions.ablate("mute");
    case "b":
      return () => actions.ablate("bypass");
    case "t":
      return actions.freezeSelected;
    case "v":
      return () => useUi.setState({ tool: "select" });
    case "h":
      return () => useUi.setState({ tool: "pan" });
    case "+":
    case "=":
      return () => camera.zoomBy(1.25);
    case "-":
      return () => camera.zoomBy(1 / 1.25);
    default:
      return null;
  }
}

/** A card that has the focus: selected, and when it is already, opened. */
function take(card: HTMLElement): void {
  const { id } = card.dataset;
  if (!id) return;
  if (onlyNode(useSelection.getState()) === id) actions.openBlock(id);
  else select([id]);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target) || isBusy(event.target)) return;
  const command = event.metaKey || event.ctrlKey;
  const step = STEPS[event.key];
  const onControl = event.target instanceof Element && event.target.closest("button, a, [role=separator], [role=tab]");
  const card = event.target instanceof Element && event.target.classList.contains("react-flow__node");
  let act: (() => void) | null = null;
  if (command && !event.altKey) act = withCommand(event.key.toLowerCase(), event.shiftKey);
  else if (card && (event.key === "Enter" || event.key === " ")) act = () => take(event.target as HTMLElement);
  else if (!event.altKey && step) {
    const times = event.shiftKey ? 5 : 1;
    const any = useSelection.getState().nodes.size > 0 && !onControl;
    act = any ? () => actions.nudge({ x: step.x * times, y: step.y * times }) : null;
  } else if (!event.altKey && !(event.key === "Enter" && onControl)) {
    act = alone(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  }
  if (!act) return;
  event.preventDefault();
  act();
}

/** The browser's own copy, cut and paste: they work in every browser without asking, and between tabs. */
function onCopy(event: ClipboardEvent): void {
  if (isTyping(event.target) || window.getSelection()?.toString()) return;
  const text = actions.copySelected();
  if (!text || !event.clipboardData) return;
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
  if (event.type === "cut") actions.removeSelected();
}

let pastes = { text: "", count: 0 };

function onPaste(event: ClipboardEvent): void {
  if (isTyping(event.target)) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  pastes = pastes.text === text ? { text, count: pastes.count + 1 } : { text, count: 0 };
  if (actions.pasteText(text)) event.preventDefault();
}

export function useKeys(): void {
  useEffect(() => {
    window.addEventListener("keydown", onKeyDown);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, []);
}
