import { EventStreamCodec } from '@smithy/eventstream-codec';
import { UpstreamFailure } from './UpstreamFailure';

/** Length of a message in its first four bytes, of which the service allows at most this. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const LENGTH_BYTES = 4;
/** Prelude, its checksum, and the checksum of the whole. */
const MIN_MESSAGE_BYTES = 16;

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  text => Buffer.from(text, 'utf8'),
);

/**
 * Messages of an `application/vnd.amazon.eventstream`, whole however the bytes are cut, each
 * with its checksums compared.
 *
 * @returns the body of each message, and its event or exception type
 * @throws UpstreamFailure when it breaks off within a message, or one is broken
 */
export async function* awsEventStream(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<{ data: string; event: string | undefined }, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  // A message may end within a character, which the next one goes on with.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length < MIN_MESSAGE_BYTES || length > MAX_MESSAGE_BYTES) {
        throw broken(`a message of its answer claims ${length} bytes`);
      }
      if (rest.length < length) break;
      yield read(rest.subarray(0, length), decoder);
      rest = rest.subarray(length);
    }
  }
  if (rest.length > 0) throw broken('its answer ended within a message');
}

function read(message: Buffer, decoder: TextDecoder) {
  try {
    const { headers, body } = codec.decode(message);
    const type = headers[':exception-type'] ?? headers[':event-type'];
    const isException = headers[':message-type']?.value !== 'event';
    const data = isException
      ? Buffer.from(body).toString('utf8')
      : decoder.decode(body, { stream: true });
    return {
      data,
      event: type === undefined ? undefined : String(type.value),
    };
  } catch (error) {
    throw broken('a message of its answer is damaged', error);
  }
}

function broken(message: string, cause?: unknown): UpstreamFailure {
  return new UpstreamFailure('broken', message, cause);
}
