import type { ArtifactStore } from '@greenroom/artifact-store';
import { isError } from '@backstage/errors';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { pipeline } from 'node:stream/promises';
import { type ReadEntry, Unpack } from 'tar';
import { PreparationError } from './PreparationError';

/** A source is code, and not data. */
const MAX_BYTES = 2 * 1024 ** 3;
const MAX_ENTRIES = 100_000;

/**
 * Unpacks what a template's folder was packed to. Nothing in it may lie, or point, outside of the folder.
 *
 * @param folder - is there, and empty
 * @throws PreparationError that says what is wrong with it
 */
export async function unpackSource(options: {
  artifacts: Pick<ArtifactStore, 'open'>;
  digest: string;
  folder: string;
  signal: AbortSignal;
  maxBytes?: number;
}): Promise<void> {
  const { artifacts, digest, folder, signal, maxBytes = MAX_BYTES } = options;
  let problem: string | undefined;
  let bytes = 0;
  let entries = 0;
  const unpack = new Unpack({
    cwd: folder,
    strict: true,
    // Nothing of the archive but what is in it and whether it is a program.
    noMtime: true,
    preserveOwner: false,
    filter: (path, entry) => {
      entries += 1;
      bytes += entry.size ?? 0;
      problem ??= problemWith(path, entry as ReadEntry);
      if (bytes > maxBytes || entries > MAX_ENTRIES) {
        problem ??= `is larger than ${maxBytes} bytes, or has more than ${MAX_ENTRIES} files: leave out what is no code`;
      }
      return problem === undefined;
    },
  });
  try {
    const content = await artifacts.open(digest as Digest);
    await pipeline(content, unpack, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (problem === undefined) throw explain(error, digest);
  }
  if (problem !== undefined) {
    throw new PreparationError(`The source ${digest} ${problem}`);
  }
}

function problemWith(path: string, entry: ReadEntry): string | undefined {
  const { type } = entry;
  if (path.startsWith('/') || path.split('/').includes('..')) {
    return `has the path ${path}, which lies outside of it`;
  }
  if (type === 'SymbolicLink' || type === 'Link') {
    return `has the link ${path}: put the file itself in its place`;
  }
  const isPlain = ['File', 'OldFile', 'ContiguousFile', 'Directory'];
  return isPlain.includes(type)
    ? undefined
    : `has ${path}, which is neither a file nor a folder`;
}

function explain(error: unknown, digest: string): unknown {
  if (!isError(error)) return error;
  if (error.name === 'NotFoundError') {
    return new PreparationError(
      `The source ${digest} is not in the artifact store any more: have the template read again`,
      error,
    );
  }
  const [noSpace] = /ENOSPC|EDQUOT/.exec(error.message) ?? [];
  // What it wraps has lost its code.
  if (noSpace) return Object.assign(error, { code: noSpace });
  const isDamaged =
    String(error.code).startsWith('TAR_') || /^Z_/.test(String(error.code));
  return isDamaged
    ? new PreparationError(
        `The source ${digest} is damaged: ${error.message}`,
        error,
      )
    : error;
}
