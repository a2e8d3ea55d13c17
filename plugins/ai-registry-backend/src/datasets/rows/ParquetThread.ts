import type { ArtifactReader } from '@greenroom/artifact-store';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import type { DatasetRow } from '@greenroom/plugin-ai-registry-common';
import { Worker } from 'node:worker_threads';
import { MAX_FOOTER_BYTES, TAIL_BYTES } from './parquetFile';

const MAX_HEAP_MIB = 256;
/** For the rows of one answer of the thread. */
const DEFAULT_TIMEOUT_MILLIS = 60_000;

/** What the thread says. */
type Message =
  | { kind: 'slice'; id: number; start: number; end: number }
  | { kind: 'rows'; rows: DatasetRow[] }
  | { kind: 'failed'; reason: string }
  | { kind: 'end' };

/** The thread that reads rows of one Parquet file; `workers/parquetRows.js` is what runs in it. */
export class ParquetThread {
  readonly #reader: ArtifactReader;
  readonly #worker: Worker;
  readonly #timeoutMillis: number;
  /** Who waits for the next rows. */
  #waiting:
    | {
        resolve(rows: DatasetRow[] | undefined): void;
        reject(error: Error): void;
      }
    | undefined;
  /** Why it ended before anybody asked. */
  #failure: Error | undefined;

  constructor(
    reader: ArtifactReader,
    options: { offset: number; limit: number; timeoutMillis?: number },
  ) {
    const { offset, limit, timeoutMillis = DEFAULT_TIMEOUT_MILLIS } = options;
    const { sizeBytes } = reader;
    this.#reader = reader;
    this.#timeoutMillis = timeoutMillis;
    this.#worker = new Worker(
      resolvePackagePath(
        '@greenroom/plugin-ai-registry-backend',
        'workers/parquetRows.js',
      ),
      {
        workerData: {
          sizeBytes,
          footerBytes: Math.min(sizeBytes, MAX_FOOTER_BYTES + TAIL_BYTES),
          offset,
          limit,
        },
        env: {},
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
      },
    );
    this.#worker
      .on('message', (message: Message) => this.#take(message))
      .on('error', error => this.#fail(damaged(error)))
      .on('exit', () => this.#fail(damaged('its thread ended')));
  }

  /** Undefined when there are no more. */
  async next(): Promise<DatasetRow[] | undefined> {
    if (this.#failure) throw this.#failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
        timer = setTimeout(
          () => this.#fail(damaged(`it took ${this.#timeoutMillis} ms`)),
          this.#timeoutMillis,
        );
        this.#worker.postMessage('next');
      });
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(message: Message): void {
    switch (message.kind) {
      case 'slice':
        this.#answer(message).catch(error => this.#fail(error));
        break;
      case 'rows':
        this.#waiting?.resolve(message.rows);
        break;
      case 'failed':
        this.#fail(damaged(message.reason));
        break;
      case 'end':
        this.#waiting?.resolve(undefined);
        break;
      default:
        message satisfies never;
    }
  }

  async #answer(question: { id: number; start: number; end: number }) {
    const { id, start, end } = question;
    const { sizeBytes } = this.#reader;
    // A damaged file may say that something lies outside of it.
    if (!(start >= 0 && start <= end && end <= sizeBytes)) {
      this.#fail(damaged('a part of it is missing'));
      return;
    }
    const piece = await this.#reader.read(start, end - start);
    // A copy of its own, which the thread can have.
    const bytes = new Uint8Array(piece).buffer;
    this.#worker.postMessage({ id, bytes }, [bytes]);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
  }
}

function damaged(cause: unknown): ConflictError {
  return new ConflictError(
    'Rows of the Parquet file cannot be read: it is damaged, too large in one piece, or uses what is not understood here; write it again and upload a new version',
    cause,
  );
}
