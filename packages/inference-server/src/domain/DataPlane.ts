import type { Admission, Caller } from './Admission';
import { UNCOUNTED, type Assignment } from './Assignment';
import type { Brakes } from './brakes/Brakes';
import { Exchange, type Asked, type ExchangeHost } from './Exchange';
import { findVersion, notReady } from './findVersion';
import { InferenceError } from './InferenceError';
import type { Cancellation } from './ModelRunner';
import type { ServedRoute } from './ServedRoute';
import type { Shadows } from './shadow/Shadows';
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
  readonly #brakes: Brakes | undefined;
  #shadows: Shadows | undefined;
  /** As it was applied. */
  #wanted: ServingTable = EMPTY_SERVING_TABLE;
  /** The same, without traffic for versions that are braked. */
  #table: ServingTable = EMPTY_SERVING_TABLE;
  #phase: 'starting' | 'started' | 'stopping' = 'starting';

  constructor(options: {
    admission: Admission;
    recorder: Recorder;
    /** Uniform in [0, 1); chooses variants for callers without an assignment id. */
    random?: () => number;
    /** Whether one wanted model that does not load makes the whole server not ready. */
    strictReadiness?: boolean;
    /** Take the traffic from versions that fail; left out, nothing does. */
    brakes?: Brakes;
  }) {
    this.admission = options.admission;
    this.#recorder = options.recorder;
    this.#random = options.random ?? Math.random;
    this.#brakes = options.brakes;
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

  /** Has shadows answer copies of requests from here on. */
  copyTo(shadows: Shadows): void {
    this.#shadows = shadows;
  }

  /** Requests that are routed after this see the new table; those before it keep their version. */
  apply(table: ServingTable): void {
    this.#wanted = table;
    this.#table = this.#brakes?.applyTo(table) ?? table;
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
    return this.callableRoutes(credential).map(({ model }) => model);
  }

  /** The same models, with what serves them. */
  callableRoutes(credential: string | undefined): ServedRoute[] {
    const names = this.#callable(this.admission.recognise(credential));
    return names.flatMap(name => this.#table.routes.get(name) ?? []);
  }

  /**
   * Checks who calls, and that there is something to call.
   *
   * @param asked - with the version that is to answer, where the caller names one
   * @throws InferenceError `unauthenticated`, `forbidden`, `not-found` or `not-ready`.
   */
  admit({
    credential,
    model,
    version,
    fallback,
  }: Pick<Asked, 'credential' | 'model' | 'fallback'> &
    Partial<Pick<Asked, 'version'>>): {
    caller: Caller;
    route: ServedRoute;
  } {
    const caller = this.admission.recognise(credential);
    this.admission.authorize(caller, fallback?.from ?? model);
    if (version !== undefined) this.admission.requireScope(caller, 'versions');
    const route = this.#table.routes.get(model);
    if (route === undefined) {
      if (this.#phase === 'starting') throw notStarted();
      throw unknownModel(model, this.#callable(caller));
    }
    return { caller, route };
  }

  assign(asked: Asked): Assignment {
    const { model, version, fallback } = asked;
    const route = this.#table.routes.get(model);
    if (route === undefined) throw unknownModel(model, []);
    if (version !== undefined) {
      const served = findVersion(route, version);
      return { served, route, unit: UNCOUNTED };
    }
    const assignment = route.assign(asked, this.#random);
    if (assignment === undefined) throw notReady(route);
    // A request that another model could not answer is no caller's of this one.
    const { served } = assignment;
    return fallback ? { served, route, unit: UNCOUNTED } : assignment;
  }

  record(exchange: Exchange, status: number): void {
    const route = this.#table.routes.get(exchange.asked.model);
    this.#recorder.record(exchange, status, route);
    this.#watch(exchange, status);
    this.#shadows?.offer(exchange, status);
  }

  /** Looks at how the shares' own requests go: whoever names a version knows what it may be like. */
  #watch({ asked, assignment, limited }: Exchange, status: number): void {
    if (!this.#brakes || !assignment || limited) return;
    if (asked.version !== undefined) return;
    const route = this.#table.routes.get(asked.model);
    if (route && this.#brakes.observe(assignment, route, status)) {
      this.apply(this.#wanted);
    }
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
