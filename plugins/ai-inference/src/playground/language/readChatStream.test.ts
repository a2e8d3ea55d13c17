import { readChatStream, type ChatPiece } from './readChatStream';

/** The bytes in pieces of a size, which cut lines and characters. */
function streamOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.slice(at, at + size));
      }
      controller.close();
    },
  });
}

async function read(text: string, size = 7): Promise<ChatPiece[]> {
  const pieces: ChatPiece[] = [];
  for await (const piece of readChatStream(streamOf(text, size))) {
    pieces.push(piece);
  }
  return pieces;
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const delta = (fields: object, finish_reason: string | null = null) =>
  event({ choices: [{ delta: fields, finish_reason }] });

describe('readChatStream', () => {
  it.each([1, 2, 3, 1_000])(
    'reads what is said, thought and counted, cut every %s bytes',
    async size => {
      const stream = [
        ': a comment\n\n',
        delta({ role: 'assistant', content: '' }),
        delta({ reasoning_content: 'Hm' }),
        delta({ content: 'Grüße, ' }),
        delta({ content: 'Zoë 🙂' }),
        delta({}, 'stop'),
        event({
          choices: [],
          usage: { prompt_tokens: 12, completion_tokens: 5 },
        }),
        'data: [DONE]\n\n',
      ].join('');
      expect(await read(stream, size)).toEqual([
        { kind: 'reasoning', text: 'Hm' },
        { kind: 'text', text: 'Grüße, ' },
        { kind: 'text', text: 'Zoë 🙂' },
        { kind: 'end', reason: 'stop' },
        { kind: 'tokens', input: 12, output: 5 },
      ]);
    },
  );

  it('takes a refusal for what is said', async () => {
    expect(
      await read(`${delta({ refusal: 'I will not' })}data: [DONE]\n\n`),
    ).toEqual([{ kind: 'text', text: 'I will not' }]);
  });

  it('throws what the data plane says when the answer breaks off', async () => {
    const stream = `${delta({ content: 'Once' })}${event({
      error: { message: 'the provider broke off', type: 'server_error' },
    })}`;
    await expect(read(stream)).rejects.toThrow('the provider broke off');
  });

  it('is not content with a stream that just ends', async () => {
    await expect(read(delta({ content: 'Once' }))).rejects.toThrow(
      'The answer broke off before its end',
    );
  });
});
