/** The board that is open: who may do what, what is saved; and everything that opens and closes with it. */
import { Awareness } from "y-protocols/awareness";
import { create } from "zustand";
import { BoardSocket, REMOTE, type Saving } from "../wire/boardSocket";
import type { Connection } from "../wire/socket";
import type { BoardInfo, BoardMessage, Role } from "../wire/types";
import { lockDocument, openDocument } from "./document";
import { forgetFacts, receiveFacts } from "./facts";
import { openPresence, type Presence } from "./people";
import { forgetSelection, useSelection } from "./selection";
import { SharedDocument } from "./shared";

export interface Notice {
  id: number;
  text: string;
  tone: "error" | "note";
}

interface BoardState {
  id: string;
  info: BoardInfo | null;
  connection: Connection;
  saving: Saving;
  /** Why the server ended the connection for good: 4404 no such board, 4403 refused. */
  ended: number | null;
  /** The document has arrived. */
  synced: boolean;
  notices: readonly Notice[];
}

const CLOSED: BoardState = {
  id: "",
  info: null,
  connection: "connecting",
  saving: "saved",
  ended: null,
  synced: false,
  notices: [],
};

export const useBoard = create<BoardState>(() => CLOSED);

export const mayEdit = (role: Role | undefined): boolean => role === "owner" || role === "editor";
export const useMayEdit = (): boolean => useBoard((state) => mayEdit(state.info?.role));

let presence: Presence | null = null;
export const currentPresence = (): Presence | null => presence;

/** What of a board's messages is not the editor's: its runs. */
export interface BoardListener {
  message(message: BoardMessage): void;
}

/** Opens a board; the answer closes it again. */
export function openBoard(id: string, listener: BoardListener): () => void {
  const shared = new SharedDocument();
  const awareness = new Awareness(shared.doc);
  const closeDocument = openDocument(shared);
  const here = openPresence(awareness);
  presence = here;
  useBoard.setState({ ...CLOSED, id }, true);
  const welcome = (board: BoardInfo) => {
    useBoard.setState({ info: board });
    lockDocument(!mayEdit(board.role));
  };
  const socket = new BoardSocket(id, shared.doc, awareness, {
    onMessage: (message) => {
      switch (message.event) {
        case "welcome":
          welcome(message.board);
          here.introduce(message.you);
          break;
        case "inferred":
          receiveFacts(message);
          break;
        case "board":
          welcome(message.board);
          break;
        case "refused":
          notify(message.message, "error");
          break;
        case "runs":
        case "saved":
          break;
      }
      listener.message(message);
    },
    onSaving: (saving) => useBoard.setState({ saving }),
    onSynced: () => useBoard.setState({ synced: true }),
    onConnection: (connection, code) =>
      useBoard.setState(connection === "ended" ? { connection, ended: code ?? 0 } : { connection }),
    mayWrite: () => mayEdit(useBoard.getState().info?.role),
  });
  const stopHolding = useSelection.subscribe((state, before) => {
    if (state.nodes !== before.nodes) here.hold([...state.nodes]);
  });
  // A delete that crossed somebody's new wire leaves it without an end.
  let tidying: ReturnType<typeof setTimeout> | null = null;
  shared.doc.on("update", (_: Uint8Array, origin: unknown) => {
    if (origin !== REMOTE || !mayEdit(useBoard.getState().info?.role)) return;
    tidying ??= setTimeout(() => {
      tidying = null;
      shared.tidy();
    }, 1000);
  });
  return () => {
    if (tidying !== null) clearTimeout(tidying);
    stopHolding();
    socket.close();
    here.stop();
    presence = null;
    awareness.destroy();
    closeDocument();
    shared.close();
    forgetFacts();
    forgetSelection();
    useBoard.setState(CLOSED, true);
  };
}

let notices = 0;

/** Says something for a moment. */
export function notify(text: string, tone: Notice["tone"] = "note"): void {
  notices += 1;
  const notice = { id: notices, text, tone };
  useBoard.setState((state) => ({ notices: [...state.notices.slice(-2), notice] }));
}

export function dismiss(id: number): void {
  useBoard.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}
