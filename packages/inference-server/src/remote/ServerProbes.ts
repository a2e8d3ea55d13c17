import type { UpstreamService } from '../connections/UpstreamService';
import { UpstreamFailure } from '../upstream/UpstreamFailure';
import { chooseProbe, type Probe, type ProbePace } from './chooseProbe';
import { healthAfter, NOT_ASKED_YET, type Asked, type Health } from './health';

/** How often a model is asked for that answers, in milliseconds. */
const READY_INTERVAL_MILLIS = 10_000;
/** The same for one that does not: it comes back soon after it is back. */
const NOT_READY_INTERVAL_MILLIS = 2_000;
/** A server that has not said anything by then cannot be asked. */
const TIMEOUT_MILLIS = 5_000;

/** A model of a server, watched for all versions that run there. */
class WatchedModel implements Probe {
  readonly service: UpstreamService;
  readonly model: string;
  readonly watchers = new Set<() => void>();
  /** Resolves once the server was asked. */
  readonly asked: Promise<void>;
  readonly stop = new AbortController();
  dueMillis: number | undefined = undefined;
  isInFlight = false;
  health: Health = NOT_ASKED_YET;
  onAsked = () => {};

  constructor(service: UpstreamService, model: string) {
    this.service = service;
    this.model = model;
    this.asked = new Promise(resolve => {
      this.onAsked = resolve;
    });
  }
}

/** How a model is where it runs, for as long as somebody wants to know. */
export interface ModelWatch {
  readonly health: Health;
  /** Resolves once the server was asked. */
  readonly asked: Promise<void>;
  end(): void;
}

/** Asks one server for the models that run there: each once for all who want to know, and so many a second. */
export class ServerProbes {
  readonly #pace: ProbePace;
  readonly #models = new Set<WatchedModel>();
  #nextStartMillis = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(pace: ProbePace) {
    this.#pace = pace;
  }

  get isUnused(): boolean {
    return this.#models.size === 0;
  }

  /** @param onChange - told after each answer that changes something */
  watch(
    service: UpstreamService,
    model: string,
    onChange: () => void,
  ): ModelWatch {
    const watched = this.#find(service, model);
    // Two may bring the same function.
    const watcher = () => onChange();
    watched.watchers.add(watcher);
    this.#turn();
    return {
      get health() {
        return watched.health;
      },
      asked: watched.asked,
      end: () => {
        watched.watchers.delete(watcher);
        if (watched.watchers.size > 0) return;
        this.#models.delete(watched);
        watched.stop.abort();
        this.#turn();
      },
    };
  }

  #find(service: UpstreamService, model: string): WatchedModel {
    for (const watched of this.#models) {
      if (watched.service === service && watched.model === model) {
        return watched;
      }
    }
    const watched = new WatchedModel(service, model);
    this.#models.add(watched);
    return watched;
  }

  #turn(): void {
    clearTimeout(this.#timer);
    const nowMillis = performance.now();
    const { gapMillis, mostInFlight } = this.#pace;
    const turn = chooseProbe(this.#models, {
      mostInFlight,
      nextStartMillis: this.#nextStartMillis,
      nowMillis,
    });
    switch (turn.kind) {
      case 'ask':
        this.#nextStartMillis = nowMillis + gapMillis;
        void this.#ask(turn.probe);
        this.#turn();
        return;
      case 'wait':
        this.#timer = setTimeout(
          () => this.#turn(),
          Math.ceil(turn.untilMillis - nowMillis),
        );
        this.#timer.unref();
        return;
      default:
        // It rests until an answer comes, or another model.
        return;
    }
  }

  async #ask(watched: WatchedModel): Promise<void> {
    watched.isInFlight = true;
    const asked = await readiness(watched);
    if (watched.stop.signal.aborted) return;
    const before = watched.health.trouble;
    watched.health = healthAfter(watched.health, asked);
    const { trouble, failures } = watched.health;
    watched.isInFlight = false;
    watched.dueMillis =
      performance.now() +
      (trouble || failures > 0
        ? NOT_READY_INTERVAL_MILLIS
        : READY_INTERVAL_MILLIS);
    watched.onAsked();
    this.#turn();
    if (trouble === before) return;
    for (const watcher of watched.watchers) watcher();
  }
}

async function readiness(watched: WatchedModel): Promise<Asked> {
  const { model: name, service, stop } = watched;
  const timeout = AbortSignal.timeout(TIMEOUT_MILLIS);
  const signal = AbortSignal.any([stop.signal, timeout]);
  try {
    const said = await service.provider.readiness?.({ name }, signal);
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
