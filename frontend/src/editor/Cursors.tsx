import { useStoreApi, ViewportPortal } from "@xyflow/react";
import type { Point } from "../graph/document";
import { currentPresence } from "../state/board";
import { usePeople } from "../state/people";
import { useLevel } from "../state/selection";
import { toBoard } from "./camera";
import classes from "./cursors.module.css";

/** Tells the others where this person points. */
export function tellCursor(screen: Point | null): void {
  const at = screen && toBoard(screen);
  currentPresence()?.point(at ? { x: at.x, y: at.y, block: useLevel.getState().scope } : null);
}

/** About the size of a name at a cursor. */
const LABEL = { width: 110, height: 36 };

/** The others' cursors. Over a card only the arrow is drawn: the name would hide the card's own. */
export function Cursors() {
  const peers = usePeople((state) => state.peers);
  const scope = useLevel((level) => level.scope);
  const flow = useStoreApi();
  const overCard = ({ x, y }: Point) => {
    for (const { internals, measured } of flow.getState().nodeLookup.values()) {
      const { x: left, y: top } = internals.positionAbsolute;
      const [right, bottom] = [left + (measured.width ?? 0), top + (measured.height ?? 0)];
      if (x + LABEL.width > left && x < right && y + LABEL.height > top && y < bottom) return true;
    }
    return false;
  };
  return (
    <ViewportPortal>
      {peers.map(({ client, user, cursor }) =>
        cursor && cursor.block === scope ? (
          <div
            key={client}
            className={classes.cursor}
            style={{ transform: `translate(${cursor.x}px, ${cursor.y}px)`, ["--person" as string]: user.color }}
            data-testid={`cursor-${user.name}`}
          >
            <svg width="16" height="18" viewBox="0 0 16 18" aria-hidden="true">
              <path d="M1 1 L14 9.5 L8 10.8 L5 16.5 Z" fill="var(--person)" stroke="var(--panel)" strokeWidth="1.4" />
            </svg>
            {!overCard(cursor) && <span>{user.name}</span>}
          </div>
        ) : null,
      )}
    </ViewportPortal>
  );
}
