/** The class that is open: who is in it, what was handed out, the wall. */
import { create } from "zustand";
import { type Connection, ReturningSocket } from "../wire/socket";
import type { ClassCommand, ClassInfo, ClassMember, ClassMessage, WallCard } from "../wire/types";

interface Classroom {
  you: string;
  info: ClassInfo | null;
  members: ReadonlyMap<string, ClassMember>;
  cards: ReadonlyMap<string, WallCard>;
  connection: Connection;
  /** It is over, or one was sent away. */
  ended: boolean;
}

const NOTHING: Classroom = {
  you: "",
  info: null,
  members: new Map(),
  cards: new Map(),
  connection: "connecting",
  ended: false,
};

export const useClassroom = create<Classroom>()(() => NOTHING);

let socket: ReturningSocket | null = null;
let wall = false;

/** Opens a class's socket; what closes it. */
export function openClassroom(id: string): () => void {
  useClassroom.setState(NOTHING, true);
  wall = false;
  const opened = new ReturningSocket({
    address: () => `/ws/classes/${encodeURIComponent(id)}`,
    onOpen: () => {
      if (wall) say({ command: "wall", shown: true });
    },
    onText: (text) => useClassroom.setState((state) => heard(state, JSON.parse(text) as ClassMessage)),
    onBinary: () => undefined,
    onConnection: (connection) => useClassroom.setState({ connection, ended: connection === "ended" }),
  });
  socket = opened;
  return () => {
    opened.close();
    if (socket === opened) socket = null;
  };
}

/** What is known after a message. */
export function heard(state: Classroom, message: ClassMessage): Partial<Classroom> {
  switch (message.event) {
    case "class_welcome":
      return {
        you: message.you,
        info: message.info,
        members: new Map(message.members.map((each) => [each.id, each])),
        cards: new Map(),
      };
    case "class":
      return { info: message.info };
    case "members":
      return { members: merged(state.members, message.members, message.gone, (each) => each.id) };
    case "wall":
      return { cards: merged(state.cards, message.cards, message.gone, (each) => each.board) };
  }
}

function merged<T>(before: ReadonlyMap<string, T>, now: T[], gone: string[], key: (each: T) => string): Map<string, T> {
  const all = new Map(before);
  for (const each of now) all.set(key(each), each);
  for (const id of gone) all.delete(id);
  return all;
}

function say(command: ClassCommand): void {
  socket?.send(JSON.stringify(command));
}

export const raiseHand = (up: boolean) => say({ command: "hand", up });

/** The wall is on the screen, or is not any more: nobody looking costs nothing. */
export function showWall(shown: boolean): void {
  wall = shown;
  say({ command: "wall", shown });
}
