import type { Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** Time without a connection after which callers count as gone. */
const QUIET_MILLIS = 1_000;
/** Time in which a connection should have brought something. */
const SILENT_MILLIS = 1_000;
/** Longest turn of the event loop in which next to nobody can have come unseen. */
const QUICK_TURN_MILLIS = 0.2;
const MAX_TURNS = 500;

/** Who is connected to a server, for a stop that loses nobody. */
export class Connections {
  /** When each was opened, by the monotonic clock in milliseconds. */
  readonly #openedMillis = new Map<Socket, number>();
  #accepted = 0;
  #lastMillis = -Infinity;
  readonly #waiting: (() => void)[] = [];

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#accepted++;
      this.#openedMillis.set(socket, performance.now());
      socket.once('close', () => {
        this.#openedMillis.delete(socket);
        this.#lastMillis = performance.now();
        if (this.#openedMillis.size > 0) return;
        this.#waiting.splice(0).forEach(resolve => resolve());
      });
    });
  }

  /** Whether nobody is connected, and nobody was a moment ago: a caller may connect for each request. */
  get quiet(): boolean {
    return (
      this.#openedMillis.size === 0 &&
      performance.now() - this.#lastMillis >= QUIET_MILLIS
    );
  }

  /** Resolves when nobody is connected. */
  async untilNone(): Promise<void> {
    if (this.#openedMillis.size === 0) return;
    await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  /** Closes those that were opened and never used, such as a browser opens ahead of need. */
  closeSilent(): void {
    const before = performance.now() - SILENT_MILLIS;
    for (const [socket, openedMillis] of this.#openedMillis) {
      if (socket.bytesRead === 0 && openedMillis < before) socket.destroy();
    }
  }

  /**
   * Resolves in a turn of the event loop that accepted no connection and had next to nothing else
   * to do, so that closing the listening socket right then resets as good as none: the kernel
   * resets those that came since it was last asked.
   */
  async untilNobodyKnocks(): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const before = this.#accepted;
      const started = performance.now();
      await setImmediate();
      const turnMillis = performance.now() - started;
      if (this.#accepted === before && turnMillis < QUICK_TURN_MILLIS) return;
    }
  }
}
