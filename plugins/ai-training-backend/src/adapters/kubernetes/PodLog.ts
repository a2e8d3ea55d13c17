import { toError } from '@backstage/errors';
import { type ClusterClient, ClusterError } from '@greenroom/cluster-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogSpool } from './LogSpool';
import { TimedLog } from './TimedLog';

const FIRST_PAUSE_MILLIS = 200;
const LONGEST_PAUSE_MILLIS = 5_000;
const NOT_FOUND = 404;
/** Told at the end of what was read, where nobody can know whether it is all. */
export const TAIL_UNREAD =
  '\n--- Its pod is gone, and what it wrote last may be missing here ---\n';

export interface PodLogOptions {
  client: Pick<ClusterClient, 'followLog'>;
  namespace: string;
  /** Name of the pod. */
  pod: string;
  container: string;
  spool: LogSpool;
  /** Whether the container has ended, as far as the cluster has told. */
  hasEnded(): boolean;
  onTrouble(message: string): void;
}

/**
 * Keeps what a container writes, as it writes it.
 *
 * States: following → following again after a pause, where the connection has ended → complete, when all was told of a
 * container that had ended before it was asked for, or its pod is gone.
 */
export class PodLog {
  readonly #options: PodLogOptions;
  readonly #ending = new AbortController();
  readonly #log = new TimedLog();
  /** What was told and had no room yet. */
  #unkept = Buffer.alloc(0);
  #isComplete = false;
  #running: Promise<void> | undefined;

  constructor(options: PodLogOptions) {
    this.#options = options;
  }

  /** Whether the spool has all that there will ever be. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  start(): void {
    this.#running ??= this.#followAll().catch(error =>
      this.#options.onTrouble(toError(error).message),
    );
  }

  /** Nothing is written to the spool any more when this resolves. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #followAll(): Promise<void> {
    let pauseMillis = FIRST_PAUSE_MILLIS;
    let wasWhole = false;
    while (!this.#ending.signal.aborted) {
      const before = this.#options.spool.endByte;
      // A connection may end in order while the program goes on: somebody between is started anew.
      const hadEnded = this.#options.hasEnded();
      const how = await this.#followOnce();
      if (how === 'gone' && !wasWhole) await this.#tellTailUnread();
      if (how === 'gone' || (how === 'whole' && hadEnded)) break;
      wasWhole = how === 'whole';
      pauseMillis =
        this.#options.spool.endByte > before
          ? FIRST_PAUSE_MILLIS
          : Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
      await sleep(pauseMillis, undefined, {
        signal: this.#ending.signal,
      }).catch(() => {});
    }
    this.#isComplete = !this.#ending.signal.aborted;
  }

  async #followOnce(): Promise<'whole' | 'broken' | 'gone'> {
    const { client, namespace, pod, container } = this.#options;
    try {
      await this.#keep(Buffer.alloc(0));
      const since = this.#log.begin();
      const chunks = client.followLog({
        namespace,
        name: pod,
        container,
        since,
        signal: this.#ending.signal,
      });
      for await (const chunk of chunks) {
        await this.#keep(this.#log.take(chunk));
      }
      return 'whole';
    } catch (error) {
      if (this.#ending.signal.aborted) return 'broken';
      const isGone =
        error instanceof ClusterError && error.statusCode === NOT_FOUND;
      if (isGone) return 'gone';
      this.#options.onTrouble(
        `the log of pod ${pod} is asked for again: ${toError(error).message}`,
      );
    }
    return 'broken';
  }

  async #tellTailUnread(): Promise<void> {
    await this.#keep(Buffer.from(TAIL_UNREAD)).catch(error =>
      this.#options.onTrouble(toError(error).message),
    );
  }

  /** It is not told again: what has no room now is kept for later, and nothing is asked for until then. */
  async #keep(bytes: Buffer): Promise<void> {
    const { spool } = this.#options;
    this.#unkept = Buffer.concat([this.#unkept, bytes]);
    const before = spool.endByte;
    try {
      await spool.append(this.#unkept);
    } finally {
      this.#unkept = this.#unkept.subarray(spool.endByte - before);
    }
  }
}
