import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { ArtifactStore, StoredArtifact } from '@greenroom/artifact-store';

/** Digests that are looked up with one question. */
const BATCH_SIZE = 500;
const MAX_LISTED = 1_000;
const LOCK = 'artifacts';

/** What no version uses, and what was done about it. */
export interface CollectionReport {
  dryRun: boolean;
  /** How many artifacts no version uses that are old enough. */
  count: number;
  /** The first thousand of them. */
  unused: { digest: Digest; sizeBytes: number; storedAt: string }[];
  /** Bytes that were freed, or would be. */
  bytes: number;
  /** Artifacts that no version uses yet, but that were stored lately. */
  young: number;
}

/**
 * Removes artifacts that no version uses: uploads that nothing was made of.
 *
 * @remarks
 *
 * An artifact is uploaded first and its version registered afterwards, so that nothing is
 * removed before a time of grace. Whoever registers a version keeps the collector away
 * meanwhile, which asks again under its own lock before it removes anything.
 */
export class ArtifactCollector {
  readonly #knex: Knex;
  readonly #artifacts: ArtifactStore;
  readonly #graceMillis: number;
  readonly #logger: LoggerService;
  readonly #now: () => Date;

  constructor(options: {
    knex: Knex;
    artifacts: ArtifactStore;
    graceMillis: number;
    logger: LoggerService;
    now?: () => Date;
  }) {
    this.#knex = options.knex;
    this.#artifacts = options.artifacts;
    this.#graceMillis = options.graceMillis;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => new Date());
  }

  async collect(options: {
    dryRun: boolean;
    signal?: AbortSignal;
  }): Promise<CollectionReport> {
    const { dryRun, signal } = options;
    const oldest = new Date(this.#now().getTime() - this.#graceMillis);
    const report = emptyReport(dryRun);
    for await (const batch of batchesOf(this.#artifacts.list())) {
      signal?.throwIfAborted();
      for (const artifact of await this.#unusedOf(batch)) {
        if (artifact.storedAt > oldest) {
          report.young += 1;
        } else if (dryRun || (await this.#remove(artifact.digest))) {
          addTo(report, artifact);
        }
      }
    }
    if (!dryRun && report.count > 0) {
      this.#logger.info(
        `Removed ${report.count} artifacts that no version used, ${report.bytes} bytes`,
      );
    }
    return report;
  }

  async #unusedOf(batch: StoredArtifact[]): Promise<StoredArtifact[]> {
    const used = await findUsed(
      this.#knex,
      batch.map(({ digest }) => digest),
    );
    return batch.filter(({ digest }) => !used.has(digest));
  }

  /** @returns false when a version uses it by now */
  async #remove(digest: Digest): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
        LOCK,
      ]);
      const used = await findUsed(tx, [digest]);
      if (used.has(digest)) return false;
      await this.#artifacts.delete(digest);
      return true;
    });
  }
}

/**
 * Lets nobody remove any artifact until the transaction ends. One lock for all: those of ten
 * thousand files would fill the database server's table of locks.
 */
export async function keepArtifacts(tx: Knex.Transaction): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock_shared(hashtextextended(?, 0))', [
    LOCK,
  ]);
}

/** Those of the digests that versions of models or datasets use, as a whole or as a file of a bundle, or evaluation runs as their answers. */
async function findUsed(knex: Knex, digests: Digest[]): Promise<Set<string>> {
  const { rows } = await knex.raw(
    `select digest from versions where digest = any(:digests)
     union select reference_digest from versions where reference_digest = any(:digests)
     union select digest from version_files where digest = any(:digests)
     union select digest from dataset_versions where digest = any(:digests) and kind = 'stored'
     union select file_digest from dataset_versions where file_digest = any(:digests)
     union select schema_digest from dataset_versions where schema_digest = any(:digests)
     union select answers_digest from evaluation_runs where answers_digest = any(:digests)`,
    { digests },
  );
  return new Set(rows.map((row: { digest: string }) => row.digest));
}

function emptyReport(dryRun: boolean): CollectionReport {
  return { dryRun, count: 0, unused: [], bytes: 0, young: 0 };
}

function addTo(report: CollectionReport, artifact: StoredArtifact): void {
  const { digest, sizeBytes, storedAt } = artifact;
  report.count += 1;
  report.bytes += sizeBytes;
  if (report.unused.length < MAX_LISTED) {
    report.unused.push({
      digest,
      sizeBytes,
      storedAt: storedAt.toISOString(),
    });
  }
}

async function* batchesOf<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === BATCH_SIZE) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
