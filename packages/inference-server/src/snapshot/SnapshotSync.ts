import type {
  DataPlaneReport,
  Snapshot,
} from '@greenroom/plugin-ai-inference-common';
import type { Logger } from '../logger';
import type { ArtifactCache } from './ArtifactCache';
import { backoffMillis } from './backoff';
import type { ControlPlaneClient } from './ControlPlaneClient';
import { digestsOf, type ModelFleet } from './ModelFleet';
import type { SnapshotStore } from './SnapshotStore';
import { errorMessage } from '../errors';

/** Which keys were used, for the control plane to know. */
export interface KeyUsage {
  takeUsedKeys(): string[];
  giveBackUsedKeys(ids: readonly string[]): void;
}

/**
 * Keeps this data plane at the control plane's snapshot, or at the last good one while
 * the control plane is away.
 */
export class SnapshotSync {
  readonly #client: ControlPlaneClient;
  readonly #store: SnapshotStore;
  readonly #artifacts: ArtifactCache;
  readonly #fleet: ModelFleet;
  readonly #logger: Logger;
  readonly #producer: string;
  readonly #publicUrl: string;
  readonly #pollMillis: number;
  readonly #keyUsage: KeyUsage;
  readonly #onKeys: (keys: Snapshot['keys']) => void;
  readonly #onReady: () => void;
  readonly #stop = new AbortController();
  /** The snapshot from the control plane; undefined until there is one. */
  #current: Snapshot | undefined;
  /** The snapshot on disk. */
  #saved: Snapshot | undefined;
  #savedText = '';
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  /** Whether a model was loaded, or failed to, since the last report. */
  #hasNews = false;
  #settling: Promise<void> = Promise.resolve();

  constructor(options: {
    client: ControlPlaneClient;
    store: SnapshotStore;
    artifacts: ArtifactCache;
    fleet: ModelFleet;
    logger: Logger;
    /** Id of this process. */
    producer: string;
    publicUrl: string;
    pollMillis: number;
    keyUsage: KeyUsage;
    /** Gets the keys of each snapshot at once, before its models are loaded. */
    onKeys: (keys: Snapshot['keys']) => void;
    /** The first snapshot is in place. */
    onReady: () => void;
  }) {
    this.#client = options.client;
    this.#store = options.store;
    this.#artifacts = options.artifacts;
    this.#fleet = options.fleet;
    this.#logger = options.logger;
    this.#producer = options.producer;
    this.#publicUrl = options.publicUrl;
    this.#pollMillis = options.pollMillis;
    this.#keyUsage = options.keyUsage;
    this.#onKeys = options.onKeys;
    this.#onReady = options.onReady;
  }

  /** Id of the snapshot that is served; undefined before the first one. */
  get snapshotId(): string | undefined {
    return (this.#current ?? this.#saved)?.id;
  }

  /**
   * Serves what is on disk at once, so that callers do not wait for the control plane.
   * Resolves when a snapshot is in place, or none could be had yet.
   */
  async start(): Promise<void> {
    const saved = await this.#loadSaved();
    if (saved === undefined) {
      const fetched = await this.#fetch();
      if (fetched) this.#accept(fetched);
      this.#schedule();
      await this.#settling;
      return;
    }
    this.#saved = saved;
    this.#onKeys(saved.keys);
    this.#fleet.want(saved.models);
    this.#logger.info('serving the last good snapshot from disk', {
      snapshotId: saved.id,
      createdAt: saved.createdAt,
    });
    const settled = this.#fleet.settle();
    // Beside the loading, since the control plane may accept and never answer.
    this.#polling = this.#pollFirst(settled).finally(() => {
      this.#polling = undefined;
      this.#schedule();
    });
    await settled;
    this.#onReady();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#polling;
    await this.#settling;
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) return;
    let delay = this.#pollMillis;
    if (this.#failures > 0) {
      delay = backoffMillis(this.#failures, this.#pollMillis);
    } else if (this.#hasNews) {
      delay = 0;
    }
    this.#hasNews = false;
    this.#timer = setTimeout(() => {
      this.#polling = this.#poll().finally(() => {
        this.#polling = undefined;
        this.#schedule();
      });
    }, delay);
  }

  /** Tells the control plane without waiting for the next poll: a rollout waits for it. */
  #pollSoon(): void {
    this.#hasNews = true;
    if (this.#polling) return;
    clearTimeout(this.#timer);
    this.#schedule();
  }

  /** @param settled - the models of the saved snapshot, which go on serving where newer ones are broken */
  async #pollFirst(settled: Promise<void>): Promise<void> {
    const fetched = await this.#fetch();
    if (this.#stop.signal.aborted) return;
    if (fetched) this.#onKeys(fetched.keys);
    await settled;
    if (this.#stop.signal.aborted) return;
    if (fetched) this.#accept(fetched);
    else this.#settle();
  }

  async #poll(): Promise<void> {
    const fetched = await this.#fetch();
    if (this.#stop.signal.aborted) return;
    if (fetched) this.#accept(fetched);
    // A version that failed before may be due again; loading goes on beside the polls.
    else this.#settle();
  }

  async #fetch(): Promise<Snapshot | undefined> {
    const keysUsed = this.#keyUsage.takeUsedKeys();
    try {
      const fetched = await this.#client.fetchSnapshot({
        report: this.#report(keysUsed),
        knownId: this.#current?.id,
        signal: this.#stop.signal,
      });
      if (this.#failures > 0) this.#logger.info('the control plane is back');
      this.#failures = 0;
      return fetched;
    } catch (error) {
      this.#keyUsage.giveBackUsedKeys(keysUsed);
      if (this.#stop.signal.aborted) return undefined;
      this.#failures++;
      this.#logger[this.#failures === 1 ? 'warn' : 'debug'](
        'no snapshot from the control plane',
        { error: errorMessage(error) },
      );
      return undefined;
    }
  }

  #report(keysUsed: string[]): DataPlaneReport {
    return {
      producer: this.#producer,
      publicUrl: this.#publicUrl,
      snapshotId: this.snapshotId,
      ...(keysUsed.length > 0 && { keysUsed }),
      models: this.#fleet.report(),
    };
  }

  #accept(snapshot: Snapshot): void {
    this.#current = snapshot;
    this.#onKeys(snapshot.keys);
    this.#fleet.want(snapshot.models);
    this.#logger.info('new snapshot', {
      snapshotId: snapshot.id,
      models: snapshot.models.length,
      keys: snapshot.keys.length,
    });
    this.#settle();
  }

  #settle(): void {
    this.#settling = this.#settleAndSave().catch(error =>
      this.#logger.error('the snapshot was not applied', {
        error: errorMessage(error),
      }),
    );
  }

  async #settleAndSave(): Promise<void> {
    const current = this.#current;
    // Revoked keys stay revoked even if this process dies while models load.
    if (current && this.#saved) {
      await this.#save({ ...this.#saved, keys: current.keys });
    }
    const before = JSON.stringify(this.#fleet.report());
    await this.#fleet.settle();
    if (this.#stop.signal.aborted) return;
    if (JSON.stringify(this.#fleet.report()) !== before) this.#pollSoon();
    if (!current || this.#current !== current) return;
    const models = this.#fleet.effectiveModels();
    const changed = await this.#save({ ...current, models });
    this.#onReady();
    if (!changed) return;
    await this.#artifacts.removeUnused(digest => this.#isUsed(digest));
  }

  #isUsed(digest: string): boolean {
    const models = this.#fleet.effectiveModels();
    return digestsOf([...(this.#current?.models ?? []), ...models]).has(digest);
  }

  /** @returns whether there was something new to write. */
  async #save(snapshot: Snapshot): Promise<boolean> {
    const text = JSON.stringify(snapshot);
    if (text === this.#savedText) return false;
    try {
      await this.#store.save(snapshot);
    } catch (error) {
      // What is in memory serves all the same; only a start would miss it.
      this.#logger.error('the snapshot was not saved', {
        error: errorMessage(error),
      });
      return false;
    }
    this.#saved = snapshot;
    this.#savedText = text;
    return true;
  }

  async #loadSaved(): Promise<Snapshot | undefined> {
    try {
      return await this.#store.load();
    } catch (error) {
      this.#logger.warn('the snapshot on disk is of no use', {
        error: errorMessage(error),
      });
      return undefined;
    }
  }
}
