import type { ArtifactStore } from '@greenroom/artifact-store';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { buffer } from 'node:stream/consumers';
import type { ArtifactRows } from '../artifacts/ArtifactRows';
import {
  type AttemptId,
  BackendAwayError,
  type LogPart,
  type TrainingBackend,
} from '../backends/TrainingBackend';

const PART_BYTES = 1024 * 1024;
/** Backends keep less; what goes on without end is cut here. */
const MOST_BYTES = 256 * 1024 * 1024;
const SYSTEM = 'service:greenroom';

/** Where a job's log is, or was put. */
export interface LoggedJob {
  id: string;
  run: string;
  experiment: string;
  backend: string;
}

/** What attempts write: at their backend while they run, an artifact of their run afterwards. */
export class AttemptLogs {
  readonly #backends: ReadonlyMap<string, TrainingBackend>;
  readonly #artifacts: Pick<ArtifactStore, 'put' | 'open'>;
  readonly #rows: Pick<ArtifactRows, 'put' | 'find'>;

  constructor(options: {
    backends: ReadonlyMap<string, TrainingBackend>;
    artifacts: Pick<ArtifactStore, 'put' | 'open'>;
    rows: Pick<ArtifactRows, 'put' | 'find'>;
  }) {
    this.#backends = options.backends;
    this.#artifacts = options.artifacts;
    this.#rows = options.rows;
  }

  /**
   * Keeps what an attempt that has ended has written as an artifact of its run; the same when it is done twice.
   *
   * @returns its path among the artifacts of the run, and how much was written, also what its backend has not kept
   */
  async keep(
    job: LoggedJob,
    number: number,
  ): Promise<{ path: string; writtenBytes: number }> {
    let writtenBytes = 0;
    const { digest, sizeBytes } = await this.#artifacts.put(
      this.#readAll(job.backend, { job: job.id, number }, toByte => {
        writtenBytes = toByte;
      }),
    );
    const path = logPathOf(number);
    await this.#rows.put({
      experiment: job.experiment,
      path: `${job.run}/artifacts/${path}`,
      digest,
      sizeBytes,
      updatedBy: SYSTEM,
    });
    return { path, writtenBytes };
  }

  /** Part of the log of an attempt, wherever it is. */
  async read(
    job: LoggedJob & {
      attempts: readonly {
        number: number;
        logPath?: string;
        logBytes?: number;
        endedAt?: string;
      }[];
    },
    number: number,
    { fromByte, mostBytes }: { fromByte: number; mostBytes: number },
  ): Promise<LogPart> {
    const attempt = job.attempts.find(one => one.number === number);
    if (attempt?.logPath !== undefined) {
      const file = await this.#rows.find(
        job.experiment,
        `${job.run}/artifacts/${attempt.logPath}`,
      );
      return file
        ? this.#readKept(file, {
            fromByte,
            mostBytes,
            leftOutBytes: (attempt.logBytes ?? 0) - file.sizeBytes,
          })
        : { bytes: Buffer.alloc(0), fromByte, isEnd: true };
    }
    if (!attempt || attempt.endedAt !== undefined) {
      return { bytes: Buffer.alloc(0), fromByte, isEnd: attempt !== undefined };
    }
    return this.#backendOf(job.backend).readLog(
      { job: job.id, number },
      { fromByte, mostBytes },
    );
  }

  /** Who followed it while it was written is further than what is kept, and goes on in the newest part. */
  async #readKept(
    file: { digest: Digest; sizeBytes: number },
    options: { fromByte: number; mostBytes: number; leftOutBytes: number },
  ): Promise<LogPart> {
    const { fromByte, mostBytes, leftOutBytes } = options;
    const { digest, sizeBytes } = file;
    if (leftOutBytes > 0 && fromByte > sizeBytes) {
      const part = await this.#readKept(file, {
        fromByte: Math.max(0, fromByte - leftOutBytes),
        mostBytes,
        leftOutBytes: 0,
      });
      return { ...part, fromByte: part.fromByte + leftOutBytes };
    }
    const end = Math.min(fromByte + mostBytes, sizeBytes);
    if (end <= fromByte) {
      return { bytes: Buffer.alloc(0), fromByte, isEnd: true };
    }
    const content = await this.#artifacts.open(digest, {
      start: fromByte,
      end: end - 1,
    });
    return { bytes: await buffer(content), fromByte, isEnd: end === sizeBytes };
  }

  /** What is missing is told where it was. */
  async *#readAll(
    backend: string,
    id: AttemptId,
    onRead: (toByte: number) => void,
  ): AsyncGenerator<Buffer> {
    let fromByte = 0;
    let left = MOST_BYTES;
    for (;;) {
      const part = await this.#backendOf(backend).readLog(id, {
        fromByte,
        mostBytes: Math.min(PART_BYTES, left),
      });
      const missingBytes = part.fromByte - fromByte;
      if (missingBytes > 0) yield Buffer.from(leftOut(missingBytes));
      yield part.bytes;
      fromByte = part.fromByte + part.bytes.length;
      onRead(fromByte);
      left -= part.bytes.length;
      if (part.isEnd || left <= 0) return;
      // What is not kept now would be lost: it is removed afterwards.
      if (part.bytes.length === 0) {
        throw new BackendAwayError(
          'not all that it wrote has been told of yet',
        );
      }
    }
  }

  #backendOf(name: string): TrainingBackend {
    const backend = this.#backends.get(name);
    if (backend) return backend;
    throw new BackendAwayError(
      `the training backend '${name}' is not configured any more`,
    );
  }
}

function leftOut(bytes: number): string {
  return `\n--- ${bytes} bytes that it wrote here were not kept: logs have a bound ---\n`;
}

function logPathOf(number: number): string {
  return `logs/attempt-${number}.log`;
}
