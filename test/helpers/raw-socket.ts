// A client that speaks HTTP by hand over a TCP socket: for bytes that no proper client would send,
// and for clients that stop, stall or vanish wherever a test wants it.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawSocket {
  readonly socket: Socket;
  #text = '';
  #isClosed = false;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {}); // a reset is an end like another; what arrived before it counts
    socket.on('close', () => {
      this.#isClosed = true;
      this.#notify();
    });
  }

  /** `reads: false` = takes nothing from the socket, so that the server's buffers fill up. */
  static async open(url: string, { reads = true } = {}): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const raw = new RawSocket(socket);
    await once(socket, 'connect');
    if (reads) raw.read();
    return raw;
  }

  /** Everything received, byte for byte (latin1). */
  get text(): string {
    return this.#text;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  read(): void {
    this.socket.on('data', (piece: Buffer) => {
      this.#text += piece.toString('latin1');
      this.#notify();
    });
  }

  /** Text is sent as latin1, so that '\xff' is one byte. */
  send(data: string | Uint8Array): this {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    return this;
  }

  /** Resolves with everything received once it holds `wanted`. @throws when the socket ends first. */
  async until(wanted: string | RegExp): Promise<string> {
    const holds = () =>
      typeof wanted === 'string' ? this.#text.includes(wanted) : wanted.test(this.#text);
    await this.#when(() => holds() || this.#isClosed);
    if (holds()) return this.#text;
    throw new Error(`the socket ended before ${wanted} came: ${JSON.stringify(this.#text)}`);
  }

  /** Resolves with everything received once the server has ended the connection. */
  async ended(): Promise<string> {
    await this.#when(() => this.#isClosed);
    return this.#text;
  }

  /** As a crashed or unplugged client leaves: a reset, no farewell. */
  vanish(): void {
    this.socket.resetAndDestroy();
  }

  #when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  #notify(): void {
    for (const look of this.#watchers) look();
  }
}
