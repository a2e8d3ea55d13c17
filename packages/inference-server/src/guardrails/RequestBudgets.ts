import type {
  RequestLimits,
  ToldRequestUse,
} from '@greenroom/plugin-ai-inference-common';
import type {
  LimitState,
  LimitStates,
  RequestLimitedKey,
  Ticket,
} from '../domain/Admission';
import { InferenceError } from '../domain/InferenceError';
import { LimitReachedError } from './LimitReachedError';
import { KeyActivity } from './KeyActivity';
import {
  afterRequest,
  requestsLeft,
  waitMillis,
  type Rate,
} from './requestRate';
import type { Shares } from './Shares';

const MILLIS_PER_SECOND = 1_000;
/** Nobody knows when a request of the key's own ends. */
const IN_FLIGHT_RETRY_SECONDS = 1;
/** What was used before is over by then. */
const FORGET_AFTER_MILLIS = 60_000;
/** How often it is told what came of the last minute. */
const TELL_MILLIS = 10_000;
/** From that many on it is looked whether some can be forgotten. */
const MOST_KEPT = 10_000;

/** What one key uses here. */
interface Use {
  keyId: string;
  /** When all of its burst is there again. */
  fullAtMillis: number;
  lastAtMillis: number;
  activity: KeyActivity;
}

/** This data plane's part of a key's limits. */
interface Part {
  rate: Rate | undefined;
  requestsInFlight: number | undefined;
  rowsPerMinute: number | undefined;
}

/**
 * Counts requests and rows against the limits of keys. A data plane may use as many parts of each limit
 * as there are data planes, and at least one request or row of it.
 */
export class RequestBudgets {
  readonly #shares: Shares;
  readonly #now: () => number;
  readonly #uses = new Map<string, Use>();
  #toldAtMillis = -Infinity;

  constructor(options: {
    shares: Shares;
    /** Milliseconds of a monotonic clock. */
    now?: () => number;
  }) {
    this.#shares = options.shares;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Takes nothing.
   *
   * @throws LimitReachedError where one more request may not come now, or InferenceError `not-ready`
   *   before the shares are known
   */
  check(key: RequestLimitedKey): void {
    const { name, limits } = key;
    this.#shares.require({ name, mode: limits.mode });
    const use = this.#useOf(key);
    const { rate, requestsInFlight } = this.#partOf(limits);
    if (
      requestsInFlight !== undefined &&
      use.activity.inFlight >= requestsInFlight
    ) {
      throw this.#reached(
        key,
        `${limits.requestsInFlight} requests at a time${atThisServer(
          requestsInFlight,
          limits.requestsInFlight,
        )}, and as many are being answered`,
        IN_FLIGHT_RETRY_SECONDS,
      );
    }
    if (rate === undefined) return;
    const wait = waitMillis(use.fullAtMillis, this.#now(), rate);
    if (wait > 0) {
      throw this.#reached(
        key,
        `${limits.requestsPerSecond} requests a second${atThisServer(
          rate.perSecond,
          limits.requestsPerSecond,
        )}`,
        wait / MILLIS_PER_SECOND,
      );
    }
  }

  /** Counts a request in flight, which stays with what it holds until it leaves. */
  begin(
    key: RequestLimitedKey,
    place: Ticket,
    { isCounted }: { isCounted: boolean },
  ): Ticket {
    const use = this.#useOf(key);
    const { rate } = this.#partOf(key.limits);
    use.lastAtMillis = this.#now();
    use.activity.enter(use.lastAtMillis, { isCounted });
    if (isCounted && rate !== undefined) {
      use.fullAtMillis = afterRequest(use.fullAtMillis, use.lastAtMillis, rate);
    }
    let isOver = false;
    return {
      hold: bytes => place.hold(bytes),
      takeRows: rows => this.#takeRows(key, use, rows),
      limits: () => this.#statesOf(use, this.#partOf(key.limits)),
      leave: () => {
        place.leave();
        if (isOver) return;
        isOver = true;
        use.activity.leave();
      },
    };
  }

  /** What came of the last minute, for the control plane; nothing where that was told a moment ago. */
  report(): ToldRequestUse[] {
    const now = this.#now();
    if (now - this.#toldAtMillis < TELL_MILLIS) return [];
    const told = [...this.#uses.values()].flatMap(({ keyId, activity }) => {
      const use = activity.tell(now);
      return use ? [{ keyId, ...use }] : [];
    });
    if (told.length > 0) this.#toldAtMillis = now;
    return told;
  }

  /** @throws LimitReachedError, or InferenceError `over-limit` where so many never fit */
  #takeRows(key: RequestLimitedKey, use: Use, rows: number): void {
    const { name, limits } = key;
    const { rowsPerMinute: part } = this.#partOf(limits);
    if (part === undefined) return;
    const limit = `${limits.rowsPerMinute} rows a minute${atThisServer(
      part,
      limits.rowsPerMinute,
    )}`;
    if (rows > part) {
      use.activity.refuse(this.#now());
      throw new InferenceError(
        'over-limit',
        `the request has ${rows} rows, and the key "${name}" has ${limit}: send fewer rows at once`,
      );
    }
    const now = this.#now();
    if (use.activity.rows.take(rows, part, now) !== undefined) return;
    const { remaining } = use.activity.rows.state(part, now);
    throw this.#reached(
      key,
      `${limit}; ${remaining} are left, and the request has ${rows}`,
      use.activity.rows.secondsUntil(rows, part, now),
    );
  }

  #reached(
    key: RequestLimitedKey,
    limit: string,
    retryAfterSeconds: number,
  ): LimitReachedError {
    this.#useOf(key).activity.refuse(this.#now());
    return new LimitReachedError(
      `the limit of the key "${key.name}" is reached: ${limit}`,
      {
        states: this.#statesOf(this.#useOf(key), this.#partOf(key.limits)),
        retryAfterSeconds,
      },
    );
  }

  #statesOf(use: Use, part: Part): LimitStates {
    const now = this.#now();
    const { rate, requestsInFlight, rowsPerMinute } = part;
    return {
      requests: rate && stateOf(rate, use.fullAtMillis, now),
      inFlight:
        requestsInFlight === undefined
          ? undefined
          : {
              limit: requestsInFlight,
              remaining: Math.max(0, requestsInFlight - use.activity.inFlight),
            },
      rows:
        rowsPerMinute === undefined
          ? undefined
          : use.activity.rows.state(rowsPerMinute, now),
    };
  }

  #partOf(limits: RequestLimits): Part {
    const { requestsPerSecond: perSecond, mode } = limits;
    const { burst = perSecond } = limits;
    const { parts, isAway } = this.#shares;
    const by = mode === 'soft' && isAway ? 1 : parts;
    const share = (limit: number | undefined) =>
      limit === undefined ? undefined : Math.max(1, Math.floor(limit / by));
    return {
      rate:
        perSecond === undefined
          ? undefined
          : { perSecond: perSecond / by, burst: share(burst) ?? 1 },
      requestsInFlight: share(limits.requestsInFlight),
      rowsPerMinute: share(limits.rowsPerMinute),
    };
  }

  #useOf({ id }: RequestLimitedKey): Use {
    let use = this.#uses.get(id);
    if (use === undefined) {
      if (this.#uses.size >= MOST_KEPT) this.#forget();
      use = {
        keyId: id,
        fullAtMillis: 0,
        lastAtMillis: this.#now(),
        activity: new KeyActivity(),
      };
      this.#uses.set(id, use);
    }
    return use;
  }

  #forget(): void {
    const oldest = this.#now() - FORGET_AFTER_MILLIS;
    for (const [id, use] of this.#uses) {
      const isIdle = use.activity.inFlight === 0 && use.lastAtMillis < oldest;
      if (isIdle && use.fullAtMillis < this.#now()) this.#uses.delete(id);
    }
  }
}

function stateOf(rate: Rate, fullAtMillis: number, now: number): LimitState {
  return {
    limit: rate.burst,
    remaining: requestsLeft(fullAtMillis, now, rate),
    resetSeconds: Math.ceil(
      Math.max(0, fullAtMillis - now) / MILLIS_PER_SECOND,
    ),
    windowSeconds: Math.ceil(rate.burst / rate.perSecond),
  };
}

function atThisServer(part: number, limit: number | undefined): string {
  return part === limit
    ? ''
    : `, ${Math.round(part * 100) / 100} of them at this server`;
}
