import type { Admission, Caller } from './Admission';
import { Exchange, type Asked, type ExchangeHost } from './Exchange';
import { findVersion, notReady } from './findVersion';
import { InferenceError } from './InferenceError';
import type { Cancellation } from './ModelRunner';
import type { ServedRoute } from './ServedRoute';
import type { ServedVersion } from './ServedVersion';
import { EMPTY_SERVING_TABLE, type ServingTable } from './ServingTable';

/** Takes down what happened. */
export interface Recorder {
  /** @param status - HTTP status, or what another protocol's code maps to */
  record(
    exchange: Exchange,
    status: number,
    route: ServedRoute | undefined,
  ): void;
}

/**
 * What the exchanges of all protocols have in common: who is let in, what serves, and where
 * it is taken down. An edge turns bytes into what a model takes, and errors into statuses.
 */
export class DataPlane implements ExchangeHost {
  readonly admission: Admission;
  readonly #recorder: Recorder;
  readonly #random: () => number;
  readonly #strictReadiness: boolean;
  #table: ServingTable = EMPTY_SERVING_TABLE;
  #phase: 'starting' | 'started' | 'stopping' = 'starting';

  constructor(options: {
    admission: Admission;
    recorder: Recorder;
    /** Uniform in [0, 1); chooses variants for callers without an assignment id. */
    random?: () => number;
    /** Whether one wanted model that does not load makes the whole server not ready. */
    strictReadiness?: boolean;
  }) {
    this.admission = options.admission;
    this.#recorder = options.recorder;
    this.#random = options.random ?? Math.random;
    this.#strictReadiness = options.strictReadiness ?? false;
  }

  get table(): ServingTable {
    return this.#table;
  }

  /** Whether the first snapshot is in place and requests may come. */
  get ready(): boolean {
    return (
      this.#phase === 'started' &&
      (!this.#strictReadiness || this.#allModelsReady())
    );
  }

  /** Requests that are routed after this see the new table; those before it keep their version. */
  apply(table: ServingTable): void {
    this.#table = table;
  }

  /** The first snapshot is in place. */
  start(): void {
    if (this.#phase === 'starting') this.#phase = 'started';
  }

  /** From here on it is not ready, for good; requests that come all the same are answered. */
  beginToStop(): void {
    this.#phase = 'stopping';
  }

  /** Begins a request. Whoever begins one ends it. */
  open(asked: Asked, peer: Cancellation): Exchange {
    return new Exchange(this, asked, peer);
  }

  /** Names of the models that the holder of the credential may call, sorted. */
  listModels(credential: string | undefined): string[] {
    return this.#callable(this.admission.recognise(credential));
  }

  /**
   * Checks who calls, and that there is something to call.
   *
   * @throws InferenceError `unauthenticated`, `forbidden`, `not-found` or `not-ready`.
   */
  admit({
    credential,
    model,
    fallback,
  }: Pick<Asked, 'credential' | 'model' | 'fallback'>): {
    caller: Caller;
    route: ServedRoute;
  } {
    const caller = this.admission.recognise(credential);
    this.admission.authorize(caller, fallback?.from ?? model);
    const route = this.#table.routes.get(model);
    if (route === undefined) {
      if (this.#phase === 'starting') throw notStarted();
      throw unknownModel(model, this.#callable(caller));
    }
    return { caller, route };
  }

  choose({ model, version, assignmentId }: Asked): ServedVersion {
    const route = this.#table.routes.get(model);
    if (route === undefined) throw unknownModel(model, []);
    const served =
      version === undefined
        ? route.choose(assignmentId, this.#random)
        : findVersion(route, version);
    if (served === undefined) throw notReady(route);
    return served;
  }

  record(exchange: Exchange, status: number): void {
    const route = this.#table.routes.get(exchange.asked.model);
    this.#recorder.record(exchange, status, route);
  }

  #allModelsReady(): boolean {
    return [...this.#table.routes.values()].every(
      route => route.ready && route.failure === undefined,
    );
  }

  #callable(caller: Caller): string[] {
    return [...this.#table.routes.keys()]
      .filter(model => caller.mayCall(model))
      .sort();
  }
}

function unknownModel(model: string, callable: string[]): InferenceError {
  return new InferenceError(
    'not-found',
    `unknown model "${model}": ${
      callable.length > 0
        ? `your key may call ${callable.map(name => `"${name}"`).join(', ')}`
        : 'there is none here that your key may call'
    }`,
  );
}

function notStarted(): InferenceError {
  return new InferenceError(
    'not-ready',
    'the server is starting and has no snapshot yet: try again in a moment',
  );
}
