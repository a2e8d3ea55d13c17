import { setTimeout as waitFor } from 'node:timers/promises';
import type { UpstreamService } from '../connections/UpstreamService';
import { troubleOf } from './health';
import type { ReadinessProbes } from './ReadinessProbes';
import type { ModelWatch } from './ServerProbes';

/** Longest reason that is repeated. */
const MAX_REASON_CHARACTERS = 300;

/** Looks at whether a model is ready where it runs, for as long as it is wanted here. */
export class ReadinessWatch {
  readonly #redact: (text: string) => string;
  readonly #onChange: () => void;
  readonly #upstreams: readonly { name: string; watch: ModelWatch }[];
  #trouble: string | undefined;

  constructor(options: {
    /** As its servers call it. */
    model: string;
    services: readonly UpstreamService[];
    probes: ReadinessProbes;
    /** Servers may repeat what they were sent. */
    redact: (text: string) => string;
    /** Whether it can answer has changed, or why it cannot. */
    onChange: () => void;
  }) {
    const { services, probes, model } = options;
    this.#redact = options.redact;
    this.#onChange = options.onChange;
    // Where one of them cannot be asked, only calls tell.
    this.#upstreams = services.every(({ provider }) => provider.readiness)
      ? services.map(service => ({
          name: service.name,
          watch: probes.watch(service, model, () => this.#update()),
        }))
      : [];
    this.#trouble = this.#look();
  }

  /** Resolves when each was asked once, or after that time. */
  async settled(mostMillis: number): Promise<void> {
    const late = new AbortController();
    const { signal } = late;
    const time = waitFor(mostMillis, undefined, { signal });
    const asked = Promise.all(this.#upstreams.map(({ watch }) => watch.asked));
    await Promise.race([asked, time]);
    late.abort();
    await time.catch(() => undefined);
  }

  /** Why it cannot answer now; undefined when it can, as far as its servers say. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  close(): void {
    for (const { watch } of this.#upstreams) watch.end();
  }

  #update(): void {
    const before = this.#trouble;
    this.#trouble = this.#look();
    if (this.#trouble !== before) this.#onChange();
  }

  #look(): string | undefined {
    const trouble = troubleOf(
      this.#upstreams.map(({ name, watch }) => ({
        name,
        health: watch.health,
      })),
    );
    return trouble && this.#redact(trouble).slice(0, MAX_REASON_CHARACTERS);
  }
}
