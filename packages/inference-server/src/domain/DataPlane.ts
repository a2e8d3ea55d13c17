import { checkSharedDimensions, countRows } from './checkRequest';
import { InferenceError } from './InferenceError';
import type { Cancellation } from './ModelRunner';
import { describePending, type ServedRoute } from './ServedRoute';
import type { ServedVersion } from './ServedVersion';
import { EMPTY_SERVING_TABLE, type ServingTable } from './ServingTable';
import type { Tensor } from './tensor';

/** Who a guard has recognised. */
export interface Caller {
  /** For people to recognise. */
  readonly name: string;
  mayCall(model: string): boolean;
}

/** Says who calls, and whether they may. */
export interface Guard {
  authenticate(credential: string | undefined): Caller;
  authorize(caller: Caller, model: string): void;
}

/** One request on its way through: what the edge knows at first, and what is learnt on the way. */
export interface InferenceCall extends Cancellation {
  readonly model: string;
  /** As the caller wrote it; undefined to leave the choice to the route. */
  readonly version: string | undefined;
  readonly credential: string | undefined;
  /** Keeps the caller on one variant. */
  readonly assignmentId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly arrivedAtMillis: number;
  /** Monotonic clock, in milliseconds. */
  readonly startedMillis: number;
  /** Set by {@link DataPlane.admit}: the key is good for the model, and there is one. */
  admitted: boolean;
  /** Set by {@link DataPlane.route}. */
  served: ServedVersion | undefined;
  /** Set by {@link DataPlane.run}. */
  rows: number;
  inputs: readonly Tensor[] | undefined;
  outputs: readonly Tensor[] | undefined;
}

/** Takes down what happened. */
export interface Recorder {
  /** @param status - HTTP status, or what another protocol's code maps to */
  record(
    call: InferenceCall,
    status: number,
    route: ServedRoute | undefined,
  ): void;
}

/**
 * Answers inference requests: guard, route, run, record. It knows no protocol; an edge
 * turns bytes into tensors and errors into statuses.
 */
export class DataPlane {
  readonly #guard: Guard;
  readonly #recorder: Recorder;
  readonly #random: () => number;
  readonly #strictReadiness: boolean;
  #table: ServingTable = EMPTY_SERVING_TABLE;
  #phase: 'starting' | 'started' | 'stopping' = 'starting';

  constructor(options: {
    guard: Guard;
    recorder: Recorder;
    /** Uniform in [0, 1); chooses variants for callers without an assignment id. */
    random?: () => number;
    /** Whether one wanted model that does not load makes the whole server not ready. */
    strictReadiness?: boolean;
  }) {
    this.#guard = options.guard;
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

  /** Names of the models that the holder of the credential may call, sorted. */
  listModels(credential: string | undefined): string[] {
    return this.#callable(this.#guard.authenticate(credential));
  }

  /**
   * Checks who calls and that there is something to call, before a body is read.
   *
   * @throws InferenceError `unauthenticated`, `forbidden`, or `not-found`.
   */
  admit(
    call: Pick<InferenceCall, 'credential' | 'model'> &
      Partial<Pick<InferenceCall, 'version' | 'admitted'>>,
  ): ServedRoute {
    const caller = this.#guard.authenticate(call.credential);
    this.#guard.authorize(caller, call.model);
    const route = this.#table.routes.get(call.model);
    if (route === undefined) {
      if (this.#phase === 'starting') throw notStarted();
      throw unknownModel(call.model, this.#callable(caller));
    }
    call.admitted = true;
    if (call.version !== undefined) findVersion(route, call.version);
    return route;
  }

  /**
   * Chooses the version that answers and keeps it loaded until {@link DataPlane.record}.
   *
   * @throws InferenceError `not-found` or `not-ready`.
   */
  route(call: InferenceCall): ServedVersion {
    const route = this.#table.routes.get(call.model);
    if (route === undefined) throw unknownModel(call.model, []);
    const served =
      call.version === undefined
        ? route.choose(call.assignmentId, this.#random)
        : findVersion(route, call.version);
    if (served === undefined) {
      throw notReady(route);
    }
    served.enter();
    call.served = served;
    return served;
  }

  /**
   * Runs the routed version.
   *
   * @param inputs - in the order of the signature, checked against it
   * @param outputs - names of those wanted; undefined for all
   */
  async run(
    call: InferenceCall,
    inputs: readonly Tensor[],
    outputs: readonly string[] | undefined,
  ): Promise<Tensor[]> {
    const { served } = call;
    if (served === undefined) throw new Error('run() before route()');
    checkSharedDimensions(inputs, served.dimensions);
    const rows = served.rowWise ? countRows(inputs) : undefined;
    call.rows = rows ?? 1;
    call.inputs = inputs;
    const result = await served.run({
      inputs,
      rows,
      outputs,
      cancellation: call,
    });
    call.outputs = result;
    return result;
  }

  /** Ends a call, after the answer was handed over. Each call is ended once. */
  record(call: InferenceCall, status: number): void {
    this.#recorder.record(call, status, this.#table.routes.get(call.model));
    call.served?.leave();
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

/** @throws InferenceError `not-found`, naming the versions that there are, or `not-ready`. */
export function findVersion(
  route: ServedRoute,
  version: string,
): ServedVersion {
  const number = /^[1-9][0-9]{0,8}$/.test(version) ? Number(version) : 0;
  const served = route.find(number);
  if (served !== undefined) return served;
  const pending = route.pending.find(candidate => candidate.version === number);
  if (pending !== undefined) {
    throw new InferenceError(
      'not-ready',
      `model "${route.model}": ${describePending(pending)}`,
    );
  }
  const versions = route.versions.map(candidate => candidate.version);
  throw new InferenceError(
    'not-found',
    `unknown version "${version}" of model "${route.model}": ${
      versions.length > 0
        ? `deployed here: ${versions.join(', ')}`
        : 'none is loaded yet'
    }`,
  );
}

/** Says why a model that is wanted does not answer. */
export function notReady(route: ServedRoute): InferenceError {
  const [first] = route.pending;
  const why = route.failure ?? (first && describePending(first));
  return new InferenceError(
    'not-ready',
    `model "${route.model}" is not ready: ${
      why ?? 'no version has a share of the traffic'
    }`,
  );
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
