import { promisify } from 'node:util';
import { gunzip, inflate, type InputType, type ZlibOptions } from 'node:zlib';
import { InferenceError } from '../domain/InferenceError';
import { tooLarge } from './tooLarge';
import { errorCode } from '../errors';

type Decompress = (data: InputType, options: ZlibOptions) => Promise<Buffer>;

const DECOMPRESSORS: Record<string, Decompress | undefined> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
};

/**
 * Undoes a body's `Content-Encoding`.
 *
 * @throws InferenceError `unsupported`, `too-large`, or `invalid` when the data are broken.
 */
export async function decompress(
  body: Buffer,
  encoding: string,
  maxBytes: number,
): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const decompressor = Object.hasOwn(DECOMPRESSORS, name)
    ? DECOMPRESSORS[name]
    : undefined;
  if (!decompressor) {
    throw new InferenceError(
      'unsupported',
      `Content-Encoding "${name}" is not supported: expected gzip or deflate`,
    );
  }
  try {
    return await decompressor(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(maxBytes);
    }
    throw new InferenceError(
      'invalid',
      `the body is not valid ${name} data`,
      error,
    );
  }
}
