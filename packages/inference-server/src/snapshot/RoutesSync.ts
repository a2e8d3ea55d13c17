import type { WantedRoutes } from '../domain/WantedRoute';
import { errorMessage } from '../errors';
import type { Logger } from '../logger';
import type { ArtifactCache } from './ArtifactCache';
import { AskLoop } from './AskLoop';
import type { ControlPlaneClient } from './ControlPlaneClient';
import { longPoll } from './longPoll';
import { digestsOf, type ModelFleet } from './ModelFleet';
import type { SavedDocument } from './SavedDocument';

/** How often a version that failed to load is looked at, whether it is due again. */
const DUE_CHECK_MILLIS = 1_000;
/** The whole document is told: while a thousand rollouts move, not for each of their steps. */
const AFTER_CHANGE_MILLIS = 1_000;

/** Serves what the control plane says, or the last good of it. */
export class RoutesSync {
  readonly #options: RoutesSyncOptions;
  readonly #loop: AskLoop;
  /** The document from the control plane; undefined until there is one. */
  #current: WantedRoutes | undefined;
  /** The document on disk. */
  #saved: Pick<WantedRoutes, 'id'> | undefined;
  /** The document whose effect is on disk. */
  #savedFor: WantedRoutes | undefined;
  #settledSaved: Promise<void> = Promise.resolve();
  #settling: Promise<void> = Promise.resolve();
  #dueTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RoutesSyncOptions) {
    this.#options = options;
    const { client, pollMillis } = options;
    this.#loop = new AskLoop({
      what: 'routes',
      logger: options.logger,
      onBack: options.onBack,
      retryMillis: pollMillis,
      ask: async signal => {
        let changed: WantedRoutes | undefined;
        const pauseMillis = await longPoll({
          wait: this.#current !== undefined && !this.#loop.failing,
          pollMillis,
          afterChangeMillis: AFTER_CHANGE_MILLIS,
          fetch: waitSeconds =>
            client.fetchRoutes({
              knownId: this.#current?.id,
              waitSeconds,
              signal,
            }),
          onChange: document => {
            changed = document;
          },
        });
        // Where newer versions are broken, the saved ones go on serving: those load first.
        await this.#settledSaved;
        if (changed && !this.#stopped) this.#accept(changed);
        return pauseMillis;
      },
    });
  }

  /** Id of the document that is served; undefined before the first one. */
  get routesId(): string | undefined {
    return (this.#current ?? this.#saved)?.id;
  }

  /** Serves what was saved; resolves when each version was tried. */
  async useSaved(
    saved: Pick<WantedRoutes, 'id' | 'createdAt' | 'models'> &
      Partial<Pick<WantedRoutes, 'connections'>>,
  ): Promise<void> {
    const { fleet, logger, onReady, onConnections } = this.#options;
    this.#saved = saved;
    logger.info('serving what is on disk', {
      routesId: saved.id,
      createdAt: saved.createdAt,
    });
    onConnections(saved.connections ?? []);
    fleet.want(saved.models);
    this.#settledSaved = fleet.settle();
    await this.#settledSaved;
    onReady();
  }

  /** Resolves when the control plane has said something that was tried, or did not answer. */
  async start(): Promise<void> {
    await this.#loop.start();
    this.#scheduleDue();
    await this.#settling;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#dueTimer);
    await this.#loop.stop();
    await this.#settling;
  }

  #accept(document: WantedRoutes): void {
    const { fleet, logger, onConnections } = this.#options;
    this.#current = document;
    onConnections(document.connections);
    fleet.want(document.models);
    logger.info('new routes', {
      routesId: document.id,
      models: document.models.length,
    });
    this.#settle();
  }

  #settle(): void {
    this.#settling = this.#settleAndSave().catch(error =>
      this.#options.logger.error('the routes were not applied', {
        error: errorMessage(error),
      }),
    );
  }

  async #settleAndSave(): Promise<void> {
    const { fleet, artifacts, onReady, onNews } = this.#options;
    const current = this.#current;
    const before = JSON.stringify(fleet.report());
    await fleet.settle();
    if (this.#stopped) return;
    const hasNews = JSON.stringify(fleet.report()) !== before;
    if (hasNews) onNews();
    if (!current || this.#current !== current) return;
    if (!hasNews && this.#savedFor === current) return;
    this.#savedFor = current;
    const models = fleet.effectiveModels();
    const changed = await this.#save({ ...current, models });
    onReady();
    if (!changed) return;
    let used = this.#usedDigests();
    await artifacts.removeUnused(digest => {
      if (used.has(digest)) return true;
      // Needs change meanwhile.
      used = this.#usedDigests();
      return used.has(digest);
    });
  }

  /** A version that failed before may be due again; loading goes on beside the questions. */
  #scheduleDue(): void {
    if (this.#stopped) return;
    this.#dueTimer = setTimeout(() => {
      this.#settle();
      this.#settling.finally(() => this.#scheduleDue());
    }, Math.min(DUE_CHECK_MILLIS, this.#options.pollMillis));
  }

  #usedDigests(): Set<string> {
    const models = this.#options.fleet.effectiveModels();
    return digestsOf([...(this.#current?.models ?? []), ...models]);
  }

  /** @returns whether there was something new to write. */
  async #save(document: WantedRoutes): Promise<boolean> {
    const { saved, logger, onSaved } = this.#options;
    try {
      const changed = await saved.save(document);
      if (changed) onSaved();
      return changed;
    } catch (error) {
      // What is in memory serves all the same; only a start would miss it.
      logger.error('the routes were not saved', { error: errorMessage(error) });
      return false;
    }
  }
}

export interface RoutesSyncOptions {
  client: Pick<ControlPlaneClient, 'fetchRoutes'>;
  saved: SavedDocument<WantedRoutes>;
  artifacts: ArtifactCache;
  fleet: ModelFleet;
  logger: Logger;
  /** The control plane answers again after it did not. */
  onBack: () => void;
  pollMillis: number;
  /** There is something to serve by; called again and again. */
  onReady(): void;
  /** A model was loaded, or failed to. */
  onNews(): void;
  /** These are the environment's connections. */
  onConnections(connections: WantedRoutes['connections']): void;
  /** What serves is on disk. */
  onSaved(): void;
}
