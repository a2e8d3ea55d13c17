import { pipeline } from 'node:stream/promises';
import {
  createGunzip,
  createInflate,
  type Gunzip,
  type Inflate,
} from 'node:zlib';
import { InferenceError } from '../domain/InferenceError';
import { tooLarge } from './tooLarge';

const DECOMPRESSORS: Record<string, (() => Gunzip | Inflate) | undefined> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
};

/**
 * Undoes a body's `Content-Encoding`.
 *
 * @param hold - counts the bytes as they are unpacked: a few packed ones may hold a thousand times as many
 * @throws InferenceError `unsupported`, `too-large`, or `invalid` when the data are broken; and
 *   what `hold` throws.
 */
export async function decompress(
  body: Buffer,
  encoding: string,
  { maxBytes, hold }: { maxBytes: number; hold: (bytes: number) => void },
): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const create = Object.hasOwn(DECOMPRESSORS, name)
    ? DECOMPRESSORS[name]
    : undefined;
  if (!create) {
    throw new InferenceError(
      'unsupported',
      `Content-Encoding "${name}" is not supported: expected gzip or deflate`,
    );
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    await pipeline([body], create(), async unpacked => {
      for await (const chunk of unpacked as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        hold(chunk.length);
        chunks.push(chunk);
      }
    });
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    throw new InferenceError(
      'invalid',
      `the body is not valid ${name} data`,
      error,
    );
  }
  return Buffer.concat(chunks, bytes);
}
