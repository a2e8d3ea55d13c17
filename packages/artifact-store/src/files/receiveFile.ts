import { PayloadTooLargeError } from '@greenroom/ai-node';
import type { Artifact } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { freeBuffers } from './freeBuffers';

const WRITTEN_BYTES = 1024 * 1024;

/**
 * Writes a stream to a new file, in constant memory, and says what its content is.
 *
 * @throws PayloadTooLargeError when it is longer than `maxBytes`
 */
export async function receiveFile(
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: { maxBytes: number; signal?: AbortSignal },
): Promise<Artifact> {
  const { maxBytes, signal } = options;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measured = async function* measure() {
    for await (const chunk of content) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        throw new PayloadTooLargeError(
          `The artifact is larger than the ${maxBytes} bytes that this registry takes (aiRegistry.artifacts.maxBytes)`,
        );
      }
      hash.update(chunk);
      freeBuffers(chunk.byteLength);
      yield chunk;
    }
  };
  await pipeline(
    measured,
    createWriteStream(path, {
      flags: 'wx',
      // What comes while the disk writes is written at once, and it is on the disk before anybody is told.
      highWaterMark: WRITTEN_BYTES,
      flush: true,
    }),
    { signal },
  ).catch(error => {
    // Why it was cancelled, rather than that it was.
    signal?.throwIfAborted();
    throw error;
  });
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}
