import { AiTrainingClient } from './client';

describe('a log that is read in parts', () => {
  const log = Buffer.from('ü€😀 done');

  /** A server that sends so many bytes at a time. */
  function clientOf(mostBytes: number) {
    return new AiTrainingClient({
      discoveryApi: { getBaseUrl: async () => 'http://portal.example.com' },
      fetchApi: {
        fetch: async input => {
          const from = Number(
            new URL(String(input)).searchParams.get('fromByte'),
          );
          return new Response(log.subarray(from, from + mostBytes), {
            headers: {
              'X-Attempt': '1',
              'X-From-Byte': String(from),
              'X-Is-End': String(from + mostBytes >= log.length),
            },
          });
        },
      },
    });
  }

  it.each([4, 5, 6, 7, 100])(
    'by %d bytes has each character whole',
    async most => {
      const client = clientOf(most);
      const texts: string[] = [];
      let fromByte = 0;
      for (let isEnd = false; !isEnd; ) {
        const part = await client.readJobLog({ job: 'one', fromByte });
        texts.push(part.text);
        ({ nextByte: fromByte, isEnd } = part);
      }
      expect(texts.join('')).toBe('ü€😀 done');
      expect(fromByte).toBe(log.length);
    },
  );

  it('has what is no text at all', async () => {
    const client = new AiTrainingClient({
      discoveryApi: { getBaseUrl: async () => 'http://portal.example.com' },
      fetchApi: {
        fetch: async () =>
          new Response(Buffer.alloc(9, 0x80), {
            headers: { 'X-From-Byte': '0', 'X-Is-End': 'false' },
          }),
      },
    });
    expect((await client.readJobLog({ job: 'one' })).nextByte).toBe(9);
  });
});
