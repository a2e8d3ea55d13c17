import { InputError } from '@backstage/errors';
import type { Artifact } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import { pipeline } from 'node:stream/promises';
import { PayloadTooLargeError } from './PayloadTooLargeError';

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

/**
 * Answers with an artifact as HTTP has files: all of it or one range, or that the caller has it already.
 * What the answer's other headers say is the caller's to set before.
 *
 * @param open - opens the artifact at bytes from 0; both ends belong to it
 */
export async function sendArtifact(
  req: Pick<express.Request, 'get' | 'method' | 'range'>,
  res: express.Response,
  options: {
    artifact: Artifact;
    open(range: { start: number; end: number }): Promise<NodeJS.ReadableStream>;
  },
): Promise<void> {
  const { artifact, open } = options;
  res.set({ ETag: `"${artifact.digest}"`, 'Accept-Ranges': 'bytes' });
  if (isKnownToCaller(req, artifact)) {
    res.status(304).end();
    return;
  }
  const range = readRange(req, artifact);
  if (range === 'unsatisfiable') {
    res.status(416).set('Content-Range', `bytes */${artifact.sizeBytes}`);
    res.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: artifact.sizeBytes - 1 };
  if (range) {
    res.status(206);
    res.set('Content-Range', `bytes ${start}-${end}/${artifact.sizeBytes}`);
  }
  res.set('Content-Length', String(end - start + 1));
  if (req.method === 'HEAD' || end < start) {
    res.end();
    return;
  }
  await sendFile(await open({ start, end }), res);
}

/** The content never changes, so `Cache-Control: no-cache` of the request does not matter. */
function isKnownToCaller(
  req: Pick<express.Request, 'get'>,
  artifact: Artifact,
): boolean {
  const known = req.get('if-none-match') ?? '';
  return known === '*' || known.includes(`"${artifact.digest}"`);
}

/** The one range that is asked for; undefined means everything. */
function readRange(
  req: Pick<express.Request, 'get' | 'range'>,
  artifact: Artifact,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const condition = req.get('if-range');
  if (condition !== undefined && condition !== `"${artifact.digest}"`) {
    return undefined;
  }
  const suffix = /^bytes=-(\d+)$/.exec(req.get('range') ?? '');
  if (suffix) {
    const bytes = Math.min(Number(suffix[1]), artifact.sizeBytes);
    // RFC 9110: of a shorter file, all of it; `req.range` refuses that.
    return bytes === 0
      ? 'unsatisfiable'
      : { start: artifact.sizeBytes - bytes, end: artifact.sizeBytes - 1 };
  }
  const ranges = req.range(artifact.sizeBytes);
  if (ranges === -1) return 'unsatisfiable';
  if (!Array.isArray(ranges) || ranges.type !== 'bytes') return undefined;
  // Several ranges at once are allowed to be answered with everything.
  return ranges.length === 1 ? ranges[0] : undefined;
}
