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
  /** What steers the run waits for a connection where there is none; `watch` is dropped, it is sent anew at every one. */
  send(command: RunCommand): void;
  close(): void;
}

/** A command that went out this shortly before the line was lost may not have arrived: a server that stops reads no more. */
const DOUBTFUL = 2_000;
const MOST_WAITING = 20;

/** Twice said is the same as once. */
const REPEATABLE: ReadonlySet<RunCommand["command"]> = new Set(["pause", "resume", "stop", "rate"]);

/** Opens a run's socket; `since` is asked at every attempt and names the last event that was seen. */
export function openRunSocket(run: string, since: () => number, events: RunEvents): RunSocket {
  let waiting: RunCommand[] = [];
  let sent: { command: RunCommand; at: number } | null = null;
  const socket = new ReturningSocket({
    address: () => `/ws/runs/${encodeURIComponent(run)}${since() > 0 ? `?since=${since()}` : ""}`,
    onOpen: () => {
      events.open();
      const due = waiting;
      waiting = [];
      for (const command of due) send(command);
    },
    onText: (text) => events.message(JSON.parse(text) as RunMessage),
    onBinary: (buffer) => events.frame(buffer),
    onConnection: (connection) => {
      if (connection !== "offline" && connection !== "ended") return;
      if (sent && Date.now() - sent.at < DOUBTFUL) waiting.unshift(sent.command);
      sent = null;
      events.lost();
    },
  });
  const send = (command: RunCommand) => {
    const gone = socket.send(JSON.stringify(command));
    if (command.command === "watch") return;
    if (!gone) waiting = [...waiting, command].slice(-MOST_WAITING);
    else if (REPEATABLE.has(command.command)) sent = { command, at: Date.now() };
  };
  return {
    send,
    close: () => socket.close(),
  };
}
