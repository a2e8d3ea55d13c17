import type { PulledBrake } from '@greenroom/plugin-ai-inference-common';
import type { Assignment } from '../Assignment';
import type { ServedRoute } from '../ServedRoute';
import { ServingTable } from '../ServingTable';
import { decideBrake, type BrakeSettings } from './decideBrake';
import { SlidingCount } from './SlidingCount';

/** Statuses that a version is to blame for, besides those from 500 on: its provider refuses for a limit of its own. */
const PROVIDER_LIMITED = 429;
/** A caller that went away says nothing about the version. */
const CLIENT_CLOSED = 499;

/** By what a rollout is told from another one. */
interface RolloutMarks {
  readonly salt: string;
  readonly rolloutId: string | undefined;
}

/** A version that was braked, and in which rollout: another one is another chance. */
interface Pulled extends RolloutMarks {
  brake: PulledBrake;
}

export interface BrakeObserver {
  /** A version has lost its traffic, here and now. */
  onPulled(brake: PulledBrake): void;
  /** What pulled it is over: the version is not to get traffic any more, or in another rollout. */
  onReleased(brake: PulledBrake): void;
}

/**
 * Takes the traffic from versions that fail, in this process and by what it sees itself: no
 * control plane is asked, and none has to be there. The version stays loaded and answers whoever
 * names it. It gets traffic again when its rollout is over or another one begins.
 */
export class Brakes {
  readonly #settings: BrakeSettings;
  readonly #observer: BrakeObserver;
  readonly #now: () => number;
  /** By model and version; of those whose traffic is shared. */
  readonly #counts = new Map<string, Map<number, SlidingCount>>();
  /** By model and version. */
  readonly #pulled = new Map<string, Map<number, Pulled>>();

  constructor(options: {
    settings: BrakeSettings;
    observer: BrakeObserver;
    /** Milliseconds since the epoch. */
    now?: () => number;
  }) {
    this.#settings = options.settings;
    this.#observer = options.observer;
    this.#now = options.now ?? Date.now;
  }

  /** Those that are pulled, for the control plane. */
  report(): PulledBrake[] {
    return [...this.#pulled.values()].flatMap(versions =>
      [...versions.values()].map(({ brake }) => brake),
    );
  }

  /**
   * Counts a request that the shares sent to a version.
   *
   * @param assigned - by which it was sent
   * @param route - of the same model, as it is now
   * @param status - HTTP status, or what another protocol's code maps to
   * @returns whether a version has lost its traffic by it
   */
  observe(
    { served: { version }, route: assigned }: Assignment,
    route: ServedRoute,
    status: number,
  ): boolean {
    if (status === CLIENT_CLOSED || !route.isShared) return false;
    // What comes late from another rollout, or of a version that is braked already, is old news.
    if (route !== assigned && !isSameRollout(route, assigned)) return false;
    if (!route.answering.includes(version)) return false;
    const second = Math.floor(this.#now() / 1_000);
    const isFailure = status >= 500 || status === PROVIDER_LIMITED;
    this.#countOf(route.model, version).add(second, isFailure);
    return isFailure && this.#decide(route, second);
  }

  /** The same table, in which nothing is sent to versions that are braked. */
  applyTo(table: ServingTable): ServingTable {
    this.#release(table);
    this.#forget(table);
    if (this.#pulled.size === 0) return table;
    const routes = new Map(table.routes);
    for (const [model, versions] of this.#pulled) {
      const route = routes.get(model);
      if (route) routes.set(model, route.without(new Set(versions.keys())));
    }
    return new ServingTable(routes, table.aliases);
  }

  #decide(route: ServedRoute, second: number): boolean {
    const { model } = route;
    const counts = route.answering.map(version => ({
      version,
      ...this.#countOf(model, version).sum(second),
    }));
    const decided = decideBrake(counts, this.#settings);
    if (!decided) return false;
    const { version, requests, failures } = decided.version;
    const { others } = decided;
    const brake: PulledBrake = {
      model,
      version,
      digest: route.find(version)?.digest ?? '',
      since: new Date(this.#now()).toISOString(),
      requests,
      failures,
      otherRequests: others.requests,
      otherFailures: others.failures,
      reason: `${failures} of the ${requests} requests to version ${version} within ${
        this.#settings.windowSeconds
      } s failed, and ${others.failures} of the ${
        others.requests
      } to the others`,
    };
    const { salt, rolloutId } = route;
    const versions = this.#pulled.get(model) ?? new Map<number, Pulled>();
    this.#pulled.set(model, versions.set(version, { brake, salt, rolloutId }));
    // What they were judged by is told; those that go on are judged by what comes.
    this.#counts.delete(model);
    this.#observer.onPulled(brake);
    return true;
  }

  #countOf(model: string, version: number): SlidingCount {
    let versions = this.#counts.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#counts.set(model, versions);
    }
    let count = versions.get(version);
    if (count === undefined) {
      count = new SlidingCount(this.#settings.windowSeconds);
      versions.set(version, count);
    }
    return count;
  }

  #release(table: ServingTable): void {
    for (const [model, versions] of this.#pulled) {
      const route = table.routes.get(model);
      for (const [version, pulled] of versions) {
        if (route && isStillMeant(route, version, pulled)) continue;
        versions.delete(version);
        this.#observer.onReleased(pulled.brake);
      }
      if (versions.size === 0) this.#pulled.delete(model);
    }
  }

  /** Models whose traffic is not shared any more need no counts. */
  #forget(table: ServingTable): void {
    for (const model of this.#counts.keys()) {
      if (!table.routes.get(model)?.isShared) this.#counts.delete(model);
    }
  }
}

/** Whether the version would get traffic again, in the rollout in which it was braked. */
function isStillMeant(
  route: ServedRoute,
  version: number,
  pulled: Pulled,
): boolean {
  const served = route.find(version);
  return (
    route.hasShare(version) &&
    (served === undefined || served.digest === pulled.brake.digest) &&
    isSameRollout(route, pulled)
  );
}

function isSameRollout(one: RolloutMarks, other: RolloutMarks): boolean {
  return (
    one.salt === other.salt &&
    // A comparison comes and goes within a rollout.
    (one.rolloutId === undefined ||
      other.rolloutId === undefined ||
      one.rolloutId === other.rolloutId)
  );
}
