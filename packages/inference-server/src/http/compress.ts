import { promisify } from 'node:util';
import { constants, deflate, gzip, type ZlibOptions } from 'node:zlib';

export type ContentEncoding = 'gzip' | 'deflate';

/** Many clients accept compression without ever having decided to: below it costs more than it saves. */
const FEWEST_BYTES = 16 * 1024;

/** Within a data centre the network is quick: the level that costs least takes most of what there is to gain. */
const OPTIONS: ZlibOptions = { level: constants.Z_BEST_SPEED };

const COMPRESSORS = { gzip: promisify(gzip), deflate: promisify(deflate) };

/**
 * How an answer is compressed for a caller, as RFC 9110 section 12.5.3 reads what it accepts.
 *
 * @param accepted - an `Accept-Encoding` header
 * @returns undefined for not at all
 */
export function encodingFor(
  accepted: string,
  bytes: number,
): ContentEncoding | undefined {
  if (bytes < FEWEST_BYTES) return undefined;
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(',')) {
    const [name, ...parameters] = part.split(';').map(text => text.trim());
    const weight = parameters.find(text => text.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const any = weights.get('*') ?? 0;
  const gzipped = weights.get('gzip') ?? weights.get('x-gzip') ?? any;
  const deflated = weights.get('deflate') ?? any;
  const identity = weights.get('identity') ?? 0;
  const best = Math.max(gzipped, deflated);
  if (!(best > 0) || best < identity) return undefined;
  return gzipped >= deflated ? 'gzip' : 'deflate';
}

/** Compresses beside the event loop. `deflate` is zlib's format, as HTTP has it. */
export function compress(
  body: string | Buffer,
  encoding: ContentEncoding,
): Promise<Buffer> {
  return COMPRESSORS[encoding](body, OPTIONS);
}
