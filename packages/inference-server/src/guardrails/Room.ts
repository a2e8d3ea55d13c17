import type { Ticket } from '../domain/Admission';
import { InferenceError } from '../domain/InferenceError';

/** How much may be in flight at a time, of all models together or of one. */
export interface LoadLimits {
  requests: number;
  /** Bytes of request bodies, as they were sent and as they were unpacked, and of whole answers of providers. */
  bytes: number;
}

/** What one model has in flight. */
class Load {
  readonly model: string;
  requests = 0;
  bytes = 0;

  constructor(model: string) {
    this.model = model;
  }
}

/** A place in the room. */
class Place implements Ticket {
  readonly #room: Room;
  readonly #load: Load;
  #bytes = 0;
  #left = false;

  constructor(room: Room, load: Load) {
    this.#room = room;
    this.#load = load;
  }

  hold(bytes: number): void {
    if (this.#left) return;
    this.#room.holdBytes(this.#load, bytes);
    this.#bytes += bytes;
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#room.release(this.#load, this.#bytes);
  }
}

/** Of the room's bytes, what is there for callers alone. */
const CALLERS_SHARE = 0.5;

/**
 * Lets requests in as long as there is room. One model that is slow, or one caller that
 * sends a lot, fills the room of that model and not the server's.
 */
export class Room {
  readonly #server: LoadLimits;
  readonly #model: LoadLimits;
  readonly #total = { requests: 0, bytes: 0 };
  readonly #loads = new Map<string, Load>();

  constructor(options: { server: LoadLimits; model: LoadLimits }) {
    this.#server = options.server;
    this.#model = options.model;
  }

  get requestsInFlight(): number {
    return this.#total.requests;
  }

  get bytesInFlight(): number {
    return this.#total.bytes;
  }

  /**
   * @param model - one that is deployed: each that was ever named is kept count of
   * @throws InferenceError `overloaded`, saying what is full.
   */
  enter(model: string): Ticket {
    let load = this.#loads.get(model);
    if (load === undefined) {
      load = new Load(model);
      this.#loads.set(model, load);
    }
    if (load.requests >= this.#model.requests) {
      throw full(`${load.requests} requests to model "${model}"`);
    }
    if (this.#total.requests >= this.#server.requests) {
      throw full(`${this.#total.requests} requests`);
    }
    load.requests++;
    this.#total.requests++;
    return new Place(this, load);
  }

  /**
   * Lets in what nobody waits for, which counts by its bytes alone, as long as half of them are free.
   *
   * @returns undefined where they are not
   */
  enterSpare(bytes: number): Ticket | undefined {
    const most = this.#server.bytes * CALLERS_SHARE;
    if (this.#total.bytes + bytes > most) return undefined;
    this.#total.bytes += bytes;
    let held = bytes;
    return {
      hold: more => {
        if (this.#total.bytes + more > most) {
          throw full(`${this.#total.bytes} bytes of requests`);
        }
        this.#total.bytes += more;
        held += more;
      },
      leave: () => {
        this.#total.bytes -= held;
        held = 0;
      },
    };
  }

  /** For a {@link Ticket} alone. */
  holdBytes(load: Load, bytes: number): void {
    if (load.bytes + bytes > this.#model.bytes) {
      throw full(`${load.bytes} bytes of requests to model "${load.model}"`);
    }
    if (this.#total.bytes + bytes > this.#server.bytes) {
      throw full(`${this.#total.bytes} bytes of requests`);
    }
    load.bytes += bytes;
    this.#total.bytes += bytes;
  }

  /** For a {@link Ticket} alone. */
  release(load: Load, bytes: number): void {
    load.requests--;
    load.bytes -= bytes;
    this.#total.requests--;
    this.#total.bytes -= bytes;
  }
}

function full(what: string): InferenceError {
  return new InferenceError(
    'overloaded',
    `${what} are being answered already: try again later`,
  );
}
