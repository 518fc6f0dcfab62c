/** The socket of one run: events in, commands out, pictures as raw frames. */
import { ReturningSocket } from "./socket";
import type { RunCommand, RunMessage } from "./types";

export interface RunEvents {
  /** First a `snapshot`, or after a break what was missed. */
  message(message: RunMessage): void;
  /** A binary frame as it came: `u32 header length | u32 0 | JSON header | raw bytes`. */
  frame(buffer: ArrayBuffer): void;
  /** The line stands (again): send `watch` now, the server has forgotten. */
  open(): void;
  /** The line is lost and will be tried again. */
  lost(): void;
}

export interface RunSocket {
  /** Dropped where there is no connection. */
  send(command: RunCommand): void;
  close(): void;
}

/** Opens a run's socket; `since` is asked at every attempt and names the last event that was seen. */
export function openRunSocket(run: string, since: () => number, events: RunEvents): RunSocket {
  const socket = new ReturningSocket({
    address: () => `/ws/runs/${encodeURIComponent(run)}${since() > 0 ? `?since=${since()}` : ""}`,
    onOpen: () => events.open(),
    onText: (text) => events.message(JSON.parse(text) as RunMessage),
    onBinary: (buffer) => events.frame(buffer),
    onConnection: (connection) => {
      if (connection === "offline" || connection === "ended") events.lost();
    },
  });
  return {
    send: (command) => {
      socket.send(JSON.stringify(command));
    },
    close: () => socket.close(),
  };
}
