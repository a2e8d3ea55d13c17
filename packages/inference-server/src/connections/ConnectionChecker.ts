import {
  type ConnectionCheck,
  type ConnectionToCheck,
  MAX_TOLD_MODEL_LENGTH,
  MAX_TOLD_MODELS,
} from '@greenroom/plugin-ai-inference-common';
import type { Connections } from './Connections';
import { explainCheck } from './explainCheck';

const CHECK_INTERVAL_MILLIS = 10 * 60_000;
const TIMEOUT_MILLIS = 15_000;
/** A check starts their process: they are checked when they come and when somebody asks, so that it sleeps in between. */
const NOT_BY_ITSELF = ['local'];

interface Watched {
  wanted: ConnectionToCheck;
  /** Kind and settings, to see whether it is another one by now. */
  key: string;
  stop: AbortController;
  timer: NodeJS.Timeout | undefined;
  last: ConnectionCheck | undefined;
}

/**
 * Finds out whether the environment's connections answer, apart from callers' requests: each
 * when it comes, every ten minutes, and when somebody asks for it.
 */
export class ConnectionChecker {
  readonly #connections: Pick<Connections, 'take'>;
  readonly #onNews: () => void;
  readonly #timeoutMillis: number;
  readonly #intervalMillis: number;
  readonly #watched = new Map<string, Watched>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: {
    connections: Pick<Connections, 'take'>;
    /** A check has ended. */
    onNews: () => void;
    timeoutMillis?: number;
    intervalMillis?: number;
  }) {
    this.#connections = options.connections;
    this.#onNews = options.onNews;
    this.#timeoutMillis = options.timeoutMillis ?? TIMEOUT_MILLIS;
    this.#intervalMillis = options.intervalMillis ?? CHECK_INTERVAL_MILLIS;
  }

  /** Checks these from now on, and no others. */
  want(connections: readonly ConnectionToCheck[]): void {
    const names = new Set(connections.map(({ name }) => name));
    for (const [name, watched] of this.#watched) {
      if (!names.has(name)) this.#forget(name, watched);
    }
    for (const wanted of connections) {
      const key = JSON.stringify([wanted.kind, wanted.settings]);
      const before = this.#watched.get(wanted.name);
      const isSame = before?.key === key;
      if (isSame && before.wanted.checkAttempt === wanted.checkAttempt) {
        continue;
      }
      if (before) this.#forget(wanted.name, before);
      const watched: Watched = {
        wanted,
        key,
        stop: new AbortController(),
        timer: undefined,
        last: isSame ? before.last : undefined,
      };
      this.#watched.set(wanted.name, watched);
      this.#start(watched);
    }
  }

  /** What the last check of each said; nothing of those whose first one has not ended. */
  report(): ConnectionCheck[] {
    return [...this.#watched.values()].flatMap(({ last }) => last ?? []);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    for (const [name, watched] of this.#watched) this.#forget(name, watched);
    await Promise.all(this.#running);
  }

  #forget(name: string, { stop, timer }: Watched): void {
    stop.abort();
    clearTimeout(timer);
    this.#watched.delete(name);
  }

  #start(watched: Watched): void {
    const run = this.#check(watched).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #check(watched: Watched): Promise<void> {
    const { name, checkAttempt = 0 } = watched.wanted;
    const { signal } = watched.stop;
    const found = await this.#ask(watched);
    if (signal.aborted) return;
    const checkedAt = new Date().toISOString();
    watched.last = { name, checkedAt, checkAttempt, ...found };
    if (!NOT_BY_ITSELF.includes(watched.wanted.kind)) {
      watched.timer = setTimeout(
        () => this.#start(watched),
        this.#intervalMillis,
      );
      watched.timer.unref();
    }
    this.#onNews();
  }

  async #ask({
    wanted,
    stop,
  }: Watched): Promise<
    { state: 'answers'; models: string[] } | { state: 'fails'; error: string }
  > {
    const timeout = AbortSignal.timeout(this.#timeoutMillis);
    const signal = AbortSignal.any([stop.signal, timeout]);
    try {
      const { checkAttempt: _asked, ...connection } = wanted;
      const lease = this.#connections.take(wanted.name, connection);
      try {
        const models = await untilAborted(
          lease.connection.upstreams[0].service.provider.listModels(signal),
          signal,
        );
        return {
          state: 'answers',
          models: models
            .map(model => model.name.slice(0, MAX_TOLD_MODEL_LENGTH))
            .slice(0, MAX_TOLD_MODELS),
        };
      } finally {
        await lease.release();
      }
    } catch (error) {
      const tooLong = `it did not answer within ${
        this.#timeoutMillis / 1_000
      } s`;
      return {
        state: 'fails',
        error: timeout.aborted ? tooLong : explainCheck(error),
      };
    }
  }
}

/** Official clients look at the signal at some places, and not at all. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
