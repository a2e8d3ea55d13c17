import { PayloadTooLargeError } from '@greenroom/ai-node';
import type { Artifact } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

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
  const handle = await open(path, 'wx');
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        throw new PayloadTooLargeError(
          `The artifact is larger than the ${maxBytes} bytes that this registry takes (aiRegistry.artifacts.maxBytes)`,
        );
      }
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    signal?.throwIfAborted();
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}
