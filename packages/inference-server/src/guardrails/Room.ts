import type { Caller, Ticket } from '../domain/Admission';
import { InferenceError } from '../domain/InferenceError';
import { isGreedy } from './isGreedy';

/** How much may be in flight at a time, of all models together or of one. */
export interface LoadLimits {
  requests: number;
  /** Bytes of request bodies, as they were sent and as they were unpacked, and of whole answers of providers. */
  bytes: number;
}

/** What is in flight of one model, or of one caller. */
interface Load {
  requests: number;
  bytes: number;
}

/** What is in flight together, and whose it is. */
class Space implements Load {
  requests = 0;
  bytes = 0;
  readonly limits: LoadLimits;
  /** Of those that have requests here. */
  readonly #callers = new Map<string, Load>();

  constructor(limits: LoadLimits) {
    this.limits = limits;
  }

  get freeRequests(): number {
    return this.limits.requests - this.requests;
  }

  get freeBytes(): number {
    return this.limits.bytes - this.bytes;
  }

  /** How many have requests here. */
  get callers(): number {
    return this.#callers.size;
  }

  /** What the caller has here; undefined for nothing. */
  of(caller: string): Load | undefined {
    return this.#callers.get(caller);
  }

  add(caller: string): Load {
    let load = this.#callers.get(caller);
    if (load === undefined) {
      load = { requests: 0, bytes: 0 };
      this.#callers.set(caller, load);
    }
    load.requests++;
    this.requests++;
    return load;
  }

  remove(caller: string, load: Load): void {
    load.requests--;
    this.requests--;
    if (load.requests === 0) this.#callers.delete(caller);
  }
}

/** A place in the room. */
class Place implements Ticket {
  readonly #room: Room;
  readonly #caller: Pick<Caller, 'id' | 'name'>;
  readonly #model: ModelSpace;
  /** What the caller has in flight at the model, and in all. */
  readonly #loads: [atModel: Load, inAll: Load];
  #bytes = 0;
  #left = false;

  constructor(
    room: Room,
    caller: Pick<Caller, 'id' | 'name'>,
    model: ModelSpace,
  ) {
    this.#room = room;
    this.#caller = caller;
    this.#model = model;
    this.#loads = [model.add(caller.id), room.server.add(caller.id)];
  }

  hold(bytes: number): void {
    if (this.#left) return;
    const [atModel, inAll] = this.#loads;
    const { server } = this.#room;
    requireBytes(this.#model, atModel, bytes, {
      caller: this.#caller,
      at: ` to model "${this.#model.name}"`,
    });
    requireBytes(server, inAll, bytes, { caller: this.#caller, at: '' });
    for (const load of [atModel, inAll, this.#model, server]) {
      load.bytes += bytes;
    }
    this.#bytes += bytes;
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    const [atModel, inAll] = this.#loads;
    const { server } = this.#room;
    for (const load of [atModel, inAll, this.#model, server]) {
      load.bytes -= this.#bytes;
    }
    this.#model.remove(this.#caller.id, atModel);
    server.remove(this.#caller.id, inAll);
  }
}

class ModelSpace extends Space {
  readonly name: string;

  constructor(name: string, limits: LoadLimits) {
    super(limits);
    this.name = name;
  }
}

/** How many times as much a model may hold, where those that hold most of it are not asking. */
const PATIENCE = 4;
/** Of the room's bytes, what is there for callers alone. */
const CALLERS_SHARE = 0.5;

/**
 * Lets requests in as long as there is room. One model that is slow, or one caller that
 * sends a lot, fills the room of that model and not the server's; and while little is free, who
 * already holds much is refused before others are.
 */
export class Room {
  /** For a {@link Ticket} alone. */
  readonly server: Space;
  readonly #model: LoadLimits;
  readonly #models = new Map<string, ModelSpace>();

  constructor(options: { server: LoadLimits; model: LoadLimits }) {
    this.server = new Space(options.server);
    this.#model = options.model;
  }

  get requestsInFlight(): number {
    return this.server.requests;
  }

  get bytesInFlight(): number {
    return this.server.bytes;
  }

  /**
   * @param model - one that is deployed: each that was ever named is kept count of
   * @throws InferenceError `overloaded`, saying what is full.
   */
  enter(caller: Pick<Caller, 'id' | 'name'>, model: string): Ticket {
    let space = this.#models.get(model);
    if (space === undefined) {
      space = new ModelSpace(model, this.#model);
      this.#models.set(model, space);
    }
    const { server } = this;
    if (space.freeRequests <= 0) {
      throw full(`${space.requests} requests to model "${model}"`);
    }
    if (server.freeRequests <= 0) throw full(`${server.requests} requests`);
    const atModel = space.of(caller.id)?.requests ?? 0;
    if (isGreedy(atModel, space.freeRequests)) {
      throw greedy(
        `the key "${caller.name}" has ${atModel} of ${space.requests} requests to model "${model}" in flight`,
      );
    }
    const inAll = server.of(caller.id)?.requests ?? 0;
    if (isGreedy(inAll, server.freeRequests)) {
      throw greedy(
        `the key "${caller.name}" has ${inAll} of ${server.requests} requests in flight`,
      );
    }
    // Of a model that holds much, who has no more of it than others do is refused last.
    const patience = atModel * space.callers <= space.requests ? PATIENCE : 1;
    if (isGreedy(space.requests, patience * server.freeRequests)) {
      throw greedy(
        `model "${model}" has ${space.requests} of ${server.requests} requests in flight`,
      );
    }
    return new Place(this, caller, space);
  }

  /**
   * Lets in what nobody waits for, which counts by its bytes alone, as long as half of them are free.
   *
   * @returns undefined where they are not
   */
  enterSpare(bytes: number): Ticket | undefined {
    const { server } = this;
    const most = server.limits.bytes * CALLERS_SHARE;
    if (server.bytes + bytes > most) return undefined;
    server.bytes += bytes;
    let held = bytes;
    return {
      hold: more => {
        if (server.bytes + more > most) {
          throw full(`${server.bytes} bytes of requests`);
        }
        server.bytes += more;
        held += more;
      },
      leave: () => {
        server.bytes -= held;
        held = 0;
      },
    };
  }
}

/** A caller's only request is not more than its share, however large. */
function requireBytes(
  space: Space,
  { requests, bytes: held }: Load,
  bytes: number,
  about: { caller: Pick<Caller, 'name'>; at: string },
): void {
  if (bytes > space.freeBytes) {
    throw full(`${space.bytes} bytes of requests${about.at}`);
  }
  if (requests > 1 && isGreedy(held + bytes, space.freeBytes)) {
    throw greedy(
      `the key "${about.caller.name}" has ${held} of ${space.bytes} bytes of requests${about.at} in flight`,
    );
  }
}

function full(what: string): InferenceError {
  return new InferenceError(
    'overloaded',
    `${what} are being answered already: try again later`,
  );
}

function greedy(what: string): InferenceError {
  return new InferenceError(
    'overloaded',
    `${what}, and what is free is kept for others: try again later`,
  );
}
