import {
  MAX_TOLD_TOKEN_USE,
  type DataPlaneReport,
  type DataPlaneReportReceipt,
  type TokenUse,
} from '@greenroom/plugin-ai-inference-common';
import type { Logger } from '../logger';
import { errorMessage } from '../errors';
import { AskLoop } from './AskLoop';
import type { ControlPlaneClient } from './ControlPlaneClient';

/** Longest time that a stop waits for the control plane to hear of it. */
const FAREWELL_MILLIS = 2_000;

/** What comes into memory and leaves it is told no oftener: all versions are named each time. */
const MEMORY_NEWS_MILLIS = 10_000;

/** Nothing is told where there are none. */
const NO_CONNECTIONS = '[]';

/** Which keys were used, for the control plane to know. */
export interface KeyUsage {
  takeUsedKeys(): string[];
  giveBackUsedKeys(ids: readonly string[]): void;
}

/** Tells the control plane how this data plane is. */
export class Reporter {
  readonly #loop: AskLoop;
  readonly #client: Pick<ControlPlaneClient, 'report'>;
  readonly #describe: () => DataPlaneReport;
  readonly #keyUsage: KeyUsage;
  readonly #onReceipt: (receipt: DataPlaneReportReceipt) => void;
  readonly #logger: Logger;
  readonly #now: () => number;
  /** What the control plane knows of the models, as JSON, but for what is in memory. */
  #toldModels = '';
  /** What it knows of what is in memory, in their order, as JSON. */
  #toldMemory = '';
  #toldMemoryAtMillis = 0;
  /** What it knows of connections, as JSON. */
  #toldConnections = NO_CONNECTIONS;
  /** What it knows of each key's day, as JSON. */
  readonly #toldTokens = new Map<string, string>();

  constructor(options: {
    client: Pick<ControlPlaneClient, 'report'>;
    /** Everything about this data plane but the keys that were used. */
    describe: () => DataPlaneReport;
    keyUsage: KeyUsage;
    /** The control plane has answered. */
    onReceipt: (receipt: DataPlaneReportReceipt) => void;
    /** Pause between two reports while there is nothing new. */
    intervalMillis: number;
    logger: Logger;
    /** A monotonic clock, in milliseconds. */
    now?: () => number;
  }) {
    const { intervalMillis } = options;
    this.#client = options.client;
    this.#describe = options.describe;
    this.#keyUsage = options.keyUsage;
    this.#onReceipt = options.onReceipt;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => performance.now());
    this.#loop = new AskLoop({
      what: 'report',
      logger: options.logger,
      retryMillis: intervalMillis,
      ask: async signal => {
        const known = await this.#report(signal);
        return known ? intervalMillis : 0;
      },
    });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  /** Tells what is new without waiting: a rollout waits for it. */
  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Says that this data plane stops, so that nobody counts on it or waits for it. The last report. */
  async leave(): Promise<void> {
    await this.stop();
    const keysUsed = this.#keyUsage.takeUsedKeys();
    const {
      models: _models,
      connections: _connections,
      tokensUsed = [],
      ...rest
    } = this.#describe();
    try {
      await this.#client.report(
        {
          ...rest,
          ...(keysUsed.length > 0 && { keysUsed }),
          ...(tokensUsed.length > 0 && {
            tokensUsed: tokensUsed.slice(0, MAX_TOLD_TOKEN_USE),
          }),
          stopping: true,
        },
        AbortSignal.timeout(FAREWELL_MILLIS),
      );
    } catch (error) {
      this.#logger.info('the control plane did not hear of the stop', {
        error: errorMessage(error),
      });
    }
  }

  async #report(signal: AbortSignal): Promise<boolean> {
    const keysUsed = this.#keyUsage.takeUsedKeys();
    const {
      models,
      connections = [],
      tokensUsed = [],
      ...rest
    } = this.#describe();
    const text = JSON.stringify(models.map(withoutMemory));
    const memory = JSON.stringify(models.map(({ inMemory }) => inMemory));
    const isMemoryDue =
      this.#now() - this.#toldMemoryAtMillis >= MEMORY_NEWS_MILLIS;
    const tellsModels =
      text !== this.#toldModels || (memory !== this.#toldMemory && isMemoryDue);
    const checks = JSON.stringify(connections);
    const tokenNews = tokensUsed
      .filter(use => this.#toldTokens.get(dayKey(use)) !== JSON.stringify(use))
      .slice(0, MAX_TOLD_TOKEN_USE);
    try {
      const receipt = await this.#client.report(
        {
          ...rest,
          ...(tokenNews.length > 0 && { tokensUsed: tokenNews }),
          ...(keysUsed.length > 0 && { keysUsed }),
          ...(tellsModels && { models }),
          ...(checks !== this.#toldConnections && { connections }),
        },
        signal,
      );
      const { known } = receipt;
      this.#onReceipt(receipt);
      this.#rememberTokens(tokensUsed, tokenNews);
      this.#toldModels = known ? text : '';
      if (tellsModels) {
        this.#toldMemory = memory;
        this.#toldMemoryAtMillis = this.#now();
      }
      this.#toldConnections = checks;
      return known;
    } catch (error) {
      this.#keyUsage.giveBackUsedKeys(keysUsed);
      // Whether it was taken down is not known.
      this.#toldModels = '';
      this.#toldConnections = NO_CONNECTIONS;
      this.#toldTokens.clear();
      throw error;
    }
  }

  #rememberTokens(all: readonly TokenUse[], told: readonly TokenUse[]): void {
    const days = new Set(all.map(dayKey));
    for (const key of this.#toldTokens.keys()) {
      if (!days.has(key)) this.#toldTokens.delete(key);
    }
    for (const use of told) {
      this.#toldTokens.set(dayKey(use), JSON.stringify(use));
    }
  }
}

function withoutMemory({
  inMemory: _inMemory,
  ...rest
}: DataPlaneReport['models'][number]) {
  return rest;
}

function dayKey({ keyId, day }: TokenUse): string {
  return `${keyId} ${day}`;
}
