import type { ArtifactStore } from '@greenroom/artifact-store';
import { ServiceUnavailableError } from '@backstage/errors';
import type { DatasetRow, Digest } from '@greenroom/plugin-ai-registry-common';
import { ParquetThread } from './ParquetThread';

/** Threads at a time: each may take what it is allowed of memory. */
const MAX_THREADS = 8;

let threads = 0;

/**
 * Reads rows of a Parquet file as JSON, in a thread of its own that may use so much time and memory
 * and no more.
 *
 * @throws ConflictError when the file is damaged behind a footer that is in order
 */
export async function* readParquetRows(
  artifacts: ArtifactStore,
  digest: Digest,
  options: { offset: number; limit: number; timeoutMillis?: number },
): AsyncGenerator<DatasetRow> {
  if (threads >= MAX_THREADS) {
    throw new ServiceUnavailableError(
      `${MAX_THREADS} Parquet files are being read already: try again later`,
    );
  }
  threads += 1;
  try {
    const reader = await artifacts.openReader(digest);
    const thread = new ParquetThread(reader, options);
    try {
      for (;;) {
        const rows = await thread.next();
        if (!rows) return;
        yield* rows;
      }
    } finally {
      await thread.stop();
      await reader.close();
    }
  } finally {
    threads -= 1;
  }
}
