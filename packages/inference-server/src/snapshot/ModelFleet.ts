import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import type { WantedRoute, WantedVariant } from '../domain/WantedRoute';
import type { ServedVersion } from '../domain/ServedVersion';
import {
  composeServingTable,
  EMPTY_SERVING_TABLE,
  versionsInTable,
  type ServingTable,
} from '../domain/ServingTable';
import type { Logger } from '../logger';
import { WrongArtifactError } from './fetchFile';
import { backoffMillis } from './backoff';
import {
  isAskedAnew,
  keyOf,
  loadNow,
  type FleetEntry,
  type LoadState,
} from './FleetEntry';
import {
  cachesOf,
  countEntries,
  onDemandOf,
  placementOf,
  reportOf,
  tensorsOf,
  type CacheFacts,
  type LoadedTensors,
  type OnDemandFacts,
  type PlacementFacts,
} from './fleetFacts';
import type { LoadMarks } from './LoadMarks';
import {
  BrokenModelError,
  type LoadedVersion,
  type ModelLoader,
} from './ModelLoader';
import { errorMessage } from '../errors';

/** Wait before a fetch that failed is tried again, doubled with each failure. */
const RETRY_MILLIS = 1_000;
/** The same for a version that is broken: only the control plane can mend it. */
const RETRY_BROKEN_MILLIS = 30_000;

/** One that is large, or that cannot be fetched for long, keeps no other from being loaded. */
const LOADS_AT_A_TIME = 4;

/**
 * A table takes as long to make as there are models. It is made after each load, but for no more than this
 * share of the time, so that thousands are not held up by telling of each.
 */
const SHARE_FOR_TABLES = 0.05;

/**
 * The model versions in memory. It is told what is wanted and works towards it, a few
 * versions at a time: load, warm, swap the table, and only then drain and free what the
 * table no longer holds.
 */
export class ModelFleet {
  readonly #loader: Pick<ModelLoader, 'load'>;
  readonly #marks: LoadMarks | undefined;
  readonly #logger: Logger;
  readonly #onTable: (table: ServingTable) => void;
  readonly #now: () => number;
  readonly #entries = new Map<string, FleetEntry>();
  /** Those that are wanted, in the order in which they are loaded. */
  #wantedEntries: readonly FleetEntry[] = [];
  #entryOf = new Map<WantedRoute, Map<WantedVariant, FleetEntry>>();
  readonly #loading = new Set<FleetEntry>();
  /** Each loads one version after the other. */
  readonly #lines = new Set<Promise<void>>();
  readonly #retiring = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #wanted: readonly WantedRoute[] = [];
  #table: ServingTable = EMPTY_SERVING_TABLE;
  #tableDueAtMillis = 0;
  #tableTimer: NodeJS.Timeout | undefined;

  constructor(options: {
    loader: Pick<ModelLoader, 'load'>;
    /** Left out, nobody remembers what a process ended of. */
    marks?: LoadMarks;
    logger: Logger;
    /** Gets each new table, which is to be used from then on. */
    onTable: (table: ServingTable) => void;
    /** A monotonic clock, in milliseconds. */
    now?: () => number;
  }) {
    this.#loader = options.loader;
    this.#marks = options.marks;
    this.#logger = options.logger;
    this.#onTable = options.onTable;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Changes the goal. What is loaded already takes effect at once. */
  want(models: readonly WantedRoute[]): void {
    this.#wanted = models;
    this.#entryOf = new Map(
      models.map(route => [
        route,
        new Map(
          route.variants.map(variant => [variant, this.#enter(route, variant)]),
        ),
      ]),
    );
    const entries = [...this.#entryOf.values()].flatMap(ofRoute => [
      ...ofRoute.values(),
    ]);
    // What is to be in memory all the time does not wait for what is looked at ahead.
    const isLater = ({ route }: FleetEntry) =>
      Number(route.loading === 'on-demand');
    this.#wantedEntries = entries.sort((a, b) => isLater(a) - isLater(b));
    this.#compose();
  }

  /** Whether a loaded version can be run has changed. */
  look(): void {
    this.#compose();
  }

  /** Loads what is wanted, not there, and due. Resolves when each was tried. */
  async settle(): Promise<void> {
    while (this.#lines.size < LOADS_AT_A_TIME && this.#nextDue()) {
      const line: Promise<void> = this.#loadInTurn().finally(() =>
        this.#lines.delete(line),
      );
      this.#lines.add(line);
    }
    while (this.#lines.size > 0) await Promise.all(this.#lines);
    if (this.#tableTimer) this.#compose();
  }

  /** How the wanted versions are, for the control plane. */
  report(): DataPlaneReport['models'] {
    return this.#wantedEntries.map(reportOf);
  }

  /** What the versions' caches have done and hold. */
  caches(): CacheFacts[] {
    return this.#tensorVersions().flatMap(cachesOf);
  }

  /** The versions that are in memory on demand. */
  onDemand(): OnDemandFacts[] {
    return this.#tensorVersions().flatMap(onDemandOf);
  }

  /** Where the versions run that are computed here. */
  placements(): PlacementFacts[] {
    return this.#tensorVersions().flatMap(placementOf);
  }

  counts(): { loaded: number; failed: number; queuedRequests: number } {
    return countEntries(this.#entries.values());
  }

  /** What is served right now, as a snapshot would say it: good to start from again. */
  effectiveModels(): WantedRoute[] {
    const variantOf = new Map<ServedVersion, WantedVariant>();
    for (const { state, variant } of this.#entries.values()) {
      if (state.phase === 'ready') variantOf.set(state.loaded.served, variant);
    }
    return this.#wanted.flatMap(route => {
      const served = this.#table.routes.get(route.model);
      const variants =
        served?.variants.flatMap(variantServed => {
          const variant = variantOf.get(variantServed.served);
          const { weightPercent } = variantServed;
          return variant ? [{ ...variant, weightPercent }] : [];
        }) ?? [];
      for (const variant of route.variants) {
        const state = this.#stateOf(route, variant);
        // Out of the table for a moment.
        if (state?.phase === 'ready' && state.loaded.served.trouble) {
          variants.push(variant);
        }
      }
      if (variants.length === 0) return [];
      const { comparison: _wanted, ...rest } = route;
      // Without one of its versions it would be another comparison.
      const isWhole = !served?.pending.some(v => v.weightPercent > 0);
      const comparison = isWhole ? served?.comparison : undefined;
      return [{ ...rest, variants, ...(comparison && { comparison }) }];
    });
  }

  /** Stops loading, waits for requests, and frees everything. */
  async close(): Promise<void> {
    this.#stop.abort();
    // Who ends it now ends it on purpose.
    for (const { variant } of this.#loading) this.#marks?.end(variant.digest);
    await Promise.allSettled(this.#lines);
    this.want([]);
    await Promise.all(this.#retiring);
  }

  async #loadInTurn(): Promise<void> {
    for (let entry = this.#nextDue(); entry; entry = this.#nextDue()) {
      this.#loading.add(entry);
      try {
        await this.#load(entry);
      } finally {
        this.#loading.delete(entry);
      }
      this.#composeSoon();
    }
  }

  #enter(route: WantedRoute, variant: WantedVariant): FleetEntry {
    const key = keyOf(route, variant);
    const known = this.#entries.get(key);
    if (known) {
      const isHeld = this.#marks?.hold(variant.digest) !== undefined;
      if (isAskedAnew(known.variant, variant) && !isHeld) loadNow(known);
      known.route = route;
      known.variant = variant;
      return known;
    }
    const entry: FleetEntry = {
      key,
      route,
      variant,
      state: this.#firstState(variant),
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #firstState({ digest }: WantedVariant): LoadState {
    const held = this.#marks?.hold(digest);
    return held
      ? {
          phase: 'failed',
          failures: 0,
          dueAtMillis: this.#now() + held.millis,
          error: held.reason,
        }
      : { phase: 'loading', failures: 0, dueAtMillis: 0 };
  }

  #isSuspect({ variant }: FleetEntry): boolean {
    return this.#marks?.isSuspect(variant.digest) ?? false;
  }

  #tensorVersions(): LoadedTensors[] {
    return [...this.#entries.values()].flatMap(tensorsOf);
  }

  #stateOf(route: WantedRoute, variant: WantedVariant): LoadState | undefined {
    return this.#entryOf.get(route)?.get(variant)?.state;
  }

  #nextDue(): FleetEntry | undefined {
    if (this.#stop.signal.aborted) return undefined;
    const now = this.#now();
    const loading = [...this.#loading];
    if (loading.some(entry => this.#isSuspect(entry))) return undefined;
    const isDue = (entry: FleetEntry) =>
      !this.#loading.has(entry) &&
      entry.state.phase !== 'ready' &&
      entry.state.dueAtMillis <= now;
    const first = this.#wantedEntries.find(
      entry => isDue(entry) && !this.#isSuspect(entry),
    );
    // What the process may end of is loaded last, and alone: no other is to be taken for it.
    return first || loading.length > 0
      ? first
      : this.#wantedEntries.find(isDue);
  }

  async #load(entry: FleetEntry): Promise<void> {
    const { route, variant, state } = entry;
    const { model } = route;
    const { version, digest } = variant;
    const failures = state.phase === 'ready' ? 1 : state.failures + 1;
    const startedMillis = this.#now();
    try {
      const loaded = await this.#loadMarked(route, variant);
      if (this.#entries.get(entry.key) !== entry) {
        // Nobody wants it any more, and nobody could have seen it.
        await loaded.served.retire();
        return;
      }
      entry.state = { phase: 'ready', loaded };
      const millis = Math.round(this.#now() - startedMillis);
      this.#logger.info('model loaded', { model, version, digest, millis });
    } catch (cause) {
      const error = errorMessage(cause);
      const broken =
        cause instanceof WrongArtifactError ||
        cause instanceof BrokenModelError;
      const dueAtMillis =
        this.#now() +
        backoffMillis(failures, broken ? RETRY_BROKEN_MILLIS : RETRY_MILLIS);
      const phase = broken ? 'failed' : 'loading';
      entry.state = { phase, failures, dueAtMillis, error };
      this.#logger.error('model not loaded', { model, version, digest, error });
    }
  }

  async #loadMarked(
    route: WantedRoute,
    variant: WantedVariant,
  ): Promise<LoadedVersion> {
    const { signal } = this.#stop;
    // What runs elsewhere ends nothing here.
    const marks = variant.kind === 'onnx' ? this.#marks : undefined;
    this.#noteMark(marks?.begin(variant.digest));
    try {
      return await this.#loader.load(route, variant, signal);
    } finally {
      this.#noteMark(marks?.end(variant.digest));
    }
  }

  /** What cannot be remembered stops nothing: a disk that is full is no reason not to serve. */
  #noteMark(failure: unknown): void {
    if (failure === undefined) return;
    this.#logger.warn('what is being loaded is not remembered', {
      error: errorMessage(failure),
    });
  }

  #composeSoon(): void {
    const waitMillis = this.#tableDueAtMillis - this.#now();
    if (waitMillis <= 0) this.#compose();
    else this.#tableTimer ??= setTimeout(() => this.#compose(), waitMillis);
  }

  #compose(): void {
    clearTimeout(this.#tableTimer);
    this.#tableTimer = undefined;
    const startedMillis = this.#now();
    this.#makeTable();
    const endedMillis = this.#now();
    const tookMillis = endedMillis - startedMillis;
    this.#tableDueAtMillis = endedMillis + tookMillis / SHARE_FOR_TABLES;
  }

  #makeTable(): void {
    this.#table = composeServingTable({
      wanted: this.#wanted,
      previous: this.#table,
      find: (route, variant) => {
        const state = this.#stateOf(route, variant);
        return state?.phase === 'ready' && !state.loaded.served.trouble
          ? state.loaded.served
          : undefined;
      },
      errorOf: (route, variant) => {
        const state = this.#stateOf(route, variant);
        if (state === undefined) return undefined;
        if (state.phase === 'ready') return state.loaded.served.trouble;
        if (state.phase === 'failed') return state.error;
        // What stands between us and the control plane is no caller's business.
        return state.error && 'its file could not be fetched yet';
      },
    });
    this.#onTable(this.#table);
    this.#retireUnused();
  }

  #retireUnused(): void {
    const wanted = new Set(this.#wantedEntries);
    const used = versionsInTable(this.#table);
    for (const [key, entry] of this.#entries) {
      if (wanted.has(entry)) continue;
      const { state } = entry;
      if (state.phase !== 'ready') {
        this.#entries.delete(key);
        continue;
      }
      const { served } = state.loaded;
      if (used.has(served)) continue;
      this.#entries.delete(key);
      const { model, version } = served;
      const retired = served
        .retire()
        .then(() => this.#logger.info('model unloaded', { model, version }))
        .catch(error =>
          this.#logger.error('model not freed', {
            model,
            version,
            error: String(error),
          }),
        )
        .finally(() => this.#retiring.delete(retired));
      this.#retiring.add(retired);
    }
  }
}

/** Digests of all artifacts that these routes need. */
export function digestsOf(models: readonly WantedRoute[]): Set<string> {
  return new Set(
    models.flatMap(route => route.variants.map(variant => variant.digest)),
  );
}
