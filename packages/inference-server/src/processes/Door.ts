import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import type { Entrance } from '../createServer';
import { Connections } from '../http/Connections';

/** Connections that wait for a process; more are closed, so that their callers go elsewhere. */
const MOST_WAITING = 1_024;
/** For those that wait while nothing else happens. */
const OFFER_AGAIN_MILLIS = 50;

/**
 * A port that serving processes share. It accepts, and gives each connection to one of them before
 * anything of it was read; as long as the process has not said that it has it, the connection is kept,
 * and given to another one if that process ends. The port stays open whoever ends.
 */
export class Door {
  readonly entrance: Entrance;
  readonly #give: (door: Door, socket: Socket) => boolean;
  readonly #server: Server;
  readonly #knocking: Connections;
  readonly #mostWaiting: number;
  readonly #waiting: Socket[] = [];
  #refused = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    entrance: Entrance;
    /** @returns whether some process gets it. */
    give: (door: Door, socket: Socket) => boolean;
    mostWaiting?: number;
  }) {
    this.entrance = options.entrance;
    this.#give = options.give;
    this.#mostWaiting = options.mostWaiting ?? MOST_WAITING;
    this.#server = createServer({ pauseOnConnect: true }, socket =>
      this.#arrive(socket),
    );
    this.#knocking = new Connections(this.#server);
  }

  /** Connections that no process has been given yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Connections that were closed since too many waited. */
  get refused(): number {
    return this.#refused;
  }

  async listen(options: { host: string; port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Gives what waits, as far as somebody takes it. */
  offer(): void {
    while (this.#waiting.length > 0) {
      if (!this.#give(this, this.#waiting[0])) {
        this.#offerAgain();
        return;
      }
      this.#waiting.shift();
    }
  }

  /** Takes back a connection that a process was given and has not taken; it is the next one. */
  takeBack(socket: Socket): void {
    this.#waiting.unshift(socket);
    this.offer();
  }

  /** Accepts no more; those that wait are still given. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await this.#knocking.untilNobodyKnocks();
    this.#server.close();
  }

  /** Closes what nobody has taken. */
  dismiss(): void {
    clearTimeout(this.#timer);
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  #arrive(socket: Socket): void {
    // What becomes of it is the business of who has it.
    socket.on('error', () => {});
    if (this.#waiting.length >= this.#mostWaiting) {
      this.#refused += 1;
      socket.destroy();
      return;
    }
    this.#waiting.push(socket);
    this.offer();
  }

  /** A process may be waited for that never takes anything again, without a word. */
  #offerAgain(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.offer();
    }, OFFER_AGAIN_MILLIS);
  }
}
