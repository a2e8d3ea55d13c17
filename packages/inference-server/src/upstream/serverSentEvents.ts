import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { UpstreamFailure } from './UpstreamFailure';

/** Longest event that is taken; an image in a chunk fits. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Events of a `text/event-stream` (WHATWG HTML, section 9.2), whole however the bytes are cut.
 *
 * @throws UpstreamFailure when it breaks off, within a character too, or an event is too long
 */
export async function* serverSentEvents(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<EventSourceMessage, void, void> {
  const ready: EventSourceMessage[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let pending = 0;
  const parser = createParser({
    onEvent: event => {
      pending = 0;
      ready.push(event);
    },
  });
  for await (const chunk of bytes) {
    const text = decode(() => decoder.decode(chunk, { stream: true }));
    pending += text.length;
    parser.feed(text);
    if (ready.length === 0 && pending > MAX_EVENT_CHARACTERS) {
      throw new UpstreamFailure(
        'broken',
        `an event of its answer is longer than ${MAX_EVENT_CHARACTERS} characters`,
      );
    }
    yield* ready.splice(0);
  }
  decode(() => decoder.decode());
  // An event whose empty line never came is not an event, by the standard; some servers end so.
  parser.feed('\n\n');
  yield* ready.splice(0);
}

function decode(next: () => string): string {
  try {
    return next();
  } catch (error) {
    throw new UpstreamFailure('broken', 'its answer is not valid UTF-8', error);
  }
}
