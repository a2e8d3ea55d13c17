import { join } from 'node:path';
import {
  MAX_TOLD_REQUEST_USE,
  type AccessDocument,
  type DataPlaneReport,
} from '@greenroom/plugin-ai-inference-common';
import { errorMessage } from '../errors';
import { ConnectionChecker } from '../connections/ConnectionChecker';
import type { Connections } from '../connections/Connections';
import type { LoadMeter } from '../telemetry/LoadMeter';
import type { Brakes } from '../domain/brakes/Brakes';
import type { RequestBudgets } from '../guardrails/RequestBudgets';
import type { TokenBudgets } from '../guardrails/TokenBudgets';
import type { Logger } from '../logger';
import { AccessSync, type AccessSyncOptions } from './AccessSync';
import type { ArtifactCache } from './ArtifactCache';
import type { ControlPlaneClient } from './ControlPlaneClient';
import type { ModelFleet } from './ModelFleet';
import { parseAccess, parseRoutes, parseWholeSnapshot } from './parseDocuments';
import { Reporter, type KeyUsage } from './Reporter';
import { RoutesSync } from './RoutesSync';
import { SavedDocument } from './SavedDocument';
import { ACCESS_FILE, ROUTES_FILE, WHOLE_SNAPSHOT_FILE } from './stateFolder';

/**
 * Keeps this data plane at what the control plane says, or at the last good of it while the
 * control plane is away: what to serve, and who may call.
 */
export class SnapshotSync {
  readonly #logger: Logger;
  readonly #savedAccess: SavedDocument<AccessDocument>;
  readonly #savedRoutes: SavedDocument<ReturnType<typeof parseRoutes>>;
  /** Of an earlier release, in which both were one file. */
  readonly #savedWhole: SavedDocument<ReturnType<typeof parseWholeSnapshot>>;
  readonly #access: AccessSync;
  readonly #routes: RoutesSync;
  readonly #reporter: Reporter;
  readonly #checker: ConnectionChecker;
  readonly #onReady: () => void;
  readonly #has = { access: false, routes: false };
  readonly #isSaved = { access: false, routes: false };

  constructor(options: {
    client: ControlPlaneClient;
    /** Folder of what is kept for a start. */
    directory: string;
    environment: string;
    artifacts: ArtifactCache;
    fleet: ModelFleet;
    logger: Logger;
    /** Id of this process. */
    producer: string;
    publicUrl: string;
    pollMillis: number;
    keyUsage: KeyUsage;
    budgets: Pick<TokenBudgets, 'report' | 'learn'>;
    requestBudgets: Pick<RequestBudgets, 'report'>;
    brakes: Pick<Brakes, 'report'>;
    connections: Pick<Connections, 'take'>;
    /** Undefined: nobody has asked yet. */
    lastRequestAtMillis: () => number | undefined;
    load: Pick<LoadMeter, 'read'>;
    onAccess: AccessSyncOptions['onAccess'];
    /** There is something to serve by, and it is known who may call. */
    onReady: () => void;
  }) {
    const { client, directory, environment, fleet, logger, pollMillis } =
      options;
    const { producer, publicUrl } = options;
    this.#logger = logger;
    this.#onReady = options.onReady;
    this.#savedAccess = new SavedDocument({
      file: join(directory, ACCESS_FILE),
      parse: value => parseAccess(value, environment),
    });
    this.#savedRoutes = new SavedDocument({
      file: join(directory, ROUTES_FILE),
      parse: value => parseRoutes(value, environment),
    });
    this.#savedWhole = new SavedDocument({
      file: join(directory, WHOLE_SNAPSHOT_FILE),
      parse: value => parseWholeSnapshot(value, environment),
      mayBeBare: true,
    });
    // A report that failed waits ever longer; meanwhile this data plane would be thought gone.
    const tellAtOnce = () => this.#reporter.wake();
    this.#checker = new ConnectionChecker({
      connections: options.connections,
      onNews: () => this.#reporter.wake(),
    });
    this.#access = new AccessSync({
      client,
      saved: this.#savedAccess,
      environment,
      logger,
      pollMillis,
      onBack: tellAtOnce,
      onAccess: access => {
        options.onAccess(access);
        this.#nowHas('access');
      },
      onSaved: () => this.#nowSaved('access'),
    });
    this.#routes = new RoutesSync({
      client,
      saved: this.#savedRoutes,
      artifacts: options.artifacts,
      fleet,
      logger,
      pollMillis,
      onBack: tellAtOnce,
      onReady: () => this.#nowHas('routes'),
      onNews: () => this.#reporter.wake(),
      onConnections: wanted => this.#checker.want(wanted),
      onSaved: () => this.#nowSaved('routes'),
    });
    this.#reporter = new Reporter({
      client,
      keyUsage: options.keyUsage,
      onReceipt: receipt => options.budgets.learn(receipt),
      intervalMillis: pollMillis,
      logger,
      describe: (): DataPlaneReport => {
        const atMillis = options.lastRequestAtMillis();
        const brakes = options.brakes.report();
        const requestUse = options.requestBudgets
          .report()
          .slice(0, MAX_TOLD_REQUEST_USE);
        return {
          producer,
          publicUrl,
          snapshotId: this.#routes.routesId,
          ...(atMillis !== undefined && {
            lastRequestAt: new Date(atMillis).toISOString(),
          }),
          load: options.load.read(),
          ...(brakes.length > 0 && { brakes }),
          connections: this.#checker.report(),
          tokensUsed: options.budgets.report(),
          ...(requestUse.length > 0 && { requestUse }),
          models: fleet.report(),
        };
      },
    });
  }

  /**
   * Serves what is on disk at once, so that callers do not wait for the control plane, which
   * may accept and never answer. Resolves when there is something to serve by and it is known
   * who may call, or neither could be had yet.
   */
  async start(): Promise<void> {
    const whole = await this.#load(this.#savedWhole);
    const access = (await this.#load(this.#savedAccess)) ?? whole;
    const routes = (await this.#load(this.#savedRoutes)) ?? whole;
    if (access) this.#access.useSaved(access.keys);
    const settled = routes && this.#routes.useSaved(routes);
    const asked = Promise.all([
      this.#access.start(),
      this.#routes.start().then(() => this.#reporter.wake()),
      this.#reporter.start(),
    ]);
    if (access && settled) await settled;
    else await asked;
  }

  /** Something has happened that the control plane is to hear of at once. */
  tellNews(): void {
    this.#reporter.wake();
  }

  /** Tells the control plane that this data plane stops; what is in flight is still answered by its word. */
  leave(): Promise<void> {
    return this.#reporter.leave();
  }

  async stop(): Promise<void> {
    await Promise.all([
      this.#access.stop(),
      this.#routes.stop(),
      this.#reporter.stop(),
      this.#checker.close(),
    ]);
  }

  #nowHas(what: 'access' | 'routes'): void {
    this.#has[what] = true;
    if (this.#has.access && this.#has.routes) this.#onReady();
  }

  #nowSaved(what: 'access' | 'routes'): void {
    this.#isSaved[what] = true;
    if (!this.#isSaved.access || !this.#isSaved.routes) return;
    this.#savedWhole.remove().catch(error =>
      this.#logger.warn('the snapshot of an earlier release was not removed', {
        error: errorMessage(error),
      }),
    );
  }

  async #load<T>(saved: SavedDocument<T>): Promise<T | undefined> {
    try {
      return await saved.load();
    } catch (error) {
      this.#logger.warn('what is on disk is of no use', {
        error: errorMessage(error),
      });
      return undefined;
    }
  }
}
