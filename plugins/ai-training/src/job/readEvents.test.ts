import { ReadableStream } from 'node:stream/web';
import { TextDecoder, TextEncoder } from 'node:util';
import { readEvents, type ServerEvent } from './readEvents';

Object.assign(globalThis, { TextDecoder });

async function read(parts: (string | Uint8Array)[]): Promise<ServerEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) {
        controller.enqueue(
          typeof part === 'string' ? new TextEncoder().encode(part) : part,
        );
      }
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(
    body as unknown as globalThis.ReadableStream<Uint8Array>,
  )) {
    events.push(event);
  }
  return events;
}

describe('readEvents', () => {
  it('reads what a job logs, wherever the network cuts it', async () => {
    const text =
      ': still here\n\nid: 1:12\nevent: log\ndata: {"text":"é\\n"}\n\nevent: end\ndata: {}\n\n';
    const events = [
      { id: '1:12', event: 'log', data: '{"text":"é\\n"}' },
      { id: '1:12', event: 'end', data: '{}' },
    ];
    expect(await read([text])).toEqual(events);
    const bytes = new TextEncoder().encode(text);
    expect(await read(Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(
      events,
    );
    expect(await read([text.replace(/\n/g, '\r\n')])).toEqual(events);
  });

  it('joins lines of data, and leaves out what is not whole', async () => {
    expect(await read(['data: a\ndata:b\n\nid\nevent: x\n\ndata: c'])).toEqual([
      { id: undefined, event: 'message', data: 'a\nb' },
    ]);
  });

  it('does not keep a part that never ends', async () => {
    const part = 'x'.repeat(1024 * 1024);
    await expect(read(Array(5).fill(part))).rejects.toThrow(/too large/);
  });
});
