import { setTimeout as waitFor } from 'node:timers/promises';
import type { UpstreamService } from '../connections/UpstreamService';
import { UpstreamFailure } from '../upstream/UpstreamFailure';
import {
  healthAfter,
  NOT_ASKED_YET,
  troubleOf,
  type Asked,
  type Health,
} from './health';

/** How often a model is asked for that answers, in milliseconds. */
const READY_INTERVAL_MILLIS = 10_000;
/** The same for one that does not: it comes back soon after it is back. */
const NOT_READY_INTERVAL_MILLIS = 2_000;
/** A server that has not said anything by then cannot be asked. */
const TIMEOUT_MILLIS = 5_000;
/** Longest reason that is repeated. */
const MAX_REASON_CHARACTERS = 300;

interface WatchedUpstream {
  service: UpstreamService;
  health: Health;
}

/** Looks at whether a model is ready where it runs, for as long as it is wanted here. */
export class ReadinessWatch {
  readonly #model: string;
  readonly #redact: (text: string) => string;
  readonly #onChange: () => void;
  readonly #upstreams: readonly WatchedUpstream[];
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #first: Promise<unknown>;
  #trouble: string | undefined;

  constructor(options: {
    /** As its servers call it. */
    model: string;
    services: readonly UpstreamService[];
    /** Servers may repeat what they were sent. */
    redact: (text: string) => string;
    /** Whether it can answer has changed, or why it cannot. */
    onChange: () => void;
  }) {
    const { services } = options;
    this.#model = options.model;
    this.#redact = options.redact;
    this.#onChange = options.onChange;
    // Where one of them cannot be asked, only calls tell.
    this.#upstreams = services.every(({ provider }) => provider.readiness)
      ? services.map(service => ({ service, health: NOT_ASKED_YET }))
      : [];
    this.#trouble = this.#look();
    this.#first = Promise.all(this.#upstreams.map(one => this.#ask(one)));
  }

  /** Resolves when each was asked once, or after that time. */
  async settled(mostMillis: number): Promise<void> {
    const late = new AbortController();
    const { signal } = late;
    const time = waitFor(mostMillis, undefined, { signal });
    await Promise.race([this.#first, time]);
    late.abort();
    await time.catch(() => undefined);
  }

  /** Why it cannot answer now; undefined when it can, as far as its servers say. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  close(): void {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #ask(upstream: WatchedUpstream): Promise<void> {
    const asked = await this.#readiness(upstream.service);
    if (this.#stop.signal.aborted) return;
    upstream.health = healthAfter(upstream.health, asked);
    const before = this.#trouble;
    this.#trouble = this.#look();
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        void this.#ask(upstream);
      },
      upstream.health.trouble || upstream.health.failures > 0
        ? NOT_READY_INTERVAL_MILLIS
        : READY_INTERVAL_MILLIS,
    );
    timer.unref();
    this.#timers.add(timer);
    if (this.#trouble !== before) this.#onChange();
  }

  async #readiness({ provider }: UpstreamService): Promise<Asked> {
    const timeout = AbortSignal.timeout(TIMEOUT_MILLIS);
    const signal = AbortSignal.any([this.#stop.signal, timeout]);
    try {
      const said = await provider.readiness?.({ name: this.#model }, signal);
      return said ?? { state: 'unknown' };
    } catch (error) {
      // A secret that is missing, or an answer that cannot be read, is told to who calls.
      if (!(error instanceof UpstreamFailure)) return { state: 'unknown' };
      const reason = timeout.aborted
        ? `it did not answer within ${TIMEOUT_MILLIS / 1_000} s`
        : error.message;
      return { state: 'unreachable', reason };
    }
  }

  #look(): string | undefined {
    const trouble = troubleOf(
      this.#upstreams.map(({ service, health }) => ({
        name: service.name,
        health,
      })),
    );
    return trouble && this.#redact(trouble).slice(0, MAX_REASON_CHARACTERS);
  }
}
