import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { EnvironmentConnections } from '@greenroom/plugin-ai-registry-common';
import type { ConnectionStore } from '../connections/ConnectionStore';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import type { DeprecationCopyStore } from '../deprecations/DeprecationCopyStore';
import { routeDeprecations } from '../deprecations/routeDeprecations';
import type { KeyStore } from '../keys/KeyStore';
import { AccessLog } from './AccessLog';
import { buildRoutes } from './buildRoutes';
import type { ChangeStore, DocumentVersions } from './ChangeStore';
import type { VersionCopyStore } from './VersionCopyStore';

/** How long a look at the versions is good for, and the pause between two while somebody waits. */
const LOOK_MILLIS = 250;

/** A document as it is sent. */
export interface HeldDocument {
  id: string;
  text: string;
}

interface HeldRoutes extends HeldDocument {
  version: string;
}

export interface DocumentFollowerOptions {
  changes: ChangeStore;
  deployments: DeploymentStore;
  versionCopies: VersionCopyStore;
  deprecationCopies: DeprecationCopyStore;
  /** Page of a model for people; undefined where the portal has no address. */
  linkOf: (model: string) => string | undefined;
  keys: KeyStore;
  connections: EnvironmentConnections;
  connectionStore: ConnectionStore;
  batching: BatchingOptions;
  recordedRowsPerSecond: number;
  clock: () => Date;
}

/**
 * Holds the documents for data planes in memory. Each is built once when something has changed,
 * by this process or by another one on the same database, and not for each that asks.
 */
export class DocumentFollower {
  readonly #options: DocumentFollowerOptions;
  readonly #routes = new Map<string, HeldRoutes>();
  readonly #building = new Map<string, Promise<HeldRoutes>>();
  #access: AccessLog | undefined;
  #versions: DocumentVersions | undefined;
  #lookedMillis = -Infinity;
  #looking: Promise<void> | undefined;

  constructor(options: DocumentFollowerOptions) {
    this.#options = options;
  }

  /** What data planes of the environment should serve. */
  async routes(environment: string): Promise<HeldDocument> {
    await this.#look();
    const version = [
      this.#versions?.routes.get(environment) ?? 'none',
      this.#versions?.checks.get(environment) ?? 0,
    ].join(' ');
    const held = this.#routes.get(environment);
    if (held?.version === version) return held;
    const key = `${environment}/${version}`;
    let building = this.#building.get(key);
    if (!building) {
      building = this.#build(environment, version).finally(() =>
        this.#building.delete(key),
      );
      this.#building.set(key, building);
    }
    return building;
  }

  /**
   * Who may call.
   *
   * @param since - cursor of the document that is known; undefined for all keys
   * @returns undefined when nothing has changed since.
   */
  async access(
    environment: string,
    since: number | undefined,
  ): Promise<{ cursor: string; text: string } | undefined> {
    await this.#look();
    const access = this.#access;
    if (!access) throw new Error('access() before a look');
    const text = access.textSince(environment, since, this.#options.clock());
    return text === undefined
      ? undefined
      : { cursor: String(access.last), text };
  }

  /** Looks whether something has changed, unless that was done a moment ago. */
  async #look(): Promise<void> {
    if (performance.now() - this.#lookedMillis < LOOK_MILLIS) return;
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #lookNow(): Promise<void> {
    const { changes, keys, clock } = this.#options;
    const startedMillis = performance.now();
    const versions = await changes.readVersions();
    if (!this.#access) {
      this.#access = new AccessLog(
        await keys.listGrants(clock()),
        versions.access,
      );
    } else if (versions.access > this.#access.last) {
      this.#access.append(await keys.listChanges(this.#access.last));
    } else if (versions.access < this.#access.last) {
      // The database was put back: what was told since then is not true any more.
      this.#access = new AccessLog(
        await keys.listGrants(clock()),
        versions.access,
      );
    }
    this.#versions = versions;
    this.#lookedMillis = startedMillis;
  }

  async #build(environment: string, version: string): Promise<HeldRoutes> {
    const { deployments, versionCopies, deprecationCopies } = this.#options;
    const { batching, recordedRowsPerSecond, linkOf, clock } = this.#options;
    const connections = this.#options.connections.list(environment);
    const upstreams = this.#options.connections.listUpstreams(environment);
    const known =
      upstreams.length > 0
        ? await this.#options.connectionStore.list(environment)
        : new Map();
    const deployed = await deployments.list({ environment });
    const models = deployed.map(({ model }) => model);
    const document = buildRoutes({
      environment,
      deployments: deployed,
      versions: await versionCopies.list(models),
      deprecations: routeDeprecations(
        await deprecationCopies.listOf(models),
        linkOf,
      ),
      connections,
      upstreams: upstreams.map(({ name, kind, settings }) => ({
        name,
        kind,
        settings,
        checkAttempt: known.get(name)?.checkAttempts ?? 0,
      })),
      batching,
      recordedRowsPerSecond,
      now: clock(),
    });
    const held = {
      version,
      id: document.id,
      text: JSON.stringify(document),
    };
    this.#routes.set(environment, held);
    return held;
  }
}
