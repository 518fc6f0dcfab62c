/** The socket of one run: events in, commands out, pictures as raw frames. */
import { type Connection, ReturningSocket } from "./socket";
import type { RunCommand, RunMessage } from "./types";

export interface RunHandlers {
  /** First a `snapshot`, or after a break what was missed. */
  onMessage: (message: RunMessage) => void;
  /** A binary frame as it came: `u32 header length | u32 0 | JSON header | raw bytes`. */
  onFrame: (frame: ArrayBuffer) => void;
  /** The connection stands (again): send `watch` now, the server has forgotten. */
  onOpen?: () => void;
  onConnection?: (connection: Connection, code?: number) => void;
}

export class RunSocket {
  private readonly socket: ReturningSocket;
  private seq = 0;

  constructor(run: string, handlers: RunHandlers) {
    this.socket = new ReturningSocket({
      address: () => `/ws/runs/${encodeURIComponent(run)}${this.seq ? `?since=${this.seq}` : ""}`,
      onOpen: handlers.onOpen,
      onConnection: handlers.onConnection,
      onText: (text) => {
        const message = JSON.parse(text) as RunMessage;
        if (message.seq > this.seq || message.event === "snapshot") this.seq = message.seq;
        handlers.onMessage(message);
      },
      onBinary: handlers.onFrame,
    });
  }

  /** False where there is no connection. */
  send(command: RunCommand): boolean {
    return this.socket.send(JSON.stringify(command));
  }

  close(): void {
    this.socket.close();
  }
}
