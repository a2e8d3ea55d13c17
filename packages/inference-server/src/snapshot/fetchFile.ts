import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { errorMessage } from '../errors';

/** The bytes of an artifact are not those that the snapshot names. */
export class WrongArtifactError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongArtifactError';
  }
}

const PART = '.tmp';

/** Whether a file of some name is one that is being fetched under that name. */
export function isPartOf(file: string): (name: string) => boolean {
  return name => name.startsWith(`${file}.`) && name.endsWith(PART);
}

/**
 * Writes an artifact to a file, which is there only when it is whole and right.
 *
 * @param maxBytes - of which more are not read
 * @throws WrongArtifactError when other bytes come; nothing is kept then.
 */
export async function fetchFile(options: {
  open: () => Promise<Readable>;
  file: string;
  digest: string;
  maxBytes: number;
}): Promise<void> {
  const { file, digest, maxBytes } = options;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}${PART}`;
  const handle = await open(temporary, 'wx', 0o600);
  let stream: Readable | undefined;
  try {
    stream = await options.open();
    const hash = createHash('sha256');
    let received = 0;
    for await (const chunk of stream) {
      received += chunk.length;
      if (received > maxBytes) {
        throw new WrongArtifactError(
          `the artifact is longer than the ${maxBytes} bytes that the snapshot says`,
        );
      }
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== digest) {
      throw new WrongArtifactError(
        `the artifact's digest is ${found}, expected ${digest}`,
      );
    }
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    stream?.destroy();
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @returns undefined when there is no such file, else what is wrong with it or `none`. */
export async function findDamage(
  file: string,
  digest: string,
): Promise<string | undefined> {
  // A link may lead anywhere.
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  try {
    const actual = await hashFile(file);
    return actual === digest ? 'none' : `its digest is ${actual}`;
  } catch (error) {
    return `it cannot be read: ${errorMessage(error)}`;
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
