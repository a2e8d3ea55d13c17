import type { IncomingMessage } from 'node:http';
import type { Ticket } from '../domain/Admission';
import { decompress } from './decompress';
import { tooLarge } from './tooLarge';

/** Bytes of a refused body that are read and thrown away, so that the caller sees the answer. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * The whole body of a request, unpacked.
 *
 * @param ticket - counts the bytes that are held meanwhile
 * @throws InferenceError `too-large`, `overloaded`, `unsupported` or `invalid`
 */
export async function readBody(
  request: IncomingMessage,
  options: { maxBytes: number; ticket: Ticket },
): Promise<Buffer> {
  const { maxBytes, ticket } = options;
  const { headers } = request;
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed when it is refused: the caller is to read the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    ticket.hold(chunk.length);
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks, bytes);
  const encoding = headers['content-encoding'];
  if (encoding === undefined) return raw;
  return await decompress(raw, encoding, {
    maxBytes,
    hold: more => ticket.hold(more),
  });
}

/** Reads what is still coming of a body that was refused; up to a bound. */
export function discardBody(request: IncomingMessage): void {
  if (request.readableEnded) return;
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) request.socket.destroy();
  });
}
