/** One of server-sent events. */
export interface ServerEvent {
  /** Of the last event that had one; what one goes on from. */
  id: string | undefined;
  /** `message` where it says none. */
  event: string;
  data: string;
}

/** A line that never ends is no event. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Events of a stream as they come. It is read by hand because a browser's EventSource sends no token.
 *
 * @throws Error when an event is larger than 4 MiB, or the stream breaks off
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | undefined;
  let event = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.map(one => one.replace(/\r$/, ''))) {
        if (line === '') {
          if (data.length > 0) {
            yield { id, event: event || 'message', data: data.join('\n') };
          }
          event = '';
          data = [];
          continue;
        }
        const cut = line.indexOf(':');
        // Comments keep the connection alive.
        if (cut === 0) continue;
        const field = cut < 0 ? line : line.slice(0, cut);
        const text = cut < 0 ? '' : line.slice(cut + 1).replace(/^ /, '');
        if (field === 'id') id = text;
        if (field === 'event') event = text;
        if (field === 'data') data.push(text);
      }
      if (rest.length > MOST_CHARACTERS) {
        throw new Error('The log came in a part that is too large to show');
      }
    }
  } finally {
    // Whoever stops listening does not want the rest.
    reader.cancel().catch(() => {});
  }
}
