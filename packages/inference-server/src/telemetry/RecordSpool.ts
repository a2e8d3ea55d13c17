import { randomUUID } from 'node:crypto';
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../errors';
import type { Logger } from '../logger';
import { BatchQueue } from './BatchQueue';
import { LossCount } from './LossCount';
import { contentOf } from './sealedBatch';
import {
  fitBatches,
  parseSpooledBatch,
  spooledBatchesOf,
  type SpooledBatch,
} from './spooledBatch';

/** `<when it was saved>-<producer>-<sequence>.json`: the order of the names is that of age. */
const FILE_PATTERN = /^[0-9]{19}-.*-[0-9]{16}\.json$/;

/**
 * Records on disk that waited when a process stopped, until they are sent. Each batch is a
 * file and keeps the producer and the sequence that it had, so that it counts once even if
 * its receipt was lost on the way.
 */
export class RecordSpool {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #logger: Logger;
  readonly #now: () => number;
  /** By producer, since each of its batches tells the whole. */
  readonly #losses = new Map<string, LossCount>();

  constructor(options: {
    directory: string;
    /** Room for all files together; 0 to keep nothing. */
    maxBytes: number;
    logger: Logger;
    now?: () => number;
  }) {
    this.#directory = options.directory;
    this.#maxBytes = options.maxBytes;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
  }

  get enabled(): boolean {
    return this.#maxBytes > 0;
  }

  /** Keeps what waits in a queue for the next start. */
  async save(queue: BatchQueue): Promise<void> {
    // So that also a loss without a later batch is told.
    queue.head();
    const batches = spooledBatchesOf(queue);
    if (batches.length === 0) return;
    const { records } = queue;
    if (!this.enabled) {
      this.#logger.warn('records that wait are lost with this process', {
        records,
        setting: 'GREENROOM_RECORDS_SPOOL_BYTES is 0',
      });
      return;
    }
    try {
      await mkdir(this.#directory, { recursive: true });
      await this.#write(batches);
      this.#logger.info('records wait on disk for the next start', { records });
    } catch (error) {
      this.#logger.error('records that wait are lost with this process', {
        records,
        error: errorMessage(error),
      });
    }
  }

  /** Names of the files, oldest first. */
  async #list(): Promise<string[]> {
    try {
      const names = await readdir(this.#directory);
      return names.filter(name => FILE_PATTERN.test(name)).sort();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  /** The oldest file, as a queue of its own; one that cannot be read is removed. */
  async openOldest(): Promise<{ name: string; queue: BatchQueue } | undefined> {
    for (const name of await this.#list()) {
      const batch = await this.#read(name);
      if (batch) return { name, queue: this.#toQueue(batch) };
    }
    return undefined;
  }

  #toQueue(batch: SpooledBatch): BatchQueue {
    const { producer, environment, sequence, lastSequence, lost } = batch;
    let losses = this.#losses.get(producer);
    if (!losses) {
      losses = new LossCount(lost);
      this.#losses.set(producer, losses);
    }
    const queue = new BatchQueue({
      producer,
      environment,
      lastSequence,
      losses,
    });
    queue.restore({ ...contentOf(batch), sequence });
    return queue;
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#directory, name), { force: true });
  }

  async #read(name: string): Promise<SpooledBatch | undefined> {
    const file = join(this.#directory, name);
    try {
      return parseSpooledBatch(await readFile(file, 'utf8'));
    } catch (error) {
      this.#logger.error('records on disk cannot be read and are lost', {
        file,
        error: errorMessage(error),
      });
      await this.remove(name);
      return undefined;
    }
  }

  async #write(batches: SpooledBatch[]): Promise<void> {
    const names = await this.#list();
    const sizes = await Promise.all(
      names.map(name => stat(join(this.#directory, name))),
    );
    const before = sizes.reduce((sum, { size }) => sum + size, 0);
    // What is there is read only when there is no room beside it.
    const fits = fitBatches(batches, this.#maxBytes - before);
    const unchanged = fits.every(({ batch }, i) => batch === batches[i]);
    if (before === 0 || (unchanged && fits.length === batches.length)) {
      await this.#writeAll(fits);
      return;
    }
    const kept: SpooledBatch[] = [];
    for (const name of names) {
      const batch = await this.#read(name);
      if (batch) kept.push(batch);
    }
    // The new files first: a crash in between leaves batches twice, which count once.
    await this.#writeAll(fitBatches([...kept, ...batches], this.#maxBytes));
    for (const name of names) await this.remove(name);
  }

  async #writeAll(entries: { batch: SpooledBatch; text: string }[]) {
    const savedMillis = this.#now();
    let order = 0;
    for (const { batch, text } of entries) {
      // Later ones get later names, also those of other producers.
      const at = String(savedMillis * 1_000 + order++).padStart(19, '0');
      const sequence = String(batch.sequence).padStart(16, '0');
      const name = `${at}-${batch.producer}-${sequence}.json`;
      const temporary = join(this.#directory, `${randomUUID()}.tmp`);
      try {
        // Rows of callers may be in it.
        await writeFile(temporary, text, { mode: 0o600, flush: true });
        await rename(temporary, join(this.#directory, name));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    }
  }
}
