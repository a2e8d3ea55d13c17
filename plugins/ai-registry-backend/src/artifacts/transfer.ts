import { InputError } from '@backstage/errors';
import { PayloadTooLargeError } from '@greenroom/ai-node';
import type express from 'express';
import { pipeline } from 'node:stream/promises';

/** Refuses what can be refused before the first byte is read. */
export function checkUpload(
  req: Pick<express.Request, 'headers'>,
  maxBytes: number,
): void {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new InputError(
      `Content-Encoding: '${encoding}' is not taken, send the file as it is`,
    );
  }
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) {
    throw new PayloadTooLargeError(
      `The artifact is larger than the ${maxBytes} bytes that this registry takes (aiRegistry.artifacts.maxBytes)`,
    );
  }
}

/** Sends a file, and tolerates callers who go away. */
export async function sendFile(
  content: NodeJS.ReadableStream,
  res: express.Response,
): Promise<void> {
  try {
    await pipeline(content, res);
  } catch (error) {
    // The caller has gone away: nobody is left to be told.
    if (!res.destroyed && !res.writableAborted) throw error;
  }
}
