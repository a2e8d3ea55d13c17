import type {
  DataPlaneReportReceipt,
  SentDataPlaneReport,
} from '@greenroom/plugin-ai-inference-common';
import type { EnvironmentConnections } from '@greenroom/plugin-ai-registry-common';
import type { ConnectionStore } from '../connections/ConnectionStore';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import type { KeyStore } from '../keys/KeyStore';
import type { RequestUseStore } from '../requestUse/RequestUseStore';
import type { TokenUseStore } from '../tokenUse/TokenUseStore';
import { ChangeWaiter } from './ChangeWaiter';
import type { DocumentFollower, HeldDocument } from './DocumentFollower';

/** A question for a document. */
export interface DocumentQuery {
  /** Longest time to wait for a change. */
  waitSeconds: number;
  /** Aborts when the one who asks has gone. */
  signal: AbortSignal;
}

/** Answers data planes out of memory: a question costs no query, or one that is shared by all. */
export class SnapshotService {
  readonly #documents: DocumentFollower;
  readonly #dataPlanes: DataPlaneStore;
  readonly #keys: KeyStore;
  readonly #tokenUse: TokenUseStore;
  readonly #requestUse: RequestUseStore;
  readonly #connectionStore: ConnectionStore;
  readonly #connections: EnvironmentConnections;
  readonly #clock: () => Date;
  readonly #onLoadedChanged: () => void;
  readonly #waiter = new ChangeWaiter();

  constructor(options: {
    documents: DocumentFollower;
    dataPlanes: DataPlaneStore;
    keys: KeyStore;
    tokenUse: TokenUseStore;
    requestUse: RequestUseStore;
    connectionStore: ConnectionStore;
    connections: EnvironmentConnections;
    clock: () => Date;
    /** Called when a data plane tells something new about what it has loaded. */
    onLoadedChanged(): void;
  }) {
    this.#documents = options.documents;
    this.#dataPlanes = options.dataPlanes;
    this.#keys = options.keys;
    this.#tokenUse = options.tokenUse;
    this.#requestUse = options.requestUse;
    this.#connectionStore = options.connectionStore;
    this.#connections = options.connections;
    this.#clock = options.clock;
    this.#onLoadedChanged = options.onLoadedChanged;
  }

  /** @returns undefined when the known document is still the right one. */
  routes(
    environment: string,
    { knownId, waitSeconds, signal }: DocumentQuery & { knownId?: string },
  ): Promise<HeldDocument | undefined> {
    return this.#waiter.wait(
      async () => {
        const document = await this.#documents.routes(environment);
        return document.id === knownId ? undefined : document;
      },
      { millis: waitSeconds * 1_000, signal },
    );
  }

  /** @returns undefined when nothing has changed since the cursor. */
  access(
    environment: string,
    { since, waitSeconds, signal }: DocumentQuery & { since?: number },
  ): Promise<{ cursor: string; text: string } | undefined> {
    return this.#waiter.wait(() => this.#documents.access(environment, since), {
      millis: waitSeconds * 1_000,
      signal,
    });
  }

  /** Takes down what a data plane runs. */
  async report(
    environment: string,
    report: SentDataPlaneReport,
  ): Promise<DataPlaneReportReceipt> {
    const { models, keysUsed, tokensUsed = [], stopping, producer } = report;
    const now = this.#clock();
    if (keysUsed?.length) await this.#keys.recordUse(keysUsed, now);
    if (report.connections?.length) {
      const configured = new Set(
        this.#connections.listUpstreams(environment).map(({ name }) => name),
      );
      await this.#connectionStore.record(
        environment,
        report.connections.filter(({ name }) => configured.has(name)),
      );
    }
    const told = { environment, producer, uses: tokensUsed, now };
    if (report.requestUse) {
      await this.#requestUse.record({ ...told, uses: report.requestUse });
    }
    if (stopping) {
      await this.#tokenUse.record(told);
      const isNews = await this.#dataPlanes.recordStop({
        environment,
        producer,
        now,
      });
      // It is not waited for any more, and counts for nothing.
      if (isNews) this.#onLoadedChanged();
      return { known: true };
    }
    const { id } = await this.#documents.routes(environment);
    const seen = { environment, currentSnapshotId: id, now };
    let known = true;
    if (models === undefined) {
      known = await this.#dataPlanes.touch({ ...seen, report });
    } else {
      const { changed } = await this.#dataPlanes.record({
        ...seen,
        report: { ...report, models },
      });
      if (changed) this.#onLoadedChanged();
    }
    const live = await this.#dataPlanes.listLive(environment, now);
    live.add(producer);
    const tokenLeases = await this.#tokenUse.lend({ ...told, live });
    return {
      known,
      dataPlanes: live.size,
      ...(tokenLeases.length > 0 && { tokenLeases }),
    };
  }

  /** Ends all questions that wait. */
  stop(): void {
    this.#waiter.stop();
  }
}
