import { EventStreamCodec } from '@smithy/eventstream-codec';
import { ProviderError } from '../providers/ProviderError';
import { UpstreamFailure } from './UpstreamFailure';

/** Longest message that a service may send. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const LENGTH_BYTES = 4;
/** Prelude, its checksum, and the checksum of the whole. */
const MIN_MESSAGE_BYTES = 16;
/** A model that failed on its own, behind a service that works. */
const MODEL_FAILED = 502;

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  text => Buffer.from(text, 'utf8'),
);

/**
 * What lies in the messages of an `application/vnd.amazon.eventstream`, whole however the
 * bytes are cut, each with its checksums compared.
 *
 * @throws UpstreamFailure when it breaks off within a message, or one is damaged
 * @throws ProviderError when a message tells of a failure
 */
export async function* payloadParts(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length < MIN_MESSAGE_BYTES || length > MAX_MESSAGE_BYTES) {
        throw broken(`a message of its answer claims ${length} bytes`);
      }
      if (rest.length < length) break;
      yield read(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  }
  if (rest.length > 0) throw broken('its answer ended within a message');
}

function read(message: Buffer): Buffer {
  const { headers, body } = decode(message);
  const payload = Buffer.from(body);
  const type = String(headers[':message-type']?.value ?? 'event');
  if (type === 'event') return payload;
  const name = headers[':exception-type'] ?? headers[':error-code'];
  const reason = textOf(payload) ?? String(headers[':error-message']?.value);
  throw new ProviderError(`${String(name?.value ?? type)}: ${reason}`, {
    status: MODEL_FAILED,
  });
}

function decode(message: Buffer) {
  try {
    return codec.decode(message);
  } catch (error) {
    throw broken('a message of its answer is damaged', error);
  }
}

/** Exceptions carry JSON with a message. */
function textOf(payload: Buffer): string | undefined {
  const text = payload.toString('utf8');
  try {
    const { Message, message = Message } = Object(JSON.parse(text));
    return typeof message === 'string' ? message : text;
  } catch {
    return text === '' ? undefined : text;
  }
}

function broken(message: string, cause?: unknown): UpstreamFailure {
  return new UpstreamFailure('broken', message, cause);
}
