import type { Framing, StreamDecoder } from '../providers/Provider';
import { payloadParts } from '../upstream/payloadParts';
import { serverSentEvents } from '../upstream/serverSentEvents';
import { UpstreamFailure } from '../upstream/UpstreamFailure';

interface StreamedEvent {
  data: string;
  event?: string | undefined;
}

/** How bytes become events. */
const FRAMINGS: Record<
  Framing,
  (bytes: AsyncIterable<Buffer>) => AsyncIterable<StreamedEvent>
> = {
  sse: serverSentEvents,
  'sse-in-aws-event-stream': bytes => serverSentEvents(payloadParts(bytes)),
};

/**
 * The chunks of a streamed answer, as they come.
 *
 * @throws what `explain` makes of a failure, when the answer breaks off or tells of one
 */
export async function* readChunks<Chunk>(options: {
  body: AsyncIterable<Buffer>;
  framing: Framing;
  decoder: StreamDecoder<Chunk>;
  explain(error: unknown): Error;
  /** All of it was read. */
  onWhole(): void;
}): AsyncGenerator<Chunk, void, void> {
  const { body, framing, decoder, explain, onWhole } = options;
  try {
    for await (const { data, event } of FRAMINGS[framing](body)) {
      yield* decoder.decode(data, event);
    }
  } catch (error) {
    throw explain(error);
  }
  if (!decoder.complete) {
    throw explain(
      new UpstreamFailure('broken', 'its answer ended before it was whole'),
    );
  }
  onWhole();
}
