import { Menu } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { nodesOf, type Point } from "../graph/document";
import { usesOf } from "../graph/exposed";
import { useMayEdit } from "../state/board";
import { useDocument } from "../state/document";
import { goTo, onlyNode, useLevel, useSelection } from "../state/selection";
import * as actions from "./actions";
import * as camera from "./camera";
import { keyName } from "./keys";
import { closeMenu, useMenu } from "./menu";
import classes from "./menu.module.css";
import { openQuickAdd } from "./quick";

interface Entry {
  name: string;
  keys?: string;
  act: () => void;
  danger?: boolean;
}

/** What can be done with what was clicked, each with its key. */
export function ContextMenu() {
  const { t } = useTranslation("editor");
  const { at } = useMenu();
  const groups = useEntries();
  if (!at) return null;
  return (
    <Menu opened onClose={closeMenu} position="bottom-start" shadow="md" width={252} offset={2} withinPortal>
      <Menu.Target>
        <span className={classes.point} style={{ left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown data-testid="context-menu" onContextMenu={(event) => event.preventDefault()}>
        {groups.map((group, place) => (
          <Fragment key={group[0]?.name}>
            {place > 0 && <Menu.Divider />}
            {group.map(({ name, keys, act, danger }) => (
              <Menu.Item
                key={name}
                color={danger ? "red" : undefined}
                data-testid={`menu-${name}`}
                onClick={act}
                rightSection={keys && <kbd className={classes.key}>{keyName(keys)}</kbd>}
              >
                {t(`menu.${name}` as "menu.group")}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function addAt(screen: Point): void {
  const at = camera.toBoard(screen);
  openQuickAdd(at ? { screen, at } : { screen });
}

function useEntries(): Entry[][] {
  const { about, at } = useMenu();
  const editable = useMayEdit();
  const selection = useSelection();
  const { scope, trail } = useLevel();
  const document = useDocument((state) => state.document);
  const nodes = nodesOf(document, scope);
  const one = onlyNode(selection);
  const node = one ? nodes[one] : undefined;
  const chosen = [...selection.nodes].flatMap((id) => nodes[id] ?? []);
  const all = (how: string) => chosen.length > 0 && chosen.every(({ ablation }) => ablation === how);
  const here = at ?? { x: 0, y: 0 };
  const last = trail.at(-1);
  const out: Entry[] = last ? [{ name: "out", keys: "Esc", act: () => goTo(trail.slice(0, -1), [last.node]) }] : [];
  if (about === "pane" || (about === "node" && chosen.length === 0)) {
    const add = { name: "add", keys: "/", act: () => addAt(here) };
    return [
      editable ? [add, { name: "paste", keys: "mod+V", act: () => void actions.pasteFromClipboard(here) }] : [],
      [
        { name: "all", keys: "mod+A", act: actions.selectAll },
        ...(editable ? [{ name: "layout", keys: "L", act: () => void actions.arrange() }] : []),
        { name: "fit", keys: "F", act: () => camera.showAll() },
        ...out,
      ],
    ].filter((group) => group.length > 0);
  }
  const erase: Entry = { name: "delete", keys: "⌫", act: actions.removeSelected, danger: true };
  if (about === "edge") return editable ? [[erase]] : [];
  const isBlock = node?.type === "block";
  const open: Entry[] = isBlock && one ? [{ name: "open", keys: "Enter", act: () => actions.openBlock(one) }] : [];
  const copy: Entry = { name: "copy", keys: "mod+C", act: () => void actions.copyToClipboard() };
  if (!editable) return [[...open, copy]];
  const isPort = chosen.some(({ type }) => type.startsWith("block_"));
  const block = node?.block ?? "";
  const structure: Entry[] = [
    ...(isPort ? [] : [{ name: "group", keys: "mod+G", act: actions.groupSelected }]),
    ...(chosen.some(({ type }) => type === "block")
      ? [{ name: "ungroup", keys: "mod+shift+G", act: actions.ungroupSelected }]
      : []),
    ...(isBlock && one && usesOf(document, block) > 1 ? [{ name: "fork", act: () => actions.forkBlock(one) }] : []),
  ];
  const ablation: Entry[] = isPort
    ? []
    : [
        { name: all("bypass") ? "unbypass" : "bypass", keys: "B", act: () => actions.ablate("bypass") },
        { name: all("mute") ? "unmute" : "mute", keys: "M", act: () => actions.ablate("mute") },
      ];
  const { ids: learning, frozen } = actions.freezable();
  const freeze: Entry[] =
    learning.length > 0 ? [{ name: frozen ? "unfreeze" : "freeze", keys: "T", act: actions.freezeSelected }] : [];
  return [
    open,
    [copy, { name: "duplicate", keys: "mod+D", act: actions.duplicate }],
    structure,
    [...ablation, ...freeze],
    [erase],
  ].filter((group) => group.length > 0);
}
