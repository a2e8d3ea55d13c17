import { setTimeout } from 'node:timers/promises';
import { InferenceError } from '../domain/InferenceError';
import type { EncodedCall } from '../providers/Provider';
import type { Secrets } from '../secrets/Secrets';
import { UpstreamFailure } from '../upstream/UpstreamFailure';
import { chooseUpstream, type Candidate } from './chooseUpstream';
import {
  isPassing,
  limitSeconds,
  LONGEST_DELAY_MILLIS,
  mayPassElsewhere,
  UnavailableError,
  type Unavailability,
} from './failures';
import { RetryBudget } from './RetryBudget';
import type { BegunAnswer, UpstreamService } from './UpstreamService';

/** Attempts of one call, the first one included. */
const MAX_ATTEMPTS = 3;
const FIRST_DELAY_MILLIS = 200;
/** How long an upstream is left alone that has a limit, and says not for how long, where there are others. */
const UNSAID_LIMIT_SECONDS = 1;

/** An upstream of a connection, with its share of the calls. */
export interface WeightedUpstream {
  service: UpstreamService;
  weight: number;
}

/** Counts calls that were sent again, and those that were not since too many were. */
export type RetryObserver = (connection: string, granted: boolean) => void;

/** A call for whichever upstream is chosen. */
export interface ConnectionCall {
  /** As the version's descriptor names it. */
  model: string;
  /** In the language of that upstream. @throws InferenceError `invalid` where it has none for it */
  encode(service: UpstreamService): EncodedCall;
  signal: AbortSignal;
  /** What it has in common with others, which are better sent to the same upstream. */
  affinity: string | undefined;
  /** Whether nobody waits for it: it is sent once, and how it goes keeps no other call from being sent. */
  isCopy?: boolean;
}

/** An answer that has begun, and who gives it. */
export interface ConnectionAnswer extends BegunAnswer {
  service: UpstreamService;
}

/** A way to a model's provider, shared by all versions that name it: one upstream, or several that share the calls. */
export class Connection {
  readonly name: string;
  readonly upstreams: readonly WeightedUpstream[];
  readonly #secrets: Pick<Secrets, 'redact'>;
  readonly #budget = new RetryBudget();
  readonly #onRetry: RetryObserver;
  readonly #random: () => number;
  readonly #nowMillis: () => number;

  constructor(options: {
    name: string;
    /** At least one. */
    upstreams: readonly WeightedUpstream[];
    secrets: Pick<Secrets, 'redact'>;
    onRetry?: RetryObserver;
    /** Uniform in [0, 1). */
    random?: () => number;
    /** Monotonic. */
    nowMillis?: () => number;
  }) {
    this.name = options.name;
    this.upstreams = options.upstreams;
    this.#secrets = options.secrets;
    this.#onRetry = options.onRetry ?? (() => {});
    this.#random = options.random ?? Math.random;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /** What is shown of what the service says: never a secret that it repeats. */
  redact(text: string): string {
    return this.#secrets.redact(text);
  }

  /**
   * Sends a call until it is answered with what was asked for: a few times at most, each time to
   * an upstream that was not tried yet, where there is one. Nothing is sent again once an answer
   * has begun.
   *
   * @throws ProviderError, UpstreamFailure, SecretError, UnavailableError or InferenceError
   */
  async send(call: ConnectionCall): Promise<ConnectionAnswer> {
    if (call.isCopy) {
      const service = this.#choose(call, new Set());
      const encoded = call.encode(service);
      return { service, ...(await service.sendApart(encoded, call.signal)) };
    }
    this.#budget.earn();
    const tried = new Set<UpstreamService>();
    for (let sent = 0; ; ) {
      const service = this.#choose(call, tried);
      tried.add(service);
      const encoded = this.#encode(call, service, tried);
      if (encoded === undefined) continue;
      sent++;
      try {
        return { service, ...(await service.send(encoded, call.signal)) };
      } catch (error) {
        const limit = limitSeconds(error);
        if (limit && this.upstreams.length > 1) {
          service.limit(call.model, limit.seconds ?? UNSAID_LIMIT_SECONDS);
        }
        if (sent >= MAX_ATTEMPTS || call.signal.aborted) throw error;
        const isElsewhere = this.#isAnyLeft(call.model, tried);
        const isWorthIt = isElsewhere
          ? mayPassElsewhere(error)
          : isPassing(error);
        if (!isWorthIt || !this.#mayRetry()) throw error;
        if (isElsewhere) continue;
        tried.clear();
        await waitFor(delayMillis(sent, limit?.seconds), call.signal);
        if (!this.#isAnyLeft(call.model, tried)) throw error;
      }
    }
  }

  /** @returns undefined where the upstream has no words for it, and another one is left that may */
  #encode(
    call: ConnectionCall,
    service: UpstreamService,
    tried: ReadonlySet<UpstreamService>,
  ): EncodedCall | undefined {
    try {
      return call.encode(service);
    } catch (error) {
      const isLeft = this.#isAnyLeft(call.model, tried);
      if (error instanceof InferenceError && isLeft) return undefined;
      throw error;
    }
  }

  #mayRetry(): boolean {
    const granted = this.#budget.spend();
    this.#onRetry(this.name, granted);
    return granted;
  }

  #isAnyLeft(model: string, tried: ReadonlySet<UpstreamService>): boolean {
    return this.upstreams.some(
      ({ service }) => !tried.has(service) && !service.unavailability(model),
    );
  }

  #choose(
    { model, affinity }: ConnectionCall,
    tried: ReadonlySet<UpstreamService>,
  ): UpstreamService {
    const unavailable: Unavailability[] = [];
    const candidates: (Candidate & { service: UpstreamService })[] = [];
    for (const { service, weight } of this.upstreams) {
      if (tried.has(service)) continue;
      const why = service.unavailability(model);
      const { name, inFlight } = service;
      if (why) unavailable.push(why);
      else candidates.push({ service, weight, name, inFlight });
    }
    const chosen = chooseUpstream(candidates, {
      affinity,
      random: this.#random,
    });
    if (chosen) return chosen.service;
    const [first] = unavailable.sort((a, b) => a.untilMillis - b.untilMillis);
    throw new UnavailableError(first, this.#nowMillis());
  }
}

/** Longer with each attempt, and by chance: many calls do not come back at the same moment. */
function delayMillis(attempt: number, limitedSeconds = 0): number {
  const backoff = FIRST_DELAY_MILLIS * 2 ** (attempt - 1);
  return Math.min(
    LONGEST_DELAY_MILLIS,
    Math.max(backoff * (0.5 + Math.random()), limitedSeconds * 1_000 + 1),
  );
}

async function waitFor(millis: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(millis, undefined, { signal });
  } catch (error) {
    throw new UpstreamFailure('cancelled', 'the caller has gone', error);
  }
}
