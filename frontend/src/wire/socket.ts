/** A web socket that comes back: after a lost connection it tries again, slower and slower, until it is closed for good. */

/** The server's, for a message that is longer than it takes: sent again, it would be refused again. */
export const TOO_LONG = 1009;

export type Connection = "connecting" | "open" | "offline" | "ended";

export interface SocketHandlers {
  /** Where to connect; asked anew at every attempt, so that it may carry `since`. */
  address: () => string;
  onOpen?: () => void;
  onText: (text: string) => void;
  onBinary: (buffer: ArrayBuffer) => void;
  /** `code` is set where the server ended it for good (4403 refused, 4404 unknown). */
  onConnection?: (connection: Connection, code?: number) => void;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 8_000;

export class ReturningSocket {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private attempts = 0;
  private ended = false;

  constructor(private readonly handlers: SocketHandlers) {
    window.addEventListener("online", this.hurry);
    window.addEventListener("offline", this.drop);
    this.connect();
  }

  get open(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** False where there is no connection; nothing is kept for later. */
  send(message: string | Uint8Array<ArrayBuffer>): boolean {
    if (!this.socket || !this.open) return false;
    this.socket.send(message);
    return true;
  }

  close(): void {
    this.end();
    this.socket?.close(1000);
    this.socket = null;
  }

  private end(): void {
    this.ended = true;
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("offline", this.drop);
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private connect(): void {
    const { handlers } = this;
    handlers.onConnection?.("connecting");
    const { protocol, host } = window.location;
    const socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}${handlers.address()}`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.attempts = 0;
      handlers.onConnection?.("open");
      handlers.onOpen?.();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") handlers.onText(data);
      else handlers.onBinary(data);
    };
    socket.onclose = ({ code }) => {
      if (this.socket !== socket || this.ended) return;
      this.socket = null;
      if ((code >= 4400 && code < 4500) || code === TOO_LONG) {
        this.end();
        handlers.onConnection?.("ended", code);
        return;
      }
      handlers.onConnection?.("offline");
      this.wait();
    };
  }

  /** Twice as long after every failure, with a random part so that a class does not come back in one instant. */
  private wait(): void {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempts);
    this.attempts += 1;
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.connect();
      },
      longest * (0.5 + Math.random() / 2),
    );
  }

  private readonly hurry = () => {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.attempts = 0;
    this.connect();
  };

  /** A browser that knows itself offline need not wait for a time-out. */
  private readonly drop = () => {
    this.socket?.close();
  };
}
