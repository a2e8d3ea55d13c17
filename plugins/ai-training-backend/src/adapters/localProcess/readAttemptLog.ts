import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a log; `totalBytes` is how many the program has written so far. */
export interface ReadBytes {
  bytes: Buffer;
  fromByte: number;
  totalBytes: number;
}

const MOST_TRIES = 5;

/**
 * Reads what is kept of a log, which lies in files named by the byte that they begin with. Where what was asked for
 * is not kept, it is what comes next.
 */
export async function readAttemptLog(
  folder: string,
  options: { fromByte: number; mostBytes: number },
): Promise<ReadBytes> {
  for (let tries = 1; ; tries++) {
    try {
      return await readOnce(folder, options);
    } catch (error) {
      // The oldest one goes when a new one comes, perhaps right now.
      if (Object(error).code !== 'ENOENT' || tries === MOST_TRIES) throw error;
    }
  }
}

async function readOnce(
  folder: string,
  { fromByte, mostBytes }: { fromByte: number; mostBytes: number },
): Promise<ReadBytes> {
  const names = (await readdir(folder).catch(noFiles)).sort();
  const last = names.at(-1);
  if (last === undefined) {
    return { bytes: Buffer.alloc(0), fromByte, totalBytes: 0 };
  }
  const totalBytes = Number(last) + (await sizeOf(join(folder, last)));
  const pieces: Buffer[] = [];
  let start: number | undefined;
  let left = mostBytes;
  for (const [index, name] of names.entries()) {
    const begin = Number(name);
    const next = names[index + 1];
    const at = Math.max(begin, fromByte);
    if (next !== undefined && Number(next) <= fromByte) continue;
    const end = start === undefined ? undefined : start + sum(pieces);
    // Between the first part and the newest ones there may be a gap: it is told by where the next answer begins.
    if (left <= 0 || (end !== undefined && begin !== end)) break;
    const bytes = await readAt(join(folder, name), at - begin, left);
    if (bytes.length === 0) continue;
    start ??= at;
    pieces.push(bytes);
    left -= bytes.length;
  }
  return {
    bytes: Buffer.concat(pieces),
    fromByte: start ?? Math.max(fromByte, 0),
    totalBytes,
  };
}

function sum(pieces: readonly Buffer[]): number {
  return pieces.reduce((bytes, piece) => bytes + piece.length, 0);
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function readAt(
  path: string,
  position: number,
  mostBytes: number,
): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.max(0, Math.min(mostBytes, size - position));
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function noFiles(error: unknown): string[] {
  if (Object(error).code === 'ENOENT') return [];
  throw error;
}
