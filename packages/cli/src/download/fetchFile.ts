import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { failure } from '../CommandError';
import { isPassing } from '../portal/Portal';

/** A file that is wanted in a folder. */
export interface WantedFile {
  /** Below the folder, with slashes; looked at before. */
  path: string;
  /** Undefined where nobody has said it. */
  sizeBytes?: number;
  /** Undefined where only the answer says it, as its ETag. */
  digest?: Digest;
  /** Asks for all of it. */
  open(signal: AbortSignal): Promise<Response>;
}

/** A file that is in the folder, with the right content. */
export interface FetchedFile {
  path: string;
  sizeBytes: number;
  digest: Digest;
  /** Whether it came now; it was there already when not. */
  fetched: boolean;
}

export interface FetchOptions {
  folder: string;
  signal: AbortSignal;
  /** Before the second try, in milliseconds; four times as long before the third. */
  pauseMillis: number;
  /** Without a byte for so long, a download is broken off. */
  stallMillis: number;
}

const PAUSES = [1, 4];
/** Beginning of the names that files have until they are whole. */
const PART = '.greenroom-part-';

/** The download ended before the file did: it may be better the next time. */
class BrokenOffError extends Error {}

/**
 * Brings a file into the folder. Until all of it is there and its digest is right it has another name; one
 * that is there with the right digest is not fetched.
 *
 * @throws CommandError when the content is not what it should be, or there is no room for it
 */
export async function fetchFile(
  file: WantedFile,
  options: FetchOptions,
): Promise<FetchedFile> {
  const place = await placeOf(file.path, options.folder);
  const there = await digestAt(place, file.sizeBytes);
  if (there && there.digest === file.digest) {
    return { path: file.path, ...there, fetched: false };
  }
  for (let attempt = 0; ; attempt++) {
    options.signal.throwIfAborted();
    try {
      return await fetchOnce(file, { ...options, place, there });
    } catch (error) {
      options.signal.throwIfAborted();
      const pause = PAUSES[attempt];
      const mayPass = error instanceof BrokenOffError || isPassing(error);
      if (!mayPass || pause === undefined) {
        throw error instanceof BrokenOffError ? failure(error.message) : error;
      }
      await wait(pause * options.pauseMillis, undefined, {
        signal: options.signal,
      });
    }
  }
}

async function fetchOnce(
  file: WantedFile,
  options: FetchOptions & {
    place: string;
    there?: { digest: Digest; sizeBytes: number };
  },
): Promise<FetchedFile> {
  const { place, there, stallMillis } = options;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallMillis);
  const signal = AbortSignal.any([options.signal, stall.signal]);
  const part = path.join(path.dirname(place), `${PART}${randomUUID()}`);
  try {
    const response = await openAs(file, { signal, stall: stall.signal });
    const digest = file.digest ?? digestIn(response, file.path);
    if (there?.digest === digest) {
      await response.body?.cancel();
      return { path: file.path, ...there, fetched: false };
    }
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const passing = async function* passing() {
      try {
        for await (const chunk of response.body ?? []) {
          timer.refresh();
          sizeBytes += chunk.length;
          // Not a byte more than was said comes onto the disk.
          if (file.sizeBytes !== undefined && sizeBytes > file.sizeBytes) break;
          hash.update(chunk);
          yield chunk;
        }
      } catch (error) {
        throw new BrokenOffError(
          stall.signal.aborted
            ? `${file.path}: nothing came for ${stallMillis / 1_000} s`
            : `${file.path}: the download broke off: ${reasonOf(error)}`,
        );
      }
    };
    await pipeline(
      passing,
      createWriteStream(part, { flags: 'wx', flush: true }),
    );
    if (sizeBytes < (file.sizeBytes ?? 0)) {
      throw new BrokenOffError(
        `${file.path}: ${sizeBytes} of ${file.sizeBytes} bytes came`,
      );
    }
    const came = `sha256:${hash.digest('hex')}` as const;
    if (sizeBytes > (file.sizeBytes ?? Infinity) || came !== digest) {
      throw failure(
        `${
          file.path
        }: what came is not what the portal says it keeps: expected ${digest}${
          file.sizeBytes === undefined ? '' : ` of ${file.sizeBytes} bytes`
        }; it was thrown away`,
      );
    }
    await rename(part, place);
    return { path: file.path, digest, sizeBytes, fetched: true };
  } catch (error) {
    throw isOfDisk(error) ? failure(`${place}: ${error.message}`) : error;
  } finally {
    clearTimeout(timer);
    await rm(part, { force: true });
  }
}

async function openAs(
  file: WantedFile,
  { signal, stall }: { signal: AbortSignal; stall: AbortSignal },
): Promise<Response> {
  try {
    return await file.open(signal);
  } catch (error) {
    if (!stall.aborted) throw error;
    throw new BrokenOffError(`${file.path}: the portal does not answer`);
  }
}

/** A proxy on the way may mark the tag as a weak one. */
function digestIn(response: Response, name: string): Digest {
  const [digest] =
    response.headers.get('ETag')?.match(/sha256:[0-9a-f]{64}/) ?? [];
  if (digest) return digest as Digest;
  throw failure(
    `${name}: the answer does not say the digest of the file (ETag), which a proxy before the portal may have taken away: it was not kept`,
  );
}

/** Where the file is to be; its folders are made, and none of them is a link to somewhere else. */
async function placeOf(name: string, folder: string): Promise<string> {
  const parts = name.split('/');
  let place = folder;
  try {
    await mkdir(folder, { recursive: true });
    for (const part of parts.slice(0, -1)) {
      place = path.join(place, part);
      await mkdir(place).catch(error => {
        if (error.code !== 'EEXIST') throw error;
      });
      if (!(await lstat(place)).isDirectory()) {
        throw failure(
          `${place} is no folder: take it away, or name another one`,
        );
      }
    }
    place = path.join(folder, ...parts);
    const found = await lstat(place).catch(() => undefined);
    if (found?.isDirectory()) {
      throw failure(`${place} is a folder: take it away, or name another one`);
    }
    return place;
  } catch (error) {
    throw isOfDisk(error) ? failure(`${place}: ${error.message}`) : error;
  }
}

/** The digest of a file that is there, where its size is the one that is wanted. */
async function digestAt(
  place: string,
  wantedBytes: number | undefined,
): Promise<{ digest: Digest; sizeBytes: number } | undefined> {
  const found = await lstat(place).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const { size: sizeBytes } = found;
  if (wantedBytes !== undefined && wantedBytes !== sizeBytes) return undefined;
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(place), hash);
  } catch {
    // One that cannot be read is replaced.
    return undefined;
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

/** Such as that there is no room left. */
function isOfDisk(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error };
  return cause?.message || message;
}
