import type {
  DataPlaneReportReceipt,
  TokenLease,
  TokenLimits,
  TokenUse,
} from '@greenroom/plugin-ai-inference-common';
import type {
  LimitedKey,
  LimitState,
  TokenReservation,
} from '../domain/Admission';
import { LimitReachedError } from './LimitReachedError';
import { AWAY_MILLIS, REDIVIDED_SECONDS, Shares } from './Shares';
import { TokensOverLimitError } from './TokensOverLimitError';
import { MinuteWindow } from './MinuteWindow';

/** How long the use of a day that is over is still told. */
const TOLD_AFTER_MIDNIGHT_MILLIS = 10 * 60_000;
const DAY_MILLIS = 24 * 60 * 60_000;
const MILLIS_PER_SECOND = 1_000;

/** What one key has used on one day, and may. */
interface Day {
  keyId: string;
  day: string;
  limit: number;
  used: number;
  reserved: number;
  lease: TokenLease | undefined;
}

/**
 * Counts tokens against the limits of keys. A data plane may use its share of them: of a minute
 * as many parts as there are data planes, of a day what the control plane lends. What a request
 * may come to is reserved before it is sent, and settled when it is over, however it ended.
 */
export class TokenBudgets {
  readonly #now: () => number;
  /** Of these limits, and of others of the same keys. */
  readonly shares: Shares;
  readonly #windows = new Map<string, MinuteWindow>();
  readonly #days = new Map<string, Day>();
  #reserved = 0;

  constructor(
    options: {
      /** Milliseconds since the epoch. */
      now?: () => number;
      /** A control plane that has not answered for so long is away. */
      awayMillis?: number;
    } = {},
  ) {
    this.#now = options.now ?? Date.now;
    const { awayMillis = AWAY_MILLIS } = options;
    this.shares = new Shares({ now: this.#now, awayMillis });
  }

  /** Tokens that requests on their way may come to. */
  get reservedTokens(): number {
    return this.#reserved;
  }

  /** Takes what the control plane answers to a report. */
  learn({
    dataPlanes,
    tokenLeases = [],
  }: Pick<DataPlaneReportReceipt, 'dataPlanes' | 'tokenLeases'>): void {
    this.shares.learn(dataPlanes);
    for (const lease of tokenLeases) {
      this.#dayOf(lease.keyId, lease.day).lease = lease;
    }
  }

  /** What was used, for the control plane. */
  report(): TokenUse[] {
    this.#forgetOldDays();
    return [...this.#days.values()].flatMap(day =>
      day.used > 0 || day.lease
        ? {
            keyId: day.keyId,
            day: day.day,
            used: Math.ceil(day.used),
            held: Math.ceil(this.#allowance(day)),
          }
        : [],
    );
  }

  /**
   * @param tokens - that the request may come to
   * @throws LimitReachedError, TokensOverLimitError where it never fits, or InferenceError `not-ready` before the shares are known
   */
  reserve(key: LimitedKey, tokens: number): TokenReservation {
    const { id, limits } = key;
    this.shares.require({ name: key.name, mode: limits.mode });
    const now = this.#now();
    const share = this.#minuteShare(limits);
    if (share !== undefined && tokens > share) {
      throw overLimit(key, tokens, describeMinute(limits, share));
    }
    const day =
      limits.perDay === undefined
        ? undefined
        : this.#dayOf(id, dayAt(now), limits.perDay);
    if (day) this.#checkDay(key, day, tokens);
    const window = this.#windowOf(id);
    const taken = window.take(tokens, share ?? Infinity, now);
    if (taken === undefined) {
      throw this.#minuteIsUsed(key, window, { share: share ?? 0, tokens });
    }
    if (day) day.reserved += tokens;
    this.#reserved += tokens;
    let isSettled = false;
    return {
      state:
        share === undefined
          ? day && this.#dayState(day)
          : window.state(share, now),
      settle: used => {
        if (isSettled) return;
        isSettled = true;
        window.settle(taken, used, this.#now());
        this.#reserved -= tokens;
        if (!day) return;
        day.reserved -= tokens;
        day.used += used;
      },
    };
  }

  #minuteShare({ perMinute }: TokenLimits): number | undefined {
    return perMinute === undefined
      ? undefined
      : Math.floor(perMinute / this.shares.parts);
  }

  #minuteIsUsed(
    { name, limits }: LimitedKey,
    window: MinuteWindow,
    { share, tokens }: { share: number; tokens: number },
  ): LimitReachedError {
    const now = this.#now();
    const state = window.state(share, now);
    const limit = describeMinute(limits, share);
    return new LimitReachedError(
      `the limit of the key "${name}" is reached: ${limit}; ${state.remaining} are left, and the request may come to ${tokens}`,
      {
        states: { tokens: state },
        retryAfterSeconds: window.secondsUntil(tokens, share, now),
      },
    );
  }

  #checkDay(key: LimitedKey, day: Day, tokens: number): void {
    if (day.used + day.reserved + tokens <= this.#allowance(day)) return;
    const { isAway } = this.shares;
    if (isAway && key.limits.mode === 'soft') return;
    if (tokens > day.limit) {
      throw overLimit(key, tokens, `${day.limit} tokens a day (UTC)`);
    }
    const { name } = key;
    const usedByOthers = Math.max(0, (day.lease?.usedByAll ?? 0) - day.used);
    const left = day.limit - usedByOthers - day.used - day.reserved;
    const mayBeDivided = left >= tokens && !isAway;
    throw new LimitReachedError(
      `the limit of the key "${name}" is reached: ${
        day.limit
      } tokens a day (UTC); the request may come to ${tokens}${
        isAway
          ? ', this server has used what was lent to it, and the control plane does not answer'
          : ''
      }`,
      {
        states: { tokens: this.#dayState(day) },
        retryAfterSeconds: mayBeDivided
          ? REDIVIDED_SECONDS
          : secondsToMidnight(this.#now()),
      },
    );
  }

  /** Tokens of the day that may be used here, those that were among them. */
  #allowance(day: Day): number {
    if (day.lease === undefined) {
      return Math.floor(day.limit / this.shares.parts);
    }
    // What was used is no more at others' disposal, however the rest is divided.
    return Math.max(day.lease.tokens, day.used + day.reserved);
  }

  #dayState(day: Day): LimitState {
    const limit = this.#allowance(day);
    return {
      limit,
      remaining: Math.max(0, Math.floor(limit - day.used - day.reserved)),
      resetSeconds: secondsToMidnight(this.#now()),
      windowSeconds: DAY_MILLIS / MILLIS_PER_SECOND,
    };
  }

  #windowOf(id: string): MinuteWindow {
    const window = this.#windows.get(id) ?? new MinuteWindow();
    this.#windows.set(id, window);
    return window;
  }

  /** @param limit - where it is known by now */
  #dayOf(keyId: string, day: string, limit?: number): Day {
    const id = `${keyId} ${day}`;
    let found = this.#days.get(id);
    if (!found) {
      found = {
        keyId,
        day,
        limit: limit ?? 0,
        used: 0,
        reserved: 0,
        lease: undefined,
      };
      this.#days.set(id, found);
    }
    if (limit !== undefined) found.limit = limit;
    return found;
  }

  #forgetOldDays(): void {
    const oldest = dayAt(this.#now() - TOLD_AFTER_MIDNIGHT_MILLIS);
    for (const [id, { day, reserved }] of this.#days) {
      if (day < oldest && reserved === 0) this.#days.delete(id);
    }
  }
}

function describeMinute({ perMinute }: TokenLimits, share: number): string {
  return `${perMinute} tokens a minute${
    share === perMinute ? '' : `, ${share} of them at this server`
  }`;
}

function overLimit(
  { name }: LimitedKey,
  tokens: number,
  limit: string,
): TokensOverLimitError {
  return new TokensOverLimitError(
    `the request may come to ${tokens} tokens, and the key "${name}" has ${limit}: ask for fewer (max_tokens), or shorten the prompt`,
  );
}

function dayAt(millis: number): string {
  return new Date(millis).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

function secondsToMidnight(millis: number): number {
  return Math.ceil((DAY_MILLIS - (millis % DAY_MILLIS)) / MILLIS_PER_SECOND);
}
