import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { ArtifactUser } from '@greenroom/plugin-ai-registry-node';
import type { Knex } from 'knex';
import type { ArtifactStore, StoredArtifact } from '@greenroom/artifact-store';

/** Digests that are looked up with one question. */
const BATCH_SIZE = 500;
const MAX_LISTED = 1_000;
const LOCK = 'artifacts';

/** What nobody uses, and what was done about it. */
export interface CollectionReport {
  dryRun: boolean;
  /** How many artifacts nobody uses that are old enough. */
  count: number;
  /** The first thousand of them. */
  unused: { digest: Digest; sizeBytes: number; storedAt: string }[];
  /** Bytes that were freed, or would be. */
  bytes: number;
  /** Artifacts that nobody uses yet, but that were stored lately. */
  young: number;
  /** Who uses artifacts, too, and could not be asked, and why; therefore nothing more was removed. */
  unanswered?: { user: string; reason: string };
}

/** Somebody who has to be asked did not answer. */
class UnansweredError extends Error {
  readonly user: string;

  constructor(user: string, cause: unknown) {
    super(stringifyError(cause));
    this.user = user;
  }
}

/**
 * Removes artifacts that nobody uses: uploads that nothing was made of.
 *
 * @remarks
 *
 * An artifact is uploaded first and its version registered afterwards, so that nothing is
 * removed before a time of grace. Whoever registers a version keeps the collector away
 * meanwhile, which asks again under its own lock before it removes anything. Others who use
 * artifacts have databases of their own and no such lock: whatever they begin to use they have
 * stored just before, even where it was there already, and what was stored lately stays. While one
 * of them does not answer, nothing is removed.
 */
export class ArtifactCollector {
  readonly #knex: Knex;
  readonly #artifacts: ArtifactStore;
  readonly #users: readonly ArtifactUser[];
  readonly #graceMillis: number;
  readonly #logger: LoggerService;
  readonly #now: () => Date;

  constructor(options: {
    knex: Knex;
    artifacts: ArtifactStore;
    /** Who uses artifacts besides the registry. */
    users: readonly ArtifactUser[];
    graceMillis: number;
    logger: LoggerService;
    now?: () => Date;
  }) {
    this.#knex = options.knex;
    this.#artifacts = options.artifacts;
    this.#users = options.users;
    this.#graceMillis = options.graceMillis;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => new Date());
  }

  async collect(options: {
    dryRun: boolean;
    signal?: AbortSignal;
  }): Promise<CollectionReport> {
    const { dryRun, signal = new AbortController().signal } = options;
    const oldest = new Date(this.#now().getTime() - this.#graceMillis);
    const report = emptyReport(dryRun);
    try {
      // All are asked before the first one is removed: who does not answer shows early.
      const old = await this.#findOld({ oldest, report, signal });
      for (const batch of batched(old)) {
        await this.#removeUnused(batch, { dryRun, oldest, report, signal });
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnansweredError)) throw error;
      report.unanswered = { user: error.user, reason: error.message };
      this.#logger.warn(
        `No artifacts are removed while ${error.user}, which uses some, does not say which: ${error.message}`,
      );
    }
    if (!dryRun && report.count > 0) {
      this.#logger.info(
        `Removed ${report.count} artifacts that nobody used, ${report.bytes} bytes`,
      );
    }
    return report;
  }

  /** What nobody uses, and is old enough. */
  async #findOld(options: {
    oldest: Date;
    report: CollectionReport;
    signal: AbortSignal;
  }): Promise<StoredArtifact[]> {
    const { oldest, report, signal } = options;
    const old: StoredArtifact[] = [];
    for await (const batch of batchesOf(this.#artifacts.list())) {
      for (const artifact of await this.#unusedOf(batch, signal)) {
        if (artifact.storedAt > oldest) report.young += 1;
        else old.push(artifact);
      }
    }
    return old;
  }

  async #removeUnused(
    batch: StoredArtifact[],
    options: {
      dryRun: boolean;
      oldest: Date;
      report: CollectionReport;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const { dryRun, oldest, report, signal } = options;
    // Once more, of those who may have begun to use them since.
    const unused = dryRun ? batch : await this.#unusedOf(batch, signal);
    for (const artifact of unused) {
      signal.throwIfAborted();
      if (dryRun || (await this.#remove(artifact.digest, oldest))) {
        addTo(report, artifact);
      }
    }
  }

  async #unusedOf(
    batch: StoredArtifact[],
    signal: AbortSignal,
  ): Promise<StoredArtifact[]> {
    signal.throwIfAborted();
    const digests = batch.map(({ digest }) => digest);
    const used = await findUsed(this.#knex, digests);
    for (const user of this.#users) {
      const asked = digests.filter(digest => !used.has(digest));
      if (asked.length === 0) break;
      for (const digest of await askUser(user, asked, signal)) used.add(digest);
    }
    return batch.filter(({ digest }) => !used.has(digest));
  }

  /** @returns false when a version uses it by now, or it was stored again */
  async #remove(digest: Digest, oldest: Date): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
        LOCK,
      ]);
      const used = await findUsed(tx, [digest]);
      if (used.has(digest)) return false;
      return this.#artifacts.deleteUnlessStoredSince(digest, oldest);
    });
  }
}

async function askUser(
  user: ArtifactUser,
  digests: Digest[],
  signal: AbortSignal,
): Promise<ReadonlySet<Digest>> {
  try {
    return await user.findUsed(digests, signal);
  } catch (error) {
    throw new UnansweredError(user.name, error);
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

function batched<T>(items: T[]): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    batches.push(items.slice(start, start + BATCH_SIZE));
  }
  return batches;
}
