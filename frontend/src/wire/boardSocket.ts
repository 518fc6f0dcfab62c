/** The socket of one board: its shared document and who is there (y-protocols), and the server's events about it. */
import { createDecoder, readVarUint, readVarUint8Array } from "lib0/decoding";
import { createEncoder, length, toUint8Array, writeVarUint, writeVarUint8Array } from "lib0/encoding";
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import { messageYjsSyncStep1, readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import type { Doc } from "yjs";
import { type Connection, ReturningSocket } from "./socket";
import type { BoardMessage } from "./types";

const SYNC = 0;
const AWARENESS = 1;

/** What is not yet on the server's disk. */
export type Saving = "saved" | "saving" | "offline";

export interface BoardHandlers {
  onMessage: (message: BoardMessage) => void;
  onSaving: (saving: Saving) => void;
  /** The server's state has arrived for the first time. */
  onSynced: () => void;
  onConnection: (connection: Connection, code?: number) => void;
  /** Whether this person may write: a viewer's updates are never sent. */
  mayWrite: () => boolean;
}

/** Changes that came over the socket carry this origin, so that nothing is sent back and undo leaves them alone. */
export const REMOTE = "remote";

export class BoardSocket {
  private readonly socket: ReturningSocket;
  /** Update frames sent on this connection, and how many of them the server has on disk. */
  private sent = 0;
  private kept = 0;
  private synced = false;
  /** Edits made without a connection; the next sync sends them. */
  private unsent = false;
  private connection: Connection = "connecting";
  private told: Saving | null = null;

  constructor(
    board: string,
    private readonly doc: Doc,
    private readonly awareness: Awareness,
    private readonly handlers: BoardHandlers,
  ) {
    doc.on("update", this.onUpdate);
    awareness.on("update", this.onAwareness);
    this.socket = new ReturningSocket({
      address: () => `/ws/boards/${encodeURIComponent(board)}`,
      onOpen: () => this.greet(),
      onText: (text) => this.onText(text),
      onBinary: (buffer) => this.onBinary(new Uint8Array(buffer)),
      onConnection: (connection, code) => {
        this.connection = connection;
        if (connection === "offline" || connection === "ended") this.forget();
        handlers.onConnection(connection, code);
        this.tell();
      },
    });
    window.addEventListener("pagehide", this.leave);
  }

  close(): void {
    window.removeEventListener("pagehide", this.leave);
    this.leave();
    this.doc.off("update", this.onUpdate);
    this.awareness.off("update", this.onAwareness);
    this.socket.close();
  }

  private greet(): void {
    if (this.kept < this.sent) this.unsent = true;
    this.sent = 0;
    this.kept = 0;
    const step1 = createEncoder();
    writeVarUint(step1, SYNC);
    writeSyncStep1(step1, this.doc);
    this.socket.send(toUint8Array(step1));
    if (this.awareness.getLocalState() !== null) this.sendAwareness([this.doc.clientID]);
  }

  private onText(text: string): void {
    const message = JSON.parse(text) as BoardMessage;
    if (message.event === "saved") {
      this.kept = message.count;
      this.tell();
    } else this.handlers.onMessage(message);
  }

  private onBinary(bytes: Uint8Array): void {
    const decoder = createDecoder(bytes);
    const kind = readVarUint(decoder);
    if (kind === AWARENESS) {
      applyAwarenessUpdate(this.awareness, readVarUint8Array(decoder), REMOTE);
      return;
    }
    if (kind !== SYNC) return;
    const reply = createEncoder();
    writeVarUint(reply, SYNC);
    const type = readSyncMessage(decoder, reply, this.doc, REMOTE);
    if (type === messageYjsSyncStep1) {
      if (this.handlers.mayWrite()) this.sendUpdate(toUint8Array(reply));
      this.unsent = false;
      this.tell();
    } else {
      if (length(reply) > 1) this.socket.send(toUint8Array(reply));
      if (!this.synced) {
        this.synced = true;
        this.handlers.onSynced();
      }
    }
  }

  private readonly onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin === REMOTE || !this.handlers.mayWrite()) return;
    const encoder = createEncoder();
    writeVarUint(encoder, SYNC);
    writeUpdate(encoder, update);
    if (!this.sendUpdate(toUint8Array(encoder))) this.unsent = true;
    this.tell();
  };

  private sendUpdate(bytes: Uint8Array<ArrayBuffer>): boolean {
    const gone = this.socket.send(bytes);
    if (gone) this.sent += 1;
    return gone;
  }

  /** Only one's own state is sent: the server passes on everybody's. */
  private readonly onAwareness = (
    { added, updated, removed }: { added: number[]; updated: number[]; removed: number[] },
    origin: unknown,
  ) => {
    if (origin === REMOTE) return;
    const own = this.doc.clientID;
    if ([...added, ...updated, ...removed].includes(own)) this.sendAwareness([own]);
  };

  private sendAwareness(clients: number[]): void {
    const encoder = createEncoder();
    writeVarUint(encoder, AWARENESS);
    writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, clients));
    this.socket.send(toUint8Array(encoder));
  }

  private readonly leave = () => {
    removeAwarenessStates(this.awareness, [this.doc.clientID], "leave");
  };

  /** Without a connection nobody is seen: they come back with the next one. */
  private forget(): void {
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    removeAwarenessStates(this.awareness, others, REMOTE);
  }

  private tell(): void {
    const pending = this.unsent || this.kept < this.sent;
    const saving: Saving = this.connection !== "open" ? "offline" : pending ? "saving" : "saved";
    if (saving === this.told) return;
    this.told = saving;
    this.handlers.onSaving(saving);
  }
}
