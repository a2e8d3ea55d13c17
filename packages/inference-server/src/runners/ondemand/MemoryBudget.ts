import { InferenceError } from '../../domain/InferenceError';
import { chooseToUnload, type Tenant } from './chooseToUnload';

/** After so long it is said that there is no room: whoever waits should not find out by a timeout. */
const WAIT_MILLIS = 10_000;

/** After so long in vain the models that are in use make room too, when they have answered what they have. */
const URGENT_MILLIS = 1_000;

/** What has a seat, and gives it up when it is asked to. */
export interface Holder {
  readonly standing: 'idle' | 'in-use' | 'fixed';
  /** Leaves memory, and then the seat, as soon as nothing runs. */
  evict(): void;
}

/** Memory that is set aside for a model. */
export class Seat {
  #bytes: number;
  lastUsed = 0;
  /** Undefined while the model is on its way. */
  holder: Holder | undefined;
  isLeaving = false;
  readonly #onResize: (growthBytes: number) => void;
  readonly #onLeave: () => void;

  constructor(
    bytes: number,
    on: {
      resize: (growthBytes: number) => void;
      leave: () => void;
    },
  ) {
    this.#bytes = bytes;
    this.#onResize = on.resize;
    this.#onLeave = on.leave;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The model takes another amount of memory than was thought. */
  resize(bytes: number): void {
    const growthBytes = bytes - this.#bytes;
    this.#bytes = bytes;
    if (growthBytes !== 0) this.#onResize(growthBytes);
  }

  /** The memory is free again. */
  leave(): void {
    this.#onLeave();
  }
}

function toTenant({ bytes, lastUsed, holder, isLeaving }: Seat): Tenant {
  const state = holder?.standing ?? 'fixed';
  return { bytes, lastUsed, state: isLeaving ? 'leaving' : state };
}

interface Waiting {
  bytes: number;
  isUrgent: boolean;
  resolve(seat: Seat): void;
  timers: NodeJS.Timeout[];
}

/** Shares memory among the models that are there on demand. Who waits gets room in turn. */
export class MemoryBudget {
  /** 0 for no bound. */
  readonly limitBytes: number;
  readonly #waitMillis: number;
  readonly #urgentMillis: number;
  readonly #seats = new Set<Seat>();
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #peakBytes = 0;
  #uses = 0;

  constructor(options: {
    limitBytes: number;
    /** Longest time that a model waits for room. */
    waitMillis?: number;
    /** Then those leave too that are in use. */
    urgentMillis?: number;
  }) {
    this.limitBytes = options.limitBytes;
    this.#waitMillis = options.waitMillis ?? WAIT_MILLIS;
    this.#urgentMillis = options.urgentMillis ?? URGENT_MILLIS;
  }

  /** Estimated memory of the models that are there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Most that it ever was. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Whether a model has room only when it is alone, and then takes more than the budget. */
  isTooLarge(bytes: number): boolean {
    return this.limitBytes > 0 && bytes > this.limitBytes;
  }

  /**
   * Waits for room, and has idle models leave for it.
   *
   * @throws InferenceError `overloaded` when others need theirs for too long
   */
  enter(bytes: number): Promise<Seat> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { bytes, isUrgent: false, resolve, timers: [] };
      const urge = () => {
        waiting.isUrgent = true;
        this.look();
      };
      const giveUp = () => {
        this.#stopWaiting(waiting);
        reject(
          new InferenceError(
            'overloaded',
            'there is no room in memory for the model, since those that are there do not end what they do: try again later',
          ),
        );
        this.look();
      };
      this.#waiting.push(waiting);
      this.look();
      if (!this.#waiting.includes(waiting)) return;
      waiting.timers.push(
        setTimeout(urge, this.#urgentMillis),
        setTimeout(giveUp, this.#waitMillis),
      );
    });
  }

  /** A model is used. */
  touch(seat: Seat): void {
    this.#uses++;
    seat.lastUsed = this.#uses;
  }

  /** A model has become idle, or has left: somebody may wait for that. */
  look(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const seats = [...this.#seats];
      const { fits, unload } = chooseToUnload({
        tenants: seats.map(toTenant),
        neededBytes: first.bytes,
        budgetBytes: this.limitBytes,
        isUrgent: first.isUrgent,
      });
      if (!fits) {
        for (const number of unload) {
          seats[number].isLeaving = true;
          seats[number].holder?.evict();
        }
        return;
      }
      this.#stopWaiting(first);
      first.resolve(this.#take(first.bytes));
    }
    this.#shrink();
  }

  /** Models that take more than was thought are more than fit: those leave that were not used for longest. */
  #shrink(): void {
    if (this.limitBytes === 0 || this.#bytes <= this.limitBytes) return;
    const seats = [...this.#seats].sort((a, b) => a.lastUsed - b.lastUsed);
    const latest = seats.pop();
    if (!latest) return;
    const { unload } = chooseToUnload({
      tenants: seats.map(toTenant),
      neededBytes: latest.bytes,
      budgetBytes: this.limitBytes,
      isUrgent: false,
    });
    for (const number of unload) {
      seats[number].isLeaving = true;
      seats[number].holder?.evict();
    }
  }

  #stopWaiting(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    for (const timer of waiting.timers) clearTimeout(timer);
  }

  #take(bytes: number): Seat {
    const seat = new Seat(bytes, {
      resize: growthBytes => {
        if (this.#seats.has(seat)) this.#grow(growthBytes);
      },
      leave: () => {
        if (!this.#seats.delete(seat)) return;
        this.#grow(-seat.bytes);
        this.look();
      },
    });
    this.#seats.add(seat);
    this.touch(seat);
    this.#grow(bytes);
    return seat;
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
  }
}
