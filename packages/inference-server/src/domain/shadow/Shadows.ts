import type { RouteShadow } from '@greenroom/plugin-ai-inference-common';
import type { Ticket } from '../Admission';
import { OWN_UNIT } from '../Assignment';
import type { Exchange } from '../Exchange';
import type { ServedVersion } from '../ServedVersion';
import type { ServingTable } from '../ServingTable';
import { unitOf } from '../unitOf';
import { copyOf, type Copy } from './copyOf';
import { Pace } from './Pace';

/** Longest time that a copy waits for its turn, and that it may then take. */
const LONGEST_MILLIS = 30_000;
/** How often it is looked whether callers have left a turn. */
const LOOK_MILLIS = 5;
const ANSWERED = 200;
/** Below are requests that were refused, by which two versions cannot be told apart. */
const LEAST_FAILURE = 500;
const TIMED_OUT = 504;

type Agreement = 1 | 0 | -1;
const AGREES: Record<string, Agreement> = { true: 1, false: 0, undefined: -1 };

/** Which version answered copies. */
export interface CopiedTo {
  model: string;
  version: number;
  comparison: string;
}

/** How a copy went. */
export interface CopyOutcome extends CopiedTo {
  /** When the request arrived, in milliseconds since the epoch. */
  atMillis: number;
  unit: number;
  latencyMicros: number;
  status: number;
  /** 1: as the caller was answered. 0: otherwise. -1: one of the two answers is none. */
  agrees: Agreement;
}

/** Takes down what became of copies. */
export interface CopyRecorder {
  recordCopy(outcome: CopyOutcome): void;
  /** A copy was not made. */
  recordLeftOutCopy(of: CopiedTo): void;
}

/** Where there is room that callers leave. */
export interface SpareRoom {
  /** @returns undefined where callers may need it */
  enterSpare(bytes: number): Ticket | undefined;
}

interface Waiting {
  copy: Copy;
  served: ServedVersion;
  of: CopiedTo;
  atMillis: number;
  unit: number;
  /** Whether the caller got an answer. */
  isAnswered: boolean;
  ticket: Ticket;
  /** Monotonic. */
  sinceMillis: number;
}

/**
 * Has shadows answer copies of requests, after the callers have their answers. Callers come first: copies
 * wait while a caller's request computes or waits to, those that hold the event loop take one part in a hundred
 * of its time, and what does not fit into the room that callers leave is left out and counted. Whatever a
 * shadow does, or does not, ends with the copy.
 */
export class Shadows {
  readonly #table: () => ServingTable;
  readonly #room: SpareRoom;
  readonly #recorder: CopyRecorder;
  readonly #statusOf: (error: unknown) => number;
  readonly #isIdle: () => boolean;
  readonly #stop = new AbortController();
  readonly #pace = new Pace(performance.now());
  /** Copies that wait or are being answered, by comparison. */
  readonly #held = new Map<string, number>();
  /** Those that hold the event loop. */
  readonly #waiting: Waiting[] = [];
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    /** What serves now. */
    table: () => ServingTable;
    room: SpareRoom;
    recorder: CopyRecorder;
    /** HTTP status of what a version throws. */
    statusOf: (error: unknown) => number;
    /** Whether no caller's request computes, or waits to. */
    isIdle: () => boolean;
  }) {
    this.#table = options.table;
    this.#room = options.room;
    this.#recorder = options.recorder;
    this.#statusOf = options.statusOf;
    this.#isIdle = options.isIdle;
  }

  /** Copies a request that is over, where its route says so. */
  offer(exchange: Exchange, status: number): void {
    const shadow = exchange.assignment?.copiedTo;
    if (!shadow || this.#stop.signal.aborted) return;
    if (status !== ANSWERED && status < LEAST_FAILURE) return;
    const { model, assignmentId } = exchange.asked;
    const { comparison, version } = shadow;
    const of: CopiedTo = { model, version, comparison };
    const served = this.#find(model, shadow);
    const held = this.#held.get(comparison) ?? 0;
    const copy = served && copyOf(exchange, served);
    const ticket =
      copy && held < shadow.maxCopiesInFlight
        ? this.#room.enterSpare(copy.bytes)
        : undefined;
    if (!served || !copy || !ticket) {
      this.#recorder.recordLeftOutCopy(of);
      return;
    }
    served.enter();
    this.#held.set(comparison, held + 1);
    const waiting: Waiting = {
      copy,
      served,
      of,
      atMillis: exchange.arrivedAtMillis,
      unit:
        assignmentId === undefined
          ? OWN_UNIT
          : unitOf(comparison, assignmentId),
      isAnswered: status === ANSWERED,
      ticket,
      sinceMillis: performance.now(),
    };
    // The answer is handed over in this turn of the event loop.
    if (copy.holdsLoop) {
      this.#waiting.push(waiting);
      this.#lookAfter(0);
    } else {
      setImmediate(() => void this.#run(waiting));
    }
  }

  /** Gives up all copies. What they hold is given back as soon as their versions let go of it. */
  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    for (const each of this.#waiting.splice(0)) this.#leave(each);
  }

  /** The version that answers copies now: another snapshot may have taken it away. */
  #find(model: string, shadow: RouteShadow): ServedVersion | undefined {
    const route = this.#table().routes.get(model);
    if (route?.shadow?.comparison !== shadow.comparison) return undefined;
    return route.find(shadow.version);
  }

  #lookAfter(millis: number): void {
    if (this.#timer || this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, Math.min(LONGEST_MILLIS, millis));
  }

  /** Answers the oldest copy that holds the event loop, when its turn has come. */
  #look(): void {
    const now = performance.now();
    while (now - (this.#waiting[0]?.sinceMillis ?? now) > LONGEST_MILLIS) {
      const late = this.#waiting.shift();
      if (!late) break;
      this.#recorder.recordLeftOutCopy(late.of);
      this.#leave(late);
    }
    const [first] = this.#waiting;
    if (!first || this.#isBusy) return;
    const wait = this.#pace.waitMillis(now);
    if (wait > 0 || !this.#isIdle()) {
      this.#lookAfter(Math.max(wait, LOOK_MILLIS));
      return;
    }
    this.#waiting.shift();
    this.#isBusy = true;
    const startedMillis = performance.now();
    void this.#run(first).then(() => {
      const endedMillis = performance.now();
      this.#isBusy = false;
      this.#pace.spend(endedMillis - startedMillis, endedMillis);
      if (this.#waiting.length > 0) this.#lookAfter(0);
    });
  }

  /** Resolves, whatever happens. */
  async #run(waiting: Waiting): Promise<void> {
    const { copy, of, atMillis, unit, ticket } = waiting;
    const late = AbortSignal.timeout(LONGEST_MILLIS);
    const signal = AbortSignal.any([late, this.#stop.signal]);
    const cancellation = {
      get cancelled() {
        return signal.aborted;
      },
    };
    const startedMillis = performance.now();
    let status = ANSWERED;
    let isSame: boolean | undefined;
    try {
      isSame = await copy.answer({
        cancellation,
        signal,
        hold: bytes => ticket.hold(bytes),
      });
    } catch (error) {
      status = late.aborted ? TIMED_OUT : this.#statusOf(error);
    }
    this.#leave(waiting);
    if (this.#stop.signal.aborted) return;
    const millis = performance.now() - startedMillis;
    this.#recorder.recordCopy({
      ...of,
      atMillis,
      unit,
      latencyMicros: Math.round(millis * 1_000),
      status,
      agrees: waiting.isAnswered ? AGREES[String(isSame)] : -1,
    });
  }

  #leave({ served, ticket, of: { comparison } }: Waiting): void {
    ticket.leave();
    served.leave();
    const held = this.#held.get(comparison) ?? 0;
    if (held > 1) this.#held.set(comparison, held - 1);
    else this.#held.delete(comparison);
  }
}
