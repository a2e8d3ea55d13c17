import type {
  AccessDocument,
  KeyGrant,
} from '@greenroom/plugin-ai-inference-common';
import { errorMessage } from '../errors';
import type { Logger } from '../logger';
import { AskLoop } from './AskLoop';
import type { ControlPlaneClient } from './ControlPlaneClient';
import { longPoll } from './longPoll';
import type { SavedDocument } from './SavedDocument';

/** Only what has changed is told, so that asking again soon costs little. */
const AFTER_CHANGE_MILLIS = 50;
/** Changes that come together are written together. */
const SAVE_DELAY_MILLIS = 500;

/** Keeps the keys as the control plane says, in memory and on disk. */
export class AccessSync {
  readonly #client: Pick<ControlPlaneClient, 'fetchAccess'>;
  readonly #saved: SavedDocument<AccessDocument>;
  readonly #environment: string;
  readonly #logger: Logger;
  readonly #onAccess: AccessSyncOptions['onAccess'];
  readonly #onSaved: () => void;
  readonly #loop: AskLoop;
  readonly #keys = new Map<string, KeyGrant>();
  /** Undefined until the control plane has answered. */
  #cursor: string | undefined;
  #saveTimer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: AccessSyncOptions) {
    this.#client = options.client;
    this.#saved = options.saved;
    this.#environment = options.environment;
    this.#logger = options.logger;
    this.#onAccess = options.onAccess;
    this.#onSaved = options.onSaved;
    const { pollMillis } = options;
    this.#loop = new AskLoop({
      what: 'keys',
      logger: options.logger,
      onBack: options.onBack,
      retryMillis: pollMillis,
      ask: signal =>
        longPoll({
          wait: this.#cursor !== undefined && !this.#loop.failing,
          pollMillis,
          afterChangeMillis: AFTER_CHANGE_MILLIS,
          fetch: waitSeconds =>
            this.#client.fetchAccess({
              since: this.#cursor,
              waitSeconds,
              signal,
            }),
          onChange: document => this.#accept(document),
        }),
    });
  }

  /** Lets those in who could call when this was saved. */
  useSaved(keys: readonly KeyGrant[]): void {
    this.#onAccess({ content: 'all', keys, revoked: [] });
  }

  /** Resolves when the control plane has said something, or did not answer. */
  start(): Promise<void> {
    return this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    if (this.#saveTimer) this.#save();
    await this.#saving;
  }

  #accept(document: AccessDocument): void {
    const { content, keys, revoked, cursor } = document;
    if (content === 'all') this.#keys.clear();
    for (const key of keys) this.#keys.set(key.id, key);
    for (const id of revoked) this.#keys.delete(id);
    this.#cursor = cursor;
    this.#onAccess(document);
    this.#logger.info('new keys', {
      content,
      changed: keys.length,
      revoked: revoked.length,
      keys: this.#keys.size,
    });
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_DELAY_MILLIS);
  }

  #save(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#saving = this.#saving
      .then(() => this.#saveNow())
      .catch(error =>
        // What is in memory serves all the same; only a start would miss it.
        this.#logger.error('the keys were not saved', {
          error: errorMessage(error),
        }),
      );
  }

  async #saveNow(): Promise<void> {
    const now = Date.now();
    for (const [id, { expiresAt }] of this.#keys) {
      if (expiresAt && Date.parse(expiresAt) <= now) this.#keys.delete(id);
    }
    await this.#saved.save({
      formatVersion: 2,
      environment: this.#environment,
      cursor: this.#cursor ?? '',
      content: 'all',
      keys: [...this.#keys.values()],
      revoked: [],
    });
    this.#onSaved();
  }
}

export interface AccessSyncOptions {
  client: Pick<ControlPlaneClient, 'fetchAccess'>;
  saved: SavedDocument<AccessDocument>;
  environment: string;
  logger: Logger;
  /** The control plane answers again after it did not. */
  onBack: () => void;
  pollMillis: number;
  /** Gets all keys, or what has changed about them. */
  onAccess(
    access: Pick<AccessDocument, 'content' | 'revoked'> & {
      keys: readonly KeyGrant[];
    },
  ): void;
  /** What is in memory is on disk. */
  onSaved(): void;
}
